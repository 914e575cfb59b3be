//! Where the time comes from: [`Clock`], [`Instant`], and the unit a clock counts in, [`Ticks`].
//!
//! A clock is a function that returns a count and the [`Duration`] by which the count grows by
//! one. Everything in this crate is computed on counts; durations appear only where a person
//! writes or reads them.
//!
//! # Rounding
//!
//! A count says how many ticks have *begun*, not how much of the current one is over:
//!
//! ```text
//!  count     0          1          2          3
//!            ├──────────┼──────────┼──────────┼──▶ real time, 10 ms per tick
//!                    ▲             ▲
//!                    │  at least   │
//!             sleep(9 ms)  9 ms    ready: 1 tick rounded up, and 1 because tick 0 had begun
//! ```
//!
//! So a duration is rounded **up** to ticks, and one tick is added for the part of the current
//! tick that is already gone. A sleep may end up to two ticks late, and never early.

mod counter;
mod half_period;
mod instant;
mod manual;
#[cfg(feature = "std")]
mod monotonic;
#[cfg(test)]
mod tests;

pub use self::counter::Counter;
pub use self::half_period::HalfPeriod;
pub use self::instant::Instant;
pub use self::manual::ManualClock;

use core::fmt;
use core::num::NonZeroU64;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::time::Duration;

/// A count of a [`Clock`]'s ticks: since the clock's start, or between two moments.
pub type Ticks = u64;

const NANOS_PER_SEC: u64 = 1_000_000_000;

/// A source of time: a function that counts, and how long one count lasts.
///
/// | a clock over | is made by |
/// |---|---|
/// | a hardware register, a variable that an interrupt increments | [`new`](Self::new), from a plain function |
/// | a counter of 16, 24 or 32 bits, which wraps round | [`HalfPeriod`], which extends it to 64 |
/// | the operating system's clock | `monotonic`, `monotonic_micros` (feature `std`) |
/// | nothing at all: time goes on as a test says | [`ManualClock`] |
/// | whatever else keeps a count in a value of its own | [`over`](Self::over), from a [`Counter`] |
///
/// # The count must not go backwards
///
/// Each reading must be at least as large as all readings that *happened before* it, on whatever
/// core. Where a clock breaks this, or where the clocks of two cores differ by a few ticks,
/// nothing is lost and nothing hangs: a [`Timer`](crate::Timer) works with the largest count any
/// of its turns has seen, so its time stands still until the clock has caught up. What does
/// suffer is accuracy: a sleep that starts while the count is `n` ticks behind an earlier
/// reading may end up to `n` ticks early by the clock, though never before a turn has seen its
/// deadline. A count that jumps forward ends every sleep that it jumps over.
///
/// A counter of fewer than 64 bits wraps round, and so does not make a clock by itself:
/// [`HalfPeriod`] extends it.
///
/// # Examples
///
/// ```
/// use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// use pintle_time::{Clock, Duration};
///
/// static UPTIME_MS: AtomicUsize = AtomicUsize::new(0);
///
/// // The handler of a periodic interrupt.
/// fn on_tick() {
///     UPTIME_MS.fetch_add(1, Relaxed);
/// }
///
/// static CLOCK: Clock =
///     Clock::new(Duration::from_millis(1), || UPTIME_MS.load(Relaxed) as u64).named("SysTick");
///
/// on_tick();
/// assert_eq!(CLOCK.now_ticks(), 1);
/// assert_eq!(CLOCK.name(), "SysTick");
/// ```
#[derive(Clone)]
pub struct Clock {
    source: Source,
    tick_nanos: NonZeroU64,
    name: &'static str,
}

/// Two words, as the niche of the second variant's first word tells the two apart.
#[derive(Clone, Copy)]
enum Source {
    Plain(fn() -> Ticks),
    Over(&'static dyn Counter),
}

// === impl Clock ===

impl Clock {
    /// A clock whose count is what `now` returns, and grows by one each `tick_duration`.
    ///
    /// `now` is called with no lock held, from wherever a sleep is made or polled or a timer is
    /// turned; if that includes interrupt handlers, it must be callable there.
    ///
    /// Where a tick is no whole number of nanoseconds, as with a crystal of 32,768 Hz, round
    /// *down*: sleeps are then a little late, by as much as the clock is fast. Rounded up, they
    /// would be early.
    ///
    /// # Panics
    ///
    /// If `tick_duration` is zero, or longer than 2⁶⁴ ns (584 years); in a `const` or a `static`
    /// that is a compile error.
    #[must_use]
    pub const fn new(tick_duration: Duration, now: fn() -> Ticks) -> Self {
        Self::from_source(tick_duration, Source::Plain(now))
    }

    /// A clock whose count is that of `counter`, and grows by one each `tick_duration`.
    ///
    /// As [`new`](Self::new), for what is more than a function.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new) does.
    #[must_use]
    pub const fn over(tick_duration: Duration, counter: &'static dyn Counter) -> Self {
        Self::from_source(tick_duration, Source::Over(counter))
    }

