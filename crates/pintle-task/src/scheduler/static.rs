use super::{
    Residents, Schedule, Stealer, TaskStub, TryStealError, driven::driven,
    static_queue::StaticQueue,
};
#[cfg(feature = "alloc")]
use crate::task::BoxStorage;
use crate::task::{Builder, JoinHandle, Storage, Task, TaskRef, trace::About};
use core::{fmt, future::Future};
use pintle_core::const_fn;

/// A scheduler that lives in a `static`, and needs no heap.
///
/// [`new_static!`](super::new_static) makes one. Its tasks hold no more than a `&'static` reference
/// to it. They come from wherever their [`Storage`] keeps them: statics
/// ([`StaticStorage`](crate::task::StaticStorage): those are [residents](crate::task#resident-tasks)), or with
/// feature `alloc` the heap.
///
/// # Contexts
///
/// Spawning, waking and [`has_remaining`](Self::has_remaining) take no lock and wait for nobody, nor
/// does [`current_task`](Self::current_task) but in a crowd; they may be called in interrupt handlers
/// and critical sections.
/// [`tick`](Self::tick) runs the tasks' code, so it may be called wherever that may run.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::scheduler::{StaticScheduler, new_static};
///
/// static SCHEDULER: StaticScheduler = new_static!();
///
/// let handle = SCHEDULER.spawn(async { 1 + 1 });
/// let tick = SCHEDULER.tick();
/// assert_eq!((tick.spawned, tick.polled, tick.completed), (1, 1, 1));
/// assert!(handle.is_complete());
/// # }
/// ```
#[repr(transparent)]
pub struct StaticScheduler {
    queue: StaticQueue,
}

/// Makes a [`StaticScheduler`](crate::scheduler::StaticScheduler), as
/// [`new`](crate::scheduler::StaticScheduler::new) does.
///
/// In the module [`scheduler`](crate::scheduler) this is called `new_static!`.
///
/// # Examples
///
/// ```
/// use pintle_task::scheduler::{StaticScheduler, new_static};
///
/// static SCHEDULER: StaticScheduler = new_static!();
/// assert!(!SCHEDULER.has_remaining());
/// ```
#[macro_export]
macro_rules! new_static_scheduler {
    () => {
        $crate::scheduler::StaticScheduler::new()
    };
}

// === impl StaticScheduler ===

impl StaticScheduler {
    driven!(self: &'static Self);

    const_fn! {
        /// Makes a scheduler, to be put in a `static` or leaked.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                queue: StaticQueue::new(),
            }
        }
    }

    const_fn! {
        /// Makes a scheduler, and leaves `stub` alone.
        ///
        /// For programs that are written for a queue which needs a stub; this one's does not.
        ///
        /// # Safety
        ///
        /// Nothing is asked for.
        #[must_use]
        pub const unsafe fn new_with_static_stub(_stub: &'static TaskStub) -> Self {
            Self::new()
        }
    }

    /// Spawns a task that is stored already.
    ///
    /// # Examples
    ///
    /// See [`StaticStorage`](crate::task::StaticStorage).
    #[track_caller]
    pub fn spawn_allocated<F, STO>(&'static self, task: STO::StoredTask) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        STO: Storage<&'static Self, F>,
    {
        Task::<&'static Self, F, STO>::spawn(&self, task, About::here())
    }

    /// Allocates a task and spawns it.
    #[cfg(feature = "alloc")]
    #[track_caller]
    pub fn spawn<F>(&'static self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_allocated::<F, BoxStorage>(Task::boxed(future))
    }

    /// Starts to spawn a task with a name, a kind or a location of its own.
    #[must_use]
    pub fn build_task<'a>(&'static self) -> Builder<'a, &'static Self> {
        Builder::new(self)
    }

    /// Returns the task that is being polled, if one is.
    ///
    /// May be called by any thread. Unless it is the one that ticks, the answer may be outdated when it
    /// comes. Who calls this while seven others are in the middle of it waits for one of them.
    #[must_use]
    pub fn current_task(&self) -> Option<TaskRef> {
        self.queue.current_task()
    }

    /// Returns whether a task is ready to be polled.
    ///
    /// It only loads, so a core may ask again and again at no cost to others. See [the
    /// module](super#when-there-is-nothing-to-do) for how to sleep on it.
    #[must_use]
    pub fn has_remaining(&self) -> bool {
        self.queue.has_remaining()
    }

    /// Takes the right to steal this scheduler's ready tasks, for another one to run once.
    ///
    /// # Errors
    ///
    /// - [`TryStealError::Empty`]: no task is ready.
    /// - [`TryStealError::Busy`]: somebody ticks it, or steals from it.
    pub fn try_steal(&self) -> Result<Stealer<'_, &'static Self>, TryStealError> {
        Stealer::of_static(&self.queue)
    }

    #[inline]
    fn ready(&self) -> &StaticQueue {
        &self.queue
    }
}

impl Default for StaticScheduler {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule for &'static StaticScheduler {
    // SAFETY: the scheduler is its queue.
    const RESIDENTS: Residents<Self> = unsafe { Residents::some() };

    fn schedule(&self, task: TaskRef) {
        self.ready().schedule(task);
    }

    fn current_task(&self) -> Option<TaskRef> {
        StaticScheduler::current_task(self)
    }
}

impl fmt::Debug for StaticScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticScheduler")
            .field("ready", &self.queue)
            .finish_non_exhaustive()
    }
}
