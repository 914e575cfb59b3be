#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;

#[cfg(target_has_atomic = "ptr")]
use super::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard};
use super::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::{blocking::ScopedRawMutex, util::block_on};

// === impl RwLock ===

impl<T: ?Sized, Lock: ScopedRawMutex> RwLock<T, Lock> {
    /// Locks for reading; the thread sleeps while it waits, in line with the tasks.
    ///
    /// Not for a task, an interrupt handler or a critical section: who has the lock might need this
    /// very thread to go on. Allocates if it has to wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use pintle_sync::RwLock;
    ///
    /// static LIMIT: RwLock<u32> = RwLock::new(0);
    ///
    /// let other = thread::spawn(|| *LIMIT.blocking_write() = 3);
    /// assert!([0, 3].contains(&*LIMIT.blocking_read()));
    /// other.join().unwrap();
    /// ```
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T, Lock> {
        self.try_read().unwrap_or_else(|| block_on(self.read()))
    }

    /// Locks for writing; the thread sleeps while it waits, in line with the tasks.
    ///
    /// Where it may be called: as [`blocking_read`](Self::blocking_read).
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T, Lock> {
        self.try_write().unwrap_or_else(|| block_on(self.write()))
    }

    /// Locks as [`blocking_read`](Self::blocking_read) does, and gives a guard that keeps the lock
    /// alive.
    #[cfg(target_has_atomic = "ptr")]
    pub fn blocking_read_owned(self: &Arc<Self>) -> OwnedRwLockReadGuard<T, T, Lock> {
        self.try_read_owned()
            .unwrap_or_else(|| block_on(self.read_owned()))
    }

    /// Locks as [`blocking_write`](Self::blocking_write) does, and gives a guard that keeps the lock
    /// alive.
    #[cfg(target_has_atomic = "ptr")]
    pub fn blocking_write_owned(self: &Arc<Self>) -> OwnedRwLockWriteGuard<T, Lock> {
        self.try_write_owned()
            .unwrap_or_else(|| block_on(self.write_owned()))
    }
}
