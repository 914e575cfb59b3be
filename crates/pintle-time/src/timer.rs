//! [`Timer`]: the wheel behind a clock and a lock.

mod drive;
mod horizon;
#[cfg(test)]
mod tests;
mod turn;

pub use self::turn::Turn;

use core::fmt;
use core::future::Future;
use core::time::Duration;

use pintle_core::atomic::AtomicBool;
use pintle_core::const_fn;
use pintle_lock::blocking::{DefaultMutex, Mutex, ScopedRawMutex};

use self::horizon::Horizon;
use crate::clock::{Clock, Instant, Ticks};
use crate::wheel::Wheel;
use crate::{Sleep, Timeout, TimerError};

/// A timer: hands out [`Sleep`]s, and completes them as its clock goes on and somebody
/// [turns](Self::turn) it.
///
/// # Driving it
///
/// A timer does nothing by itself. Something must call [`turn`](Self::turn) from time to time: the
/// loop that ticks the scheduler, or a periodic interrupt by [`try_turn`](Self::try_turn). What a
/// turn returns says how long one may sleep until the next:
///
/// ```
/// use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// use pintle_time::{Clock, Duration, Timer};
///
/// static MILLIS: AtomicUsize = AtomicUsize::new(0);
/// static TIMER: Timer =
///     Timer::new(Clock::new(Duration::from_millis(1), || MILLIS.load(Relaxed) as u64));
///
/// # use std::{pin::pin, future::Future, task::{Context, Waker}};
/// let mut sleep = pin!(TIMER.sleep(Duration::from_millis(10)));
/// # let mut cx = Context::from_waker(Waker::noop());
/// assert!(sleep.as_mut().poll(&mut cx).is_pending());
///
/// let turn = TIMER.turn();
/// assert_eq!(turn.expired, 0);
/// // 10 ms, and a tick for the millisecond that has begun.
/// assert_eq!(turn.time_to_next_deadline(), Some(Duration::from_millis(11)));
///
/// MILLIS.store(11, Relaxed); // … time goes by …
/// let turn = TIMER.turn();
/// assert_eq!(turn.expired, 1);
/// assert_eq!(turn.time_to_next_deadline(), None);
/// assert!(sleep.as_mut().poll(&mut cx).is_ready());
/// ```
///
/// Any number of threads may turn one timer; they share the work. A thread that parks until the
/// next deadline must be woken if another thread starts a sleep that ends earlier; a runtime
/// whose workers each ask for the [next deadline](Self::next_deadline) right before they park needs
/// nothing else, for the worker that has polled the new sleep will ask, too.
///
/// # The lock
///
/// `Lock` guards the wheel: the spinlock, critical section or operating system's mutex behind
/// [`DefaultMutex`], or any other [`ScopedRawMutex`], down to one for a single thread. It is held
/// for O(1) by starting, polling and cancelling a sleep, and for at most 64 entries at a stretch
/// by a turn. No waker is ever called, cloned or dropped under it, so wakers may start and cancel
/// sleeps of the same timer.
///
/// # Size
///
/// About 3.3 kB on 64-bit targets and half of that on 32-bit ones, wherever you put it: `new` is
/// `const`. It never allocates.
pub struct Timer<Lock: ScopedRawMutex = DefaultMutex> {
    clock: Clock,
    hook: Option<fn()>,
    /// A `try_turn` found the lock held, and whoever turns or arms next should do its work.
    owed: AtomicBool,
    /// What the wheel has to say to those who do not hold the lock.
    horizon: Horizon,
    wheel: Mutex<Wheel, Lock>,
}

// === impl Timer ===

impl Timer {
    const_fn! {
        /// A timer over `clock`, behind the [`DefaultMutex`].
        #[must_use]
        pub const fn new(clock: Clock) -> Self {
            Self::new_with_raw_mutex(clock, DefaultMutex::new())
        }
    }
}

impl<Lock: ScopedRawMutex> Timer<Lock> {
    const_fn! {
        /// A timer over `clock`, behind a `lock` of the caller's choice.
        #[must_use]
        pub const fn new_with_raw_mutex(clock: Clock, lock: Lock) -> Self {
            Self::new_with_slots(clock, lock, 1)
        }
    }

