use super::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::blocking::RawRwLockUpgrade;
use crate::spin::RwSpinlock;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;

/// Access to the value of an [`RwLock`] for reading, which can become access for writing.
///
/// There is one at a time; readers may be there beside it.
///
/// # Invariants
///
/// The lock is held upgradably, and this guard alone stands for it.
#[must_use = "the lock is released as soon as the guard is dropped"]
pub struct RwLockUpgradableGuard<'lock, T: ?Sized, Lock: RawRwLockUpgrade = RwSpinlock> {
    rwlock: &'lock RwLock<T, Lock>,
    /// Says whether the lock may be released by another thread than the one that took it.
    marker: PhantomData<(&'lock mut T, Lock::GuardMarker)>,
}

// SAFETY: as for the guard for writing, which it can become: `T: Send` for that, `T: Sync` because
// the first thread may read beside it.
unsafe impl<T, Lock> Send for RwLockUpgradableGuard<'_, T, Lock>
where
    T: ?Sized + Send + Sync,
    Lock: RawRwLockUpgrade + Sync,
    Lock::GuardMarker: Send,
{
}

// SAFETY: a shared guard gives out `&T` and nothing else.
unsafe impl<T, Lock> Sync for RwLockUpgradableGuard<'_, T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawRwLockUpgrade + Sync,
{
}

// === impl RwLockUpgradableGuard ===

impl<'lock, T: ?Sized, Lock: RawRwLockUpgrade> RwLockUpgradableGuard<'lock, T, Lock> {
    /// Wraps an `RwLock` whose lock is held upgradably already.
    ///
    /// # Safety
    ///
    /// The caller holds the lock upgradably and gives it up to the guard.
    #[inline]
    pub(super) unsafe fn new(rwlock: &'lock RwLock<T, Lock>) -> Self {
        // INVARIANT: the caller hands over the lock.
        Self {
            rwlock,
            marker: PhantomData,
        }
    }

    /// Waits until the readers have left, and makes it a guard for writing.
    ///
    /// No other writer comes in between: what was read is still true. A thread that has a read guard of
    /// its own would wait for itself.
    #[inline]
    pub fn upgrade(self) -> RwLockWriteGuard<'lock, T, Lock> {
        let rwlock = self.into_rwlock();
        // SAFETY: the guard held the lock upgradably, and was not dropped.
        unsafe { rwlock.lock.upgrade() };
        // SAFETY: the lock is held exclusively now, and handed to the new guard.
        unsafe { RwLockWriteGuard::new(rwlock) }
    }

    /// Makes it a guard for writing if there is no reader.
    ///
    /// # Errors
    ///
    /// The guard itself, if there is one.
    ///
    /// ```
    /// use pintle_lock::blocking::RwLock;
    ///
    /// let lock = RwLock::new(0);
    /// let reader = lock.read();
    /// let guard = lock.upgradable_read().try_upgrade().unwrap_err();
    /// drop(reader);
    /// *guard.try_upgrade().unwrap() = 1;
    /// ```
    #[inline]
    pub fn try_upgrade(self) -> Result<RwLockWriteGuard<'lock, T, Lock>, Self> {
        // SAFETY: the guard holds the lock upgradably.
        if !unsafe { self.rwlock.lock.try_upgrade() } {
            return Err(self);
        }
        // SAFETY: the lock is held exclusively now, and handed to the new guard; the old one ends
        // without releasing it.
        Ok(unsafe { RwLockWriteGuard::new(self.into_rwlock()) })
    }

    /// Makes it a guard for reading, at once: another one may become upgradable then.
    #[inline]
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'lock, T, Lock> {
        let rwlock = guard.into_rwlock();
        // SAFETY: the guard held the lock upgradably, and was not dropped.
        unsafe { rwlock.lock.downgrade_upgradable() };
        // SAFETY: the lock is shared now, and that share is handed to the new guard.
        unsafe { RwLockReadGuard::new(rwlock) }
    }

    /// Ends the guard without releasing the lock.
    #[inline]
    fn into_rwlock(self) -> &'lock RwLock<T, Lock> {
        ManuallyDrop::new(self).rwlock
    }
}

impl<T: ?Sized, Lock: RawRwLockUpgrade> Deref for RwLockUpgradableGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.rwlock.data.with(|data| {
            // SAFETY: the guard's lock keeps writers out, and the guard is borrowed for as long as
            // the result.
            unsafe { &*data }
        })
    }
}

impl<T: ?Sized, Lock: RawRwLockUpgrade> Drop for RwLockUpgradableGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the guard's invariant the lock is held, and it is released only here.
        unsafe { self.rwlock.lock.unlock_upgradable() }
    }
}
