use alloc::sync::Arc;
use core::{
    fmt,
    ops::{Deref, DerefMut},
};

use super::{LockOwned, Mutex, MutexGuard};
use crate::blocking::ScopedRawMutex;

/// Access to the value of a locked [`Mutex`] that it keeps alive, until it is dropped.
///
/// As [`MutexGuard`], but without a lifetime.
///
/// # Invariants
///
/// It has the mutex's permit.
#[must_use = "the mutex is unlocked again as soon as the guard is dropped"]
pub struct OwnedMutexGuard<T: ?Sized, L: ScopedRawMutex> {
    pub(super) mutex: Arc<Mutex<T, L>>,
}

// SAFETY: sending the guard gives the other thread the data (`T: Send`) and a share of the mutex,
// whose last owner drops it (`T: Send`, `L: Send`); the permit is given back there (`L: Sync`).
unsafe impl<T: ?Sized + Send, L: ScopedRawMutex + Send + Sync> Send for OwnedMutexGuard<T, L> {}

// SAFETY: a shared guard gives out `&T` (`T: Sync`) and the mutex (see its `Sync`), which may be
// cloned as an `Arc` (`T: Send`, `L: Send`).
unsafe impl<T, L> Sync for OwnedMutexGuard<T, L>
where
    T: ?Sized + Send + Sync,
    L: ScopedRawMutex + Send + Sync,
{
}

// === impl Mutex ===

impl<T: ?Sized, L: ScopedRawMutex> Mutex<T, L> {
    /// Locks the mutex and gives a guard that keeps it alive.
    ///
    /// The future is fused: polled again after it has given a guard it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// As for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{sync::Arc, thread};
    /// use futures::executor::block_on;
    /// use pintle_sync::Mutex;
    ///
    /// let mutex = Arc::new(Mutex::new(1));
    /// let mut guard = block_on(mutex.clone().lock_owned());
    /// thread::spawn(move || *guard += 1).join().unwrap();
    /// assert_eq!(*block_on(mutex.lock()), 2);
    /// ```
    pub fn lock_owned(self: Arc<Self>) -> LockOwned<T, L> {
        LockOwned::new(self)
    }

    /// Locks the mutex, if it is unlocked and nobody waits for it, and gives a guard that keeps it
    /// alive. Lock-free.
    ///
    /// # Errors
    ///
    /// The `Arc` comes back, if somebody has the lock or waits for it.
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T, L>, Arc<Self>> {
        match self.try_lock().map(MutexGuard::forget) {
            // INVARIANT: the permit was the guard's.
            Some(()) => Ok(OwnedMutexGuard { mutex: self }),
            None => Err(self),
        }
    }
}

// === impl OwnedMutexGuard ===

impl<T: ?Sized, L: ScopedRawMutex> OwnedMutexGuard<T, L> {
    /// The mutex that this guard locks.
    ///
    /// An associated function, so as not to hide a method of `T`.
    #[must_use]
    pub fn mutex(this: &Self) -> &Arc<Mutex<T, L>> {
        &this.mutex
    }
}

impl<T: ?Sized, L: ScopedRawMutex> Deref for OwnedMutexGuard<T, L> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.mutex.data.with(|data| {
            // SAFETY: the guard's permit keeps out everybody but this guard, which is borrowed for
            // as long as the result.
            unsafe { &*data }
        })
    }
}

impl<T: ?Sized, L: ScopedRawMutex> DerefMut for OwnedMutexGuard<T, L> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.mutex.data.with_mut(|data| {
            // SAFETY: the guard's permit keeps out everybody but this guard, which is borrowed
            // exclusively for as long as the result.
            unsafe { &mut *data }
        })
    }
}

impl<T: ?Sized, L: ScopedRawMutex> Drop for OwnedMutexGuard<T, L> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.permits.give_only();
    }
}

impl<T: ?Sized + fmt::Debug, L: ScopedRawMutex> fmt::Debug for OwnedMutexGuard<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, L: ScopedRawMutex> fmt::Display for OwnedMutexGuard<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
