//! The state word: every fact about a task that two threads can race for, and the transitions
//! between them. The diagram and the protocol are in the [module docs](super).

use core::fmt;
use pintle_bitfield::{PackUsize, bitfield};
use pintle_core::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use pintle_core::const_fn;

mod local;
mod outcome;
mod resident;
#[cfg(test)]
mod tests;

pub(crate) use self::outcome::{
    Cancel, Complete, CompleteResident, Detach, DropRef, EndPoll, Join, ShutDown, StartPoll,
    UnusualTurn, Wake,
};

bitfield! {
    /// A task's state word, unpacked.
    ///
    /// Seven flags, and the rest of the word counts references: 9 bits on 16-bit targets, 25 on
    /// 32-bit, 57 on 64-bit ones. A count that reaches half of that ends the process, as it does
    /// for `Arc`: 256 wakers and handles of one task at 16 bits, 16 million at 32.
    ///
    /// What keeps the task alive stands above what does not: see [`StateCell`]'s invariants.
    #[derive(PartialEq, Eq)]
    pub(crate) struct State<usize> {
        /// The future is gone for good. If `JOIN_HANDLE` is set, the handle owns the stage.
        pub(crate) const COMPLETED: bool;
        /// Cancelled; if the task was not complete by then, whoever runs it next drops the future.
        pub(crate) const CANCELED: bool;
        /// The `JoinHandle` exists.
        pub(crate) const JOIN_HANDLE: bool;
        /// The join waker is in its slot. Set by the handle; frozen by `COMPLETED`.
        pub(crate) const JOIN_WAKER: bool;
        /// The future stays on one thread, or the task is a resident. Set by `spawn`, or never.
        pub(crate) const LOCAL: bool;
        /// A poll is owed. While `POLLING` is clear, exactly one *ticket* exists.
        pub(crate) const WOKEN: bool;
        /// Somebody runs the task, and owns its stage.
        pub(crate) const POLLING: bool;
        /// How many `TaskRef`s, wakers and handles there are, but for the ticket. Of a resident, that its turns
        /// are [not for polls](resident::UNUSUAL).
        pub(crate) const REFS = ..;
    }
}

/// One reference, as it is added to the word.
const ONE_REF: usize = State::REFS.first_bit();

/// A count with this bit, and the process ends.
const TOO_MANY_REFS: usize = !(usize::MAX >> 1);

const WOKEN: usize = State::WOKEN.raw_mask();

/// What `start_poll` adds: it sets `POLLING`, which was clear, and clears `WOKEN`, which was set.
const START: usize = State::POLLING.raw_mask() - WOKEN;

/// What `complete` adds to a word without `WOKEN`.
const COMPLETE: usize =
    (State::COMPLETED.raw_mask() + WOKEN).wrapping_sub(State::POLLING.raw_mask());

/// The atomic state word.
///
/// # Invariants
///
/// - `POLLING` and `COMPLETED` are never both set, and `COMPLETED` is never cleared.
/// - While neither is set, `WOKEN` says that one ticket exists. With `COMPLETED` it is set for good,
///   and says nothing.
/// - `REFS` is at least the number of `TaskRef`s, wakers and handles that are no tickets.
/// - The task is freed when there are no `REFS`, and it is complete or neither `WOKEN` nor `POLLING`: the
///   ticket and the runner keep it without a count.
/// - While `LOCAL` is set and `COMPLETED` is not, that does not happen.
#[repr(transparent)]
pub(crate) struct StateCell(AtomicUsize);

// === impl State ===

impl State {
    /// The state of a task that has just been spawned: the ticket, and one handle.
    const SPAWNED: usize = { State::WOKEN.raw_mask() | State::JOIN_HANDLE.raw_mask() | ONE_REF };

    /// The state of a queue's stub: it lies in its queue for ever, as if it were to be polled.
    const STUB: usize = WOKEN;

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

    /// `WOKEN` from now on, so that no wake-up finds anything to do.
    fn completed(self) -> Self {
        self.minus(Self::POLLING)
            .plus(Self::WOKEN)
            .plus(Self::COMPLETED)
    }

    fn add_ref(self) -> Self {
        Self::from_bits(self.bits() + ONE_REF)
    }

    fn sub_ref(self) -> Self {
        debug_assert!(self.bits() >= ONE_REF, "a task's references are balanced");
        Self::from_bits(self.bits() - ONE_REF)
    }

    #[inline(always)]
    fn has_refs(self) -> bool {
        self.bits() >= ONE_REF
    }

    /// Whether something keeps a task that is not complete.
    #[inline(always)]
    fn is_kept(self) -> bool {
        self.bits() >= WOKEN
    }

