use super::{
    Schedule, Stealer, TryStealError,
    counted::{Close, Counted},
    driven::driven,
    ready::ReadyQueue,
};
use crate::task::{BoxStorage, Builder, JoinHandle, Task, TaskRef, stub, trace::About};
use alloc::boxed::Box;
use core::{fmt, future::Future};
use pintle_intrusive::MpscQueue;

/// A scheduler on the heap, with any number of handles.
///
/// Cloning gives another handle of the same scheduler. When the last handle is dropped the scheduler
/// is [closed](Self::close); the handles that its own tasks keep do not count for that.
///
/// Any thread may tick it, but one at a time does.
///
/// # Contexts
///
/// Spawning allocates. Waking and [`has_remaining`](Self::has_remaining) take no lock and wait for
/// nobody, nor does [`current_task`](Self::current_task) but in a crowd; so they may be called in
/// interrupt handlers and critical sections, as long as the scheduler is not closed.
/// [`tick`](Self::tick) and [`close`](Self::close) run the tasks' code.
///
/// # Examples
///
/// ```
/// use pintle_task::scheduler::Scheduler;
///
/// let scheduler = Scheduler::new();
/// let handle = scheduler.spawn(async { 1 + 1 });
/// let tick = scheduler.tick();
/// assert_eq!((tick.spawned, tick.polled, tick.completed), (1, 1, 1));
/// assert!(handle.is_complete());
/// ```
pub struct Scheduler(Counted<ReadyQueue>);

// === impl Scheduler ===

impl Scheduler {
    driven!(self: &Self);

    /// Makes a scheduler without tasks.
    #[must_use]
    pub fn new() -> Self {
        let queue = MpscQueue::new_with_stub(stub::boxed());
        Self(Counted::new(ReadyQueue::new(queue)))
    }

    /// Starts to spawn a task with a name, a kind or a location of its own.
    #[must_use]
    pub fn build_task<'a>(&self) -> Builder<'a, Self> {
        Builder::new(self.clone())
    }

    /// Allocates a task and spawns it.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_allocated(Task::boxed(future))
    }

    /// Spawns a task that is in its box already.
    #[track_caller]
    pub fn spawn_allocated<F>(&self, task: Box<Task<Self, F, BoxStorage>>) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task::<Self, F, BoxStorage>::spawn(self, task, About::here())
    }

    /// Returns the task that is being polled, if one is.
    ///
    /// May be called by any thread. Unless it is the one that ticks, the answer may be outdated when it
    /// comes. Who calls this while seven others are in the middle of it waits for one of them.
    #[must_use]
    pub fn current_task(&self) -> Option<TaskRef> {
        self.0.current_task()
    }

    /// Returns whether a task is ready to be polled.
    ///
    /// It only loads, so a core may ask again and again at no cost to others. See [the
    /// module](super#when-there-is-nothing-to-do) for how to sleep on it.
    #[must_use]
    pub fn has_remaining(&self) -> bool {
        self.0.has_remaining()
    }

    /// Takes the right to steal this scheduler's ready tasks, for another one to run once.
    ///
    /// # Errors
    ///
    /// - [`TryStealError::Empty`]: no task is ready.
    /// - [`TryStealError::Busy`]: somebody ticks it, or steals from it.
    pub fn try_steal(&self) -> Result<Stealer<'_, Self>, TryStealError> {
        Stealer::of_scheduler(&self.0)
    }

    /// Cancels the tasks that are queued, and from now on those that are spawned or woken.
    ///
    /// Dropping the last handle does it too. It is for those who cannot: a
    /// [scheduler of one's own](super#a-scheduler-of-ones-own) around this one is kept by its
    /// queued tasks, and they by this queue.
    ///
    /// A task that is idle stays as it is until it is woken: then it is cancelled there and then. While
    /// another thread ticks, or when a task calls this, that tick still polls what it comes upon, and
    /// cancels the rest.
    ///
    /// # Contexts
    ///
    /// Futures are dropped here, and by all who wake this scheduler's tasks afterwards. It waits
    /// for those who are about to queue a task to do so, so neither may happen in an interrupt handler.
    pub fn close(&self) {
        self.0.close();
    }

    #[inline]
    fn ready(&self) -> &ReadyQueue {
        &self.0
    }
}

impl Clone for Scheduler {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Default for Scheduler {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule for Scheduler {
    fn schedule(&self, task: TaskRef) {
        self.0.schedule(task);
    }

    fn current_task(&self) -> Option<TaskRef> {
        Scheduler::current_task(self)
    }

    /// Returns a handle that does not keep the scheduler open.
    fn bind(&self) -> Self {
        Self(self.0.bind())
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("ready", &*self.0)
            .finish_non_exhaustive()
    }
}
