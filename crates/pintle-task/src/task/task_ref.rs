use super::{
    TaskId, TaskStatus,
    header::Header,
    resident,
    state::{Cancel, DropRef, StateCell, Wake},
};
use core::{fmt, hint, mem, ptr::NonNull};

/// A reference-counted, type-erased handle of a spawned task.
///
/// It is what a scheduler queues, and what [`JoinHandle::task_ref`](super::JoinHandle::task_ref) and
/// [`Scheduler::current_task`](crate::scheduler::Scheduler::current_task) return. It keeps the
/// task's memory, not its future: that goes when the task completes or is cancelled.
///
/// # Tickets
///
/// The `TaskRef` with which a task calls [`Schedule::schedule`](crate::scheduler::Schedule::schedule)
/// is special: it is the task's one *ticket*, the right to be queued and polled once. Passing it on
/// spends it. **Dropping it takes the wake-up back**: the task is idle again until it is next woken.
/// Clones of it are not tickets; passing one of those to a scheduler wakes the task there,
/// if it is idle, and does nothing if it is not. (A [local](super#local-tasks) task is woken where it
/// belongs.) So whatever safe code does with `TaskRef`s, a
/// task is never in two queues and never polled by two threads.
///
/// # Contexts
///
/// Clone, comparison and the methods may be used anywhere, an interrupt handler or a critical
/// section included. Dropping the last reference of an idle task drops its future, and
/// [`cancel`](Self::cancel) calls the task's scheduler: both run code that is not of this crate.
///
/// # Invariants
///
/// The pointer is to a live `Header`. Its lowest bit says whether this is the ticket: then the state's
/// `WOKEN` is set, `POLLING` and `COMPLETED` are not, and no other `TaskRef` has the bit. (The ticket of a
/// local task may be left over from before its shut-down.) If it is not, this owns one of the counted
/// references. The next bit is a ticket's alone, from the spawn until it is first put into a queue.
pub struct TaskRef(NonNull<Header>);

/// The bit of the address that marks a ticket. `Header`'s alignment leaves it free, and the next.
const TICKET: usize = 1;

/// The bit of the address that marks the ticket of a task which has never been queued.
const NEW: usize = 2;

// SAFETY: what is reached through the shared pointer is atomic, or in cells that the state word
// gives to one thread at a time. The futures that may be run or dropped on this account by another
// thread are `Send`: `new_spawned`'s callers demand it, and the scheduler's being `Send + Sync`. Those
// of local tasks are left to their thread: `run_in`'s contract, `drop_local_ref`.
unsafe impl Send for TaskRef {}
// SAFETY: as above; all of its methods work on a shared reference of an atomically counted object.
unsafe impl Sync for TaskRef {}

// === impl TaskRef ===

