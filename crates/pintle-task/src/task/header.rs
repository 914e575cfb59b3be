//! What the run queue, a waker and a handle know of a task, whatever its future is.

#[cfg(feature = "tracing-01")]
use super::trace::Trace;
use super::{
    TaskRef,
    id::IdCell,
    run::{Run, Start},
    stage::Offsets,
    state::StateCell,
};
use crate::scheduler::{current::CurrentTask, static_queue::StaticQueue};
use core::{
    fmt,
    ptr::{self, NonNull},
    task::Waker,
};
use pintle_core::{
    atomic::{
        AtomicPtr,
        Ordering::{Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
    const_fn,
};
use pintle_intrusive::{Linked, mpsc_queue};

/// The part of a [`Task`](super::Task) that does not depend on its future's type.
///
/// # Invariants
///
/// - A `Header` is the first field of a [`Bound`], and that of a `Task` whose functions `vtable` has;
///   or it is a stub. All
///   pointers to it that leave this crate's functions were made from a pointer to that whole
///   `Task`, and may be cast back.
/// - From the moment it is spawned until its last reference goes it is neither moved nor freed,
///   and no `&mut` to it, or to anything in it but the contents of its cells, is made.
///
/// The alignment leaves three low bits of its address to others: [`TaskRef`] uses one, and
/// [`CurrentTask`](crate::scheduler::current::CurrentTask) all of them.
#[repr(C, align(8))]
pub(crate) struct Header {
    /// Belongs to who has the ticket: the run queue, as long as the task is in it.
    run_queue: mpsc_queue::Links<Header>,
    pub(crate) state: StateCell,
    pub(crate) vtable: &'static Vtable,
    pub(crate) id: IdCell,
    /// While the state's `JOIN_WAKER` is clear: the handle's. When it is set: nobody's, until
    /// `COMPLETED` makes it the completer's.
    pub(crate) join_waker: UnsafeCell<Option<Waker>>,
    /// In which models see who is at the stage. That is not in it, as its place depends on the future's type.
    pub(crate) stage: UnsafeCell<()>,
    #[cfg(feature = "tracing-01")]
    pub(crate) trace: Trace,
}

/// The part of a [`Task`](super::Task) that does not depend on what its future is, but on who its
/// scheduler is.
#[repr(C)]
pub(crate) struct Bound<S> {
    pub(crate) header: Header,
    /// `None` until it is spawned, or while it waits in an injector for somebody to run it.
    pub(crate) scheduler: Option<S>,
}

/// The functions of a task that depend on its future's type.
///
/// All take the pointer that [`Header`]'s invariants speak of.
pub(crate) struct Vtable {
    /// Runs the task once, by its ticket or to shut it down: see [`run`](super::run::run). Panics only
    /// without `std`, and then the task is complete.
    ///
    /// Safety: that of `run`.
    pub(crate) run: unsafe fn(NonNull<Header>, &CurrentTask, Start) -> Run,
    /// Runs the task once, by its ticket, for the consumer of a `StaticQueue`. Returns
    /// [`INTERNAL`](StateCell::INTERNAL) if the task was woken meanwhile, and is not complete; else 0. Panics
    /// as `run` does.
    ///
    /// Safety: the caller is the queue's consumer, owns the ticket and gives it up. If the task is a
    /// resident, that queue is its scheduler's, or it has none. If it is local, this is its thread.
    pub(crate) turn: unsafe fn(NonNull<Header>, &StaticQueue) -> usize,
    /// Whether it is a [resident](super#resident-tasks).
    pub(crate) is_resident: bool,
    /// Drops what is in the stage. In place of a future it leaves the mark of cancellation.
    ///
    /// Safety: the caller owns the stage.
    pub(crate) clear: unsafe fn(NonNull<Header>),
    /// Where the stage is. A handle takes the output from there.
    pub(crate) stage: Offsets,
    /// Passes the ticket to the task's scheduler.
    ///
    /// Safety: the caller owns the task's ticket and gives it up, and has *another* reference during
    /// the call: the scheduler's `schedule` borrows it from the task, which may be run and freed by
    /// somebody else before `schedule` returns.
    pub(crate) schedule: unsafe fn(NonNull<Header>),
    /// Ends the claims of the `JoinHandle`, and drops its reference.
    ///
    /// Safety: the caller is the handle, and ends with this.
    pub(crate) detach: unsafe fn(NonNull<Header>),
    /// Drops the contents, and gives the memory back to its storage.
    ///
    /// Safety: the last reference is gone.
    pub(crate) free: unsafe fn(NonNull<Header>),
}

// === impl Header ===

impl Header {
    const_fn! {
        pub(crate) const fn new(vtable: &'static Vtable) -> Self {
            Self {
                run_queue: mpsc_queue::Links::new(),
                state: StateCell::new(),
                vtable,
                id: IdCell::new(),
                join_waker: UnsafeCell::new(None),
                stage: UnsafeCell::new(()),
                #[cfg(feature = "tracing-01")]
                trace: Trace::new(),
            }
        }
    }

    const_fn! {
        /// What a run queue needs to be never without an element: a task that is never run.
        pub(crate) const fn new_stub(vtable: &'static Vtable) -> Self {
            Self {
                run_queue: mpsc_queue::Links::new_stub(),
                state: StateCell::new_stub(),
                vtable,
                id: IdCell::new(),
                join_waker: UnsafeCell::new(None),
                stage: UnsafeCell::new(()),
                #[cfg(feature = "tracing-01")]
                trace: Trace::new(),
            }
        }
    }
}

/// The links as those of a [`StaticQueue`], which has them when no other queue does.
///
/// Safety, of all four: the task is kept, by its ticket, which is in the queue or the caller's.
impl Header {
    const UNLINKED: *mut Self = mpsc_queue::Links::<Self>::UNLINKED;

    #[inline(always)]
    unsafe fn link<'task>(ptr: NonNull<Self>) -> &'task AtomicPtr<Self> {
        // SAFETY: the task is kept, by the contract.
        let links = unsafe { &(*ptr.as_ptr()).run_queue };
        // SAFETY: a ticket is in one queue, and `set_unlinked` comes before it goes to another.
        unsafe { links.word() }
    }

    /// Who came in after this task.
    #[inline(always)]
    pub(crate) unsafe fn next(ptr: NonNull<Self>) -> Option<NonNull<Self>> {
        // SAFETY: the contract is the same. Acquire: pairs with `set_next`.
        NonNull::new(unsafe { Self::link(ptr) }.load(Acquire))
    }

    /// Links `next` in behind this task.
    #[inline(always)]
    pub(crate) unsafe fn set_next(ptr: NonNull<Self>, next: NonNull<Self>) {
        // SAFETY: the contract is the same. Release: pairs with `next`.
        unsafe { Self::link(ptr) }.store(next.as_ptr(), Release);
    }

    /// Makes the links those of the last in a queue.
    #[inline(always)]
    pub(crate) unsafe fn set_linked(ptr: NonNull<Self>) {
        // SAFETY: the contract is the same.
        let link = unsafe { Self::link(ptr) };
        debug_assert_eq!(link.load(Relaxed), Self::UNLINKED, "in a queue already");
        // The swap of the queue's head releases this store to who comes in after it.
        link.store(ptr::null_mut(), Relaxed);
    }

    /// Makes the links those of a task in no queue.
    #[inline(always)]
    pub(crate) unsafe fn set_unlinked(ptr: NonNull<Self>) {
        if cfg!(debug_assertions) {
            // SAFETY: the contract is the same.
            unsafe { Self::link(ptr) }.store(Self::UNLINKED, Relaxed);
        }
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

// SAFETY: point by point of the trait's contract:
// 1. A handle is a `TaskRef`, and the queue is only given tickets, of which a task has one at a
//    time: a task is in one queue once. The ticket's reference keeps it from being freed, and
//    nothing moves a spawned task.
// 2. The links are `!Unpin`, hence so is `Header`.
// 3. `links` goes by a raw pointer.
// 4. The links are private, and nothing in this crate looks at them.
// 5. `TaskRef` is `Send`.
unsafe impl Linked<mpsc_queue::Links<Header>> for Header {
    type Handle = TaskRef;

    fn into_ptr(task: TaskRef) -> NonNull<Self> {
        task.into_ticket_ptr()
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> TaskRef {
        // SAFETY: the pointer came from `into_ptr`, so it owns the ticket and its reference.
        unsafe { TaskRef::from_ticket_ptr(ptr) }
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<mpsc_queue::Links<Header>> {
        // SAFETY: the caller's pointer is to a live header.
        let links = unsafe { &raw mut (*ptr.as_ptr()).run_queue };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}
