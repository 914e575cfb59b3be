use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    ptr,
};

use super::{ALL, OwnedRwLockReadGuard, RwLock, future};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::Take,
};

/// Access to the value of a [`RwLock`] that it keeps alive, for one alone, until it is dropped.
///
/// As [`RwLockWriteGuard`](super::RwLockWriteGuard), but without a lifetime.
///
/// # Invariants
///
/// It has all of the lock's permits.
#[must_use = "the lock is released again as soon as the guard is dropped"]
pub struct OwnedRwLockWriteGuard<T: ?Sized, Lock: ScopedRawMutex = DefaultMutex> {
    pub(super) lock: Arc<RwLock<T, Lock>>,
}

// `Send` and `Sync` come from the `Arc`, which is so if the lock is both: `T: Send + Sync` and
// `Lock: Send + Sync`.

// === impl RwLock ===

impl<T: ?Sized, Lock: ScopedRawMutex> RwLock<T, Lock> {
    /// Locks for writing, and gives a guard that keeps the lock alive.
    ///
    /// The future is fused: polled again after it has given a guard it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// As for [`write`](Self::write).
    pub fn write_owned(self: &Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T, Lock>> {
        // INVARIANT: all permits have just been taken.
        future::take(&self.permits, ALL, || OwnedRwLockWriteGuard {
            lock: Arc::clone(self),
        })
    }

    /// Locks for writing, if nobody reads or writes and nobody waits, and gives a guard that keeps the
    /// lock alive. Lock-free.
    pub fn try_write_owned(self: &Arc<Self>) -> Option<OwnedRwLockWriteGuard<T, Lock>> {
        match self.permits.take(ALL) {
            // INVARIANT: all permits have just been taken.
            Take::Taken => Some(OwnedRwLockWriteGuard {
                lock: Arc::clone(self),
            }),
            Take::Short | Take::Closed => None,
        }
    }
}

// === impl OwnedRwLockWriteGuard ===

impl<T: ?Sized, Lock: ScopedRawMutex> OwnedRwLockWriteGuard<T, Lock> {
    /// The lock that this guard writes by.
    ///
    /// An associated function, so as not to hide a method of `T`.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T, Lock>> {
        &this.lock
    }

    /// Turns this into a guard for reading, without letting another writer in between.
    ///
    /// As [`RwLockWriteGuard::downgrade`](super::RwLockWriteGuard::downgrade).
    ///
    /// # Panics
    ///
    /// If a waker panics; then the lock is released.
    pub fn downgrade(this: Self) -> OwnedRwLockReadGuard<T, T, Lock> {
        let this = ManuallyDrop::new(this);
        // SAFETY: the guard that it is moved out of is not dropped.
        let lock = unsafe { ptr::read(&this.lock) };
        // SAFETY: one of the permits that the other guard had is this one's, and the others are given
        // back next.
        let guard = unsafe { OwnedRwLockReadGuard::new(lock) };
        OwnedRwLockReadGuard::rwlock(&guard).permits.give(ALL - 1);
        guard
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Deref for OwnedRwLockWriteGuard<T, Lock> {
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

impl<T: ?Sized, Lock: ScopedRawMutex> DerefMut for OwnedRwLockWriteGuard<T, Lock> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.lock.data.with_mut(|data| {
            // SAFETY: the guard's permits keep out everybody but this guard, which is borrowed
            // exclusively for as long as the result.
            unsafe { &mut *data }
        })
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Drop for OwnedRwLockWriteGuard<T, Lock> {
    #[inline]
    fn drop(&mut self) {
        self.lock.permits.give(ALL);
    }
}

impl<T: ?Sized + fmt::Debug, Lock: ScopedRawMutex> fmt::Debug for OwnedRwLockWriteGuard<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T, Lock> fmt::Display for OwnedRwLockWriteGuard<T, Lock>
where
    T: ?Sized + fmt::Display,
    Lock: ScopedRawMutex,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
