use core::fmt;
use pintle_core::atomic::{AtomicUsize, Ordering::Relaxed, unmodelled};
use pintle_core::const_fn;

/// Tells one task from another.
///
/// A task gets its id when it is first asked for it, and keeps it. Ids come from one counter of the
/// size of a `usize`, so they are unique until it has gone round: after 65,535 ids on a 16-bit
/// target, and four thousand million on a 32-bit one.
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
pub(crate) struct IdCell(AtomicUsize);

// Ids order nothing, so a model need not explore who gets which.
static NEXT: unmodelled::AtomicUsize = unmodelled::AtomicUsize::new(1);

// === impl TaskId ===

impl TaskId {
    /// The id of what is no task: a queue's stub.
    const NONE: usize = 0;

    fn next() -> Self {
        loop {
            let id = NEXT.fetch_add(1, Relaxed);
            if id != Self::NONE {
                return Self(id);
            }
        }
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
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self(AtomicUsize::new(TaskId::NONE))
        }
    }

    /// The id, given now if there was none. Wait-free but for the first call.
    pub(crate) fn get(&self) -> TaskId {
        match self.0.load(Relaxed) {
            TaskId::NONE => self.assign(),
            id => TaskId(id),
        }
    }

    #[cold]
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
