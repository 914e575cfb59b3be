#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;

#[cfg(target_has_atomic = "ptr")]
use super::OwnedPermit;
use super::{Permit, Semaphore, TryAcquireError};
use crate::{Closed, blocking::ScopedRawMutex, util::block_on};

// === impl Semaphore ===

impl<Lock: ScopedRawMutex> Semaphore<Lock> {
    /// Takes `permits` permits; the thread sleeps while it waits, in line with the tasks.
    ///
    /// Not for a task, an interrupt handler or a critical section: who has the permits might need this
    /// very thread to go on. Allocates if it has to wait.
    ///
    /// # Errors
    ///
    /// [`Closed`] if the semaphore is closed before it has them.
    ///
    /// # Panics
    ///
    /// If that is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use pintle_sync::Semaphore;
    ///
    /// static DONE: Semaphore = Semaphore::new(0);
    ///
    /// let other = thread::spawn(|| DONE.add_permits(1));
    /// DONE.blocking_acquire(1).expect("nobody closes it").forget();
    /// other.join().unwrap();
    /// ```
    #[track_caller]
    pub fn blocking_acquire(&self, permits: usize) -> Result<Permit<'_, Lock>, Closed> {
        match self.try_acquire(permits) {
            Err(TryAcquireError::InsufficientPermits) => block_on(self.acquire(permits)),
            done => done.map_err(|_| Closed),
        }
    }

    /// Takes permits as [`blocking_acquire`](Self::blocking_acquire) does, and keeps the semaphore
    /// alive.
    ///
    /// # Errors
    ///
    /// As for [`blocking_acquire`](Self::blocking_acquire).
    ///
    /// # Panics
    ///
    /// As [`blocking_acquire`](Self::blocking_acquire).
    #[cfg(target_has_atomic = "ptr")]
    #[track_caller]
    pub fn blocking_acquire_owned(
        self: &Arc<Self>,
        permits: usize,
    ) -> Result<OwnedPermit<Lock>, Closed> {
        match self.try_acquire_owned(permits) {
            Err(TryAcquireError::InsufficientPermits) => block_on(self.acquire_owned(permits)),
            done => done.map_err(|_| Closed),
        }
    }
}