    const fn from_source(tick_duration: Duration, source: Source) -> Self {
        let nanos = tick_duration.as_nanos();
        assert!(
            nanos <= u64::MAX as u128,
            "a clock's tick must be shorter than 584 years"
        );
        let Some(tick_nanos) = NonZeroU64::new(nanos as u64) else {
            panic!("a clock's tick must last longer than zero")
        };
        Self {
            source,
            tick_nanos,
            name: "<unnamed>",
        }
    }

    /// The same clock under a name that its `Debug` form and [`name`](Self::name) show.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The clock's name, `"<unnamed>"` if it was given none.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How long one tick lasts: the resolution of the clock.
    #[must_use]
    pub const fn tick_duration(&self) -> Duration {
        Duration::from_nanos(self.tick_nanos.get())
    }

    /// The longest time that the clock can measure: [`u64::MAX`] ticks, or [`Duration::MAX`]
    /// where that is less.
    ///
    /// At 1 ns per tick that is 584 years.
    #[must_use]
    pub fn max_duration(&self) -> Duration {
        self.ticks_to_duration(Ticks::MAX)
    }

    /// Reads the clock.
    #[must_use]
    #[inline]
    pub fn now(&self) -> Instant {
        Instant::from_start(self.ticks_to_duration(self.now_ticks()))
    }

    /// Reads the clock's count.
    #[must_use]
    #[inline]
    pub fn now_ticks(&self) -> Ticks {
        match self.source {
            Source::Plain(now) => now(),
            Source::Over(counter) => counter.now_ticks(),
        }
    }

    /// How long `ticks` last, or [`Duration::MAX`] if that is less.
    pub(crate) fn ticks_to_duration(&self, ticks: Ticks) -> Duration {
        ticks_to_duration(self.tick_duration(), ticks)
    }

    /// How many whole ticks `duration` has; all of them if it has more than a count can say.
    pub(crate) fn ticks_within(&self, duration: Duration) -> Ticks {
        let ticks = match nanos(duration) {
            Some(nanos) => return nanos / self.tick_nanos,
            None => duration.as_nanos() / u128::from(self.tick_nanos.get()),
        };
        Ticks::try_from(ticks).unwrap_or(Ticks::MAX)
    }

    /// The first count at which `instant` has come; the last of all if the clock never shows it.
    pub(crate) fn ticks_at(&self, instant: Instant) -> Ticks {
        self.checked_ticks_at(instant).unwrap_or(Ticks::MAX)
    }

    /// The first count at which `instant` has come, if the clock ever shows it.
    pub(crate) fn checked_ticks_at(&self, instant: Instant) -> Option<Ticks> {
        self.div_ceil(instant.since_start())
    }

    /// The least number of ticks after which `duration` has passed for certain, wherever in the
    /// current tick we are: rounded up, and one for the current tick. Nothing for a duration of
    /// zero. `None` if the duration is longer than [`max_duration`](Self::max_duration).
    pub(crate) fn ticks_to_cover(&self, duration: Duration) -> Option<Ticks> {
        if duration.is_zero() {
            return Some(0);
        }
        // The +1 saturates: at the end of the count there is no later tick to wait for.
        Some(self.div_ceil(duration)?.saturating_add(1))
    }

    fn div_ceil(&self, duration: Duration) -> Option<Ticks> {
        // 128-bit division is a slow library call; what fits in 64 bits is nearly everything.
        match nanos(duration) {
            Some(nanos) => Some(nanos.div_ceil(self.tick_nanos.get())),
            None => {
                let ticks = duration
                    .as_nanos()
                    .div_ceil(u128::from(self.tick_nanos.get()));
                Ticks::try_from(ticks).ok()
            }
        }
    }
}

// A panic in the middle of reading a clock leaves nothing of ours halfway; see `Counter` on its own.
impl UnwindSafe for Clock {}
impl RefUnwindSafe for Clock {}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock")
            .field("name", &self.name)
            .field("tick_duration", &self.tick_duration())
            .finish_non_exhaustive()
    }
}

/// `duration` in nanoseconds, if that fits in 64 bits (584 years).
fn nanos(duration: Duration) -> Option<u64> {
    duration
        .as_secs()
        .checked_mul(NANOS_PER_SEC)?
        .checked_add(u64::from(duration.subsec_nanos()))
}

/// How long `ticks` of `tick` each last, or [`Duration::MAX`] if that is less.
pub(crate) fn ticks_to_duration(tick: Duration, ticks: Ticks) -> Duration {
    if let Some(total) = nanos(tick).and_then(|tick| tick.checked_mul(ticks)) {
        return Duration::from_nanos(total);
    }
    // Neither product overflows: 64 bits times 64, and 64 times 30.
    let nanos = u128::from(tick.subsec_nanos()) * u128::from(ticks);
    let secs = u128::from(tick.as_secs()) * u128::from(ticks) + nanos / u128::from(NANOS_PER_SEC);
    let subsec = (nanos % u128::from(NANOS_PER_SEC)) as u32;
    u64::try_from(secs).map_or(Duration::MAX, |secs| Duration::new(secs, subsec))
}
