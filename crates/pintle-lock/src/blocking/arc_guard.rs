use super::Mutex;
use alloc::sync::Arc;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr;
use mutex_traits::RawMutex;
#[cfg(feature = "os")]
use {crate::RawMutexTimed, core::time::Duration, pintle_park::Deadline};

/// Access to the value of a locked [`Mutex`] in an [`Arc`], until it is dropped.
///
/// It keeps the mutex alive, and has no lifetime: a struct can keep it, a thread can return it.
/// Made by [`Mutex::lock_arc`].
///
/// # Invariants
///
/// The mutex's lock is held, and this guard alone stands for it.
#[must_use = "the mutex is unlocked again as soon as the guard is dropped"]
pub struct ArcMutexGuard<T: ?Sized, Lock: RawMutex> {
    mutex: Arc<Mutex<T, Lock>>,
    /// Says whether the lock may be released by another thread than the one that took it.
    marker: PhantomData<Lock::GuardMarker>,
}

// SAFETY: sending the guard gives the other thread the data and an `Arc` of the mutex, whose last
// it may be (`T: Send`, `Lock: Send + Sync`), and has it released there, which the lock's marker
// allows or not.
unsafe impl<T, Lock> Send for ArcMutexGuard<T, Lock>
where
    T: ?Sized + Send,
    Lock: RawMutex + Send + Sync,
    Lock::GuardMarker: Send,
{
}

// SAFETY: a shared guard gives out `&T` and nothing else: its `Arc` only by value.
unsafe impl<T, Lock> Sync for ArcMutexGuard<T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawMutex + Sync,
{
}

// === impl ArcMutexGuard ===

impl<T: ?Sized, Lock: RawMutex> ArcMutexGuard<T, Lock> {
    /// Wraps a mutex that is locked already.
    ///
    /// # Safety
    ///
    /// The caller holds the mutex's lock and gives it up to the guard.
    #[inline]
    unsafe fn new(mutex: &Arc<Mutex<T, Lock>>) -> Self {
        // INVARIANT: the caller hands over the lock.
        Self {
            mutex: Arc::clone(mutex),
            marker: PhantomData,
        }
    }

    /// Unlocks, and gives the mutex back.
    ///
    /// An associated function, so that it does not hide a method of the value's.
    #[inline]
    pub fn into_arc(guard: Self) -> Arc<Mutex<T, Lock>> {
        let guard = ManuallyDrop::new(guard);
        // SAFETY: the guard is not dropped, nor is its `Arc` used again.
        let mutex = unsafe { ptr::read(&guard.mutex) };
        // SAFETY: by the guard's invariant the lock is held; the guard is gone.
        unsafe { mutex.lock.unlock() };
        mutex
    }
}

impl<T: ?Sized, Lock: RawMutex> Mutex<T, Lock> {
    /// Waits for the lock and returns a guard that owns a share of the mutex.
    ///
    /// # Panics
    ///
    /// As [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_lock::{blocking::Mutex, spin::Spinlock};
    /// use std::sync::Arc;
    ///
    /// let count = Arc::new(Mutex::new_with_raw_mutex(1, Spinlock::new()));
    /// let mut guard = count.lock_arc();
    /// // It is this thread's no longer.
    /// std::thread::spawn(move || *guard += 1).join().unwrap();
    /// assert_eq!(*count.lock(), 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn lock_arc(self: &Arc<Self>) -> ArcMutexGuard<T, Lock> {
        self.lock.lock();
        // SAFETY: the lock was taken in the line above and is handed to the guard.
        unsafe { ArcMutexGuard::new(self) }
    }

    /// Takes the lock if it is free, without waiting, by a guard that owns a share of the mutex.
    #[inline]
    #[must_use]
    pub fn try_lock_arc(self: &Arc<Self>) -> Option<ArcMutexGuard<T, Lock>> {
        self.lock.try_lock().then(|| {
            // SAFETY: `try_lock` said that the lock was taken, and it is handed to the guard.
            unsafe { ArcMutexGuard::new(self) }
        })
    }
}

#[cfg(feature = "os")]
impl<T: ?Sized, Lock: RawMutexTimed> Mutex<T, Lock> {
    /// Waits for the lock for `timeout` at most, as [`try_lock_for`](Self::try_lock_for) does, by a
    /// guard that owns a share of the mutex.
    ///
    /// # Panics
    ///
    /// As [`lock`](Self::lock).
    #[inline]
    #[track_caller]
    #[must_use]
    pub fn try_lock_arc_for(self: &Arc<Self>, timeout: Duration) -> Option<ArcMutexGuard<T, Lock>> {
        self.lock.try_lock_for(timeout).then(|| {
            // SAFETY: `try_lock_for` said that the lock was taken, and it is handed to the guard.
            unsafe { ArcMutexGuard::new(self) }
        })
    }

    /// Waits for the lock until `deadline` at the latest, as
    /// [`try_lock_until`](Self::try_lock_until) does, by a guard that owns a share of the mutex.
    ///
    /// # Panics
    ///
    /// As [`lock`](Self::lock).
    #[inline]
    #[track_caller]
    #[must_use]
    pub fn try_lock_arc_until(
        self: &Arc<Self>,
        deadline: impl Into<Deadline>,
    ) -> Option<ArcMutexGuard<T, Lock>> {
        self.lock.try_lock_until(deadline.into()).then(|| {
            // SAFETY: `try_lock_until` said that the lock was taken, and it is handed to the guard.
            unsafe { ArcMutexGuard::new(self) }
        })
    }
}

impl<T: ?Sized, Lock: RawMutex> Deref for ArcMutexGuard<T, Lock> {
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

impl<T: ?Sized, Lock: RawMutex> DerefMut for ArcMutexGuard<T, Lock> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.mutex.data.with_mut(|data| {
            // SAFETY: the guard's lock excludes everybody but this guard, which is borrowed
            // exclusively for as long as the result.
            unsafe { &mut *data }
        })
    }
}

impl<T: ?Sized, Lock: RawMutex> Drop for ArcMutexGuard<T, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the guard's invariant the lock is held, and it is released only here (or in
        // `into_arc`, which does not drop). The share of the mutex is given up after that.
        unsafe { self.mutex.lock.unlock() }
    }
}

impl<T, R, Lock> AsRef<R> for ArcMutexGuard<T, Lock>
where
    T: ?Sized + AsRef<R>,
    R: ?Sized,
    Lock: RawMutex,
{
    fn as_ref(&self) -> &R {
        (**self).as_ref()
    }
}

impl<T, R, Lock> AsMut<R> for ArcMutexGuard<T, Lock>
where
    T: ?Sized + AsMut<R>,
    R: ?Sized,
    Lock: RawMutex,
{
    fn as_mut(&mut self) -> &mut R {
        (**self).as_mut()
    }
}

impl<T: ?Sized + fmt::Debug, Lock: RawMutex> fmt::Debug for ArcMutexGuard<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, Lock: RawMutex> fmt::Display for ArcMutexGuard<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