    const_fn! {
        /// A timer over `clock`, behind `lock`, whose finest slots are `ticks` wide.
        ///
        /// This changes the cost of things, and nothing else: sleeps end at their own ticks all the
        /// same. With slots of one tick, what the other constructors choose, a sleep is sorted to
        /// the tick before it ends, in up to a step per level that lies between (a level is 64
        /// times as wide as the one below). With slots of `n` ticks it is not sorted within `n`
        /// ticks; instead, a turn that ends a sleep looks at all others that end within the same
        /// `n` ticks. That pays where the tick is much finer than the time between two turns, as
        /// with a clock of nanoseconds that is turned every millisecond, and many sleeps do end.
        ///
        /// # Panics
        ///
        /// If `ticks` is not a power of two, or more than 2³²; in a `const` or a `static` that is a
        /// compile error.
        ///
        /// # Examples
        ///
        /// ```
        /// use pintle_lock::spin::Spinlock;
        /// use pintle_time::{Clock, Duration, Timer};
        /// # fn nanoseconds() -> u64 { 0 }
        ///
        /// static TIMER: Timer<Spinlock> = Timer::new_with_slots(
        ///     Clock::new(Duration::from_nanos(1), nanoseconds),
        ///     Spinlock::new(),
        ///     1 << 18, // about a quarter of a millisecond
        /// );
        /// ```
        #[must_use]
        pub const fn new_with_slots(clock: Clock, lock: Lock, ticks: Ticks) -> Self {
            assert!(
                ticks.is_power_of_two() && ticks.ilog2() <= Wheel::MAX_SHIFT,
                "a slot's width in ticks must be a power of two, and at most 2^32"
            );
            Self {
                clock,
                hook: None,
                owed: AtomicBool::new(false),
                horizon: Horizon::new(),
                wheel: Mutex::new_with_raw_mutex(Wheel::new(ticks.ilog2()), lock),
            }
        }
    }

    const_fn! {
        /// The same timer with a `hook` that is called when an earlier deadline than all others has
        /// been set: for a driver that has programmed its hardware to wake it at the earliest.
        ///
        /// Whoever starts or [resets](Sleep::reset) a sleep calls it, after letting go of the lock,
        /// if the sleep's deadline is before all that [`next_deadline`](Self::next_deadline) or a
        /// [`Turn`] have said so far and that are still to come. So a driver that sets its hardware
        /// to what `next_deadline` says, and does so again in the hook or soon after, is never late:
        /// what `next_deadline` says after the call is at most that sleep's deadline, unless the
        /// sleep has ended or been dropped or reset by then. Two threads may call the hook at once,
        /// and in another order than their sleeps were started in; so it is not told a deadline,
        /// but must ask. It may be called without need.
        ///
        /// It is also called by whoever lets go of the lock without turning the timer by its clock when
        /// a [`try_turn`](Self::try_turn) has failed meanwhile, once: the next deadline has come then.
        ///
        /// # Contexts
        ///
        /// The hook runs wherever sleeps are polled, reset or dropped, outside the timer's lock. It
        /// may use the timer, and should be short: pend an interrupt, write a compare register,
        /// unpark a thread. If it panics, so does the caller's poll; the sleep is started all the
        /// same.
        ///
        /// # Examples
        ///
        /// ```
        /// use pintle_time::{Clock, Duration, Timer};
        /// # fn now() -> u64 { 0 }
        /// # mod hardware { pub fn set_compare(_: core::time::Duration) {} }
        ///
        /// static TIMER: Timer =
        ///     Timer::new(Clock::new(Duration::from_micros(1), now)).with_hook(set_alarm);
        ///
        /// fn set_alarm() {
        ///     if let Some(next) = TIMER.next_deadline() {
        ///         hardware::set_compare(next - TIMER.now());
        ///     }
        /// }
        /// ```
        #[must_use]
        pub const fn with_hook(mut self, hook: fn()) -> Self {
            self.hook = Some(hook);
            self
        }
    }

    /// The clock's current time.
    ///
    /// Reads the clock and nothing else; may be called wherever the clock may be read.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The clock that the timer goes by.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The longest duration that a [`Sleep`] may be asked for: all that the clock can measure.
    #[must_use]
    pub fn max_duration(&self) -> Duration {
        self.clock.max_duration()
    }