    /// Whether one of the flags is set.
    #[inline(always)]
    fn has_any(self, flags: usize) -> bool {
        self.bits() & flags != 0
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

    /// Whether the task is complete, and the caller's reference its last one: then nobody else can get
    /// at the task.
    #[inline]
    pub(crate) fn is_completed_and_last(&self) -> bool {
        const COMPLETED: usize = State::COMPLETED.raw_mask();
        // Acquire: pairs with `complete`, and continues the releases of all who dropped their references.
        let state = self.0.load(Acquire);
        state & (State::REFS.raw_mask() | COMPLETED) == ONE_REF | COMPLETED
    }

    /// Whether the task was cancelled, before now or during now.
    pub(crate) fn is_canceled(&self) -> bool {
        self.peek().has(State::CANCELED)
    }

    /// Whether the task's future stays on one thread. That does not change after `spawn`.
    #[inline]
    pub(crate) fn is_local(&self) -> bool {
        self.peek().has(State::LOCAL)
    }

    // --- the runner's transitions ---
    //
    // Those of tasks that are not local are each one addition, which cannot fail: what they change is
    // known beforehand.

    /// Spends the ticket: from now on the caller owns the stage, until `end_poll` says otherwise
    /// or it calls `complete`.
    #[inline]
    pub(crate) fn start_poll(&self) -> StartPoll {
        // Acquire: pairs with all who woke the task, and with the end of its last poll.
        let before = State::from_bits(self.0.fetch_add(START, Acquire));
        debug_assert!(before.has(State::WOKEN), "who runs a task has its ticket");
        debug_assert!(!before.has(State::POLLING), "one task, one runner");
        debug_assert!(!before.has(State::COMPLETED), "the ticket goes first");
        match before.has(State::CANCELED) {
            true => StartPoll::Cancel,
            false => StartPoll::Poll,
        }
    }

    /// Gives up the stage after a poll that was pending, or goes on to own the ticket.
    #[inline]
    pub(crate) fn end_poll(&self) -> EndPoll {
        // Release: pairs with the start of the next poll, which may be another thread's. Acquire: with
        // all who gave up their references, if this frees the task.
        let before = State::from_bits(self.0.fetch_sub(State::POLLING.raw_mask(), AcqRel));
        debug_assert!(before.has(State::POLLING), "what ends has started");
        if before.has(State::WOKEN) {
            return self.end_woken_poll(before);
        }
        // Neither flag is left to keep it.
        match before.has_refs() {
            true => EndPoll::Idle,
            false => EndPoll::Free,
        }
    }

    #[inline]
    fn end_woken_poll(&self, before: State) -> EndPoll {
        if before.has(State::CANCELED) {
            // The runner has the ticket again, and spends it.
            self.start_poll();
            return EndPoll::Cancel;
        }
        EndPoll::Reschedule
    }

    /// Ends the task's life as a future, and the runner's part in it. The stage goes to the handle.
    ///
    /// If there is no handle nothing happens yet: what is in the stage is to be dropped before.
    #[inline]
    pub(crate) fn complete(&self) -> Complete {
        const HANDLE: usize = State::JOIN_HANDLE.raw_mask();
        const OTHERS: usize = State::JOIN_WAKER.raw_mask() | WOKEN;
        let state = self.peek();
        if state.bits() & (HANDLE | OTHERS) == HANDLE {
            debug_assert!(state.has(State::POLLING), "only a runner completes");
            // INVARIANT: the handle has a reference.
            let next = state.bits().wrapping_add(COMPLETE);
            debug_assert!(next == state.completed().bits());
            // The orders are those of `update`.
            if self
                .0
                .compare_exchange(state.bits(), next, AcqRel, Relaxed)
                .is_ok()
            {
                return Complete::Joinable;
            }
        }
        self.complete_slowly()
    }

    #[inline(never)]
    fn complete_slowly(&self) -> Complete {
        self.update(|state| {
            debug_assert!(state.has(State::POLLING), "only a runner completes");
            if !state.has(State::JOIN_HANDLE) {
                return (state, Complete::Detached);
            }
            // INVARIANT: the handle has a reference.
            let next = state.completed();
            match state.has(State::JOIN_WAKER) {
                false => (next, Complete::Joinable),
                true => (next.add_ref(), Complete::WakeJoiner),
            }
        })
    }

    /// Ends the life of a task that has no handle, and whose stage is empty.
    pub(crate) fn complete_detached(&self) -> DropRef {
        self.update(|state| {
            debug_assert!(state.has(State::POLLING), "only a runner completes");
            debug_assert!(!state.has(State::JOIN_HANDLE), "handles do not come back");
            let next = state.completed();
            match next.has_refs() {
                true => (next, DropRef::Nothing),
                false => (next, DropRef::Free),
            }
        })
    }

    // --- everybody's transitions ---

    /// Owes the task a poll.
    ///
    /// Even where there is nothing to do the word is written: who polls the task next must see
    /// what was done before this wake-up, which takes a release that its acquire reads from.
    #[inline]
    pub(crate) fn wake(&self) -> Wake {
        // Release: pairs with `start_poll`. Acquire: with who has written the scheduler.
        let before = State::from_bits(self.0.fetch_or(WOKEN, AcqRel));
        match before.has_any(WOKEN | State::POLLING.raw_mask()) {
            true => Wake::Nothing,
            false => Wake::Schedule,
        }
    }

    /// Gives the ticket back unused: the next wake-up makes a new one.
    #[must_use]
    pub(crate) fn unwake(&self) -> DropRef {
        // Release: what was done by the ticket comes before the freeing.
        let left = State::from_bits(self.0.fetch_sub(WOKEN, Release) - WOKEN);
        match left.is_kept() {
            true => DropRef::Nothing,
            false => self.free_last(),
        }
    }

    /// Marks the task as cancelled, and wakes it.
    pub(crate) fn cancel(&self) -> Cancel {
        // As `wake`. A runner that is at it finds that the task was woken, and looks why.
        let canceled = State::CANCELED.raw_mask() | WOKEN;
        let before = State::from_bits(self.0.fetch_or(canceled, AcqRel));
        if before.has(State::CANCELED) {
            Cancel::Already
        } else if before.has_any(WOKEN | State::POLLING.raw_mask()) {
            Cancel::Marked
        } else {
            Cancel::Schedule
        }
    }

    /// Adds a reference to those of which the caller has one.
    #[inline]
    pub(crate) fn add_ref(&self) {
        self.add_refs(1);
    }

    /// Adds `count` references to those of which the caller has one, or while it has the ticket or is
    /// the runner.
    #[inline]
    pub(crate) fn add_refs(&self, count: usize) {
        // Relaxed: the caller's own reference keeps the task alive, and whoever it hands the new
        // one to synchronises by the way it is handed over.
        let before = self.0.fetch_add(count * ONE_REF, Relaxed);
        if before & TOO_MANY_REFS != 0 {
            too_many_refs();
        }
    }

    /// Gives up a reference to a task that is not local.
    #[inline]
    #[must_use]
    pub(crate) fn drop_ref(&self) -> DropRef {
        // Release: what was done by this reference comes before the freeing.
        let before = self.0.fetch_sub(ONE_REF, Release);
        debug_assert!(before >= ONE_REF, "a task's references are balanced");
        match before < 2 * ONE_REF {
            false => DropRef::Nothing,
            true => self.drop_last_ref(State::from_bits(before)),
        }
    }

    #[cold]
    fn drop_last_ref(&self, before: State) -> DropRef {
        let is_kept = before.sub_ref().is_kept();
        if is_kept && !before.has(State::COMPLETED) {
            return DropRef::Nothing;
        }
        self.free_last()
    }

    /// Makes what all others did with the task come before its freeing, which is the caller's part.
    fn free_last(&self) -> DropRef {
        // Acquire: reads what the caller has written, or later, and that continues the releases of all who
        // dropped theirs before. Not a fence: ThreadSanitizer does not understand those.
        self.0.load(Acquire);
        DropRef::Free
    }

    // --- the handle's transitions ---

    //
    // What they write once the task is complete nobody reads.

    /// Takes the join waker's slot for the handle.
    pub(crate) fn start_join(&self) -> Join {
        // Acquire: pairs with `complete`.
        let mut state = State::from_bits(self.0.load(Acquire));
        // While the bit is clear the slot is the handle's already.
        if state.has(State::JOIN_WAKER) {
            // Acquire: as above.
            state = State::from_bits(self.0.fetch_and(!State::JOIN_WAKER.raw_mask(), Acquire));
        }
        match state.has(State::COMPLETED) {
            true => Join::Ready,
            false => Join::Pending,
        }
    }

    /// Shares the waker in the slot. If that comes too late the slot is still the handle's.
    pub(crate) fn share_join_waker(&self) -> Join {
        // Release: pairs with `complete`, which takes the waker. Acquire: with the same, if it came first.
        let before = State::from_bits(self.0.fetch_or(State::JOIN_WAKER.raw_mask(), AcqRel));
        match before.has(State::COMPLETED) {
            true => Join::Ready,
            false => Join::Pending,
        }
    }

    /// Ends the handle's claims. Its reference is still to be dropped.
    pub(crate) fn drop_join_handle(&self) -> Detach {
        if self.is_completed() {
            // The stage is the handle's. Nobody asks whether that exists any more.
            return Detach::Stage;
        }
        let claims = State::JOIN_HANDLE.raw_mask() | State::JOIN_WAKER.raw_mask();
        // Release: what the handle did comes before the freeing. Acquire: pairs with `complete`.
        let before = State::from_bits(self.0.fetch_and(!claims, AcqRel));
        if before.has(State::COMPLETED) {
            Detach::Stage
        } else if before.has(State::JOIN_WAKER) {
            Detach::Waker
        } else {
            Detach::Nothing
        }
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
        // A resident's mark would look like so many references.
        State::from_bits(self.peek().bits() & !resident::UNUSUAL).fmt(f)
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
