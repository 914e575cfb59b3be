use alloc::sync::Arc;
use core::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    ptr::{self, NonNull},
};

use super::{ALL, OwnedRwLockWriteGuard, RwLock};
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// Access to a part, a `U`, of the value of a [`RwLock`] that it keeps alive, until it is dropped: what
/// [`OwnedRwLockWriteGuard::map`] gives.
///
/// # Invariants
///
/// It has all of the lock's permits. `data` points into the value, and nobody else has a reference to
/// what it points to.
#[must_use = "the lock is released again as soon as the guard is dropped"]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized, U: ?Sized, Lock: ScopedRawMutex = DefaultMutex> {
    lock: Arc<RwLock<T, Lock>>,
    data: NonNull<U>,
    marker: PhantomData<*mut U>,
}

// SAFETY: sending the guard gives the other thread `&mut U` (`U: Send`) and a share of the lock, which
// may be locked there, and whose last owner drops it (the `Arc` must be `Send`).
unsafe impl<T: ?Sized, U: ?Sized + Send, Lock: ScopedRawMutex> Send
    for OwnedRwLockMappedWriteGuard<T, U, Lock>
where
    Arc<RwLock<T, Lock>>: Send,
{
}

// SAFETY: a shared guard gives out `&U` (`U: Sync`) and the lock (the `Arc` must be `Sync`).
unsafe impl<T: ?Sized, U: ?Sized + Sync, Lock: ScopedRawMutex> Sync
    for OwnedRwLockMappedWriteGuard<T, U, Lock>
where
    Arc<RwLock<T, Lock>>: Sync,
{
}

// === impl OwnedRwLockWriteGuard ===

impl<T: ?Sized, Lock: ScopedRawMutex> OwnedRwLockWriteGuard<T, Lock> {
    /// Keeps the lock for a part of the value.
    ///
    /// An associated function, so as not to hide a method of `T`.
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> OwnedRwLockMappedWriteGuard<T, U, Lock> {
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
    ) -> Result<OwnedRwLockMappedWriteGuard<T, U, Lock>, Self> {
        match f(&mut this).map(NonNull::from) {
            // INVARIANT: as in `map`.
            Some(data) => Ok(this.into_mapped(data)),
            None => Err(this),
        }
    }

    fn into_mapped<U: ?Sized>(self, data: NonNull<U>) -> OwnedRwLockMappedWriteGuard<T, U, Lock> {
        let this = ManuallyDrop::new(self);
        OwnedRwLockMappedWriteGuard {
            // SAFETY: the guard that it is moved out of is not dropped.
            lock: unsafe { ptr::read(&this.lock) },
            data,
            marker: PhantomData,
        }
    }
}

// === impl OwnedRwLockMappedWriteGuard ===

impl<T: ?Sized, U: ?Sized, Lock: ScopedRawMutex> OwnedRwLockMappedWriteGuard<T, U, Lock> {
    /// The lock that this guard has.
    ///
    /// An associated function, so as not to hide a method of `U`.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T, Lock>> {
        &this.lock
    }

    /// Keeps the lock for a part of the part.
    ///
    /// An associated function, so as not to hide a method of `U`.
    pub fn map<V: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut U) -> &mut V,
    ) -> OwnedRwLockMappedWriteGuard<T, V, Lock> {
        let data = NonNull::from(f(&mut this));
        // INVARIANT: the permits go over to the new guard, and the reference to the part does.
        this.with_data(data)
    }

    /// Keeps the lock for a part of the part, if `f` finds it.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` gives `None`.
    pub fn try_map<V: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, V, Lock>, Self> {
        match f(&mut this).map(NonNull::from) {
            // INVARIANT: as in `map`.
            Some(data) => Ok(this.with_data(data)),
            None => Err(this),
        }
    }

    fn with_data<V: ?Sized>(self, data: NonNull<V>) -> OwnedRwLockMappedWriteGuard<T, V, Lock> {
        let this = ManuallyDrop::new(self);
        OwnedRwLockMappedWriteGuard {
            // SAFETY: the guard that it is moved out of is not dropped.
            lock: unsafe { ptr::read(&this.lock) },
            data,
            marker: PhantomData,
        }
    }
}

impl<T: ?Sized, U: ?Sized, Lock: ScopedRawMutex> Deref for OwnedRwLockMappedWriteGuard<T, U, Lock> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: nobody else has a reference to what the pointer points to (invariant), and the guard
        // is borrowed for as long as the result.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, U: ?Sized, Lock: ScopedRawMutex> DerefMut
    for OwnedRwLockMappedWriteGuard<T, U, Lock>
{
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: nobody else has a reference to what the pointer points to (invariant), and the guard
        // is borrowed exclusively for as long as the result.
        unsafe { self.data.as_mut() }
    }
}

impl<T: ?Sized, U: ?Sized, Lock: ScopedRawMutex> Drop for OwnedRwLockMappedWriteGuard<T, U, Lock> {
    #[inline]
    fn drop(&mut self) {
        self.lock.permits.give(ALL);
    }
}

impl<T, U, Lock> fmt::Debug for OwnedRwLockMappedWriteGuard<T, U, Lock>
where
    T: ?Sized,
    U: ?Sized + fmt::Debug,
    Lock: ScopedRawMutex,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T, U, Lock> fmt::Display for OwnedRwLockMappedWriteGuard<T, U, Lock>
where
    T: ?Sized,
    U: ?Sized + fmt::Display,
    Lock: ScopedRawMutex,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
