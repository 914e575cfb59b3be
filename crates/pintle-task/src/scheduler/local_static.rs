use super::{
    LocalSchedule, Residents, Schedule, TaskStub, driven::driven, static_queue::StaticQueue,
};
#[cfg(feature = "alloc")]
use crate::task::BoxStorage;
use crate::task::{Builder, JoinHandle, Storage, Task, TaskRef, trace::About};
use core::{cell::Cell, fmt, future::Future, marker::PhantomData};
use pintle_core::const_fn;

/// A scheduler for one thread or core that lives for ever, and needs no heap; its tasks need not be
/// `Send`.
///
/// It is not `Sync`, so no plain `static` holds it: a `thread_local!` or a leaked box does, or a
/// `static` of a type with which a program promises to use it on one core. Other threads wake its tasks,
/// and spawn by a [`LocalStaticSpawner`] futures that are `Send`.
///
/// It never ends. If its thread does, its tasks are leaked: a [`LocalScheduler`](super::LocalScheduler)
/// drops them.
///
/// # Contexts
///
/// Waking its tasks, and spawning by a [`LocalStaticSpawner`], take no lock and wait for nobody; they may be done in
/// interrupt handlers and critical sections. All else is for its own thread. [`tick`](Self::tick) runs the tasks'
/// code.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "std")] {
/// use pintle_task::scheduler::LocalStaticScheduler;
/// use std::rc::Rc;
///
/// let scheduler: &'static LocalStaticScheduler = Box::leak(Box::default());
/// let number = Rc::new(6);
/// let handle = scheduler.spawn(async move { *number * 7 });
/// assert_eq!(scheduler.tick().completed, 1);
/// assert!(handle.is_complete());
/// # }
/// ```
#[repr(transparent)]
pub struct LocalStaticScheduler {
    queue: StaticQueue,
    /// It stays on its thread.
    _not_send: PhantomData<Cell<*const ()>>,
}

/// Spawns futures that are `Send` on a [`LocalStaticScheduler`], from any thread.
#[derive(Clone, Copy)]
pub struct LocalStaticSpawner(&'static LocalStaticScheduler);

// SAFETY: of the scheduler it uses nothing but the queue, which is `Sync`.
unsafe impl Send for LocalStaticSpawner {}
// SAFETY: as above.
unsafe impl Sync for LocalStaticSpawner {}

/// Makes a [`LocalStaticScheduler`](crate::scheduler::LocalStaticScheduler), as
/// [`new`](crate::scheduler::LocalStaticScheduler::new) does.
///
/// In the module [`scheduler`](crate::scheduler) this is called `new_static_local!`.
///
/// # Examples
///
/// On a chip with one core, outside of interrupt handlers:
///
/// ```
/// use pintle_task::scheduler::{LocalStaticScheduler, new_static_local};
///
/// struct OneCore(LocalStaticScheduler);
/// // SAFETY: there is one core, and interrupt handlers wake but do not name it.
/// unsafe impl Sync for OneCore {}
///
/// static SCHEDULER: OneCore = OneCore(new_static_local!());
/// assert_eq!(SCHEDULER.0.tick().polled, 0);
/// ```
#[macro_export]
macro_rules! new_static_local_scheduler {
    () => {
        $crate::scheduler::LocalStaticScheduler::new()
    };
}

// === impl LocalStaticScheduler ===

impl LocalStaticScheduler {
    driven!(self: &'static Self);

    const_fn! {
        /// Makes a scheduler, to be put in a `static` or leaked.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                queue: StaticQueue::new(),
                _not_send: PhantomData,
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
    #[track_caller]
    pub fn spawn_allocated<F, STO>(&'static self, task: STO::StoredTask) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
        STO: Storage<&'static Self, F>,
    {
        Task::<&'static Self, F, STO>::spawn_local(&self, task, About::here())
    }

    /// Allocates a task and spawns it.
    #[cfg(feature = "alloc")]
    #[track_caller]
    pub fn spawn<F>(&'static self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_allocated::<F, BoxStorage>(Task::boxed(future))
    }

    /// Starts to spawn a task with a name, a kind or a location of its own.
    #[must_use]
    pub fn build_task<'a>(&'static self) -> Builder<'a, &'static Self> {
        Builder::new(self)
    }

    /// Returns a handle that spawns tasks from other threads.
    #[must_use]
    pub fn spawner(&'static self) -> LocalStaticSpawner {
        LocalStaticSpawner(self)
    }

    /// Returns the task that is being polled, if one is.
    #[must_use]
    pub fn current_task(&'static self) -> Option<TaskRef> {
        self.queue.current_task()
    }

    /// Returns whether a task is ready to be polled. It only loads.
    #[must_use]
    pub fn has_remaining(&self) -> bool {
        self.queue.has_remaining()
    }

    #[inline]
    fn ready(&self) -> &StaticQueue {
        &self.queue
    }
}

impl Default for LocalStaticScheduler {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule for &'static LocalStaticScheduler {
    // SAFETY: the scheduler is its queue.
    const RESIDENTS: Residents<Self> = unsafe { Residents::some() };

    fn schedule(&self, task: TaskRef) {
        self.ready().schedule(task);
    }

    fn current_task(&self) -> Option<TaskRef> {
        LocalStaticScheduler::current_task(self)
    }
}

// SAFETY: the reference is neither `Send` nor `Sync`, as the scheduler is not `Sync`, by its phantom.
// `schedule` uses the queue alone, which is. Tickets are spent by `tick`, on the thread where this is,
// and by nobody else, as it is never closed.
unsafe impl LocalSchedule for &'static LocalStaticScheduler {}

impl fmt::Debug for LocalStaticScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalStaticScheduler")
            .field("ready", &self.queue)
            .finish_non_exhaustive()
    }
}

// === impl LocalStaticSpawner ===

impl LocalStaticSpawner {
    /// Spawns a task that is stored already.
    #[track_caller]
    pub fn spawn_allocated<F, STO>(&self, task: STO::StoredTask) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        STO: Storage<&'static LocalStaticScheduler, F>,
    {
        // SAFETY: future and output are `Send`; and the reference to the scheduler may be scheduled
        // through on any thread, by `LocalSchedule`.
        let (ticket, handle) = unsafe {
            Task::<&'static LocalStaticScheduler, F, STO>::bind(Some(self.0), task, About::here())
        };
        self.0.ready().schedule(ticket);
        handle
    }

    /// Allocates a task and spawns it.
    #[cfg(feature = "alloc")]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_allocated::<F, BoxStorage>(Task::boxed(future))
    }
}

impl fmt::Debug for LocalStaticSpawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalStaticSpawner").finish_non_exhaustive()
    }
}
