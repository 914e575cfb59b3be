use super::{Storage, Task, pool::Slot};
use crate::scheduler::Schedule;
use core::{error, fmt, future::Future, mem::ManuallyDrop};

/// Stores a task in a slot of a [`TaskPool`](super::TaskPool).
#[derive(Debug)]
pub struct PoolStorage;

/// A task in a slot of a [`TaskPool`](super::TaskPool), not spawned. Dropping it frees the slot.
///
/// # Invariants
///
/// The slot is taken, its task is this one's, and nobody refers to it.
pub struct PooledTask<S: 'static, F: Future + 'static>(&'static Slot<S, F>);

/// No slot of a [`TaskPool`](super::TaskPool) is free. Here is the future back.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskPoolFull<F>(F);

// SAFETY: it owns a task, as a box does.
unsafe impl<S, F: Future> Send for PooledTask<S, F> where Task<S, F, PoolStorage>: Send {}

// === impl PooledTask ===

impl<S: Schedule, F: Future + 'static> PooledTask<S, F> {
    /// Makes the task of a slot.
    ///
    /// # Safety
    ///
    /// The caller has taken the slot, and gives it up.
    pub(super) unsafe fn new(slot: &'static Slot<S, F>, future: F) -> Self
    where
        PoolStorage: Storage<S, F>,
    {
        // SAFETY: the slot is the caller's, and empty.
        unsafe { slot.write(Task::new(future)) };
        Self(slot)
    }
}

impl<S, F: Future> PooledTask<S, F> {
    /// Takes over the task of a slot.
    ///
    /// # Safety
    ///
    /// The caller owns the task, nobody refers to it, and the caller gives it up.
    pub(super) unsafe fn from_slot(slot: &'static Slot<S, F>) -> Self {
        Self(slot)
    }

    /// Gives up the task to who has its slot.
    pub(super) fn into_slot(self) -> &'static Slot<S, F> {
        ManuallyDrop::new(self).0
    }
}

impl<S, F: Future> Drop for PooledTask<S, F> {
    fn drop(&mut self) {
        // SAFETY: by the invariant, and this is its end.
        unsafe { self.0.free() };
    }
}

impl<S, F: Future> fmt::Debug for PooledTask<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledTask").finish_non_exhaustive()
    }
}

// === impl TaskPoolFull ===

impl<F> TaskPoolFull<F> {
    pub(super) fn new(future: F) -> Self {
        Self(future)
    }

    /// Returns the future that was not spawned.
    pub fn into_inner(self) -> F {
        self.0
    }
}

impl<F> fmt::Debug for TaskPoolFull<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskPoolFull").finish_non_exhaustive()
    }
}

impl<F> fmt::Display for TaskPoolFull<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no slot of the task pool is free")
    }
}

impl<F> error::Error for TaskPoolFull<F> {}
