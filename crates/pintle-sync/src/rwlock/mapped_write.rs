use core::{
    fmt,
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
    ptr::NonNull,
};

use super::{ALL, RwLockWriteGuard};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::Permits,
};

/// Access to a part of the value of a [`RwLock`](super::RwLock), until it is dropped: what
/// [`RwLockWriteGuard::map`] gives.
///
/// # Invariants
///
/// It has all of the lock's permits. `data` points into the value, and nobody else has a reference to
/// what it points to.
#[must_use = "the lock is released again as soon as the guard is dropped"]
pub struct RwLockMappedWriteGuard<'lock, T: ?Sized, Lock: ScopedRawMutex = DefaultMutex> {
    permits: &'lock Permits<Lock>,
    data: NonNull<T>,
    marker: PhantomData<&'lock mut T>,
}

// SAFETY: sending the guard gives the other thread `&mut T` (`T: Send`) and a shared reference to the
// permits, which it gives back there (`Lock: Sync`).
unsafe impl<T: ?Sized + Send, Lock: ScopedRawMutex + Sync> Send
    for RwLockMappedWriteGuard<'_, T, Lock>
{
}

// SAFETY: a shared guard gives out `&T` (`T: Sync`) and nothing else.
unsafe impl<T: ?Sized + Sync, Lock: ScopedRawMutex + Sync> Sync
    for RwLockMappedWriteGuard<'_, T, Lock>
{
}

// === impl RwLockWriteGuard ===

impl<'lock, T: ?Sized, Lock: ScopedRawMutex> RwLockWriteGuard<'lock, T, Lock> {
    /// Keeps the lock for a part of the value.
    ///
    /// An associated function, so as not to hide a method of `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new((1, 2));
    /// let mut second = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.1);
    /// *second += 1;
    /// drop(second);
    /// assert_eq!(lock.into_inner(), (1, 3));
    /// ```
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> RwLockMappedWriteGuard<'lock, U, Lock> {
        let data = NonNull::from(f(&mut this));
        // INVARIANT: the permits go over to the new guard, and the reference to the value does.
        this.into_mapped(data)
    }

    /// Keeps the lock for a part of the value, if `f` finds it.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` gives `None`.
    pub fn try_map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<RwLockMappedWriteGuard<'lock, U, Lock>, Self> {
        match f(&mut this).map(NonNull::from) {
            // INVARIANT: as in `map`.
            Some(data) => Ok(this.into_mapped(data)),
            None => Err(this),
        }
    }

    fn into_mapped<U: ?Sized>(self, data: NonNull<U>) -> RwLockMappedWriteGuard<'lock, U, Lock> {
        let permits = &self.lock.permits;
        mem::forget(self);
        RwLockMappedWriteGuard {
            permits,
            data,
            marker: PhantomData,
        }
    }
}

// === impl RwLockMappedWriteGuard ===

impl<'lock, T: ?Sized, Lock: ScopedRawMutex> RwLockMappedWriteGuard<'lock, T, Lock> {
    /// Keeps the lock for a part of the part.
    ///
    /// An associated function, so as not to hide a method of `T`.
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> RwLockMappedWriteGuard<'lock, U, Lock> {
        let data = NonNull::from(f(&mut this));
        // INVARIANT: the permits go over to the new guard, and the reference to the part does.
        this.with_data(data)
    }

    /// Keeps the lock for a part of the part, if `f` finds it.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` gives `None`.
    pub fn try_map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<RwLockMappedWriteGuard<'lock, U, Lock>, Self> {
        match f(&mut this).map(NonNull::from) {
            // INVARIANT: as in `map`.
            Some(data) => Ok(this.with_data(data)),
            None => Err(this),
        }
    }

    fn with_data<U: ?Sized>(self, data: NonNull<U>) -> RwLockMappedWriteGuard<'lock, U, Lock> {
        let permits = self.permits;
        mem::forget(self);
        RwLockMappedWriteGuard {
            permits,
            data,
            marker: PhantomData,
        }
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Deref for RwLockMappedWriteGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: nobody else has a reference to what the pointer points to (invariant), and the guard
        // is borrowed for as long as the result.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> DerefMut for RwLockMappedWriteGuard<'_, T, Lock> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: nobody else has a reference to what the pointer points to (invariant), and the guard
        // is borrowed exclusively for as long as the result.
        unsafe { self.data.as_mut() }
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Drop for RwLockMappedWriteGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        self.permits.give(ALL);
    }
}

impl<T: ?Sized + fmt::Debug, Lock: ScopedRawMutex> fmt::Debug
    for RwLockMappedWriteGuard<'_, T, Lock>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, Lock: ScopedRawMutex> fmt::Display
    for RwLockMappedWriteGuard<'_, T, Lock>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
