//! The state word: every fact about a task that two threads can race for, and the transitions
//! between them. The diagram and the protocol are in the [module docs](super).

use core::fmt;
use pintle_bitfield::{PackUsize, bitfield};
use pintle_core::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
    fence,
};
use pintle_core::const_fn;

mod outcome;
#[cfg(test)]
mod tests;

pub(crate) use self::outcome::{
    Cancel, Complete, Detach, DropRef, EndPoll, Join, ShutDown, StartPoll, Wake,
};

bitfield! {
    /// A task's state word, unpacked.
    ///
    /// Eight flags, and the rest of the word counts references: 8 bits on 16-bit targets, 24 on
    /// 32-bit, 56 on 64-bit ones. A count that reaches half of that ends the process, as it does
    /// for `Arc`: 128 wakers and handles of one task at 16 bits, 8 million at 32.
    #[derive(PartialEq, Eq)]
    pub(crate) struct State<usize> {
        /// Somebody runs the task, and owns its stage.
        pub(crate) const POLLING: bool;
        /// A poll is owed. While `POLLING` is clear, exactly one *ticket* exists.
        pub(crate) const WOKEN: bool;
        /// The future is gone for good. If `JOIN_HANDLE` is set, the handle owns the stage.
        pub(crate) const COMPLETED: bool;
        /// Cancelled; if the task was not complete by then, whoever runs it next drops the future.
        pub(crate) const CANCELED: bool;
        /// The `JoinHandle` exists.
        pub(crate) const JOIN_HANDLE: bool;
        /// The join waker is in its slot. Set by the handle; frozen by `COMPLETED`.
        pub(crate) const JOIN_WAKER: bool;
        /// The task has not been run since it was spawned.
        pub(crate) const NEW: bool;
        /// The future stays on one thread. Set by `spawn`, or never.
        pub(crate) const LOCAL: bool;
        /// How many `TaskRef`s, wakers and handles there are.
        pub(crate) const REFS = ..;
    }
}

/// One reference, as it is added to the word.
const ONE_REF: usize = State::REFS.first_bit();

/// More references than this, and the process ends.
const MAX_REFS: usize = usize::MAX / ONE_REF / 2;

/// The atomic state word.
///
/// # Invariants
///
/// - `POLLING` and `COMPLETED` are never both set, and `COMPLETED` is never cleared.
/// - While neither is set, `WOKEN` says that one ticket exists.
/// - While `LOCAL` is set and `COMPLETED` is not, `REFS` is not zero.
/// - `REFS` is at least the number of `TaskRef`s, wakers and handles.
#[repr(transparent)]
pub(crate) struct StateCell(AtomicUsize);

// === impl State ===

impl State {
    /// The state of a task that has just been spawned: one ticket, one handle.
    const SPAWNED: usize = {
        let bits = State::WOKEN.raw_mask() | State::NEW.raw_mask();
        bits | State::JOIN_HANDLE.raw_mask() | (2 * ONE_REF)
    };

    /// The state of a queue's stub: it lies in its queue for ever, as if it were to be polled.
    const STUB: usize = State::WOKEN.raw_mask() | ONE_REF;

    // By mask, where `get` and `with` would turn each bit into a `bool` and back.

    #[inline(always)]
    fn has(self, flag: PackUsize<bool, Self>) -> bool {
        self.bits() & flag.raw_mask() != 0
    }

    #[inline(always)]
    fn plus(self, flag: PackUsize<bool, Self>) -> Self {
        Self::from_bits(self.bits() | flag.raw_mask())
    }

    #[inline(always)]
    fn minus(self, flag: PackUsize<bool, Self>) -> Self {
        Self::from_bits(self.bits() & !flag.raw_mask())
    }

    fn add_ref(self) -> Self {
        Self::from_bits(self.bits() + ONE_REF)
    }

    fn sub_ref(self) -> Self {
        debug_assert!(self.bits() >= ONE_REF, "a task's references are balanced");
        Self::from_bits(self.bits() - ONE_REF)
    }

    fn has_refs(self) -> bool {
        self.bits() >= ONE_REF
    }
}

// === impl StateCell ===

