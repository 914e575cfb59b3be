use super::MutexGuard;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use mutex_traits::RawMutex;

/// Access to a part of the value of a locked [`Mutex`](super::Mutex), until it is dropped.
///
/// Made by [`MutexGuard::map`]; the whole mutex stays locked.
///
/// # Invariants
///
/// `lock` is held, and this guard alone stands for it. `part` points into what `lock` guards.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::{Mutex, MutexGuard}, spin::Spinlock};
///
/// let pair = Mutex::new_with_raw_mutex((1, "one"), Spinlock::new());
/// let mut number = MutexGuard::map(pair.lock(), |pair| &mut pair.0);
/// *number += 1;
/// drop(number);
/// assert_eq!(pair.into_inner(), (2, "one"));
/// ```
#[must_use = "the mutex is unlocked again as soon as the guard is dropped"]
pub struct MappedMutexGuard<'a, U: ?Sized, Lock: RawMutex> {
    lock: &'a Lock,
    part: NonNull<U>,
    /// Says whether the lock may be released by another thread than the one that took it, and that
    /// the guard hands out `&mut U`, which makes it invariant.
    marker: PhantomData<(&'a mut U, Lock::GuardMarker)>,
}

// SAFETY: sending the guard gives the other thread the part (`U: Send`), a shared reference to
// the lock (`Lock: Sync`), and has it released there, which the lock's marker allows or not. The
// rest of the value stays out of its reach.
unsafe impl<U, Lock> Send for MappedMutexGuard<'_, U, Lock>
where
    U: ?Sized + Send,
    Lock: RawMutex + Sync,
    Lock::GuardMarker: Send,
{
}

// SAFETY: a shared guard gives out `&U` and nothing else.
unsafe impl<U, Lock> Sync for MappedMutexGuard<'_, U, Lock>
where
    U: ?Sized + Sync,
    Lock: RawMutex + Sync,
{
}

// === impl MappedMutexGuard ===

impl<'a, U: ?Sized, Lock: RawMutex> MappedMutexGuard<'a, U, Lock> {
    /// Narrows a guard to a part of the value, chosen by `f`.
    ///
    /// An associated function, so that it does not hide a method of the value's.
    ///
    /// # Panics
    ///
    /// If `f` does; the lock is released.
    #[inline]
    pub fn map<V, F>(mut guard: Self, f: F) -> MappedMutexGuard<'a, V, Lock>
    where
        V: ?Sized,
        F: FnOnce(&mut U) -> &mut V,
    {
        let part = NonNull::from(f(&mut guard));
        guard.narrowed(part)
    }

    /// Narrows a guard to a part of the value if `f` finds it.
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`; the lock stays held.
    ///
    /// # Panics
    ///
    /// If `f` does; the lock is released.
    #[inline]
    pub fn try_map<V, F>(mut guard: Self, f: F) -> Result<MappedMutexGuard<'a, V, Lock>, Self>
    where
        V: ?Sized,
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        match f(&mut guard).map(NonNull::from) {
            Some(part) => Ok(guard.narrowed(part)),
            None => Err(guard),
        }
    }

    /// Hands the lock over to a guard of `part`, which `f` has made of this guard's.
    #[inline]
    fn narrowed<V: ?Sized>(self, part: NonNull<V>) -> MappedMutexGuard<'a, V, Lock> {
        let guard = ManuallyDrop::new(self);
        // INVARIANT: this guard gave up the lock in the line above, and what is reached from a part
        // of the value by a borrow of it is a part of the value, or outlives every lock.
        MappedMutexGuard {
            lock: guard.lock,
            part,
            marker: PhantomData,
        }
    }
}

impl<'a, T: ?Sized, Lock: RawMutex> MutexGuard<'a, T, Lock> {
    /// Narrows the guard to a part of the value, chosen by `f`. The whole mutex stays locked.
    ///
    /// An associated function, so that it does not hide a method of the value's.
    ///
    /// # Panics
    ///
    /// If `f` does; the lock is released.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_lock::{blocking::{Mutex, MutexGuard}, spin::Spinlock};
    ///
    /// let bytes = Mutex::new_with_raw_mutex([1, 2, 3], Spinlock::new());
    /// MutexGuard::map(bytes.lock(), |bytes| &mut bytes[1..]).fill(0);
    /// assert_eq!(*bytes.lock(), [1, 0, 0]);
    /// ```
    #[inline]
    pub fn map<U, F>(mut guard: Self, f: F) -> MappedMutexGuard<'a, U, Lock>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        let part = NonNull::from(f(&mut guard));
        guard.narrowed(part)
    }

    /// Narrows the guard to a part of the value if `f` finds it.
    ///
    /// # Errors
    ///
    /// The guard, if `f` returns `None`; the lock stays held.
    ///
    /// # Panics
    ///
    /// If `f` does; the lock is released.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_lock::{blocking::{Mutex, MutexGuard}, spin::Spinlock};
    ///
    /// let name = Mutex::new_with_raw_mutex(None, Spinlock::new());
    /// let mut guard = match MutexGuard::try_map(name.lock(), Option::as_mut) {
    ///     Ok(name) => unreachable!("there is none: {name}"),
    ///     Err(guard) => guard,
    /// };
    /// *guard = Some("pintle");
    /// assert_eq!(*MutexGuard::try_map(guard, Option::as_mut).unwrap(), "pintle");
    /// ```
    #[inline]
    pub fn try_map<U, F>(mut guard: Self, f: F) -> Result<MappedMutexGuard<'a, U, Lock>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut guard).map(NonNull::from) {
            Some(part) => Ok(guard.narrowed(part)),
            None => Err(guard),
        }
    }

    /// As [`MappedMutexGuard::narrowed`].
    #[inline]
    fn narrowed<U: ?Sized>(self, part: NonNull<U>) -> MappedMutexGuard<'a, U, Lock> {
        // INVARIANT: as there.
        MappedMutexGuard {
            lock: &Self::into_mutex(self).lock,
            part,
            marker: PhantomData,
        }
    }
}

impl<U: ?Sized, Lock: RawMutex> Deref for MappedMutexGuard<'_, U, Lock> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: the part is valid while the lock is held, which excludes every writer but this
        // guard, which is borrowed for as long as the result.
        unsafe { self.part.as_ref() }
    }
}

impl<U: ?Sized, Lock: RawMutex> DerefMut for MappedMutexGuard<'_, U, Lock> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: the part is valid while the lock is held, which excludes everybody but this
        // guard, which is borrowed exclusively for as long as the result.
        unsafe { self.part.as_mut() }
    }
}

impl<U: ?Sized, Lock: RawMutex> Drop for MappedMutexGuard<'_, U, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the guard's invariant the lock is held, and it is released only here.
        unsafe { self.lock.unlock() }
    }
}

impl<U, R, Lock> AsRef<R> for MappedMutexGuard<'_, U, Lock>
where
    U: ?Sized + AsRef<R>,
    R: ?Sized,
    Lock: RawMutex,
{
    fn as_ref(&self) -> &R {
        (**self).as_ref()
    }
}

impl<U, R, Lock> AsMut<R> for MappedMutexGuard<'_, U, Lock>
where
    U: ?Sized + AsMut<R>,
    R: ?Sized,
    Lock: RawMutex,
{
    fn as_mut(&mut self) -> &mut R {
        (**self).as_mut()
    }
}

impl<U: ?Sized + fmt::Debug, Lock: RawMutex> fmt::Debug for MappedMutexGuard<'_, U, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<U: ?Sized + fmt::Display, Lock: RawMutex> fmt::Display for MappedMutexGuard<'_, U, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
