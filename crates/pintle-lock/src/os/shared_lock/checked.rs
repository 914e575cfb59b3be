//! What a mutex over a `SharedLock` has beyond those over other locks.

use super::{Acquired, Failure, SharedLock, SharedLockError, SharedRecovery};
use crate::blocking::{Mutex, MutexGuard};

type Checked<'a, T> = Result<MutexGuard<'a, T, SharedLock>, SharedLockError<'a, T>>;

impl<T: ?Sized> Mutex<T, SharedLock> {
    /// Waits for the lock, and tells if an owner has died with it.
    ///
    /// # Errors
    ///
    /// [`SharedLockError`]. With [`OwnerDied`](SharedLockError::OwnerDied) the mutex is locked.
    pub fn lock_checked(&self) -> Checked<'_, T> {
        self.checked(self.raw_mutex().acquire())
    }

    /// Takes the lock if that needs no wait, and tells if an owner has died with it.
    ///
    /// # Errors
    ///
    /// [`SharedLockError`]. With [`OwnerDied`](SharedLockError::OwnerDied) the mutex is locked.
    pub fn try_lock_checked(&self) -> Checked<'_, T> {
        self.checked(self.raw_mutex().try_acquire())
    }

    /// Waits for the lock until `deadline` at the latest, and tells if an owner has died with it. Not
    /// on macOS.
    ///
    /// # Errors
    ///
    /// [`SharedLockError`]. With [`OwnerDied`](SharedLockError::OwnerDied) the mutex is locked.
    #[cfg(not(target_vendor = "apple"))]
    pub fn lock_checked_until(&self, deadline: impl Into<pintle_park::Deadline>) -> Checked<'_, T> {
        self.checked(self.raw_mutex().acquire_until(deadline.into()))
    }

    fn checked(&self, outcome: Result<Acquired, Failure>) -> Checked<'_, T> {
        let acquired = outcome?;
        // SAFETY: acquired, and handed to the guard.
        let guard = unsafe { MutexGuard::new(self) };
        match acquired {
            Acquired::Sound => Ok(guard),
            Acquired::Suspect => Err(SharedLockError::OwnerDied(SharedRecovery(guard))),
        }
    }
}

impl<T> Mutex<T, SharedLock> {
    /// The mutex that another process has written to memory that both share, and
    /// [initialised](SharedLock::init); `None` if it has not yet.
    ///
    /// Everything the other process has written before is visible then.
    ///
    /// # Safety
    ///
    /// `place` is aligned and valid for reads for `'a`, as long as any process uses the mutex, and
    /// holds zeroes (as the system hands memory out) or a mutex of this very type, compiled by the
    /// same compiler against the same C library, which nobody moves.
    #[must_use]
    pub unsafe fn attach<'a>(place: *const Self) -> Option<&'a Self> {
        // SAFETY: within the memory that the caller answers for.
        let lock = unsafe { Self::lock_of(place) };
        // SAFETY: as above.
        let mutex = unsafe { &raw const (*lock).mutex };
        // SAFETY: zeroes or the C library's mutex of that lock, as the caller says.
        unsafe { super::posix::Mutex::attach(mutex) }?;
        // SAFETY: initialised, so that it was written before, and valid for `'a`.
        Some(unsafe { &*place })
    }
}