impl StateCell {
    const_fn! {
        /// The word of a task that nobody has spawned: no ticket, no reference.
        pub(crate) const fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    const_fn! {
        /// The word of a queue's stub.
        pub(crate) const fn new_stub() -> Self {
            Self(AtomicUsize::new(State::STUB))
        }
    }

    /// Starts a task's life. The caller is its only owner.
    pub(crate) fn spawn(&self) {
        self.0.store(State::SPAWNED, Relaxed);
    }

    /// Makes a task that has just been spawned a local one. The caller is still its only owner.
    pub(crate) fn make_local(&self) {
        let local = State::SPAWNED | State::LOCAL.raw_mask();
        self.0.store(local, Relaxed);
    }

    /// Looks at the word, for assertions and for `Debug`.
    pub(crate) fn peek(&self) -> State {
        State::from_bits(self.0.load(Relaxed))
    }

    /// Whether the task is complete, and so what its future did is visible to the caller.
    pub(crate) fn is_completed(&self) -> bool {
        // Acquire: pairs with `complete`.
        State::from_bits(self.0.load(Acquire)).has(State::COMPLETED)
    }

    /// Whether the task was cancelled, before now or during now.
    pub(crate) fn is_canceled(&self) -> bool {
        self.peek().has(State::CANCELED)
    }

    /// Whether the task was never run. Only the owner of the ticket learns anything lasting.
    pub(crate) fn is_new(&self) -> bool {
        self.peek().has(State::NEW)
    }

    /// Whether the task's future stays on one thread. That does not change after `spawn`.
    #[inline]
    pub(crate) fn is_local(&self) -> bool {
        self.peek().has(State::LOCAL)
    }

    // --- the runner's transitions ---

    /// Spends the ticket: from now on the caller owns the stage, until `end_poll` says otherwise
    /// or it calls `complete`.
    ///
    /// Of a local task that was shut down without its ticket, or is just being so, there is nothing
    /// to own.
    pub(crate) fn start_poll(&self) -> StartPoll {
        self.update(|state| {
            if state.has(State::POLLING) || state.has(State::COMPLETED) {
                debug_assert!(state.has(State::LOCAL), "one task, one runner");
                return (state, StartPoll::Gone);
            }
            debug_assert!(state.has(State::WOKEN), "who runs a task has its ticket");
            let next = state
                .plus(State::POLLING)
                .minus(State::WOKEN)
                .minus(State::NEW);
            match state.has(State::CANCELED) {
                true => (next, StartPoll::Cancel),
                false => (next, StartPoll::Poll),
            }
        })
    }

    /// Gives up the stage after a poll that was pending. The runner's reference goes with it, or
    /// turns into a ticket.
    pub(crate) fn end_poll(&self) -> EndPoll {
        self.update(|state| {
            debug_assert!(state.has(State::POLLING), "what ends has started");
            if state.has(State::CANCELED) {
                return (state, EndPoll::Cancel);
            }
            let idle = state.minus(State::POLLING);
            if state.has(State::WOKEN) {
                return (idle, EndPoll::Reschedule);
            }
            let left = idle.sub_ref();
            match left.has_refs() {
                true => (left, EndPoll::Idle),
                // Nobody can wake it, and its thread is this one.
                false if state.has(State::LOCAL) => (state, EndPoll::Cancel),
                false => (left, EndPoll::Free),
            }
        })
    }

    /// Ends the task's life as a future. The stage goes to the handle, if there is one.
    pub(crate) fn complete(&self) -> Complete {
        self.update(|state| {
            debug_assert!(state.has(State::POLLING), "only a runner completes");
            let next = state
                .minus(State::POLLING)
                .minus(State::WOKEN)
                .plus(State::COMPLETED);
            let tell = match (state.has(State::JOIN_HANDLE), state.has(State::JOIN_WAKER)) {
                (false, _) => Complete::Detached,
                (true, false) => Complete::Joinable,
                (true, true) => Complete::WakeJoiner,
            };
            (next, tell)
        })
    }

    /// Takes the stage of a local task for its own thread, without the ticket.
    ///
    /// That thread is the only one which polls the task, so either it is not being polled, or it is
    /// further down the caller's stack. A ticket that exists is worth nothing from now on.
    pub(crate) fn shut_down(&self) -> ShutDown {
        self.update(|state| {
            debug_assert!(state.has(State::LOCAL), "others are run by their ticket");
            if state.has(State::COMPLETED) {
                return (state, ShutDown::Complete);
            }
            let canceled = state.plus(State::CANCELED);
            match state.has(State::POLLING) {
                true => (canceled, ShutDown::Marked),
                false => (canceled.plus(State::POLLING), ShutDown::Clear),
            }
        })
    }

    // --- everybody's transitions ---

    /// Owes the task a poll.
    ///
    /// Even where there is nothing to do the word is written: who polls the task next must see
    /// what was done before this wake-up, which takes a release that its acquire reads from.
    pub(crate) fn wake(&self) -> Wake {
        self.update(|state| {
            if state.has(State::WOKEN) || state.has(State::COMPLETED) {
                (state, Wake::Nothing)
            } else if state.has(State::POLLING) {
                (state.plus(State::WOKEN), Wake::Nothing)
            } else {
                (state.plus(State::WOKEN).add_ref(), Wake::Schedule)
            }
        })
    }

    /// Gives a ticket back unused: the next wake-up makes a new one. Its reference stays.
    pub(crate) fn unwake(&self) {
        // Nothing is published by it, and what was released to the ticket before is kept in this
        // word's release sequence.
        self.0.fetch_and(!State::WOKEN.raw_mask(), Relaxed);
    }

    /// Marks the task as cancelled, and wakes it if it is idle.
    pub(crate) fn cancel(&self) -> Cancel {
        self.update(|state| {
            if state.has(State::CANCELED) {
                return (state, Cancel::Already);
            }
            let next = state.plus(State::CANCELED);
            let is_idle = !state.has(State::COMPLETED)
                && !state.has(State::POLLING)
                && !state.has(State::WOKEN);
            match is_idle {
                true => (next.plus(State::WOKEN).add_ref(), Cancel::Schedule),
                false => (next, Cancel::Marked),
            }
        })
    }

    /// Adds a reference to those of which the caller has one.
    #[inline]
    pub(crate) fn add_ref(&self) {
        self.add_refs(1);
    }

    /// Adds `count` references to those of which the caller has one.
    #[inline]
    pub(crate) fn add_refs(&self, count: usize) {
        // Relaxed: the caller's own reference keeps the task alive, and whoever it hands the new
        // one to synchronises by the way it is handed over.
        let before = self.0.fetch_add(count * ONE_REF, Relaxed);
        if before / ONE_REF > MAX_REFS {
            too_many_refs();
        }
    }

    /// Gives up a reference; true if it was the last, and the caller has to free the task.
    #[inline]
    #[must_use]
    pub(crate) fn drop_ref(&self) -> bool {
        // Release: what was done by this reference comes before the freeing.
        let before = State::from_bits(self.0.fetch_sub(ONE_REF, Release));
        debug_assert!(before.has_refs(), "a task's references are balanced");
        let is_last = !before.sub_ref().has_refs();
        if is_last {
            // Acquire: pairs with the release of all who dropped theirs before.
            fence(Acquire);
        }
        is_last
    }

    /// Gives up a reference to a local task. Before it is complete the last one turns into the
    /// ticket by which its own thread drops the future.
    ///
    /// Apart from [`drop_ref`](Self::drop_ref), which is one operation that cannot fail. This one
    /// has to decide and count in one step, as the task's thread may complete and free it meanwhile.
    pub(crate) fn drop_local_ref(&self) -> DropRef {
        self.update(|state| {
            let left = state.sub_ref();
            if left.has_refs() {
                (left, DropRef::Nothing)
            } else if state.has(State::COMPLETED) {
                (left, DropRef::Free)
            } else if state.has(State::CANCELED) {
                // The scheduler had the ticket and has dropped it. There is nobody to turn to.
                (state, DropRef::Leak)
            } else {
                let dying = state.plus(State::CANCELED).plus(State::WOKEN);
                (dying.add_ref(), DropRef::Schedule)
            }
        })
    }

    // --- the handle's transitions ---

    /// Takes the join waker's slot for the handle.
    pub(crate) fn start_join(&self) -> Join {
        // Acquire: pairs with `complete`.
        let state = State::from_bits(self.0.load(Acquire));
        if state.has(State::COMPLETED) {
            return Join::Ready;
        }
        if !state.has(State::JOIN_WAKER) {
            // While the bit is clear the slot is the handle's already.
            return Join::Pending;
        }
        self.update(|state| match state.has(State::COMPLETED) {
            true => (state, Join::Ready),
            false => (state.minus(State::JOIN_WAKER), Join::Pending),
        })
    }

    /// Shares the waker in the slot. If that comes too late the slot is still the handle's.
    pub(crate) fn share_join_waker(&self) -> Join {
        self.update(|state| match state.has(State::COMPLETED) {
            true => (state, Join::Ready),
            false => (state.plus(State::JOIN_WAKER), Join::Pending),
        })
    }

    /// Ends the handle's claims. Its reference is still to be dropped.
    pub(crate) fn drop_join_handle(&self) -> Detach {
        if self.is_completed() {
            // The stage is the handle's. Nobody asks whether that exists any more.
            return Detach::Stage;
        }
        self.update(|state| {
            let next = state.minus(State::JOIN_HANDLE);
            if state.has(State::COMPLETED) {
                (next, Detach::Stage)
            } else if state.has(State::JOIN_WAKER) {
                (next.minus(State::JOIN_WAKER), Detach::Waker)
            } else {
                (next, Detach::Nothing)
            }
        })
    }

    /// Replaces the word by what `transition` makes of it, and returns what it says about that.
    ///
    /// Release: what the caller did before is visible to whoever makes a later transition.
    /// Acquire: and the other way round.
    #[inline]
    fn update<R>(&self, mut transition: impl FnMut(State) -> (State, R)) -> R {
        let mut current = self.0.load(Relaxed);
        loop {
            let (next, result) = transition(State::from_bits(current));
            match self
                .0
                .compare_exchange_weak(current, next.bits(), AcqRel, Relaxed)
            {
                Ok(_) => return result,
                Err(actual) => current = actual,
            }
        }
    }
}

impl fmt::Debug for StateCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.peek().fmt(f)
    }
}

/// Ends the process. Half of the count is left for those who race here, so none of them gets to
/// see it wrap.
#[cold]
#[inline(never)]
fn too_many_refs() -> ! {
    #[cfg(feature = "std")]
    std::process::abort();
    #[cfg(not(feature = "std"))]
    {
        /// A panic that starts while another unwinds aborts, whoever would have caught it.
        struct Abort;

        impl Drop for Abort {
            fn drop(&mut self) {
                panic!("more references to a task than its state word can count");
            }
        }

        let _abort = Abort;
        panic!("more references to a task than its state word can count");
    }
}
