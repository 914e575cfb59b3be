use super::{JoinHandle, TaskId, TaskRef, TaskStatus};
use core::fmt;

/// The right to cancel a task, apart from the right to its output.
///
/// [`JoinHandle::abort_handle`] makes one. It is `Send` and `Sync` whatever the output is, and may be
/// cloned. It keeps the task's memory, not its future or its output.
///
/// # Contexts
///
/// As [`TaskRef`](TaskRef#contexts).
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::scheduler::Scheduler;
///
/// let scheduler = Scheduler::new();
/// let task = scheduler.spawn(core::future::pending::<()>());
/// let abort = task.abort_handle();
/// abort.abort();
/// scheduler.tick();
/// assert!(abort.is_finished() && task.is_complete());
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AbortHandle(TaskRef);

// === impl AbortHandle ===

impl AbortHandle {
    pub(super) fn new(task: TaskRef) -> Self {
        Self(task)
    }

    /// Cancels the task, as [`TaskRef::cancel`] does. One that is complete keeps its output, which its
    /// joiner then gets in a [`JoinError`](super::JoinError).
    pub fn abort(&self) {
        self.0.cancel();
    }

    /// Returns whether the task is complete, as [`TaskRef::is_complete`] does.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.is_complete()
    }

    /// Returns the task's id.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.0.id()
    }

    /// Returns what the task is doing, as [`TaskRef::status`] does.
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        self.0.status()
    }
}

impl<T> From<&JoinHandle<T>> for AbortHandle {
    fn from(handle: &JoinHandle<T>) -> Self {
        handle.abort_handle()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle")
            .field("id", &self.id())
            .field("status", &self.status())
            .finish()
    }
}
