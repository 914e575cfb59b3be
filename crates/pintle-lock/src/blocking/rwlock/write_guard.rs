use super::{MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockUpgradableGuard};
use crate::blocking::{RawRwLock, RawRwLockDowngrade, RawRwLockUpgrade};
use crate::spin::RwSpinlock;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

/// Access to the value of an [`RwLock`] for writing, until it is dropped.
///
/// # Invariants
///
/// The lock is held exclusively, and this guard alone stands for it.
#[must_use = "the lock is released as soon as the guard is dropped"]
pub struct RwLockWriteGuard<'lock, T: ?Sized, Lock: RawRwLock = RwSpinlock> {
    rwlock: &'lock RwLock<T, Lock>,
    /// Says whether the lock may be released by another thread than the one that took it.
    marker: PhantomData<(&'lock mut T, Lock::GuardMarker)>,
}

// SAFETY: sending the guard gives the other thread the data (`T: Send`); a shared reference to the
// lock (`Lock: Sync`), which is released there, as its marker allows or not; and, by a downgrade, a
// shared reference to data that the first thread may read as well (`T: Sync`).
unsafe impl<T, Lock> Send for RwLockWriteGuard<'_, T, Lock>
where
    T: ?Sized + Send + Sync,
    Lock: RawRwLock + Sync,
    Lock::GuardMarker: Send,
{
}

// SAFETY: a shared guard gives out `&T` and nothing else.
unsafe impl<T, Lock> Sync for RwLockWriteGuard<'_, T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawRwLock + Sync,
{
}

// === impl RwLockWriteGuard ===

impl<'lock, T: ?Sized, Lock: RawRwLock> RwLockWriteGuard<'lock, T, Lock> {
    /// Wraps an `RwLock` whose lock is held exclusively already.
    ///
    /// # Safety
    ///
    /// The caller holds the lock exclusively and gives it up to the guard.
    #[inline]
    pub(super) unsafe fn new(rwlock: &'lock RwLock<T, Lock>) -> Self {
        // INVARIANT: the caller hands over the lock.
        Self {
            rwlock,
            marker: PhantomData,
        }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// A function of the type and no method, so that it hides none of the value's. If `f` panics
    /// the lock is released.
    ///
    /// ```
    /// use pintle_lock::blocking::{RwLock, RwLockWriteGuard};
    ///
    /// let pair = RwLock::new((1, String::from("one")));
    /// RwLockWriteGuard::map(pair.write(), |pair| &mut pair.1).push('!');
    /// assert_eq!(pair.read().1, "one!");
    /// ```
    #[inline]
    pub fn map<U: ?Sized>(
        mut guard: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'lock, U, Lock> {
        let part = core::ptr::from_mut(f(&mut guard));
        let rwlock = guard.into_rwlock();
        // SAFETY: `part` is part of the value, and the lock is handed over: it is the guard's own,
        // which was not dropped.
        unsafe { MappedRwLockWriteGuard::new(&rwlock.lock, part) }
    }

    /// Narrows the guard to a part of the value, if it has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` returned `None`.
    #[inline]
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedRwLockWriteGuard<'lock, U, Lock>, Self> {
        let Some(part) = f(&mut guard).map(core::ptr::from_mut) else {
            return Err(guard);
        };
        let rwlock = guard.into_rwlock();
        // SAFETY: as in `map`.
        Ok(unsafe { MappedRwLockWriteGuard::new(&rwlock.lock, part) })
    }

    /// Ends the guard without releasing the lock.
    #[inline]
    pub(super) fn into_rwlock(self) -> &'lock RwLock<T, Lock> {
        ManuallyDrop::new(self).rwlock
    }
}

impl<'lock, T: ?Sized, Lock: RawRwLockDowngrade> RwLockWriteGuard<'lock, T, Lock> {
    /// Makes it a guard for reading, at once: no other writer comes in between.
    ///
    /// ```
    /// use pintle_lock::blocking::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(0);
    /// let mut written = lock.write();
    /// *written = 1;
    /// let read = RwLockWriteGuard::downgrade(written);
    /// assert_eq!((*read, *lock.read()), (1, 1));
    /// ```
    #[inline]
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'lock, T, Lock> {
        let rwlock = guard.into_rwlock();
        // SAFETY: the guard held the lock exclusively, and was not dropped.
        unsafe { rwlock.lock.downgrade() };
        // SAFETY: the lock is shared now, and that share is handed to the new guard.
        unsafe { RwLockReadGuard::new(rwlock) }
    }
}

impl<'lock, T: ?Sized, Lock: RawRwLockUpgrade> RwLockWriteGuard<'lock, T, Lock> {
    /// Makes it an upgradable guard, at once: no other writer comes in between.
    #[inline]
    pub fn downgrade_to_upgradable(guard: Self) -> RwLockUpgradableGuard<'lock, T, Lock> {
        let rwlock = guard.into_rwlock();
        // SAFETY: the guard held the lock exclusively, and was not dropped.
        unsafe { rwlock.lock.downgrade_to_upgradable() };
        // SAFETY: the lock is held upgradably now, and handed to the new guard.
        unsafe { RwLockUpgradableGuard::new(rwlock) }
    }
}

impl<T: ?Sized, Lock: RawRwLock> Deref for RwLockWriteGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.rwlock.data.with(|data| {
            // SAFETY: the guard's lock excludes every writer but this guard, which is borrowed for
            // as long as the result.
            unsafe { &*data }
        })
    }
}

impl<T: ?Sized, Lock: RawRwLock> DerefMut for RwLockWriteGuard<'_, T, Lock> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.rwlock.data.with_mut(|data| {
            // SAFETY: the guard's lock excludes everybody but this guard, which is borrowed
            // exclusively for as long as the result.
            unsafe { &mut *data }
        })
    }
}

impl<T: ?Sized, Lock: RawRwLock> Drop for RwLockWriteGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the guard's invariant the lock is held, and it is released only here.
        unsafe { self.rwlock.lock.unlock_exclusive() }
    }
}
