use super::{
    Worker,
    here::here,
    idle::MAX_WORKERS,
    pool::{Pool, PoolRef},
    slot::Slot,
};
use crate::scheduler::{
    Schedule,
    counted::{Close, Counted},
};
use crate::task::{BoxStorage, Builder, JoinHandle, Task, TaskRef, stub, trace::About};
use alloc::boxed::Box;
use core::{fmt, future::Future, iter};
use pintle_intrusive::MpscQueue;

/// A scheduler on the heap whose workers steal from each other.
///
/// Cloning gives another handle of the same scheduler. When the last handle is dropped the scheduler
/// is [closed](Self::close); the handles that its own tasks keep do not count for that, and workers
/// borrow theirs.
///
/// # Contexts
///
/// Spawning allocates. Waking takes no lock; it may be done in interrupt and signal handlers and in
/// critical sections, as long as the scheduler is not closed, if the wakers of its workers may
/// be called there.
///
/// # Examples
///
/// ```
/// use pintle_task::scheduler::StealingScheduler;
///
/// let scheduler = StealingScheduler::new(2);
/// let handle = scheduler.spawn(async { 6 * 7 });
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             let mut worker = scheduler.worker().expect("there are two");
///             while worker.tick().has_remaining {}
///         });
///     }
/// });
/// assert!(handle.is_complete());
/// ```
#[derive(Clone)]
pub struct StealingScheduler(Counted<Shared>);

struct Shared {
    pool: Pool,
    slots: Box<[Slot]>,
}

// === impl StealingScheduler ===

impl StealingScheduler {
    /// Makes a scheduler for so many workers, and without tasks.
    ///
    /// # Panics
    ///
    /// If `workers` is 0, or does not fit into half of a `usize`.
    #[must_use]
    #[track_caller]
    pub fn new(workers: usize) -> Self {
        assert!(
            (1..=MAX_WORKERS).contains(&workers),
            "a scheduler has at least one worker, and not {workers}"
        );
        Self(Counted::new(Shared {
            pool: Pool::new(MpscQueue::new_with_stub(stub::boxed()), None),
            slots: iter::repeat_with(Slot::new).take(workers).collect(),
        }))
    }

    /// Returns how many workers there can be at a time.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.0.slots.len()
    }

    /// Makes the caller one of the workers. `None`: there are as many as there can be.
    #[must_use]
    pub fn worker(&self) -> Option<Worker<'_>> {
        Worker::claim(self.0.pool())
    }

    /// Allocates a task and spawns it.
    ///
    /// On a worker, a task is queued there. Elsewhere it goes to the injector, and a worker is woken if need
    /// be.
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

    /// Starts to spawn a task with a name, a kind or a location of its own.
    #[must_use]
    pub fn build_task<'a>(&self) -> Builder<'a, Self> {
        Builder::new(self.clone())
    }

    /// Returns the task that the calling thread polls as one of this scheduler's workers, if it does.
    ///
    /// Without the feature `std` nobody knows which thread that is, and there is never one.
    #[must_use]
    pub fn current_task(&self) -> Option<TaskRef> {
        here(&self.0.pool, &self.0.slots)?.current().get()
    }

    /// Cancels the tasks that are queued, and from now on those that are spawned or woken.
    ///
    /// Dropping the last handle does it too. What is in the queues of workers they cancel in their
    /// next tick, or when they are dropped. A task that is idle stays as it is until it is woken: then it is
    /// cancelled there and then.
    ///
    /// # Contexts
    ///
    /// Futures are dropped here, and by all who wake this scheduler's tasks afterwards. It waits
    /// for those who are about to queue a task to do so, so neither may happen in an interrupt handler.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Schedule for StealingScheduler {
    #[inline]
    fn schedule(&self, task: TaskRef) {
        self.0.pool().schedule(task);
    }

    fn current_task(&self) -> Option<TaskRef> {
        StealingScheduler::current_task(self)
    }

    /// Returns a handle that does not keep the scheduler open.
    fn bind(&self) -> Self {
        Self(self.0.bind())
    }
}

impl fmt::Debug for StealingScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StealingScheduler")
            .field("workers", &self.workers())
            .field("idle", &self.0.pool.idle)
            .finish_non_exhaustive()
    }
}

// === impl Shared ===

impl Shared {
    #[inline]
    fn pool(&self) -> PoolRef<'_> {
        PoolRef {
            pool: &self.pool,
            slots: &self.slots,
        }
    }
}

impl Close for Shared {
    fn close(&self) {
        self.pool.injector.close();
        // Workers look at it when they wake up.
        self.pool().wake_all();
    }
}
