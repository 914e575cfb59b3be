mod local;
mod shared;

use self::shared::Shared;
use super::{
    JoinHandle, Storage, TaskId, TaskRef,
    header::{Bound, Header, Vtable},
    join, resident,
    run::run,
    stage::{self, Left, Offsets, Place, Stage},
    stub,
    trace::About,
};
use crate::scheduler::{Schedule, static_queue::turn_counted};
#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::{
    cell, fmt,
    future::Future,
    marker::PhantomData,
    mem,
    ptr::{self, NonNull},
    task::{Context, Poll},
};
use pintle_core::const_fn;

/// A future together with all that a scheduler needs to run it, in one piece of memory.
///
/// A task is made by [`new`](Self::new), which is `const`, put where its [`Storage`] wants it, and
/// spawned by one of the `spawn_allocated` methods. Where there is a heap, `spawn` does all three.
///
/// Around its future a task has 56 bytes on a 64-bit target and 28 on a 32-bit one: the links for one
/// queue, a state word, a pointer to the functions, an id, the joiner's waker and the scheduler. The
/// future's place also holds the output afterwards, and with `std` a caught panic, which is one
/// word. So the task of a [`Ready<()>`](core::future::Ready) is 64 bytes, and 72 with `std`. (With the feature
/// `tracing-01` there are a span and two counters more.)
///
/// # Examples
///
/// A boxed task, in steps:
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::{scheduler::Scheduler, task::Task};
///
/// let scheduler = Scheduler::new();
/// let task = Box::new(Task::new(async { "done" }));
/// let handle = scheduler.spawn_allocated(task);
/// assert_eq!(scheduler.tick().completed, 1);
/// assert!(handle.is_complete());
/// # }
/// ```
///
/// # Invariants
///
/// `bound` comes first, and in it the header, so a pointer to that is a pointer to the task. Its vtable
/// is one of the task's type: by variance it changes no parameter. Once the scheduler is there it is
/// not written until `free`, and the stage belongs to whom the state word says.
#[repr(C)]
pub struct Task<S, F: Future, STO> {
    bound: Bound<S>,
    /// Used by way of the header's cell for it.
    stage: cell::UnsafeCell<Stage<F>>,
    /// Invariant: the vtable is of exactly these types, and knows no subtypes.
    _types: PhantomData<fn(&mut (S, STO))>,
}

// SAFETY: a task that is not spawned is its parts, and of those its links, its waker and its
// vtable may go anywhere.
unsafe impl<S: Send, F: Future + Send, STO> Send for Task<S, F, STO> where F::Output: Send {}
// SAFETY: through a shared task nobody gets at anything but its id and its state, which are atomic.
unsafe impl<S, F: Future, STO> Sync for Task<S, F, STO> {}

// === impl Task ===

