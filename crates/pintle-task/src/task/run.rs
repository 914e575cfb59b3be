//! Running a task once: what a scheduler does with each ticket it takes from its queue.

use super::{
    TaskRef,
    header::Header,
    state::{Complete, DropRef, EndPoll, ShutDown, StartPoll},
    waker::BorrowedWaker,
};
use crate::scheduler::current::CurrentTask;
use core::{
    marker::PhantomData,
    mem,
    ptr::NonNull,
    task::{Context, Poll, RawWakerVTable},
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

/// By what right a task is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// By its ticket, which is spent.
    Ticket,
    /// It is local, and `shut_down` has given the stage to the caller.
    ShutDown,
}

/// What running a task takes, for each type of them.
///
/// # Safety
///
/// `WAKER` is the waker's functions of local tasks if `IS_LOCAL`, else that of others.
pub(super) unsafe trait Runnable {
    /// Whether its tasks are local.
    const IS_LOCAL: bool;
    const WAKER: &'static RawWakerVTable;

    /// Polls the future; `Ready` if what it leaves is in the stage now. Panics only without `std`,
    /// and then what it leaves is in the stage as well.
    ///
    /// # Safety
    ///
    /// The header is that of such a task, whose stage the caller owns.
    unsafe fn poll(task: NonNull<Header>, cx: &mut Context<'_>) -> Poll<()>;

    /// Drops what is in the stage. In place of a future it leaves the mark of cancellation.
    ///
    /// # Safety
    ///
    /// The header is that of such a task, whose stage the caller owns.
    unsafe fn clear(task: NonNull<Header>);

    /// Tells the scheduler that the future of a local task is gone.
    ///
    /// # Safety
    ///
    /// The header is that of such a task, which the caller runs, on its own thread.
    unsafe fn release(task: NonNull<Header>);
}

/// A task between `start_poll` and whatever ends the run. If that is a panic the task is completed
/// while it unwinds.
struct Runner<'a, R: Runnable> {
    task: NonNull<Header>,
    current: &'a CurrentTask,
    _runnable: PhantomData<R>,
}

/// Completes a task without a handle when what it has left in its stage is dropped.
struct CompleteDetached(NonNull<Header>);

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
        unsafe { self.run_by_ticket() }
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
        unsafe { self.run_by_ticket() }
    }

    /// Spends this ticket. While the task's code runs, `current` names it.
    ///
    /// # Safety
    ///
    /// This is the task's ticket. If the task is local, this is its thread.
    ///
    /// # Panics
    ///
    /// As [`run_local`](Self::run_local), whose first panic is left to the caller.
    #[inline]
    pub(crate) unsafe fn run_in(self, current: &CurrentTask) -> Run {
        let task = self.into_ticket_ptr();
        // SAFETY: the ticket keeps it alive until it is spent.
        let run = unsafe { task.as_ref() }.vtable.run;
        // SAFETY: the ticket is given up for it. If the task is local this is its thread.
        unsafe { run(task, current, Start::Ticket) }
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
                let run = self.header().vtable.run;
                // SAFETY: the transition gave the stage to this call, and it is the task's thread.
                drop(unsafe { run(self.ptr(), &CurrentTask::new(), Start::ShutDown) });
            }
        }
    }

    /// As [`run_local`](Self::run_local).
    ///
    /// # Safety
    ///
    /// As for [`run_local`](Self::run_local).
    unsafe fn run_by_ticket(self) -> Run {
        assert!(self.is_ticket(), "a task is run by its ticket");
        // SAFETY: as has just been asserted, and by the contract.
        unsafe { self.run_in(&CurrentTask::new()) }
    }
}

/// Runs a task. Meanwhile `current` names it.
///
/// # Safety
///
/// The header is that of a spawned task of the type that `R` stands for. The caller owns its ticket
/// and gives it up, or has made the transition `shut_down`. If the task is local, this is its thread.
#[inline]
pub(super) unsafe fn run<R: Runnable>(
    task: NonNull<Header>,
    current: &CurrentTask,
    start: Start,
) -> Run {
    // SAFETY: the ticket keeps it alive, and then the runner. The borrow is of the state word alone: when
    // the run has ended somebody else may free the task before `end_poll` returns.
    let state = unsafe { &(*task.as_ptr()).state };
    let start = match start {
        Start::ShutDown if R::IS_LOCAL => StartPoll::Cancel,
        Start::Ticket if R::IS_LOCAL => state.start_local_poll(),
        _ => state.start_poll(),
    };
    if start == StartPoll::Gone {
        // SAFETY: such a ticket is a counted reference.
        unsafe { TaskRef::drop_ref(task) };
        return Run::Gone;
    }
    let runner = Runner::<R> {
        task,
        current,
        _runnable: PhantomData,
    };
    if start == StartPoll::Cancel {
        // SAFETY: this runs the task.
        unsafe { clear::<R>(task, current) };
    } else if runner.poll().is_pending() {
        let end = match R::IS_LOCAL {
            true => state.end_local_poll(),
            false => state.end_poll(),
        };
        match end {
            // SAFETY: this runs the task still.
            EndPoll::Cancel => unsafe { clear::<R>(task, current) },
            EndPoll::Idle => {
                mem::forget(runner);
                return Run::Pending;
            }
            EndPoll::Free => {
                mem::forget(runner);
                // SAFETY: nothing keeps it any more.
                unsafe { TaskRef::free(task) };
                return Run::Pending;
            }
            EndPoll::Reschedule => {
                mem::forget(runner);
                // SAFETY: the transition has left the ticket to this runner.
                return Run::Reschedule(unsafe { TaskRef::from_ticket_ptr(task) });
            }
        }
    }
    mem::forget(runner);
    // SAFETY: this runs the task, and the future is gone.
    unsafe { complete::<R>(task) };
    Run::Completed
}

