//! [`Timer`]: the wheel behind a clock and a lock.

mod turn;

pub use self::turn::Turn;

use core::convert::Infallible;
use core::fmt;
use core::future::Future;
use core::time::Duration;

use pintle_core::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};
use pintle_core::const_fn;
use pintle_lock::blocking::{DefaultMutex, Mutex, ScopedRawMutex};

use crate::clock::{Clock, Instant, Ticks};
use crate::wheel::{Expired, Progress, Wheel};
use crate::{Sleep, Timeout, TimerError};

/// How many sleeps in the slot that comes first a [`Turn`] looks at to name the next deadline.
const PATIENCE: usize = 16;

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
    /// A `try_turn` found the lock held, and whoever turns or arms next should do its work.
    owed: AtomicBool,
    pub(crate) wheel: Mutex<Wheel, Lock>,
}

/// The lock was held by another.
struct Contended;

/// What one stay under the lock found out.
struct Step {
    progress: Progress,
    now: Ticks,
    next: Option<Ticks>,
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
            Self {
                clock,
                owed: AtomicBool::new(false),
                wheel: Mutex::new_with_raw_mutex(Wheel::new(), lock),
            }
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
            None => Err(TimerError::DurationTooLong {
                requested: duration,
                max: self.max_duration(),
            }),
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

    /// Completes every sleep whose deadline has come, and wakes its task.
    ///
    /// The clock is read when the turn begins. If anything was due then, it is read once more when
    /// that has been woken, and what has become due in the meantime is completed as well. A third
    /// time it is not: so the turn ends, however fast the woken tasks start new sleeps. In which
    /// order sleeps complete within a turn is not specified.
    ///
    /// Costs O(expired), and an amortised O(1) for each six bits that a deadline was ahead; time
    /// that passed while nothing was due costs nothing.
    ///
    /// # Contexts
    ///
    /// Takes the lock: may be called from an interrupt handler only if the lock may be, as a
    /// critical section may and a spinlock may not. There, use [`try_turn`](Self::try_turn).
    /// Wakers run outside the lock. If one panics, the others of its batch are woken, the panic
    /// goes on to the caller, and what else is due is left to the next turn.
    pub fn turn(&self) -> Turn {
        let Ok(turn) = self.turn_by(|now, expired| {
            Ok::<_, Infallible>(
                self.wheel
                    .with_lock(|wheel| Step::take(wheel, now, expired)),
            )
        });
        turn
    }

    /// Does what [`turn`](Self::turn) does if it need not wait for the lock, and `None` if it
    /// would have to.
    ///
    /// # Contexts
    ///
    /// For interrupt handlers: it never waits. Where it returns `None`, no time is lost, since
    /// the timer goes by the clock and not by how often it is turned; and the turn is noted as
    /// owed: a turn that was in the way looks again before it stops, unless it was on another core
    /// and about to stop, and the next thread that starts a sleep turns the timer as well. An
    /// interrupt that does not come again by itself must be set again, for the lock may have been
    /// held by a poll or a drop, which do not turn. If the lock gets lost halfway (another core has
    /// taken it between two batches), the turn returned says that the next deadline is now.
    ///
    /// Wakers run in the caller's context, outside the lock.
    pub fn try_turn(&self) -> Option<Turn> {
        let turn = self.turn_by(|now, expired| {
            self.wheel
                .try_with_lock(|wheel| Step::take(wheel, now, expired))
                .ok_or(Contended)
        });
        turn.ok()
    }

    /// The earliest moment at which a sleep ends: until then, no turn is needed.
    ///
    /// It is exact: a driver that stops its periodic interrupt ("tickless idle") programs the
    /// hardware to wake it then. It may have passed already. `None` if there is no sleep.
    ///
    /// O(1) as long as the answer is known, which most turns and sleeps leave so; else as many
    /// steps under the lock as there are sleeps in the slot that comes first. A [`Turn`]'s
    /// [`ticks_to_next_deadline`](Turn::ticks_to_next_deadline) spares that, and may say a moment
    /// too early.
    ///
    /// # Contexts
    ///
    /// Takes the lock: may be called from an interrupt handler if the lock may be taken there.
    pub fn next_deadline(&self) -> Option<Instant> {
        let next = self.wheel.with_lock(|wheel| wheel.soonest(usize::MAX));
        next.map(|ticks| Instant::from_start(self.clock.ticks_to_duration(ticks)))
    }

    /// Turns the timer if a [`try_turn`](Self::try_turn) has failed since the last turn.
    pub(crate) fn pay(&self) {
        // The turn synchronises with whoever owes it.
        if self.owed.load(Relaxed) {
            self.turn();
        }
    }

    /// Whether a `try_turn` has failed; the caller reads the clock and turns.
    fn take_owed(&self) -> bool {
        // The load spares the swap, which is dear, where there is nothing to take. Acquire pairs
        // with the Release in `turn_by`: our reading of the clock comes after the one that failed.
        self.owed.load(Relaxed) && self.owed.swap(false, Acquire)
    }

    fn deadline_in(&self, ticks: Ticks) -> Ticks {
        self.clock.now_ticks().saturating_add(ticks)
    }

    /// Turns the timer by `step`, which takes one batch and may fail to get the lock.
    fn turn_by<E>(&self, step: impl Fn(Ticks, &mut Expired) -> Result<Step, E>) -> Result<Turn, E> {
        // Before the clock is read: this turn pays for each `try_turn` that has failed so far.
        self.take_owed();
        let mut expired = Expired::new();
        let mut turn = Turn::at(self.clock.now_ticks(), self.clock.tick_duration());
        let mut begun = false;
        let mut refreshed = false;
        loop {
            let Step {
                progress,
                now,
                next,
            } = match step(turn.now, &mut expired) {
                Ok(step) => step,
                Err(error) => {
                    // Release pairs with the Acquire in `take_owed`.
                    self.owed.store(true, Release);
                    let now = turn.now;
                    return if begun {
                        Ok(turn.with_next(Some(now)))
                    } else {
                        Err(error)
                    };
                }
            };
            begun = true;
            turn.now = now;
            let woken = expired.len();
            turn.expired += woken;
            expired.wake();
            if progress == Progress::More {
                continue;
            }
            if !refreshed && (self.take_owed() | (turn.expired > 0)) {
                refreshed = true;
                turn.now = turn.now.max(self.clock.now_ticks());
            } else if woken == 0 {
                return Ok(turn.with_next(next));
            }
            // `next` is from before the wakers ran, and they may have started sleeps: look again.
        }
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Timer<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Timer");
        debug.field("clock", &self.clock);
        match self
            .wheel
            .try_with_lock(|wheel| (wheel.base(), wheel.is_empty()))
        {
            Some((now, idle)) => debug.field("now", &now).field("idle", &idle),
            None => debug.field("now", &format_args!("<locked>")),
        };
        debug.finish_non_exhaustive()
    }
}

// === impl Step ===

impl Step {
    #[inline]
    fn take(wheel: &mut Wheel, now: Ticks, expired: &mut Expired) -> Self {
        let progress = wheel.advance(now, expired);
        Self {
            progress,
            now: now.max(wheel.base()),
            next: wheel.soonest(PATIENCE),
        }
    }
}
