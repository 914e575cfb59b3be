//! What drives a [`Timer`]: turns, and what is needed to know when the next is due.

use core::convert::Infallible;

use pintle_core::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use pintle_core::atomic::compiler_fence;
use pintle_lock::blocking::ScopedRawMutex;

use super::horizon::Sight;
use super::{Timer, Turn};
use crate::clock::{Instant, Ticks};
use crate::wheel::{Expired, Progress, Wheel};

/// How many sleeps in the slot that comes first a [`Turn`] looks at to name the next deadline.
const PATIENCE: usize = 16;

/// The lock was held by another.
struct Contended;

/// What one stay under the lock found out.
struct Step {
    progress: Progress,
    now: Ticks,
    next: Option<Ticks>,
}

// === impl Timer ===

impl<Lock: ScopedRawMutex> Timer<Lock> {
    /// Completes every sleep whose deadline has come, and wakes its task.
    ///
    /// The clock is read when the turn begins. If anything was due then, it is read once more when
    /// that has been woken, and what has become due in the meantime is completed as well. A third
    /// time it is not, unless a [`try_turn`](Self::try_turn) has failed meanwhile: so the turn ends,
    /// however fast the woken tasks start new sleeps. In which order sleeps complete within a turn is
    /// not specified.
    ///
    /// If nothing is due, that is one reading of the clock, one or two loads, and no lock. Else it
    /// costs O(expired), and an amortised O(1) for each six bits that a deadline was ahead; time that
    /// passed while nothing was due costs nothing.
    ///
    /// # Contexts
    ///
    /// Takes the lock: may be called from an interrupt handler only if the lock may be, as a
    /// critical section may and a spinlock may not. There, use [`try_turn`](Self::try_turn).
    /// Wakers run outside the lock. If one panics, the others of its batch are woken, the panic
    /// goes on to the caller, and what else is due is left to the next turn.
    #[inline]
    pub fn turn(&self) -> Turn {
        // Before the clock is read: this turn pays for each `try_turn` that has failed so far.
        self.take_owed();
        let turn = self.begin(self.clock.now_ticks());
        match self.horizon.look(turn.now) {
            Sight::Nothing => turn,
            Sight::Clear(next) => turn.with_next(Some(next)),
            Sight::Due => self.turn_slowly(turn, true),
        }
    }

    /// Completes every sleep whose deadline is at most `now`, a count of the clock, which is not
    /// read.
    ///
    /// For who has just read the clock, or drives the timer by a simulated time. A `now` before
    /// that of an earlier turn completes nothing new. If it is ahead of the clock, sleeps end as much
    /// early, and those that are started before the clock has caught up end at once if their
    /// deadline is not ahead of it.
    ///
    /// # Contexts
    ///
    /// As for [`turn`](Self::turn).
    #[inline]
    pub fn turn_to(&self, now: Ticks) -> Turn {
        let turn = self.begin(now);
        match self.horizon.look(now) {
            Sight::Nothing => turn,
            Sight::Clear(next) => turn.with_next(Some(next)),
            Sight::Due => self.turn_slowly(turn, false),
        }
    }

    /// Does what [`turn`](Self::turn) does if it need not wait for the lock, and `None` if it
    /// would have to.
    ///
    /// If nothing is due, it needs no lock, and is never `None`.
    ///
    /// # Contexts
    ///
    /// For interrupt handlers: it never waits. Where it returns `None`, no time is lost, since
    /// the timer goes by the clock and not by how often it is turned; and the turn is noted as
    /// owed. Who was in the way does it, or sees to it, as it lets go of the lock, unless it was on
    /// another core and past the look at the note: a turn looks again before it stops, starting or
    /// resetting a sleep turns the timer as well, [`next_deadline`](Self::next_deadline) returns a
    /// moment that has come, and what else holds the lock, [`turn_to`](Self::turn_to) included, calls
    /// the [hook](Self::with_hook). If none of them does, the next turn, started or reset sleep will. An
    /// interrupt that does not come again by itself, on a machine with several cores or for a timer
    /// without a hook, must be set again. If the lock gets lost halfway (another core has
    /// taken it between two batches), the turn returned says that the next deadline is now.
    ///
    /// Wakers run in the caller's context, outside the lock.
    #[inline]
    pub fn try_turn(&self) -> Option<Turn> {
        self.take_owed();
        let turn = self.begin(self.clock.now_ticks());
        match self.horizon.look(turn.now) {
            Sight::Nothing => Some(turn),
            Sight::Clear(next) => Some(turn.with_next(Some(next))),
            Sight::Due => self.try_turn_slowly(turn),
        }
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
        let next = self.with_wheel(0, |wheel| wheel.soonest(usize::MAX));
        next.map(|ticks| Instant::from_start(self.clock.ticks_to_duration(ticks)))
    }

