use super::Schedule;
use crate::task::TaskRef;

/// A scheduler of one thread, whose tasks need not be `Send`.
///
/// Its tasks are [local](crate::task#local-tasks): their futures are polled and dropped on the thread
/// of the scheduler, whatever threads their wakers are on. They are spawned by
/// [`Builder::spawn_local`](crate::task::Builder::spawn_local).
///
/// What it has more than [`Schedule`] this crate alone calls: a scheduler may put any task that it is
/// given on its list.
///
/// ```compile_fail,E0133
/// use pintle_task::scheduler::{LocalSchedule, LocalScheduler, Scheduler};
///
/// let stranger = Scheduler::new().spawn(async {}).task_ref();
/// LocalScheduler::new().adopt(&stranger);
/// ```
///
/// # Safety
///
/// - `Self` is neither `Send` nor `Sync`. So all handles but those that tasks keep are on one thread,
///   which is the tasks' own.
/// - What [`bind`](Schedule::bind) returns goes into a task, and in spite of that may be dropped on any
///   thread, and [`schedule`](Schedule::schedule) called on it on any thread, several at once.
/// - The tickets of local tasks that [`schedule`](Schedule::schedule) is given are spent on the tasks'
///   own thread alone. (They may be dropped on any.)
pub unsafe trait LocalSchedule: Schedule {
    /// Takes note of a new local task. Returns false if the scheduler is closed.
    ///
    /// Called on the own thread, before the task is scheduled for the first time. If it returns
    /// false the task is not scheduled but [shut down](TaskRef::shut_down).
    ///
    /// A scheduler that ends before its thread does keeps a list of its tasks, here and in
    /// [`release`](Self::release), and shuts down those that are on it. Tasks it leaves behind are
    /// leaked with what they own.
    ///
    /// # Safety
    ///
    /// For this crate to call: `task` is a local task that has never been scheduled, which keeps a handle
    /// that [`bind`](Schedule::bind) of this one has returned; this is the own thread, and it is
    /// called once for each task.
    unsafe fn adopt(&self, task: &TaskRef) -> bool {
        let _ = task;
        true
    }

    /// Takes note that the future of a local task is gone.
    ///
    /// Called once for each task for which [`adopt`](Self::adopt) was called, on the own thread, while
    /// a reference to the task still exists, on the handle that the task keeps.
    ///
    /// It must not panic. If it does, the task is completed all the same, and the panic goes on out of the
    /// tick or shut-down that it comes from; should it come while a task's own panic unwinds, which takes a
    /// program without `std`, the process ends.
    ///
    /// # Safety
    ///
    /// For this crate to call: `self` is the handle which `task` keeps, whose future is gone; this is the own
    /// thread, and it is called once for each task.
    unsafe fn release(&self, task: &TaskRef) {
        let _ = task;
    }
}
