//! Tasks that stay on their thread: how they are spawned, and how they are run.

use super::Task;
use crate::{
    scheduler::{LocalSchedule, static_queue::turn_counted},
    task::{
        JoinHandle, Storage, TaskRef,
        header::{Bound, Header, Vtable},
        resident,
        run::{Runnable, run},
        trace::About,
        waker,
    },
};
use core::{
    future::Future,
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr::NonNull,
    task::{Context, Poll, RawWakerVTable},
};

// === impl Task ===

impl<S, F, STO> Task<S, F, STO>
where
    S: LocalSchedule + 'static,
    F: Future,
    STO: Storage<S, F>,
{
    const LOCAL_VTABLE: &'static Vtable = &Vtable {
        run: run::<Local<S, F, STO>>,
        turn: turn_counted,
        is_resident: false,
        clear: Self::CLEAR,
        stage: Self::STAGE,
        schedule: Self::schedule,
        detach: Self::detach,
        free: Self::free,
    };

    /// Puts a task in the queue of the scheduler of this thread for the first time. Its future
    /// stays here.
    pub(crate) fn spawn_local(
        scheduler: &S,
        task: STO::StoredTask,
        about: About<'_>,
    ) -> JoinHandle<F::Output>
    where
        F: 'static,
        F::Output: 'static,
    {
        let bound = scheduler.bind();
        // SAFETY: what `LocalSchedule` promises of `bound`. The future stays on this thread because
        // the task is made a local one, before anybody else knows it. So does its output: only the
        // handle moves that, and is `Send` only if it is.
        let (ticket, handle) = unsafe { Self::bind(Some(bound), task, about.local()) };
        if Self::IS_RESIDENT {
            // Its scheduler's queue is run by this thread, and it is dropped by none.
            // SAFETY: it is the ticket of a resident, which has its scheduler.
            unsafe { resident::start(ticket) };
            return handle;
        }
        ticket.state().make_local();
        // SAFETY: nobody else knows the task.
        let vtable = unsafe { &raw mut (*ticket.ptr().as_ptr()).vtable };
        // SAFETY: as above.
        unsafe { *vtable = Self::LOCAL_VTABLE };
        // SAFETY: the task has just been made, a local one, and keeps what `bind` has returned; a
        // `LocalSchedule`r's handles are on its own thread.
        match unsafe { scheduler.adopt(&ticket) } {
            true => scheduler.schedule(ticket),
            // SAFETY: the task is local, and this is its thread.
            false => unsafe { ticket.shut_down() },
        }
        handle
    }
}

/// How to run a local task.
struct Local<S, F, STO>(PhantomData<(S, F, STO)>);

// SAFETY: these are the wakers of local tasks.
unsafe impl<S, F, STO> Runnable for Local<S, F, STO>
where
    S: LocalSchedule + 'static,
    F: Future,
    STO: Storage<S, F>,
{
    const IS_LOCAL: bool = true;
    const WAKER: &'static RawWakerVTable = &waker::LOCAL;

    #[inline]
    unsafe fn poll(task: NonNull<Header>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: the contract is the same.
        unsafe { Task::<S, F, STO>::poll(task, cx) }
    }

    unsafe fn clear(task: NonNull<Header>) {
        // SAFETY: the contract is the same.
        unsafe { Task::<S, F, STO>::clear(task) };
    }

    unsafe fn release(task: NonNull<Header>) {
        // SAFETY: it is dropped nowhere, and the runner keeps the task.
        let reference = ManuallyDrop::new(unsafe { TaskRef::from_ptr(task) });
        // SAFETY: the task begins with its `Bound`, in which nobody writes to the scheduler now.
        if let Some(scheduler) = unsafe { &(*task.cast::<Bound<S>>().as_ptr()).scheduler } {
            // SAFETY: it is the task's own; the caller runs the task, whose future is gone.
            unsafe { scheduler.release(&reference) };
        }
    }
}
