//! The transitions of resident tasks: who polls them has nothing to end, and nothing counts references.

use super::{CompleteResident, State, StateCell, UnusualTurn, WOKEN, Wake};
use pintle_core::atomic::Ordering::{AcqRel, Acquire, Relaxed};

const COMPLETED: usize = State::COMPLETED.raw_mask();

/// What makes a turn more than a poll.
const UNUSUAL: usize = State::CANCELED.raw_mask() | COMPLETED;

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
        // Acquire: pairs with all who woke the task. Release: with `wake_resident` and `cancel`, which go on to
        // read the scheduler, if that has been written since the task was spawned.
        self.0.fetch_sub(WOKEN, AcqRel);
        // Relaxed: at least as new. A cancellation that comes later makes a ticket of its own.
        !self.peek().has_any(UNUSUAL)
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
        // Acquire: pairs with `start_turn`.
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
        let before = State::from_bits(self.0.fetch_or(COMPLETED | WOKEN, AcqRel));
        debug_assert!(!before.has(State::COMPLETED), "a task completes once");
        if !before.has(State::JOIN_HANDLE) {
            CompleteResident::Detached
        } else if before.has(State::JOIN_WAKER) {
            CompleteResident::WakeJoiner
        } else {
            CompleteResident::Joinable
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

    /// Gives the ticket back unused.
    pub(crate) fn unwake_resident(&self) {
        // Release: pairs with the next `start_turn`. Acquire: with the release of wake-ups that came while
        // the ticket was held, so that this passes on what they did.
        self.0.fetch_sub(WOKEN, AcqRel);
    }
}