impl TaskRef {
    /// Returns the task's id.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.header().id.get()
    }

    /// Cancels the task: it will not be polled again, and its future is dropped.
    ///
    /// Returns true if this is the call that cancelled it, false if it had been cancelled before.
    ///
    /// The future is dropped by the task's scheduler: in its next tick, or when the poll that is
    /// going on returns. (A poll that returns `Ready` still completes the task.) Then the joiner
    /// is woken and gets a [`JoinError`](super::JoinError) that
    /// [is cancelled](super::JoinError::is_canceled), with the output in it if the task completed
    /// after all. So does the joiner of a task which is complete already, but not joined.
    pub fn cancel(&self) -> bool {
        let cancel = match self.is_resident() {
            false => self.state().cancel(),
            true => self.state().cancel_resident(),
        };
        match cancel {
            Cancel::Already => false,
            Cancel::Marked => true,
            Cancel::Schedule => {
                // SAFETY: the transition made the ticket for this call, and `self` is another reference.
                unsafe { (self.header().vtable.schedule)(self.ptr()) };
                true
            }
        }
    }

    /// Returns whether the task is complete: its future has returned, panicked, or been dropped
    /// after it was cancelled.
    ///
    /// True means that what the future did is visible to the caller.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state().is_completed()
    }

    /// Returns what the task is doing: a glance, which may be outdated when it comes. One load.
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        let status = TaskStatus::of(self.state().peek());
        if status != TaskStatus::Idle || !self.is_resident() {
            return status;
        }
        // A resident is not marked while it is polled.
        // SAFETY: this is a reference to it.
        match unsafe { resident::is_running(self.ptr()) } {
            true => TaskStatus::Running,
            false => TaskStatus::Idle,
        }
    }

    /// Returns how often the task was polled and woken: a glance. Two loads.
    #[cfg(feature = "tracing-01")]
    #[must_use]
    pub fn counts(&self) -> super::TaskCounts {
        self.header().trace.counts()
    }

    /// Makes this the task's [ticket](#tickets), if it is idle: what a scheduler with a queue of its
    /// own does first with a task that is passed to it.
    ///
    /// A ticket is returned as it is. `None` if there is nothing to do: the task is queued already, is
    /// complete, or is being polled, after which it will be queued again; or if it is
    /// [local](super#local-tasks): then its own scheduler gets the ticket.
    #[inline]
    #[must_use = "a ticket that is dropped takes the wake-up back"]
    pub fn into_ticket(self) -> Option<Self> {
        match self.is_ticket() {
            true => Some(self),
            false => self.wake_into_ticket(),
        }
    }

    /// Takes over a new task's first two references: the ticket, and the one that the caller
    /// has to make a handle of.
    ///
    /// # Safety
    ///
    /// `ptr` is to the header of a task that nobody else knows, may be cast back, and the task
    /// stays there until its vtable's `free`. Its future, its output and its scheduler may be
    /// used by any thread.
    pub(crate) unsafe fn new_spawned(ptr: NonNull<Header>) -> (Self, Self) {
        // SAFETY: the header is live and nobody else knows it, by the contract.
        unsafe { &mut (*ptr.as_ptr()).id }.give();
        // SAFETY: the header is live, by the contract.
        let state = unsafe { &(*ptr.as_ptr()).state };
        state.spawn();
        // SAFETY: `spawn` made one ticket...
        let ticket = unsafe { Self::from_ticket_ptr(ptr) };
        // ... and one reference that is no ticket.
        (ticket.into_new(), Self(ptr))
    }

    /// Takes over one reference.
    ///
    /// # Safety
    ///
    /// `ptr` is to a spawned task's header, and owns a reference that is no ticket's.
    #[inline]
    pub(crate) unsafe fn from_ptr(ptr: NonNull<Header>) -> Self {
        Self(ptr)
    }

    /// Takes over the ticket.
    ///
    /// # Safety
    ///
    /// `ptr` is to a spawned task's header, and owns its ticket.
    #[inline]
    pub(crate) unsafe fn from_ticket_ptr(ptr: NonNull<Header>) -> Self {
        // SAFETY: a header is aligned. The optimizer does not see that by itself.
        unsafe { hint::assert_unchecked(ptr.is_aligned()) };
        let ticket = Self(ptr.map_addr(|address| address | TICKET));
        // SAFETY: the bit has just been set. The optimizer does not see that by itself.
        unsafe { hint::assert_unchecked(ticket.is_ticket()) };
        ticket
    }

    /// Makes a reference to a local task that its scheduler has on a list, uncounted.
    ///
    /// # Safety
    ///
    /// The task was adopted by the scheduler and has not been released, and this is its thread.
    #[allow(dead_code, reason = "for schedulers that keep a list")]
    pub(crate) unsafe fn from_listed(ptr: NonNull<Header>) -> Self {
        // SAFETY: until it is complete a local task is never without a reference, and it is
        // completed by this thread alone.
        unsafe { ptr.as_ref() }.state.add_ref();
        Self(ptr)
    }

    /// Gives a task the scheduler that it was spawned without.
    ///
    /// # Safety
    ///
    /// This is the ticket of a `Task<S, _, _>` which has no scheduler, has never been run, and is in
    /// nobody else's hands but for its handle's. What `Task::bind` demands of the scheduler holds.
    #[allow(dead_code, reason = "for injectors")]
    pub(crate) unsafe fn bind_to<S>(&self, scheduler: S) {
        let bound = self.ptr().cast::<super::header::Bound<S>>();
        // SAFETY: the task begins with a `Bound<S>`, by the contract.
        let place = unsafe { &raw mut (*bound.as_ptr()).scheduler };
        // SAFETY: nobody reads the scheduler but who has a ticket, and the one there is, is here. What
        // is overwritten is `None`, and needs no drop.
        unsafe { place.write(Some(scheduler)) };
        if self.is_resident() {
            self.state().publish_scheduler();
        }
    }

    /// Gives up a ticket for the pointer that owns it.
    ///
    /// # Panics
    ///
    /// If this is not the ticket. The run queue is only ever given tickets.
    #[inline]
    pub(crate) fn into_ticket_ptr(self) -> NonNull<Header> {
        debug_assert!(self.is_ticket(), "only tickets are queued");
        mem::ManuallyDrop::new(self).ptr()
    }

    /// As `ptr`, of a reference that is no ticket.
    ///
    /// # Safety
    ///
    /// This is no ticket.
    #[inline]
    pub(super) unsafe fn counted_ptr(&self) -> NonNull<Header> {
        debug_assert!(!self.is_ticket(), "the ticket is another");
        self.0
    }

    /// The header, without the bits in its address.
    #[inline]
    pub(crate) fn ptr(&self) -> NonNull<Header> {
        // SAFETY: a header's address has higher bits set than those of its alignment.
        let strip = |address: core::num::NonZeroUsize| unsafe {
            core::num::NonZeroUsize::new_unchecked(address.get() & !(TICKET | NEW))
        };
        self.0.map_addr(strip)
    }

    /// The header. For calls that may give up the reference which keeps it alive, use `ptr`.
    #[inline]
    pub(crate) fn header(&self) -> &Header {
        // SAFETY: by the invariant it is live, and nobody has a `&mut` to it.
        unsafe { self.ptr().as_ref() }
    }

    #[inline]
    pub(crate) fn state(&self) -> &StateCell {
        &self.header().state
    }

    /// Whether the task is a [resident](super#resident-tasks), whose references are not counted.
    #[inline]
    pub(crate) fn is_resident(&self) -> bool {
        self.state().is_local() && self.header().vtable.is_resident
    }

    #[inline]
    pub(crate) fn is_ticket(&self) -> bool {
        self.0.addr().get() & TICKET != 0
    }

    /// Marks a ticket as that of a task which has never been queued by a scheduler.
    #[inline]
    pub(crate) fn into_new(self) -> Self {
        debug_assert!(self.is_ticket(), "others are not queued");
        Self(
            mem::ManuallyDrop::new(self)
                .0
                .map_addr(|address| address | NEW),
        )
    }

    /// Whether this is the ticket of a task that is about to be queued for the first time.
    #[inline]
    pub(crate) fn is_new(&self) -> bool {
        self.0.addr().get() & NEW != 0
    }

    #[cold]
    fn wake_into_ticket(self) -> Option<Self> {
        if self.state().is_local() {
            // SAFETY: this is a reference to the task.
            unsafe { Self::wake(self.ptr()) };
            return None;
        }
        match self.state().wake() {
            // SAFETY: the transition made the ticket for this call.
            Wake::Schedule => Some(unsafe { Self::from_ticket_ptr(self.ptr()) }),
            Wake::Nothing => None,
        }
    }

    /// Wakes the task: makes a ticket, if there is none and it needs one, and gives it to the
    /// scheduler.
    ///
    /// # Safety
    ///
    /// `ptr` is to a spawned task's header, a reference of which the caller has and keeps during
    /// the call.
    #[inline]
    pub(crate) unsafe fn wake(ptr: NonNull<Header>) {
        // SAFETY: the caller's reference keeps it alive.
        let header = unsafe { ptr.as_ref() };
        match header.state.wake() {
            Wake::Nothing => {}
            Wake::Schedule => {
                // SAFETY: the transition made the ticket for this call, and the caller has another
                // reference.
                unsafe { (header.vtable.schedule)(ptr) };
            }
        }
    }

    /// Drops one reference.
    ///
    /// # Safety
    ///
    /// `ptr` is to a spawned task's header and owns a reference that is no ticket's.
    #[inline]
    pub(crate) unsafe fn drop_ref(ptr: NonNull<Header>) {
        // SAFETY: the reference keeps it alive.
        match unsafe { ptr.as_ref() }.state.is_local() {
            // SAFETY: the contract is the same.
            false => unsafe { Self::drop_shared_ref(ptr) },
            // SAFETY: the contract is the same.
            true => unsafe { Self::drop_local_ref(ptr) },
        }
    }

    /// Drops one reference to a task that is not local, and frees the task if nothing else keeps it.
    ///
    /// # Safety
    ///
    /// As for [`drop_ref`](Self::drop_ref), and the task is not local.
    #[inline]
    pub(super) unsafe fn drop_shared_ref(ptr: NonNull<Header>) {
        // SAFETY: the reference keeps it alive. The borrow is of the state word alone: once the
        // count is down somebody else may free the task before `drop_ref` returns.
        let state = unsafe { &(*ptr.as_ptr()).state };
        if state.drop_ref() == DropRef::Free {
            // SAFETY: nothing keeps it any more.
            unsafe { Self::free(ptr) };
        }
    }

    /// Drops one reference to a local task. If nothing else keeps it, its future is left to its
    /// scheduler.
    ///
    /// # Safety
    ///
    /// As for [`drop_ref`](Self::drop_ref), and the task is local.
    #[inline(never)]
    pub(super) unsafe fn drop_local_ref(ptr: NonNull<Header>) {
        // SAFETY: the reference keeps it alive.
        if unsafe { ptr.as_ref() }.vtable.is_resident {
            return;
        }
        // SAFETY: as in `drop_shared_ref`.
        let mut drop_ref = unsafe { &(*ptr.as_ptr()).state }.drop_local_ref();
        loop {
            match drop_ref {
                DropRef::Nothing | DropRef::Leak => return,
                // SAFETY: nothing keeps it any more.
                DropRef::Free => return unsafe { Self::free(ptr) },
                DropRef::Schedule => {
                    // SAFETY: the caller has a reference.
                    let schedule = unsafe { ptr.as_ref() }.vtable.schedule;
                    // SAFETY: the transition made the ticket for this call, and the caller has a
                    // reference.
                    unsafe { schedule(ptr) };
                    // That is still to be dropped. It may be the last again, but not be turned into a
                    // ticket again.
                    // SAFETY: as in `drop_shared_ref`.
                    drop_ref = unsafe { &(*ptr.as_ptr()).state }.drop_local_ref();
                }
            }
        }
    }

    /// Drops the ticket.
    ///
    /// # Safety
    ///
    /// `ptr` is to a spawned task's header, and owns its ticket.
    #[cold]
    unsafe fn drop_ticket(ptr: NonNull<Header>) {
        // SAFETY: the ticket keeps it alive; the borrow is of the state word alone.
        let state = unsafe { &(*ptr.as_ptr()).state };
        // SAFETY: as above.
        if unsafe { (*ptr.as_ptr()).vtable }.is_resident {
            return state.unwake_resident();
        }
        let drop_ref = match state.is_local() {
            false => state.unwake(),
            true => state.local_unwake(),
        };
        match drop_ref {
            DropRef::Nothing | DropRef::Leak => {}
            // SAFETY: nothing keeps it any more.
            DropRef::Free => unsafe { Self::free(ptr) },
            DropRef::Schedule => {
                // SAFETY: the transition has made a reference for this call.
                let task = unsafe { Self::from_ptr(ptr) };
                // SAFETY: and it has left the ticket to be given up, besides which there is `task`.
                unsafe { (task.header().vtable.schedule)(ptr) };
            }
        }
    }

    /// Frees a task.
    ///
    /// # Safety
    ///
    /// `ptr` is to a spawned task's header, and nothing keeps the task any more.
    #[cold]
    pub(crate) unsafe fn free(ptr: NonNull<Header>) {
        // SAFETY: nobody else can reach it, so nobody frees it.
        let free = unsafe { ptr.as_ref() }.vtable.free;
        // SAFETY: the contract is the same.
        unsafe { free(ptr) };
    }
}

impl Clone for TaskRef {
    /// Counts one reference more. The clone is not a ticket.
    #[inline]
    fn clone(&self) -> Self {
        if !self.is_resident() {
            self.state().add_ref();
        }
        Self(self.ptr())
    }
}

impl Drop for TaskRef {
    #[inline]
    fn drop(&mut self) {
        match self.is_ticket() {
            // SAFETY: this is the ticket.
            true => unsafe { Self::drop_ticket(self.ptr()) },
            // SAFETY: this owns a reference, and is no ticket.
            false => unsafe { Self::drop_ref(self.ptr()) },
        }
    }
}

impl PartialEq for TaskRef {
    fn eq(&self, other: &Self) -> bool {
        self.ptr() == other.ptr()
    }
}

impl Eq for TaskRef {}

impl fmt::Debug for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRef")
            .field("id", &self.id())
            .field("state", self.state())
            .finish()
    }
}

impl fmt::Pointer for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.ptr(), f)
    }
}