/// Drops the future of a task.
///
/// # Safety
///
/// The caller runs the task.
#[cold]
#[inline(never)]
unsafe fn clear<R: Runnable>(task: NonNull<Header>, current: &CurrentTask) {
    // SAFETY: the caller owns the stage.
    let clear = || unsafe { R::clear(task) };
    // SAFETY: the caller runs the task.
    unsafe { current.with(task, clear) };
}

/// Completes a task.
///
/// # Safety
///
/// The caller runs the task, if it is local on its own thread, and gives that up. The future is gone.
#[inline(always)]
unsafe fn complete<R: Runnable>(task: NonNull<Header>) {
    if R::IS_LOCAL {
        let released = Released::<R>(task, PhantomData);
        // SAFETY: this runs the task, and so is on its thread.
        unsafe { R::release(task) };
        mem::forget(released);
    }
    // SAFETY: the contract is the same.
    unsafe { complete_released::<R>(task) };
}

/// Completes a local task whose `release` panics, which it must not: others may wait for the task.
struct Released<R: Runnable>(NonNull<Header>, PhantomData<R>);

impl<R: Runnable> Drop for Released<R> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: who made this runs the task, and gives that up.
        unsafe { complete_released::<R>(self.0) };
    }
}

/// Completes a task of whose end its scheduler knows.
///
/// # Safety
///
/// As for `complete`.
#[inline(always)]
unsafe fn complete_released<R: Runnable>(task: NonNull<Header>) {
    // SAFETY: the runner keeps it alive; the borrow is of the state word alone.
    let state = unsafe { &(*task.as_ptr()).state };
    match state.complete() {
        Complete::Joinable => {}
        Complete::Detached => {
            let _complete = CompleteDetached(task);
            // SAFETY: without a handle the stage stays this runner's.
            unsafe { R::clear(task) };
        }
        // SAFETY: the transition has given slot and reference to this runner.
        Complete::WakeJoiner => unsafe { wake_joiner(task) },
    }
}

// === impl Runner ===

impl<R: Runnable> Runner<'_, R> {
    #[inline]
    fn poll(&self) -> Poll<()> {
        // SAFETY: the runner keeps the task, and `R` knows its kind.
        let waker = unsafe { BorrowedWaker::new(self.task, R::WAKER) };
        let mut cx = Context::from_waker(&waker);
        // SAFETY: `start_poll` gave the stage to this runner.
        let poll = || unsafe { R::poll(self.task, &mut cx) };
        // SAFETY: this runs the task.
        unsafe { self.current.with(self.task, poll) }
    }
}

impl<R: Runnable> Drop for Runner<'_, R> {
    /// Completes the task when a panic unwinds out of the run. Its future is gone by now.
    #[cold]
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: this runs the task, which it does not go on with.
        unsafe { complete::<R>(self.task) };
    }
}

impl Drop for CompleteDetached {
    fn drop(&mut self) {
        // SAFETY: the runner keeps it alive; the borrow is of the state word alone.
        let state = unsafe { &(*self.0.as_ptr()).state };
        if state.complete_detached() == DropRef::Free {
            // SAFETY: nothing keeps it any more.
            unsafe { TaskRef::free(self.0) };
        }
    }
}

/// Wakes the joiner of a task that is complete.
///
/// # Safety
///
/// The header is that of a spawned task, a reference of which the caller owns and gives up. The join
/// waker's slot is the caller's.
unsafe fn wake_joiner(task: NonNull<Header>) {
    // SAFETY: the caller owns a reference.
    let task = unsafe { TaskRef::from_ptr(task) };
    let waker = task.header().join_waker.with_mut(|waker| {
        // SAFETY: the slot is the caller's.
        unsafe { (*waker).take() }
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}
