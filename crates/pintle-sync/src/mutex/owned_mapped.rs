use alloc::sync::Arc;
use core::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    ptr::{self, NonNull},
};

use super::{Mutex, OwnedMutexGuard};
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// Access to a part, a `U`, of the value of a [`Mutex`] that it keeps alive, until it is dropped: what
/// [`OwnedMutexGuard::map`] gives.
///
/// # Invariants
///
/// It has the mutex's permit. `data` points into the value, and nobody else has a reference to
/// what it points to.
#[must_use = "the lock is released again as soon as the guard is dropped"]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized, L: ScopedRawMutex = DefaultMutex> {
    mutex: Arc<Mutex<T, L>>,
    data: NonNull<U>,
    marker: PhantomData<*mut U>,
}

// SAFETY: sending the guard gives the other thread `&mut U` (`U: Send`) and a share of the lock, which
// may be locked there, and whose last owner drops it (the `Arc` must be `Send`).
unsafe impl<T: ?Sized, U: ?Sized + Send, L: ScopedRawMutex> Send for OwnedMappedMutexGuard<T, U, L> where
    Arc<Mutex<T, L>>: Send
{
}

// SAFETY: a shared guard gives out `&U` (`U: Sync`) and the lock (the `Arc` must be `Sync`).
unsafe impl<T: ?Sized, U: ?Sized + Sync, L: ScopedRawMutex> Sync for OwnedMappedMutexGuard<T, U, L> where
    Arc<Mutex<T, L>>: Sync
{
}

// === impl OwnedMutexGuard ===

impl<T: ?Sized, L: ScopedRawMutex> OwnedMutexGuard<T, L> {
    /// Keeps the lock for a part of the value.
    ///
    /// An associated function, so as not to hide a method of `T`.
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> OwnedMappedMutexGuard<T, U, L> {
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
    ) -> Result<OwnedMappedMutexGuard<T, U, L>, Self> {
        match f(&mut this).map(NonNull::from) {
            // INVARIANT: as in `map`.
            Some(data) => Ok(this.into_mapped(data)),
            None => Err(this),
        }
    }

    fn into_mapped<U: ?Sized>(self, data: NonNull<U>) -> OwnedMappedMutexGuard<T, U, L> {
        let this = ManuallyDrop::new(self);
        OwnedMappedMutexGuard {
            // SAFETY: the guard that it is moved out of is not dropped.
            mutex: unsafe { ptr::read(&this.mutex) },
            data,
            marker: PhantomData,
        }
    }
}

// === impl OwnedMappedMutexGuard ===

impl<T: ?Sized, U: ?Sized, L: ScopedRawMutex> OwnedMappedMutexGuard<T, U, L> {
    /// The lock that this guard has.
    ///
    /// An associated function, so as not to hide a method of `U`.
    #[must_use]
    pub fn mutex(this: &Self) -> &Arc<Mutex<T, L>> {
        &this.mutex
    }

    /// Keeps the lock for a part of the part.
    ///
    /// An associated function, so as not to hide a method of `U`.
    pub fn map<V: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut U) -> &mut V,
    ) -> OwnedMappedMutexGuard<T, V, L> {
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
    ) -> Result<OwnedMappedMutexGuard<T, V, L>, Self> {
        match f(&mut this).map(NonNull::from) {
            // INVARIANT: as in `map`.
            Some(data) => Ok(this.with_data(data)),
            None => Err(this),
        }
    }

    fn with_data<V: ?Sized>(self, data: NonNull<V>) -> OwnedMappedMutexGuard<T, V, L> {
        let this = ManuallyDrop::new(self);
        OwnedMappedMutexGuard {
            // SAFETY: the guard that it is moved out of is not dropped.
            mutex: unsafe { ptr::read(&this.mutex) },
            data,
            marker: PhantomData,
        }
    }
}

impl<T: ?Sized, U: ?Sized, L: ScopedRawMutex> Deref for OwnedMappedMutexGuard<T, U, L> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: nobody else has a reference to what the pointer points to (invariant), and the guard
        // is borrowed for as long as the result.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, U: ?Sized, L: ScopedRawMutex> DerefMut for OwnedMappedMutexGuard<T, U, L> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: nobody else has a reference to what the pointer points to (invariant), and the guard
        // is borrowed exclusively for as long as the result.
        unsafe { self.data.as_mut() }
    }
}

impl<T: ?Sized, U: ?Sized, L: ScopedRawMutex> Drop for OwnedMappedMutexGuard<T, U, L> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.permits.give_only();
    }
}

impl<T, U, L> fmt::Debug for OwnedMappedMutexGuard<T, U, L>
where
    T: ?Sized,
    U: ?Sized + fmt::Debug,
    L: ScopedRawMutex,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T, U, L> fmt::Display for OwnedMappedMutexGuard<T, U, L>
where
    T: ?Sized,
    U: ?Sized + fmt::Display,
    L: ScopedRawMutex,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
