//! The transitions of resident tasks: who polls them has nothing to end, and nothing counts references.

use super::{Cancel, CompleteResident, State, StateCell, UnusualTurn, WOKEN, Wake};
use pintle_core::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

const COMPLETED: usize = State::COMPLETED.raw_mask();
const CANCELED: usize = State::CANCELED.raw_mask();

/// Set with `COMPLETED` and with `CANCELED`: a turn is not for a poll. Nothing counts a resident's references,
/// so the highest bit of those is left for it, which the processor tests along with the transition.
pub(super) const UNUSUAL: usize = !(usize::MAX >> 1);

// === impl StateCell ===

impl StateCell {
    /// What [`woken_meanwhile`](Self::woken_meanwhile) returns if the task was.
    pub(crate) const INTERNAL: usize = WOKEN;

    /// Starts a resident task's life. The caller is its only owner.
    pub(crate) fn spawn_resident(&self) {
        let bits = WOKEN | State::LOCAL.raw_mask() | State::JOIN_HANDLE.raw_mask();
        self.0.store(bits, Relaxed);
    }

    /// Spends the ticket. The stage is the caller's already, who alone runs the scheduler's tasks. False: the
    /// turn is [another](Self::unusual_turn).
    #[inline]
    pub(crate) fn start_turn(&self) -> bool {
        // Acquire: pairs with all who woke the task. A cancellation that comes later makes a ticket of its own.
        // By an addition of which the compiler sees that the processor's flags tell the outcome.
        const SPEND: usize = WOKEN.wrapping_neg();
        let before = self.0.fetch_add(SPEND, Acquire);
        debug_assert!(before & WOKEN != 0, "who runs a task has its ticket");
        before.wrapping_add(SPEND) & UNUSUAL == 0
    }

    /// Lets those who wake the task from its first turn on read the scheduler that the caller, who has the ticket,
    /// has written since it was spawned.
    pub(crate) fn publish_scheduler(&self) {
        // Release: pairs with `wake_resident`, `cancel_resident` and `has_started`. They read what this has written,
        // or what later operations have made of it: all that change the word read it, too.
        self.0.fetch_or(0, Release);
    }

    /// Says what a turn is that is not for a poll.
    pub(crate) fn unusual_turn(&self) -> UnusualTurn {
        if !self.peek().has(State::COMPLETED) {
            return UnusualTurn::Cancel;
        }
        // No wake-up is to find anything to do.
        self.0.fetch_or(WOKEN, Relaxed);
        UnusualTurn::Gone
    }

    /// Whether a turn has started, and so the scheduler's writing is visible to the caller.
    pub(crate) fn has_started(&self) -> bool {
        // Acquire: pairs with `publish_scheduler`.
        self.0.load(Acquire) & WOKEN == 0
    }

    /// [`INTERNAL`](Self::INTERNAL) if the task was woken since its turn started, or 0.
    #[inline(always)]
    pub(crate) fn woken_meanwhile(&self) -> usize {
        self.0.load(Relaxed) & WOKEN
    }

    /// Ends the task's life as a future. With a handle the stage goes to that; without one it stays
    /// the caller's.
    pub(crate) fn complete_resident(&self) -> CompleteResident {
        // Release: pairs with the handle, which goes on to read the stage. Acquire: with its writing of the
        // join waker.
        let before = State::from_bits(self.0.fetch_or(COMPLETED | UNUSUAL | WOKEN, AcqRel));
        debug_assert!(!before.has(State::COMPLETED), "a task completes once");
        // The waker's bit goes with the handle's.
        if before.has(State::JOIN_WAKER) {
            CompleteResident::WakeJoiner
        } else if before.has(State::JOIN_HANDLE) {
            CompleteResident::Joinable
        } else {
            CompleteResident::Detached
        }
    }

    /// As [`wake`](Self::wake), of a task that is never marked as being polled.
    #[inline(always)]
    pub(crate) fn wake_resident(&self) -> Wake {
        // Release: pairs with `start_turn`. Acquire: with who has written the scheduler.
        match self.0.fetch_or(WOKEN, AcqRel) & WOKEN {
            0 => Wake::Schedule,
            _ => Wake::Nothing,
        }
    }

    /// As [`cancel`](Self::cancel), of a task that is never marked as being polled.
    pub(crate) fn cancel_resident(&self) -> Cancel {
        // Release: pairs with `start_turn`. Acquire: with who has written the scheduler.
        let before = State::from_bits(self.0.fetch_or(CANCELED | UNUSUAL | WOKEN, AcqRel));
        if before.has(State::CANCELED) {
            Cancel::Already
        } else if before.has(State::WOKEN) {
            Cancel::Marked
        } else {
            Cancel::Schedule
        }
    }

    /// Gives the ticket back unused.
    pub(crate) fn unwake_resident(&self) {
        // Release: pairs with the next `start_turn`. Acquire: with the release of wake-ups that came while
        // the ticket was held, so that this passes on what they did.
        self.0.fetch_sub(WOKEN, AcqRel);
    }
}
