//! Running a task once: what a scheduler does with each ticket it takes from its queue.

use super::{
    TaskRef,
    header::Header,
    state::{Complete, EndPoll, StartPoll},
    waker::BorrowedWaker,
};
use crate::scheduler::current::CurrentTask;
use core::{
    mem,
    ptr::NonNull,
    task::{Context, Poll},
};

/// What came of running a task.
#[derive(Debug)]
pub(crate) enum Run {
    /// The task waits to be woken.
    Pending,
    /// The task was woken while it was polled. Here is its new ticket.
    Reschedule(TaskRef),
    /// The task is complete, and its joiner knows.
    Completed,
}

/// A task between `start_poll` and whatever ends the run. If that is a panic the task is completed
/// while it unwinds.
struct Runner(TaskRef);

// === impl TaskRef ===

impl TaskRef {
    /// Spends this ticket: polls the task, or drops its future if it was cancelled. Meanwhile
    /// `current` names it.
    ///
    /// # Panics
    ///
    /// Without `std`, when the task does, or its join waker. By then the task is complete.
    #[inline]
    pub(crate) fn run(self, current: &CurrentTask) -> Run {
        assert!(self.is_ticket(), "a task is run by its ticket");
        let start = self.state().start_poll();
        let ptr = mem::ManuallyDrop::new(self).ptr();
        // SAFETY: `start_poll` has spent the ticket; its reference is left.
        let runner = Runner(unsafe { Self::from_ptr(ptr) });
        if start == StartPoll::Poll && runner.poll(current).is_pending() {
            match runner.0.state().end_poll() {
                EndPoll::Cancel => {}
                EndPoll::Idle => {
                    // The transition has given up the reference.
                    mem::forget(runner);
                    return Run::Pending;
                }
                EndPoll::Free => {
                    mem::forget(runner);
                    // SAFETY: the transition has given up the reference, which was the last.
                    unsafe { Self::free(ptr) };
                    return Run::Pending;
                }
                EndPoll::Reschedule => {
                    mem::forget(runner);
                    // SAFETY: the transition has turned the reference into the ticket.
                    return Run::Reschedule(unsafe { Self::from_ticket_ptr(ptr) });
                }
            }
            runner.clear(current);
        } else if start == StartPoll::Cancel {
            runner.clear(current);
        }
        drop(runner);
        Run::Completed
    }
}

// === impl Runner ===

impl Runner {
    fn ptr(&self) -> NonNull<Header> {
        self.0.ptr()
    }

    fn poll(&self, current: &CurrentTask) -> Poll<()> {
        let waker = BorrowedWaker::new(&self.0);
        let mut cx = Context::from_waker(&waker);
        let poll = self.0.header().vtable.poll;
        // SAFETY: `start_poll` gave the stage to this runner.
        current.with(&self.0, || unsafe { poll(self.ptr(), &mut cx) })
    }

    /// Drops the future.
    fn clear(&self, current: &CurrentTask) {
        let clear = self.0.header().vtable.clear;
        // SAFETY: this runner owns the stage: it has not ended the poll.
        current.with(&self.0, || unsafe { clear(self.ptr()) });
    }
}

impl Drop for Runner {
    /// Completes the task. Its future is gone by now, however the run ended.
    fn drop(&mut self) {
        let header = self.0.header();
        match header.state.complete() {
            Complete::Joinable => {}
            Complete::Detached => {
                // SAFETY: without a handle the stage stays this runner's.
                unsafe { (header.vtable.clear)(self.ptr()) };
            }
            Complete::WakeJoiner => {
                let waker = header.join_waker.with_mut(|waker| {
                    // SAFETY: completion has given the slot to this runner, for good.
                    unsafe { (*waker).take() }
                });
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        }
    }
}
