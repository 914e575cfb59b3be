use core::{
    fmt, mem,
    ops::{Deref, DerefMut},
};

use super::{ALL, RwLock, RwLockReadGuard};
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// Access to the value of a [`RwLock`] for one alone, until it is dropped.
///
/// Dropping it lets in who has waited longest: one writer, or as many readers as come before the next
/// writer. It may be dropped on another thread than the one that locked.
///
/// # Invariants
///
/// It has all of the lock's permits.
#[must_use = "the lock is released again as soon as the guard is dropped"]
pub struct RwLockWriteGuard<'lock, T: ?Sized, Lock: ScopedRawMutex = DefaultMutex> {
    pub(super) lock: &'lock RwLock<T, Lock>,
}

// SAFETY: sending the guard gives the other thread the data (`T: Send`) and a shared reference to the
// lock, whose permits it gives back there (`Lock: Sync`); it can be read by others after that, while
// this thread reads too (`T: Sync`).
unsafe impl<T, Lock> Send for RwLockWriteGuard<'_, T, Lock>
where
    T: ?Sized + Send + Sync,
    Lock: ScopedRawMutex + Sync,
{
}

// SAFETY: a shared guard gives out `&T` (`T: Sync`) and nothing else.
unsafe impl<T, Lock> Sync for RwLockWriteGuard<'_, T, Lock>
where
    T: ?Sized + Send + Sync,
    Lock: ScopedRawMutex + Sync,
{
}

// === impl RwLockWriteGuard ===

impl<'lock, T: ?Sized, Lock: ScopedRawMutex> RwLockWriteGuard<'lock, T, Lock> {
    /// # Safety
    ///
    /// The caller has all of the lock's permits, and gives them up to the guard.
    #[inline(always)]
    pub(super) unsafe fn new(lock: &'lock RwLock<T, Lock>) -> Self {
        // INVARIANT: the caller hands over the permits.
        Self { lock }
    }

    /// Turns this into a guard for reading, without letting another writer in between.
    ///
    /// Readers that wait for nothing but this guard are let in. An associated function, so as not to
    /// hide a method of `T`.
    ///
    /// # Panics
    ///
    /// If a waker panics; then the lock is released.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let mut guard = lock.try_write().unwrap();
    /// *guard += 1;
    /// let guard = RwLockWriteGuard::downgrade(guard);
    /// assert_eq!((*guard, *lock.try_read().unwrap()), (2, 2));
    /// ```
    pub fn downgrade(this: Self) -> RwLockReadGuard<'lock, T, Lock> {
        let lock = this.lock;
        mem::forget(this);
        // SAFETY: one of the permits that the forgotten guard had is the new one's, and the others are
        // given back next.
        let guard = unsafe { RwLockReadGuard::new(lock) };
        lock.permits.give(ALL - 1);
        guard
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Deref for RwLockWriteGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.lock.data.with(|data| {
            // SAFETY: the guard's permits keep out everybody but this guard, which is borrowed for as
            // long as the result.
            unsafe { &*data }
        })
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> DerefMut for RwLockWriteGuard<'_, T, Lock> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.lock.data.with_mut(|data| {
            // SAFETY: the guard's permits keep out everybody but this guard, which is borrowed
            // exclusively for as long as the result.
            unsafe { &mut *data }
        })
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Drop for RwLockWriteGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        self.lock.permits.give(ALL);
    }
}

impl<T: ?Sized + fmt::Debug, Lock: ScopedRawMutex> fmt::Debug for RwLockWriteGuard<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T, Lock> fmt::Display for RwLockWriteGuard<'_, T, Lock>
where
    T: ?Sized + fmt::Display,
    Lock: ScopedRawMutex,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
