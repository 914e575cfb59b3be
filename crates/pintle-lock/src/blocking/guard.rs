use super::Mutex;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use mutex_traits::RawMutex;

/// Access to the value of a locked [`Mutex`], until it is dropped.
///
/// # Invariants
///
/// The mutex's lock is held, and this guard alone stands for it.
#[must_use = "the mutex is unlocked again as soon as the guard is dropped"]
pub struct MutexGuard<'a, T: ?Sized, Lock: RawMutex> {
    mutex: &'a Mutex<T, Lock>,
    /// Says whether the lock may be released by another thread than the one that took it.
    marker: PhantomData<(&'a mut T, Lock::GuardMarker)>,
}

// SAFETY: sending the guard gives the other thread the data (`T: Send`), a shared reference to
// the lock (`Lock: Sync`), and has it released there, which the lock's marker allows or not.
unsafe impl<T, Lock> Send for MutexGuard<'_, T, Lock>
where
    T: ?Sized + Send,
    Lock: RawMutex + Sync,
    Lock::GuardMarker: Send,
{
}

// SAFETY: a shared guard gives out `&T` and nothing else.
unsafe impl<T, Lock> Sync for MutexGuard<'_, T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawMutex + Sync,
{
}

// === impl MutexGuard ===

impl<'a, T: ?Sized, Lock: RawMutex> MutexGuard<'a, T, Lock> {
    /// Wraps a mutex that is locked already.
    ///
    /// # Safety
    ///
    /// The caller holds the mutex's lock and gives it up to the guard.
    #[inline]
    pub(crate) unsafe fn new(mutex: &'a Mutex<T, Lock>) -> Self {
        // INVARIANT: the caller hands over the lock.
        Self {
            mutex,
            marker: PhantomData,
        }
    }

    /// The mutex, whose lock stays held: it is the caller's now.
    #[inline]
    pub(super) fn into_mutex(guard: Self) -> &'a Mutex<T, Lock> {
        ManuallyDrop::new(guard).mutex
    }

    /// The lock, which stays held.
    #[cfg(feature = "os")]
    #[allow(dead_code, reason = "for what some systems have")]
    #[inline]
    pub(crate) fn raw_mutex(guard: &Self) -> &'a Lock {
        &guard.mutex.lock
    }

    /// Runs `f` with the mutex unlocked, for a condition variable.
    ///
    /// Whatever panics in between, a lock that cannot be taken again included, ends the process: the
    /// guard would outlive its lock.
    #[cfg(feature = "os")]
    #[inline]
    pub(crate) fn unlocked<R>(guard: &mut Self, f: impl FnOnce() -> R) -> R {
        struct AbortOnUnwind;

        impl Drop for AbortOnUnwind {
            fn drop(&mut self) {
                std::process::abort();
            }
        }

        let bomb = AbortOnUnwind;
        let lock = &guard.mutex.lock;
        // SAFETY: by the guard's invariant the lock is held. It is again before the guard, which is
        // borrowed exclusively, can be used.
        unsafe { lock.unlock() };
        let result = f();
        lock.lock();
        core::mem::forget(bomb);
        result
    }
}

impl<T: ?Sized, Lock: RawMutex> Deref for MutexGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.mutex.data.with(|data| {
            // SAFETY: the guard's lock excludes every writer but this guard, which is borrowed
            // for as long as the result.
            unsafe { &*data }
        })
    }
}

impl<T: ?Sized, Lock: RawMutex> DerefMut for MutexGuard<'_, T, Lock> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.mutex.data.with_mut(|data| {
            // SAFETY: the guard's lock excludes everybody but this guard, which is borrowed
            // exclusively for as long as the result.
            unsafe { &mut *data }
        })
    }
}

impl<T: ?Sized, Lock: RawMutex> Drop for MutexGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the guard's invariant the lock is held, and it is released only here.
        unsafe { self.mutex.lock.unlock() }
    }
}

impl<T, R, Lock> AsRef<R> for MutexGuard<'_, T, Lock>
where
    T: ?Sized + AsRef<R>,
    R: ?Sized,
    Lock: RawMutex,
{
    fn as_ref(&self) -> &R {
        (**self).as_ref()
    }
}

impl<T, R, Lock> AsMut<R> for MutexGuard<'_, T, Lock>
where
    T: ?Sized + AsMut<R>,
    R: ?Sized,
    Lock: RawMutex,
{
    fn as_mut(&mut self) -> &mut R {
        (**self).as_mut()
    }
}

impl<T: ?Sized + fmt::Debug, Lock: RawMutex> fmt::Debug for MutexGuard<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, Lock: RawMutex> fmt::Display for MutexGuard<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
