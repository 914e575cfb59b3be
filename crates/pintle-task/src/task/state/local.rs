//! The transitions of local tasks, which are never without something that keeps them before they are
//! complete, and whose tickets may be outlived.
//!
//! They decide and count in one step: while another thread thinks, the task's own may complete and free
//! it.

use super::{DropRef, EndPoll, ShutDown, StartPoll, State, StateCell};

/// With one of these set there is no valid ticket. One that exists is left over from before the
/// task was shut down, and counts as a reference.
const NO_TICKET: usize = State::POLLING.raw_mask() | State::COMPLETED.raw_mask();

// === impl StateCell ===

impl StateCell {
    /// As [`start_poll`](Self::start_poll), of a local task. The ticket may be left over.
    pub(crate) fn start_local_poll(&self) -> StartPoll {
        self.update(|state| {
            if state.has_any(NO_TICKET) {
                return (state, StartPoll::Gone);
            }
            debug_assert!(state.has(State::WOKEN), "who runs a task has its ticket");
            let next = state.plus(State::POLLING).minus(State::WOKEN);
            match state.has(State::CANCELED) {
                true => (next, StartPoll::Cancel),
                false => (next, StartPoll::Poll),
            }
        })
    }

    /// As [`end_poll`](Self::end_poll), of a local task. It is cancelled if nobody can wake it.
    pub(crate) fn end_local_poll(&self) -> EndPoll {
        self.update(|state| {
            debug_assert!(state.has(State::POLLING), "what ends has started");
            let left = state.minus(State::POLLING);
            if state.has(State::CANCELED) || !left.is_kept() {
                (state, EndPoll::Cancel)
            } else if state.has(State::WOKEN) {
                (left, EndPoll::Reschedule)
            } else {
                (left, EndPoll::Idle)
            }
        })
    }

    /// Takes the stage of a local task for its own thread, without the ticket.
    ///
    /// That thread is the only one which polls the task, so either it is not being polled, or it is
    /// further down the caller's stack. A ticket that exists is counted from now on.
    pub(crate) fn shut_down(&self) -> ShutDown {
        self.update(|state| {
            debug_assert!(state.has(State::LOCAL), "others are run by their ticket");
            if state.has(State::COMPLETED) {
                return (state, ShutDown::Complete);
            }
            let canceled = state.plus(State::CANCELED);
            if state.has(State::POLLING) {
                return (canceled, ShutDown::Marked);
            }
            let taken = canceled.plus(State::POLLING);
            match state.has(State::WOKEN) {
                true => (taken.add_ref(), ShutDown::Clear),
                false => (taken, ShutDown::Clear),
            }
        })
    }

    /// Gives up a reference to a local task. If nothing else keeps it, it turns into the ticket by
    /// which its own thread drops the future.
    pub(crate) fn drop_local_ref(&self) -> DropRef {
        self.update(|state| {
            let left = state.sub_ref();
            if left.has_refs() {
                (left, DropRef::Nothing)
            } else if state.has(State::COMPLETED) {
                (left, DropRef::Free)
            } else if left.is_kept() {
                (left, DropRef::Nothing)
            } else if state.has(State::CANCELED) {
                // The scheduler had the ticket and has dropped it. There is nobody to turn to.
                (state, DropRef::Leak)
            } else {
                let dying = state.plus(State::CANCELED).plus(State::WOKEN);
                (dying, DropRef::Schedule)
            }
        })
    }

    /// Gives back the ticket of a local task, or what is left over of it.
    pub(crate) fn local_unwake(&self) -> DropRef {
        self.update(|state| {
            if state.has_any(NO_TICKET) {
                let left = state.sub_ref();
                return match left.has_refs() || !state.has(State::COMPLETED) {
                    true => (left, DropRef::Nothing),
                    false => (left, DropRef::Free),
                };
            }
            let left = state.minus(State::WOKEN);
            if left.is_kept() {
                (left, DropRef::Nothing)
            } else if state.has(State::CANCELED) {
                (state, DropRef::Leak)
            } else {
                // The ticket stays one. The reference is the caller's.
                (state.plus(State::CANCELED).add_ref(), DropRef::Schedule)
            }
        })
    }
}
