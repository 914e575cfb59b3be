use core::{
    fmt,
    ops::{Deref, DerefMut},
};

use super::Mutex;
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// Access to the value of a locked [`Mutex`], until it is dropped.
///
/// Dropping it hands the mutex to whoever has waited longest. It may be dropped on another thread
/// than the one that locked.
///
/// # Invariants
///
/// It has the mutex's permit.
#[must_use = "the mutex is unlocked again as soon as the guard is dropped"]
pub struct MutexGuard<'a, T: ?Sized, L: ScopedRawMutex = DefaultMutex> {
    pub(super) mutex: &'a Mutex<T, L>,
}

// SAFETY: sending the guard gives the other thread the data (`T: Send`) and a shared reference to
// the mutex's permits, which it gives back there (`L: Sync`).
unsafe impl<T: ?Sized + Send, L: ScopedRawMutex + Sync> Send for MutexGuard<'_, T, L> {}

// SAFETY: a shared guard gives out `&T` (`T: Sync`) and the mutex (see its `Sync`).
unsafe impl<T: ?Sized + Send + Sync, L: ScopedRawMutex + Sync> Sync for MutexGuard<'_, T, L> {}

// === impl MutexGuard ===

impl<'a, T: ?Sized, L: ScopedRawMutex> MutexGuard<'a, T, L> {
    /// # Safety
    ///
    /// The caller has the mutex's permit, and gives it up to the guard.
    #[inline(always)]
    pub(super) unsafe fn new(mutex: &'a Mutex<T, L>) -> Self {
        // INVARIANT: the caller hands over the permit.
        Self { mutex }
    }

    /// The mutex that this guard locks.
    ///
    /// An associated function, so as not to hide a method of `T`.
    #[must_use]
    pub fn mutex(this: &Self) -> &'a Mutex<T, L> {
        this.mutex
    }

    /// Gives up the guard without the permit, which is the caller's then.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(super) fn forget(self) {
        core::mem::forget(self);
    }
}

impl<T: ?Sized, L: ScopedRawMutex> Deref for MutexGuard<'_, T, L> {
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

impl<T: ?Sized, L: ScopedRawMutex> DerefMut for MutexGuard<'_, T, L> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.mutex.data.with_mut(|data| {
            // SAFETY: the guard's permit keeps out everybody but this guard, which is borrowed
            // exclusively for as long as the result.
            unsafe { &mut *data }
        })
    }
}

impl<T: ?Sized, L: ScopedRawMutex> Drop for MutexGuard<'_, T, L> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.permits.give_only();
    }
}

impl<T: ?Sized + fmt::Debug, L: ScopedRawMutex> fmt::Debug for MutexGuard<'_, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, L: ScopedRawMutex> fmt::Display for MutexGuard<'_, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