    /// Takes the lock, and makes known what has changed. `seen` is a count that the clock has
    /// reached.
    #[inline]
    pub(crate) fn with_wheel<R>(&self, seen: Ticks, f: impl FnOnce(&mut Wheel) -> R) -> R {
        self.wheel.with_lock(|wheel| self.work(wheel, seen, f))
    }

    /// For who has started or reset a sleep, outside the lock: whether it `is_earliest` matters to
    /// the driver, and a failed [`try_turn`](Self::try_turn) is made up for.
    #[inline]
    pub(crate) fn after_arming(&self, is_earliest: bool) {
        if is_earliest {
            if let Some(hook) = self.hook {
                hook();
            }
        }
        if self.is_owed() {
            self.turn();
        }
    }

    /// For who has held the lock and does not turn the timer: if a [`try_turn`](Self::try_turn) has
    /// failed, the driver must be told.
    #[inline]
    pub(crate) fn remind(&self) {
        if let Some(hook) = self.hook {
            // Taken first: the hook may take the lock, and get here again.
            if self.take_owed() {
                hook();
            }
        }
    }

    #[inline]
    fn begin(&self, now: Ticks) -> Turn {
        Turn::at(now, self.clock.tick_duration())
    }

    #[inline]
    fn work<R>(&self, wheel: &mut Wheel, seen: Ticks, f: impl FnOnce(&mut Wheel) -> R) -> R {
        let result = f(wheel);
        self.horizon.publish(wheel.horizon(), seen);
        result
    }

    /// Whether a `try_turn` has failed.
    #[inline]
    fn is_owed(&self) -> bool {
        // Not before the lock was let go: what came on this core until then, and failed, is seen.
        compiler_fence(SeqCst);
        self.owed.load(Relaxed)
    }

    /// The same, and notes that the caller sees to it: reads the clock and turns.
    #[inline]
    fn take_owed(&self) -> bool {
        // The load spares the swap, which is dear, where there is nothing to take. Acquire pairs
        // with the Release in `turn_by`: our reading of the clock comes after the one that failed.
        self.is_owed() && self.owed.swap(false, Acquire)
    }

    #[inline(never)]
    fn turn_slowly(&self, turn: Turn, by_clock: bool) -> Turn {
        let Ok(turn) = self.turn_by(turn, by_clock, |now, expired| {
            Ok::<_, Infallible>(self.with_wheel(now, |wheel| Step::take(wheel, now, expired)))
        });
        turn
    }

    #[inline(never)]
    fn try_turn_slowly(&self, turn: Turn) -> Option<Turn> {
        let turn = self.turn_by(turn, true, |now, expired| {
            self.wheel
                .try_with_lock(|wheel| {
                    self.work(wheel, now, |wheel| Step::take(wheel, now, expired))
                })
                .ok_or(Contended)
        });
        turn.ok()
    }

    /// Turns the timer by `step`, which takes one batch and may fail to get the lock.
    #[inline]
    fn turn_by<E>(
        &self,
        mut turn: Turn,
        by_clock: bool,
        step: impl Fn(Ticks, &mut Expired) -> Result<Step, E>,
    ) -> Result<Turn, E> {
        let mut expired = Expired::new();
        let mut begun = false;
        let mut look_again = true;
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
            let mut next = next;
            // Again for each `try_turn` that has failed meanwhile, and once for what we have woken.
            if by_clock && (self.take_owed() | (look_again && turn.expired > 0)) {
                look_again = false;
                turn.now = turn.now.max(self.clock.now_ticks());
                next = match self.horizon.look(turn.now) {
                    Sight::Nothing => None,
                    Sight::Clear(next) => Some(next),
                    Sight::Due => continue,
                };
            } else if woken > 0 {
                // `next` is from before the wakers ran, and they may have started sleeps.
                next = match self.horizon.look(turn.now) {
                    Sight::Nothing => None,
                    Sight::Clear(next) => Some(next),
                    Sight::Due => Some(turn.now),
                };
            }
            if !by_clock {
                self.remind();
            }
            return Ok(turn.with_next(next));
        }
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
            next: match progress {
                Progress::Drained => wheel.soonest(PATIENCE),
                Progress::More => None,
            },
        }
    }
}