    /// A future that completes when at least `duration` has passed from now.
    ///
    /// The duration is rounded up to ticks, and one tick is added for the current tick, which has
    /// already begun (see [`clock`](crate::clock)). A duration of zero is over at once. If the
    /// clock's count ends before, at [`u64::MAX`], so does the sleep.
    ///
    /// Reads the clock; takes no lock before the future is polled.
    ///
    /// # Panics
    ///
    /// If `duration` is longer than [`max_duration`](Self::max_duration).
    #[track_caller]
    pub fn sleep(&self, duration: Duration) -> Sleep<'_, Lock> {
        match self.try_sleep(duration) {
            Ok(sleep) => sleep,
            Err(error) => panic!("cannot sleep: {error}"),
        }
    }

    /// A future that completes when at least `duration` has passed from now, unless that is
    /// longer than the clock can measure.
    ///
    /// # Errors
    ///
    /// [`DurationTooLong`](TimerError::DurationTooLong) if `duration` is longer than
    /// [`max_duration`](Self::max_duration).
    pub fn try_sleep(&self, duration: Duration) -> Result<Sleep<'_, Lock>, TimerError> {
        match self.clock.ticks_to_cover(duration) {
            Some(ticks) => Ok(Sleep::new(self, duration, self.deadline_in(ticks))),
            None => Err(self.too_long(duration)),
        }
    }

    #[cold]
    pub(crate) fn too_long(&self, requested: Duration) -> TimerError {
        TimerError::DurationTooLong {
            requested,
            max: self.max_duration(),
        }
    }

    /// A future that completes when the clock's count has grown by `ticks`.
    ///
    /// No tick is added for the current one: `sleep_ticks(1)` ends with it. If the count cannot
    /// grow by so much, the future completes when the count has reached its end, [`u64::MAX`].
    #[track_caller]
    pub fn sleep_ticks(&self, ticks: Ticks) -> Sleep<'_, Lock> {
        Sleep::new(
            self,
            self.clock.ticks_to_duration(ticks),
            self.deadline_in(ticks),
        )
    }

    /// A future that completes when the clock has reached `deadline`.
    ///
    /// The deadline is rounded up to ticks. If it has passed already, the future is ready at once.
    /// If the clock's count ends before, at [`u64::MAX`], so does the sleep. So there is nothing that
    /// could fail, and no `try_` form: whoever has a deadline and a timer has a sleep.
    ///
    /// Reads the clock, for the sake of [`Sleep::duration`]; takes no lock before the future is
    /// polled.
    pub fn sleep_until(&self, deadline: Instant) -> Sleep<'_, Lock> {
        let duration = deadline.duration_since(self.now());
        Sleep::new(self, duration, self.clock.ticks_at(deadline))
    }

    /// Runs `future` for at most `duration` from now.
    ///
    /// # Panics
    ///
    /// If `duration` is longer than [`max_duration`](Self::max_duration).
    #[track_caller]
    pub fn timeout<F: Future>(&self, duration: Duration, future: F) -> Timeout<'_, F, Lock> {
        Timeout::new(self.sleep(duration), future)
    }

    /// Runs `future` for at most `duration` from now, unless that is longer than the clock can
    /// measure.
    ///
    /// # Errors
    ///
    /// [`DurationTooLong`](TimerError::DurationTooLong) if `duration` is longer than
    /// [`max_duration`](Self::max_duration). The future is dropped; keep the timer's maximum in
    /// mind or pass a `&mut` to it where that matters.
    pub fn try_timeout<F: Future>(
        &self,
        duration: Duration,
        future: F,
    ) -> Result<Timeout<'_, F, Lock>, TimerError> {
        Ok(Timeout::new(self.try_sleep(duration)?, future))
    }

    pub(crate) fn deadline_in(&self, ticks: Ticks) -> Ticks {
        self.clock.now_ticks().saturating_add(ticks)
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Timer<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Timer");
        debug.field("clock", &self.clock);
        match self
            .wheel
            .try_with_lock(|wheel| (wheel.base(), wheel.len()))
        {
            Some((reached, sleeps)) => debug.field("reached", &reached).field("sleeps", &sleeps),
            None => debug.field("sleeps", &format_args!("<locked>")),
        };
        self.remind();
        debug.finish_non_exhaustive()
    }
}
