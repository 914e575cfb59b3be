use super::RwLock;
use core::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    pin::Pin,
};

/// An [`RwLock`] that the calling thread has locked for reading. Unlocks it when dropped.
///
/// It stays on its thread: POSIX wants the thread that has locked to unlock.
#[must_use = "a guard that is dropped at once protects nothing"]
pub struct ReadGuard<'a, T> {
    lock: Pin<&'a RwLock<T>>,
    /// Not `Send`.
    _thread: PhantomData<*mut ()>,
}

/// An [`RwLock`] that the calling thread has locked for writing. Unlocks it when dropped.
///
/// It stays on its thread: POSIX wants the thread that has locked to unlock.
#[must_use = "a guard that is dropped at once protects nothing"]
pub struct WriteGuard<'a, T> {
    lock: Pin<&'a RwLock<T>>,
    /// Not `Send`.
    _thread: PhantomData<*mut ()>,
}

// SAFETY: a shared guard gives `&T`, and nothing that unlocks.
unsafe impl<T: Sync> Sync for ReadGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for WriteGuard<'_, T> {}

// === impl ReadGuard ===

impl<'a, T> ReadGuard<'a, T> {
    /// The guard of a lock that the calling thread has for reading.
    pub(super) fn new(lock: Pin<&'a RwLock<T>>) -> Self {
        Self {
            lock,
            _thread: PhantomData,
        }
    }
}

impl<T> Deref for ReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it is locked for reading, so nobody writes.
        unsafe { &*self.lock.value() }
    }
}

impl<T> Drop for ReadGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: this guard is given up.
        unsafe { self.lock.unlock_read() };
    }
}

impl<T: fmt::Debug> fmt::Debug for ReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadGuard").field(&**self).finish()
    }
}

// === impl WriteGuard ===

impl<'a, T> WriteGuard<'a, T> {
    /// The guard of a lock that the calling thread has for writing.
    pub(super) fn new(lock: Pin<&'a RwLock<T>>) -> Self {
        Self {
            lock,
            _thread: PhantomData,
        }
    }
}

impl<T> Deref for WriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it is locked for writing, by this guard alone.
        unsafe { &*self.lock.value() }
    }
}

impl<T> DerefMut for WriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: it is locked for writing, by this guard alone.
        unsafe { &mut *self.lock.value() }
    }
}

impl<T> Drop for WriteGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: this guard is given up.
        unsafe { self.lock.unlock_write() };
    }
}

impl<T: fmt::Debug> fmt::Debug for WriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WriteGuard").field(&**self).finish()
    }
}