impl<S, F, STO> Task<S, F, STO>
where
    S: Schedule + 'static,
    F: Future,
    STO: Storage<S, F>,
{
    /// Whether these tasks are [residents](super#resident-tasks).
    const IS_RESIDENT: bool = S::RESIDENTS.are_here() && STO::IS_FOREVER;

    const VTABLE: &'static Vtable = match Self::IS_RESIDENT {
        true => Self::RESIDENT_VTABLE,
        false => Self::COUNTED_VTABLE,
    };

    /// Where the stage is.
    pub(super) const STAGE: Offsets = Stage::<F>::offsets(mem::offset_of!(Self, stage));

    /// How the stage is cleared.
    const CLEAR: unsafe fn(NonNull<Header>) = match Stage::<F>::NEEDS_DROP {
        true => Self::clear,
        // The same function for all of them.
        false => stage::clear,
    };

    const COUNTED_VTABLE: &'static Vtable = &Vtable {
        run: run::<Shared<S, F, STO>>,
        turn: turn_counted,
        is_resident: false,
        clear: Self::CLEAR,
        stage: Self::STAGE,
        schedule: Self::schedule,
        detach: Self::detach,
        free: Self::free,
    };

    const RESIDENT_VTABLE: &'static Vtable = &Vtable {
        run: stub::no_run,
        turn: resident::turn::<Shared<S, F, STO>>,
        is_resident: true,
        clear: Self::CLEAR,
        stage: Self::STAGE,
        schedule: resident::schedule,
        detach: resident::detach,
        free: stub::no_clear,
    };

    const_fn! {
        /// Makes a task of `future`, not spawned yet.
        #[must_use]
        pub const fn new(future: F) -> Self {
            Self {
                bound: Bound {
                    header: Header::new(Self::VTABLE),
                    scheduler: None,
                },
                stage: cell::UnsafeCell::new(Stage::new(future)),
                _types: PhantomData,
            }
        }
    }

    /// Allocates a task of `future`. It is made where it stays, and the future moved once.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn boxed(future: F) -> Box<Self> {
        let mut task = Box::new_uninit();
        task.write(Self::new(future));
        // SAFETY: it has just been written.
        unsafe { task.assume_init() }
    }

    /// Returns the task's id. One that is not spawned yet is given it now, and keeps it.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.bound.header.id.get()
    }

    /// Puts a task in `scheduler`'s queue for the first time.
    pub(crate) fn spawn(
        scheduler: &S,
        task: STO::StoredTask,
        about: About<'_>,
    ) -> JoinHandle<F::Output>
    where
        S: Send + Sync,
        F: Send + 'static,
        F::Output: Send + 'static,
    {
        // Before the task is taken from its storage: this may run anybody's code.
        let bound = scheduler.bind();
        // SAFETY: future, output and scheduler are `Send`, and the scheduler `Sync`, by the bounds.
        let (ticket, handle) = unsafe { Self::bind(Some(bound), task, about) };
        match Self::IS_RESIDENT {
            // SAFETY: it is the ticket of a resident, which has its scheduler.
            true => unsafe { resident::start(ticket) },
            false => scheduler.schedule(ticket),
        }
        handle
    }

    /// Gives a task its scheduler, or leaves that to [`TaskRef::bind_to`], and starts its life: the
    /// ticket, which is to be scheduled, and the handle.
    ///
    /// # Safety
    ///
    /// Any thread may poll and drop the future, drop the output (but not one that has been taken by
    /// the handle), call `schedule` of the scheduler, and drop that.
    pub(crate) unsafe fn bind(
        scheduler: Option<S>,
        task: STO::StoredTask,
        about: About<'_>,
    ) -> (TaskRef, JoinHandle<F::Output>) {
        let task = STO::into_raw(task);
        // SAFETY: a stored task is live, and nobody else has it.
        let place = unsafe { &raw mut (*task.as_ptr()).bound.scheduler };
        // SAFETY: as above. There was none, or it has been dropped.
        unsafe { place.write(scheduler) };
        // SAFETY: as above, and the pointer is to the whole task. It stays there until
        // `Self::free` passes it back, by the contract of `Storage`. What threads may do with
        // future, output and scheduler the caller says.
        let (ticket, reference) = unsafe { TaskRef::new_spawned(task.cast()) };
        if Self::IS_RESIDENT {
            ticket.state().spawn_resident();
        }
        // SAFETY: the output is `F::Output`, and this is the first handle.
        let handle = unsafe { JoinHandle::new(reference) };
        #[cfg(feature = "tracing-01")]
        // SAFETY: nobody else knows the task.
        unsafe {
            Self::begin_span(task, about)
        };
        #[cfg(not(feature = "tracing-01"))]
        let _ = about;
        (ticket, handle)
    }

    /// Begins the span of a task that nobody else knows.
    ///
    /// # Safety
    ///
    /// The pointer is to a task that has just been spawned.
    #[cfg(feature = "tracing-01")]
    unsafe fn begin_span(task: NonNull<Self>, about: About<'_>) {
        // SAFETY: nobody else has it.
        let id = unsafe { &(*task.as_ptr()).bound.header.id }.get();
        let span = about.span(id, size_of::<F>());
        // SAFETY: as above.
        unsafe { &mut (*task.as_ptr()).bound.header.trace }.set_span(&span);
        // SAFETY: as above.
        let set = |stage| unsafe { Stage::set_span(stage, span) };
        // SAFETY: as above.
        unsafe { Self::with_stage(task.cast(), set) };
    }

    // --- the vtable: see there for who may call what ---

    /// Calls `f` with the stage.
    ///
    /// # Safety
    ///
    /// The pointer is to a live task of this type, whose stage the caller owns.
    #[inline(always)]
    unsafe fn with_stage<R>(ptr: NonNull<Header>, f: impl FnOnce(*mut Stage<F>) -> R) -> R {
        // SAFETY: the task is live. The cell is borrowed, not the task: its neighbours may be in use.
        let watch = unsafe { &(*ptr.as_ptr()).stage };
        // SAFETY: as above.
        let stage = unsafe { &raw const (*ptr.cast::<Self>().as_ptr()).stage };
        watch.with_mut(|_| f(cell::UnsafeCell::raw_get(stage)))
    }

    #[inline(always)]
    unsafe fn poll(ptr: NonNull<Header>, cx: &mut Context<'_>) -> Poll<()> {
        #[cfg(feature = "tracing-01")]
        // SAFETY: the pointer is to a live task.
        unsafe { ptr.as_ref() }.trace.count_poll();
        // SAFETY: the caller owns the stage, which has not moved since the task was spawned.
        let poll = |stage| unsafe { Stage::poll(stage, cx) };
        // SAFETY: the pointer is to a live task of this type, whose stage is the caller's.
        unsafe { Self::with_stage(ptr, poll) }
    }

    unsafe fn clear(ptr: NonNull<Header>) {
        // SAFETY: the caller owns the stage.
        let clear = |stage| unsafe { Stage::clear(stage) };
        // SAFETY: the pointer is to a live task of this type, whose stage is the caller's.
        unsafe { Self::with_stage(ptr, clear) };
    }

    unsafe fn schedule(ptr: NonNull<Header>) {
        // SAFETY: the caller gives up the ticket.
        let ticket = unsafe { TaskRef::from_ticket_ptr(ptr) };
        // SAFETY: the pointer is to a live task of this type. The scheduler alone is borrowed.
        let scheduler = unsafe { &(*ptr.cast::<Self>().as_ptr()).bound.scheduler };
        // There is none only if an injector has dropped the ticket of a task that was never run.
        if let Some(scheduler) = scheduler {
            scheduler.schedule(ticket);
        }
    }

    unsafe fn detach(ptr: NonNull<Header>) {
        // SAFETY: the handle's reference keeps the task. The borrow is of the state word alone.
        let state = unsafe { &(*ptr.as_ptr()).state };
        match state.is_completed_and_last() {
            // SAFETY: the handle owns the last reference, and nothing else keeps a task that is complete.
            true => unsafe { Self::free(ptr) },
            // SAFETY: the contract is the same.
            false => unsafe { join::detach(ptr) },
        }
    }

    unsafe fn free(ptr: NonNull<Header>) {
        let task = ptr.cast::<Self>();
        // The contents go here, and not with the storage: that may be a static, which drops
        // nothing.
        // SAFETY: the last reference is gone, so this is the only access.
        let is_empty = |stage: *mut Stage<F>| unsafe { Stage::is_empty(stage) };
        // SAFETY: as above.
        let is_empty = unsafe { Self::with_stage(ptr, is_empty) };
        // SAFETY: as above.
        let waker = unsafe { &(*task.as_ptr()).bound.header.join_waker };
        // SAFETY: as above.
        let has_waker = waker.with(|waker| unsafe { (*waker).is_some() });
        match is_empty && !has_waker {
            // SAFETY: as above.
            true => unsafe { Self::free_empty(task) },
            // SAFETY: as above.
            false => unsafe { Self::free_full(task) },
        }
    }

    /// As `free`, of a task that has nothing to drop but its scheduler.
    ///
    /// # Safety
    ///
    /// As for `free`.
    #[inline(always)]
    unsafe fn free_empty(task: NonNull<Self>) {
        // SAFETY: the last reference is gone, so this is the only access.
        let scheduler = unsafe { &raw mut (*task.as_ptr()).bound.scheduler };
        // Dropped last: whatever that does, there is nothing left to do.
        // SAFETY: as above.
        let _scheduler = unsafe { ptr::replace(scheduler, None) };
        // SAFETY: the pointer came from `into_raw`, `free` is called once, and the contents are gone.
        unsafe { STO::free(task) };
    }

    /// As `free`, of a task that has something to drop.
    ///
    /// # Safety
    ///
    /// As for `free`.
    #[cold]
    #[inline(never)]
    unsafe fn free_full(task: NonNull<Self>) {
        /// Frees the rest, also if dropping what was there panics.
        struct FreeEmpty<S, F, STO>(NonNull<Task<S, F, STO>>)
        where
            S: Schedule + 'static,
            F: Future,
            STO: Storage<S, F>;

        impl<S, F, STO> Drop for FreeEmpty<S, F, STO>
        where
            S: Schedule + 'static,
            F: Future,
            STO: Storage<S, F>,
        {
            fn drop(&mut self) {
                // SAFETY: who made this is to free the task, and has dropped what is in it.
                unsafe { Task::free_empty(self.0) };
            }
        }

        let _free = FreeEmpty(task);
        let ptr = task.cast::<Header>();
        // SAFETY: the last reference is gone, so this is the only access.
        let waker = unsafe { &(*ptr.as_ptr()).join_waker };
        // SAFETY: as above.
        let _waker = waker.with_mut(|waker| unsafe { (*waker).take() });
        // SAFETY: as above.
        unsafe { Self::clear(ptr) };
        // SAFETY: as above.
        let take = |stage: Place| unsafe { stage.take() };
        // SAFETY: as above, and the stage is clear, or has the payload of a panic that did it.
        if let Left::Panicked(payload) = unsafe { Place::with(ptr, take) } {
            payload.discard();
        }
    }
}

impl<S, F: Future, STO> fmt::Debug for Task<S, F, STO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.bound.header.id.get())
            .field("state", &self.bound.header.state)
            .finish_non_exhaustive()
    }
}
