#[cfg(feature = "alloc")]
use super::BoxStorage;
use super::{JoinHandle, Storage, Task, trace::About};
use crate::scheduler::{LocalSchedule, Schedule};
use core::{fmt, future::Future, panic::Location};

/// Spawns tasks with a name, a kind and a location of their own.
///
/// [`Schedule::build_task`] returns one. The settings describe the task to those who watch the
/// program, by the [span](super#tracing) that it has with the feature `tracing-01`. They change nothing about
/// how it runs. Without that feature they go nowhere: a task has no room for them, and none is passed on.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::scheduler::Scheduler;
///
/// let scheduler = Scheduler::new();
/// let handle = scheduler.build_task().name("blink").kind("driver").spawn(async {});
/// assert_eq!(scheduler.tick().spawned, 1);
/// # }
/// ```
#[derive(Clone)]
pub struct Builder<'a, S> {
    scheduler: S,
    name: Option<&'a str>,
    kind: Option<&'static str>,
    location: Option<Location<'a>>,
}

// === impl Builder ===

impl<'a, S: Schedule + 'static> Builder<'a, S> {
    pub(crate) fn new(scheduler: S) -> Self {
        Self {
            scheduler,
            name: None,
            kind: None,
            location: None,
        }
    }

    /// Names the task. It need not be the only one of that name.
    #[must_use]
    pub fn name(self, name: &'a str) -> Self {
        Self {
            name: Some(name),
            ..self
        }
    }

    /// Says what kind of task it is. The default is `"task"`, and `"local"` for a
    /// [local](super#local-tasks) one.
    #[must_use]
    pub fn kind(self, kind: &'static str) -> Self {
        Self {
            kind: Some(kind),
            ..self
        }
    }

    /// Says where in the program the task comes from. The default is where it is spawned.
    #[must_use]
    pub fn location(self, location: Location<'a>) -> Self {
        Self {
            location: Some(location),
            ..self
        }
    }

    #[cfg_attr(feature = "tracing-01", track_caller)]
    fn about(&self) -> About<'a> {
        About::new(self.name, self.kind, self.location)
    }

    /// Spawns a task that is stored already.
    ///
    /// The scheduler has to be `Send` and `Sync`: the task keeps a handle of it, by which it is
    /// scheduled on whatever thread its waker is called.
    #[track_caller]
    pub fn spawn_allocated<STO, F>(&self, task: STO::StoredTask) -> JoinHandle<F::Output>
    where
        S: Send + Sync,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        STO: Storage<S, F>,
    {
        Task::<S, F, STO>::spawn(&self.scheduler, task, self.about())
    }

    /// Allocates a task and spawns it.
    ///
    /// The scheduler has to be `Send` and `Sync`: the task keeps a handle of it, by which it is
    /// scheduled on whatever thread its waker is called.
    #[cfg(feature = "alloc")]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        S: Send + Sync,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_allocated::<BoxStorage, F>(Task::boxed(future))
    }
}

impl<S: LocalSchedule + 'static> Builder<'_, S> {
    /// Spawns a task that is stored already, on the scheduler of this thread: its future and its
    /// output need not be `Send`.
    #[track_caller]
    pub fn spawn_local_allocated<STO, F>(&self, task: STO::StoredTask) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
        STO: Storage<S, F>,
    {
        Task::<S, F, STO>::spawn_local(&self.scheduler, task, self.about())
    }

    /// Allocates a task and spawns it on the scheduler of this thread: its future and its output need
    /// not be `Send`.
    #[cfg(feature = "alloc")]
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local_allocated::<BoxStorage, F>(Task::boxed(future))
    }
}

impl<S: fmt::Debug> fmt::Debug for Builder<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("scheduler", &self.scheduler)
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("location", &self.location)
            .finish()
    }
}
