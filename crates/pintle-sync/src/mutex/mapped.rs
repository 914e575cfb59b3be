use core::{
    fmt,
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
    ptr::NonNull,
};

use super::MutexGuard;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::Permits,
};

/// Access to a part of the value of a [`Mutex`](super::Mutex), until it is dropped: what
/// [`MutexGuard::map`] gives.
///
/// # Invariants
///
/// It has the mutex's permit. `data` points into the value, and nobody else has a reference to
/// what it points to.
#[must_use = "the lock is released again as soon as the guard is dropped"]
pub struct MappedMutexGuard<'a, T: ?Sized, L: ScopedRawMutex = DefaultMutex> {
    permits: &'a Permits<L>,
    data: NonNull<T>,
    marker: PhantomData<&'a mut T>,
}

// SAFETY: sending the guard gives the other thread `&mut T` (`T: Send`) and a shared reference to the
// permits, which it gives back there (`L: Sync`).
unsafe impl<T: ?Sized + Send, L: ScopedRawMutex + Sync> Send for MappedMutexGuard<'_, T, L> {}

// SAFETY: a shared guard gives out `&T` (`T: Sync`) and nothing else.
unsafe impl<T: ?Sized + Sync, L: ScopedRawMutex + Sync> Sync for MappedMutexGuard<'_, T, L> {}

// === impl MutexGuard ===

impl<'a, T: ?Sized, L: ScopedRawMutex> MutexGuard<'a, T, L> {
    /// Keeps the lock for a part of the value.
    ///
    /// An associated function, so as not to hide a method of `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::{Mutex, MutexGuard};
    ///
    /// let mutex = Mutex::new((1, 2));
    /// let mut second = MutexGuard::map(mutex.try_lock().unwrap(), |pair| &mut pair.1);
    /// *second += 1;
    /// drop(second);
    /// assert_eq!(mutex.into_inner(), (1, 3));
    /// ```
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U, L> {
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
    ) -> Result<MappedMutexGuard<'a, U, L>, Self> {
        match f(&mut this).map(NonNull::from) {
            // INVARIANT: as in `map`.
            Some(data) => Ok(this.into_mapped(data)),
            None => Err(this),
        }
    }

    fn into_mapped<U: ?Sized>(self, data: NonNull<U>) -> MappedMutexGuard<'a, U, L> {
        let permits = &self.mutex.permits;
        mem::forget(self);
        MappedMutexGuard {
            permits,
            data,
            marker: PhantomData,
        }
    }
}

// === impl MappedMutexGuard ===

impl<'a, T: ?Sized, L: ScopedRawMutex> MappedMutexGuard<'a, T, L> {
    /// Keeps the lock for a part of the part.
    ///
    /// An associated function, so as not to hide a method of `T`.
    pub fn map<U: ?Sized>(
        mut this: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U, L> {
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
    ) -> Result<MappedMutexGuard<'a, U, L>, Self> {
        match f(&mut this).map(NonNull::from) {
            // INVARIANT: as in `map`.
            Some(data) => Ok(this.with_data(data)),
            None => Err(this),
        }
    }

    fn with_data<U: ?Sized>(self, data: NonNull<U>) -> MappedMutexGuard<'a, U, L> {
        let permits = self.permits;
        mem::forget(self);
        MappedMutexGuard {
            permits,
            data,
            marker: PhantomData,
        }
    }
}

impl<T: ?Sized, L: ScopedRawMutex> Deref for MappedMutexGuard<'_, T, L> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: nobody else has a reference to what the pointer points to (invariant), and the guard
        // is borrowed for as long as the result.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, L: ScopedRawMutex> DerefMut for MappedMutexGuard<'_, T, L> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: nobody else has a reference to what the pointer points to (invariant), and the guard
        // is borrowed exclusively for as long as the result.
        unsafe { self.data.as_mut() }
    }
}

impl<T: ?Sized, L: ScopedRawMutex> Drop for MappedMutexGuard<'_, T, L> {
    #[inline]
    fn drop(&mut self) {
        self.permits.give_only();
    }
}

impl<T: ?Sized + fmt::Debug, L: ScopedRawMutex> fmt::Debug for MappedMutexGuard<'_, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, L: ScopedRawMutex> fmt::Display for MappedMutexGuard<'_, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
