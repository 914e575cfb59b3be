use core::fmt;
use pintle_core::atomic::{Ordering::Relaxed, unmodelled::AtomicUsize};

/// Tells one task from another.
///
/// A task gets its id when it is spawned, or before if somebody [asks](super::Task::id), and keeps it.
///
/// Ids are counted from 1, by one counter of the size of a `usize`, so they are unique until it has gone
/// round: after 65,535 ids on a 16-bit target, and four thousand million on a 32-bit one. None is 0.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::scheduler::Scheduler;
///
/// let scheduler = Scheduler::new();
/// let first = scheduler.spawn(async {});
/// let second = scheduler.spawn(async {});
/// assert_ne!(first.id(), second.id());
/// assert_eq!(first, first.id());
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskId(usize);

/// The place of an id in a task.
// Ids order nothing, so a model need not explore who gets which.
pub(crate) struct IdCell(AtomicUsize);

static NEXT: AtomicUsize = AtomicUsize::new(1);

// === impl TaskId ===

impl TaskId {
    /// The id of what is no task: a queue's stub.
    const NONE: usize = 0;

    #[inline]
    fn next() -> Self {
        let id = NEXT.fetch_add(1, Relaxed);
        // One of 64 bits does not go round: a task a nanosecond takes it 500 years.
        match usize::BITS < 64 && id == Self::NONE {
            true => Self::next(),
            false => Self(id),
        }
    }

    #[cfg(feature = "tracing-01")]
    pub(super) fn to_u64(self) -> u64 {
        self.0 as u64
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({})", self.0)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::UpperHex for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::LowerHex for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq<&TaskId> for TaskId {
    fn eq(&self, other: &&TaskId) -> bool {
        self == *other
    }
}

impl PartialEq<TaskId> for &TaskId {
    fn eq(&self, other: &TaskId) -> bool {
        *self == other
    }
}

// === impl IdCell ===

impl IdCell {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(TaskId::NONE))
    }

    /// Gives an id, if there is none yet.
    #[inline]
    pub(crate) fn give(&mut self) {
        // By an access that is not atomic the compiler sees that a new task has none.
        let id = self.0.get_mut();
        if *id == TaskId::NONE {
            *id = TaskId::next().0;
        }
    }

    /// The id of a task that has been spawned.
    #[inline]
    pub(crate) fn given(&self) -> TaskId {
        TaskId(self.0.load(Relaxed))
    }

    /// The id, given now if there was none, as before the task is spawned.
    #[inline]
    pub(crate) fn get(&self) -> TaskId {
        match self.0.load(Relaxed) {
            TaskId::NONE => self.assign(),
            id => TaskId(id),
        }
    }

    #[cold]
    #[inline(never)]
    fn assign(&self) -> TaskId {
        let id = TaskId::next();
        match self
            .0
            .compare_exchange(TaskId::NONE, id.0, Relaxed, Relaxed)
        {
            Ok(_) => id,
            Err(earlier) => TaskId(earlier),
        }
    }
}
