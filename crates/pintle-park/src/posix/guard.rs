use super::{Exclusive, Kind, Mutex, Normal};
use core::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    pin::Pin,
};

/// A [`Mutex`] that the calling thread has locked. Unlocks it when dropped.
///
/// It stays on its thread: POSIX wants the thread that has locked to unlock. It gives `&mut T`
/// unless the mutex is [`Recursive`](super::Recursive).
///
/// A guard that is leaked leaves the mutex locked, and is no danger to memory: see
/// [`Mutex`](Mutex#dropping-a-locked-mutex).
#[must_use = "a guard that is dropped at once protects nothing"]
pub struct Guard<'a, T, K: Kind = Normal> {
    mutex: Pin<&'a Mutex<T, K>>,
    /// Not `Send`.
    _thread: PhantomData<*mut ()>,
}

// SAFETY: a shared guard gives `&T`, and nothing that unlocks.
unsafe impl<T: Sync, K: Kind> Sync for Guard<'_, T, K> {}

// === impl Guard ===

impl<'a, T, K: Kind> Guard<'a, T, K> {
    /// The guard of a mutex that the calling thread has locked, and that no other guard unlocks.
    pub(super) fn new(mutex: Pin<&'a Mutex<T, K>>) -> Self {
        Self {
            mutex,
            _thread: PhantomData,
        }
    }

    pub(super) fn mutex(&self) -> Pin<&'a Mutex<T, K>> {
        self.mutex
    }
}

impl<T, K: Kind> Deref for Guard<'_, T, K> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the mutex is locked by this thread. `&mut T` comes from an exclusive guard
        // only, which is the one that is borrowed here.
        unsafe { &*self.mutex.value() }
    }
}

impl<T, K: Exclusive> DerefMut for Guard<'_, T, K> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the mutex is locked, and of a kind that has one guard at a time.
        unsafe { &mut *self.mutex.value() }
    }
}

impl<T, K: Kind> Drop for Guard<'_, T, K> {
    fn drop(&mut self) {
        // SAFETY: the guard answers for one lock by this thread, and is gone. An error is left
        // for nobody: in the child of a fork, the owner was a thread of the parent's.
        let _ = unsafe { self.mutex.force_unlock() };
    }
}

impl<T: fmt::Debug, K: Kind> fmt::Debug for Guard<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guard").field(&**self).finish()
    }
}
