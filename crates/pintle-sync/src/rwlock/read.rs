use core::{fmt, mem, ops::Deref, ptr::NonNull};

use super::RwLock;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::Permits,
};

/// Access for reading to the value of a [`RwLock`], or to a part of it, until it is dropped.
///
/// Dropping it lets the writer in that has waited longest, if this is the last reader. It may be
/// dropped on another thread than the one that locked.
///
/// # Invariants
///
/// It has one of the lock's permits. `data` points into the lock's value.
#[must_use = "the lock is released again as soon as the guard is dropped"]
pub struct RwLockReadGuard<'lock, T: ?Sized, Lock: ScopedRawMutex = DefaultMutex> {
    permits: &'lock Permits<Lock>,
    data: NonNull<T>,
}

// SAFETY: sending the guard gives the other thread `&T` (`T: Sync`) and a shared reference to the
// permits, of which it gives one back there (`Lock: Sync`).
unsafe impl<T: ?Sized + Sync, Lock: ScopedRawMutex + Sync> Send for RwLockReadGuard<'_, T, Lock> {}

// SAFETY: a shared guard gives out `&T` (`T: Sync`) and nothing else.
unsafe impl<T: ?Sized + Sync, Lock: ScopedRawMutex + Sync> Sync for RwLockReadGuard<'_, T, Lock> {}

// === impl RwLockReadGuard ===

impl<'lock, T: ?Sized, Lock: ScopedRawMutex> RwLockReadGuard<'lock, T, Lock> {
    /// # Safety
    ///
    /// The caller has a permit of the lock's, and gives it up to the guard.
    #[inline(always)]
    pub(super) unsafe fn new(lock: &'lock RwLock<T, Lock>) -> Self {
        // INVARIANT: the caller hands over the permit, and the pointer is to the value.
        Self {
            permits: &lock.permits,
            data: lock.value(),
        }
    }

    /// Keeps the lock for a part of the value.
    ///
    /// An associated function, so as not to hide a method of `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::{RwLock, RwLockReadGuard};
    ///
    /// let lock = RwLock::new((1, "one"));
    /// let name = RwLockReadGuard::map(lock.try_read().unwrap(), |pair| &pair.1);
    /// assert_eq!(*name, "one");
    /// ```
    pub fn map<U: ?Sized>(this: Self, f: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'lock, U, Lock> {
        let data = NonNull::from(f(&this));
        // INVARIANT: the permit goes over to the new guard, whose pointer is into the same value.
        let permits = this.permits;
        mem::forget(this);
        RwLockReadGuard { permits, data }
    }

    /// Keeps the lock for a part of the value, if `f` finds it.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` gives `None`.
    pub fn try_map<U: ?Sized>(
        this: Self,
        f: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<RwLockReadGuard<'lock, U, Lock>, Self> {
        let Some(data) = f(&this).map(NonNull::from) else {
            return Err(this);
        };
        // INVARIANT: as in `map`.
        let permits = this.permits;
        mem::forget(this);
        Ok(RwLockReadGuard { permits, data })
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Deref for RwLockReadGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the pointer is into the lock's value, which nobody writes as long as the guard has
        // its permit; the guard is borrowed for as long as the result.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Drop for RwLockReadGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        self.permits.give_one();
    }
}

impl<T: ?Sized + fmt::Debug, Lock: ScopedRawMutex> fmt::Debug for RwLockReadGuard<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, Lock: ScopedRawMutex> fmt::Display for RwLockReadGuard<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
