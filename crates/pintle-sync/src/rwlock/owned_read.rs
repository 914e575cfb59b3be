use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    mem::ManuallyDrop,
    ops::Deref,
    ptr::{self, NonNull},
};

use super::{RwLock, future};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::Take,
};

/// Access for reading to the value of a [`RwLock`] that it keeps alive, or to a part of it, until it
/// is dropped.
///
/// As [`RwLockReadGuard`](super::RwLockReadGuard), but without a lifetime. `U` is what is read, `T`
/// the lock's value.
///
/// # Invariants
///
/// It has one of the lock's permits. `data` points into the lock's value.
#[must_use = "the lock is released again as soon as the guard is dropped"]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T, Lock: ScopedRawMutex = DefaultMutex> {
    lock: Arc<RwLock<T, Lock>>,
    data: NonNull<U>,
}

// SAFETY: sending the guard gives the other thread `&U` (`U: Sync`) and a share of the lock, which may
// be locked there (`RwLock: Sync`) and whose last owner drops it (`RwLock: Send`).
unsafe impl<T, U, Lock> Send for OwnedRwLockReadGuard<T, U, Lock>
where
    T: ?Sized + Send + Sync,
    U: ?Sized + Sync,
    Lock: ScopedRawMutex + Send + Sync,
{
}

// SAFETY: a shared guard gives out `&U` (`U: Sync`) and the lock, which may be cloned as an `Arc`
// (`RwLock: Send + Sync`).
unsafe impl<T, U, Lock> Sync for OwnedRwLockReadGuard<T, U, Lock>
where
    T: ?Sized + Send + Sync,
    U: ?Sized + Sync,
    Lock: ScopedRawMutex + Send + Sync,
{
}

// === impl RwLock ===

impl<T: ?Sized, Lock: ScopedRawMutex> RwLock<T, Lock> {
    /// Locks for reading, and gives a guard that keeps the lock alive.
    ///
    /// The future is fused: polled again after it has given a guard it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// As for [`read`](Self::read).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{sync::Arc, thread};
    /// use futures::executor::block_on;
    /// use pintle_sync::RwLock;
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = block_on(lock.read_owned());
    /// thread::spawn(move || assert_eq!(*guard, 1)).join().unwrap();
    /// assert!(lock.try_write().is_some());
    /// ```
    pub fn read_owned(self: &Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T, T, Lock>> {
        // SAFETY: a permit has just been taken, and is the guard's.
        let guard = || unsafe { OwnedRwLockReadGuard::new(Arc::clone(self)) };
        future::take(&self.permits, 1, guard)
    }

    /// Locks for reading, if nobody writes and nobody waits, and gives a guard that keeps the lock
    /// alive. Lock-free.
    pub fn try_read_owned(self: &Arc<Self>) -> Option<OwnedRwLockReadGuard<T, T, Lock>> {
        match self.permits.take(1) {
            // SAFETY: a permit has just been taken, and is the guard's.
            Take::Taken => Some(unsafe { OwnedRwLockReadGuard::new(Arc::clone(self)) }),
            Take::Short | Take::Closed => None,
        }
    }
}

// === impl OwnedRwLockReadGuard ===

impl<T: ?Sized, Lock: ScopedRawMutex> OwnedRwLockReadGuard<T, T, Lock> {
    /// # Safety
    ///
    /// The caller has a permit of the lock's, and gives it up to the guard.
    pub(super) unsafe fn new(lock: Arc<RwLock<T, Lock>>) -> Self {
        // INVARIANT: the caller hands over the permit, and the pointer is to the value.
        let data = lock.value();
        Self { lock, data }
    }
}

impl<T: ?Sized, U: ?Sized, Lock: ScopedRawMutex> OwnedRwLockReadGuard<T, U, Lock> {
    /// The lock that this guard reads by.
    ///
    /// An associated function, so as not to hide a method of `U`.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T, Lock>> {
        &this.lock
    }

    /// Keeps the lock for a part of the value.
    ///
    /// An associated function, so as not to hide a method of `U`.
    pub fn map<V: ?Sized>(
        this: Self,
        f: impl FnOnce(&U) -> &V,
    ) -> OwnedRwLockReadGuard<T, V, Lock> {
        let data = NonNull::from(f(&this));
        this.with_data(data)
    }

    /// Keeps the lock for a part of the value, if `f` finds it.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` gives `None`.
    pub fn try_map<V: ?Sized>(
        this: Self,
        f: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<OwnedRwLockReadGuard<T, V, Lock>, Self> {
        match f(&this).map(NonNull::from) {
            Some(data) => Ok(this.with_data(data)),
            None => Err(this),
        }
    }

    /// The same guard for a part of what it is for.
    fn with_data<V: ?Sized>(self, data: NonNull<V>) -> OwnedRwLockReadGuard<T, V, Lock> {
        let this = ManuallyDrop::new(self);
        // INVARIANT: the permit goes over to the new guard, whose pointer is into the same value.
        OwnedRwLockReadGuard {
            // SAFETY: the guard that it is moved out of is not dropped.
            lock: unsafe { ptr::read(&this.lock) },
            data,
        }
    }
}

impl<T: ?Sized, U: ?Sized, Lock: ScopedRawMutex> Deref for OwnedRwLockReadGuard<T, U, Lock> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: the pointer is into the lock's value, which lives as long as the guard and which
        // nobody writes as long as that has its permit; the guard is borrowed for as long as the
        // result.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, U: ?Sized, Lock: ScopedRawMutex> Drop for OwnedRwLockReadGuard<T, U, Lock> {
    #[inline]
    fn drop(&mut self) {
        self.lock.permits.give_one();
    }
}

impl<T, U, Lock> fmt::Debug for OwnedRwLockReadGuard<T, U, Lock>
where
    T: ?Sized,
    U: ?Sized + fmt::Debug,
    Lock: ScopedRawMutex,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T, U, Lock> fmt::Display for OwnedRwLockReadGuard<T, U, Lock>
where
    T: ?Sized,
    U: ?Sized + fmt::Display,
    Lock: ScopedRawMutex,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
