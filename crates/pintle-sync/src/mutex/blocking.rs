#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;

#[cfg(target_has_atomic = "ptr")]
use super::OwnedMutexGuard;
use super::{Mutex, MutexGuard};
use crate::{blocking::ScopedRawMutex, util::block_on};

// === impl Mutex ===

impl<T: ?Sized, L: ScopedRawMutex> Mutex<T, L> {
    /// Locks the mutex; the thread sleeps while it waits, in line with the tasks.
    ///
    /// Not for a task, an interrupt handler or a critical section: who has the lock might need this
    /// very thread to go on. Allocates if it has to wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use futures::executor::block_on;
    /// use pintle_sync::Mutex;
    ///
    /// static COUNT: Mutex<u32> = Mutex::new(0);
    ///
    /// let other = thread::spawn(|| *COUNT.blocking_lock() += 1);
    /// block_on(async { *COUNT.lock().await += 1 });
    /// other.join().unwrap();
    /// assert_eq!(*COUNT.blocking_lock(), 2);
    /// ```
    pub fn blocking_lock(&self) -> MutexGuard<'_, T, L> {
        self.try_lock().unwrap_or_else(|| block_on(self.lock()))
    }

    /// Locks the mutex as [`blocking_lock`](Self::blocking_lock) does, and gives a guard that keeps it
    /// alive.
    #[cfg(target_has_atomic = "ptr")]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T, L> {
        self.try_lock_owned()
            .unwrap_or_else(|this| block_on(this.lock_owned()))
    }
}
