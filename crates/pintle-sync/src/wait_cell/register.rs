//! Putting a waker into the slot.

use core::task::Waker;

use super::{
    WaitCell,
    state::{Begin, Finish, State},
};
use crate::trace::event;

/// What became of a waker that was to be registered.
pub(super) enum Registered {
    /// It waits in the cell.
    Waiting,
    /// A wake-up is there; it has not been consumed.
    Woken,
    /// The cell is closed.
    Closed,
    /// Somebody else is using the slot.
    Busy,
}

// === impl WaitCell ===

impl WaitCell {
    /// Puts a clone of `waker` in the slot, unless it is there already or need not wait.
    pub(super) fn register(&self, waker: &Waker) -> Registered {
        let seen = self.state.load();
        if !seen.is_vacant() {
            if seen.is_closed() {
                return Registered::Closed;
            }
            if seen.is_woken() {
                return Registered::Woken;
            }
            if let Some(outcome) = self.keep_registered(seen, waker) {
                return outcome;
            }
        }
        self.put(waker.clone())
    }

    /// Where the slot holds a waker: leaves it if it wakes the same task as `waker`.
    ///
    /// `None` says that `waker` must be put in.
    #[cold]
    #[inline(never)]
    fn keep_registered(&self, seen: State, waker: &Waker) -> Option<Registered> {
        match self.state.begin_register(seen) {
            Begin::Occupied => {}
            Begin::Vacant => {
                // Emptied since it was seen to be occupied.
                self.state.release();
                return None;
            }
            Begin::Woken => return Some(Registered::Woken),
            Begin::Closed => return Some(Registered::Closed),
            Begin::Busy => return Some(Registered::Busy),
        }
        // SAFETY: `begin_register` gave this thread the slot (invariant 2) with a waker in it.
        let same = unsafe { self.slot.is_of_same_task(waker) };
        let outcome = match self.state.finish_register() {
            Finish::Waiting => return same.then_some(Registered::Waiting),
            Finish::Woken => Registered::Woken,
            Finish::Closed => Registered::Closed,
        };
        // What came in between left the waker to this thread.
        // SAFETY: `finish_register` did not give the slot away, and the waker is still in it.
        let registered = unsafe { self.slot.take() };
        self.state.release();
        if !same {
            // Another task's: it must learn that it is no longer registered.
            registered.wake();
        }
        Some(outcome)
    }

    /// Puts `mine` in the slot and wakes whom it displaces.
    ///
    /// Takes a clone, made while the slot is nobody's: cloning is the executor's code, which may
    /// panic and may use this very cell.
    #[inline]
    pub(super) fn put(&self, mine: Waker) -> Registered {
        match self.state.begin_first() {
            Begin::Vacant => {}
            _ => return self.displace(mine),
        }
        // SAFETY: `begin_first` gave this thread the slot (invariant 2), and it is empty.
        unsafe { self.slot.put(mine) };
        match self.state.finish_register() {
            Finish::Waiting => {
                event!(self, "wait");
                Registered::Waiting
            }
            interrupted => self.take_back(interrupted),
        }
    }

    /// [`put`](Self::put) where the slot was not found vacant.
    #[cold]
    #[inline(never)]
    fn displace(&self, mine: Waker) -> Registered {
        let displaced = match self.state.begin_register(State::WAITING) {
            Begin::Vacant => None,
            // SAFETY: `begin_register` gave this thread the slot (invariant 2) with a waker in it.
            Begin::Occupied => Some(unsafe { self.slot.take() }),
            Begin::Woken => return Registered::Woken,
            Begin::Closed => return Registered::Closed,
            Begin::Busy => return Registered::Busy,
        };
        // SAFETY: the slot is this thread's, and what was in it has been taken out.
        unsafe { self.slot.put(mine) };
        let outcome = match self.state.finish_register() {
            Finish::Waiting => Registered::Waiting,
            interrupted => self.take_back(interrupted),
        };
        if let Some(displaced) = displaced {
            displaced.wake();
        }
        if let Registered::Waiting = outcome {
            event!(self, "wait");
        }
        outcome
    }

    /// Takes out the waker that is registered, for a task that will not wait any more. A wake-up that is
    /// stored stays.
    #[inline]
    pub(crate) fn unregister(&self) -> Option<Waker> {
        // Mostly there is none, and the channels ask each time one is used.
        let seen = self.state.load();
        if seen.is_vacant() {
            return None;
        }
        self.take_out(seen)
    }

    /// [`unregister`](Self::unregister), where the slot was not found vacant.
    #[cold]
    #[inline(never)]
    fn take_out(&self, seen: State) -> Option<Waker> {
        let waker = match self.state.begin_register(seen) {
            // SAFETY: `begin_register` gave this thread the slot (invariant 2) with a waker in it.
            Begin::Occupied => Some(unsafe { self.slot.take() }),
            Begin::Vacant => None,
            // If it is being taken out, it will be called.
            Begin::Woken | Begin::Closed | Begin::Busy => return None,
        };
        self.state.release();
        waker
    }

    /// Gives up a registration in which a wake-up or the closing has come.
    #[cold]
    #[inline(never)]
    fn take_back(&self, interrupted: Finish) -> Registered {
        // SAFETY: a `finish_register` that does not give `Waiting` leaves the slot to its caller,
        // who has put a waker in.
        let mine = unsafe { self.slot.take() };
        self.state.release();
        drop(mine);
        match interrupted {
            Finish::Waiting | Finish::Woken => Registered::Woken,
            Finish::Closed => Registered::Closed,
        }
    }
}
