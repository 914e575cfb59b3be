//! Running a task once: what a scheduler does with each ticket it takes from its queue.

use super::{
    TaskRef,
    header::Header,
    state::{Complete, EndPoll, ShutDown, StartPoll},
    waker::BorrowedWaker,
};
use crate::scheduler::current::CurrentTask;
use core::{
    mem,
    ptr::NonNull,
    task::{Context, Poll},
};

/// What came of [running](TaskRef::run) a task.
#[derive(Debug)]
#[must_use = "a task that is to be rescheduled is lost otherwise"]
pub enum Run {
    /// The task waits to be woken, or nobody can wake it any more, and it is gone.
    Pending,
    /// The task was woken while it was polled. Here is its new ticket, to be queued again: behind the
    /// others, if they are to have their turn.
    Reschedule(TaskRef),
    /// The task is complete, and its joiner knows.
    Completed,
    /// There was nothing to run: the task is [local](super#local-tasks), and was shut down before.
    Gone,
}

/// A task between `start_poll` and whatever ends the run. If that is a panic the task is completed
/// while it unwinds.
struct Runner<'a> {
    task: TaskRef,
    current: Option<&'a CurrentTask>,
}

// === impl TaskRef ===

impl TaskRef {
    /// Spends this ticket: polls the task, or drops its future if it was cancelled.
    ///
    /// It is what a [scheduler](crate::scheduler#a-queue-of-ones-own) does with each of the
    /// tickets that it was given.
    ///
    /// # Panics
    ///
    /// - If this is not the task's ticket, or if the task is local.
    /// - Without `std`, when the task does; by then it is complete.
    /// - When its join waker does; likewise.
    pub fn run(self) -> Run {
        assert!(
            !self.state().is_local(),
            "a local task is run on its own thread"
        );
        // SAFETY: the task is not local.
        unsafe { self.run_as(None) }
    }

    /// Spends this ticket, which may be a local task's.
    ///
    /// # Safety
    ///
    /// If the task is [local](super#local-tasks), this is its thread.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run), but for local tasks.
    pub unsafe fn run_local(self) -> Run {
        // SAFETY: the contract is the same.
        unsafe { self.run_as(None) }
    }

    /// Spends this ticket. While the task's code runs, `current` names it.
    ///
    /// # Safety
    ///
    /// As for [`run_local`](Self::run_local).
    ///
    /// # Panics
    ///
    /// As [`run_local`](Self::run_local).
    #[inline]
    pub(crate) unsafe fn run_in(self, current: &CurrentTask) -> Run {
        // SAFETY: the contract is the same.
        unsafe { self.run_as(Some(current)) }
    }

    /// Completes a local task here and now, without its ticket: its future is dropped, and its joiner
    /// told that it was cancelled.
    ///
    /// It is for a local scheduler that ends. A task that is complete stays as it is. One that is
    /// being polled by a caller of this is cancelled, and completed when that poll returns.
    ///
    /// # Safety
    ///
    /// The task is [local](super#local-tasks), and this is its thread.
    ///
    /// # Panics
    ///
    /// Without `std`, when the drop of the future does; by then the task is complete.
    pub unsafe fn shut_down(&self) {
        match self.state().shut_down() {
            ShutDown::Complete | ShutDown::Marked => {}
            ShutDown::Clear => {
                let runner = Runner {
                    task: self.clone(),
                    current: None,
                };
                runner.clear();
            }
        }
    }

    /// As [`run_in`](Self::run_in).
    ///
    /// # Safety
    ///
    /// As for [`run_local`](Self::run_local).
    #[inline]
    unsafe fn run_as(self, current: Option<&CurrentTask>) -> Run {
        assert!(self.is_ticket(), "a task is run by its ticket");
        let start = self.state().start_poll();
        let ptr = mem::ManuallyDrop::new(self).ptr();
        // SAFETY: `start_poll` has spent the ticket; its reference is left.
        let task = unsafe { Self::from_ptr(ptr) };
        if start == StartPoll::Gone {
            return Run::Gone;
        }
        let runner = Runner { task, current };
        if start == StartPoll::Poll && runner.poll().is_pending() {
            match runner.task.state().end_poll() {
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
            runner.clear();
        } else if start == StartPoll::Cancel {
            runner.clear();
        }
        drop(runner);
        Run::Completed
    }
}

// === impl Runner ===

impl Runner<'_> {
    fn ptr(&self) -> NonNull<Header> {
        self.task.ptr()
    }

    fn poll(&self) -> Poll<()> {
        let waker = BorrowedWaker::new(&self.task);
        let mut cx = Context::from_waker(&waker);
        let poll = self.task.header().vtable.poll;
        // SAFETY: `start_poll` gave the stage to this runner.
        self.as_current(|| unsafe { poll(self.ptr(), &mut cx) })
    }

    /// Drops the future.
    fn clear(&self) {
        let clear = self.task.header().vtable.clear;
        // SAFETY: this runner owns the stage: it has not ended the poll.
        self.as_current(|| unsafe { clear(self.ptr()) });
    }

    #[inline]
    fn as_current<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.current {
            Some(current) => current.with(&self.task, f),
            None => f(),
        }
    }
}

impl Drop for Runner<'_> {
    /// Completes the task. Its future is gone by now, however the run ended.
    fn drop(&mut self) {
        let header = self.task.header();
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
