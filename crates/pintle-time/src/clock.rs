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

mod instant;
#[cfg(feature = "std")]
mod monotonic;
#[cfg(test)]
mod tests;

pub use self::instant::Instant;

use core::fmt;
use core::time::Duration;

/// A count of a [`Clock`]'s ticks: since the clock's start, or between two moments.
pub type Ticks = u64;

const NANOS_PER_SEC: u64 = 1_000_000_000;

/// A source of time: a function that counts, and how long one count lasts.
///
/// The function is plain (`fn() -> u64`, no captured state), since a clock is in most cases a
/// hardware register or a counter that an interrupt increments. With the feature `std`,
/// `Clock::monotonic` reads the operating system's clock.
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
/// A counter of 16 or 32 bits wraps round, and so does not make a clock by itself: extend it to 64
/// bits first, by counting its overflows.
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
    now: fn() -> Ticks,
    tick_duration: Duration,
    name: &'static str,
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
    /// If `tick_duration` is zero; in a `const` or a `static` that is a compile error.
    #[must_use]
    pub const fn new(tick_duration: Duration, now: fn() -> Ticks) -> Self {
        assert!(
            !tick_duration.is_zero(),
            "a clock's tick must last longer than zero"
        );
        Self {
            now,
            tick_duration,
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
        self.tick_duration
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
        (self.now)()
    }

    /// How long `ticks` last, or [`Duration::MAX`] if that is less.
    pub(crate) fn ticks_to_duration(&self, ticks: Ticks) -> Duration {
        ticks_to_duration(self.tick_duration, ticks)
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
        match (nanos(duration), nanos(self.tick_duration)) {
            (Some(duration), Some(tick)) => Some(duration.div_ceil(tick)),
            _ => {
                let ticks = duration.as_nanos().div_ceil(self.tick_duration.as_nanos());
                Ticks::try_from(ticks).ok()
            }
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock")
            .field("name", &self.name)
            .field("tick_duration", &self.tick_duration)
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
