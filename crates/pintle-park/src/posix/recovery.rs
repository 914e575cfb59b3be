use super::{Exclusive, Guard, Kind, sys};
use core::{
    fmt, mem,
    ops::{Deref, DerefMut},
};

/// A robust [`Mutex`](super::Mutex) that the calling thread has locked after its owner's death.
///
/// The value may be half changed. Repair it, and [mark it as consistent](Self::mark_consistent).
/// To drop this instead gives the mutex up: all who wait for it, and lock it later, get
/// [`NotRecoverable`](super::LockError::NotRecoverable).
///
/// # Examples
///
/// ```
/// # #[cfg(any(target_os = "linux", target_os = "freebsd"))] {
/// use core::pin::Pin;
/// use pintle_park::posix::{LockError, Mutex, MutexAttr};
///
/// // SAFETY: no thread leaks a reference to the value.
/// const ROBUST: MutexAttr = unsafe { MutexAttr::new().robust() };
/// static TOTAL: Mutex<(u32, u32)> = Mutex::with_attr(ROBUST, (5, 5));
/// let total = Pin::static_ref(&TOTAL);
///
/// std::thread::spawn(move || {
///     let mut guard = total.lock().unwrap();
///     guard.0 += 1;
///     // The thread ends here, with the mutex locked.
///     core::mem::forget(guard);
/// }).join().unwrap();
///
/// let guard = match total.lock() {
///     Err(LockError::OwnerDied(mut recovery)) => {
///         recovery.1 = recovery.0;
///         recovery.mark_consistent()
///     }
///     other => other.unwrap(),
/// };
/// assert_eq!(*guard, (6, 6));
/// # }
/// ```
#[must_use = "to drop it makes the mutex unusable"]
pub struct Recovery<'a, T, K: Kind>(Guard<'a, T, K>);

// === impl Recovery ===

impl<'a, T, K: Kind> Recovery<'a, T, K> {
    /// Takes the guard of a mutex whose lock was `EOWNERDEAD`.
    pub(super) fn new(guard: Guard<'a, T, K>) -> Self {
        Self(guard)
    }

    /// Says that the value is as it should be: the mutex is an ordinary one again.
    ///
    /// `pthread_mutex_consistent`.
    pub fn mark_consistent(self) -> Guard<'a, T, K> {
        self.make_consistent();
        let mutex = self.0.mutex();
        mem::forget(self);
        Guard::new(mutex)
    }
}

impl<T, K: Kind> Recovery<'_, T, K> {
    fn make_consistent(&self) {
        let mutex = self.0.mutex().object();
        // SAFETY: robust, or its lock could not have been `EOWNERDEAD`, and locked by this thread.
        let errno = unsafe { sys::make_consistent(mutex) };
        debug_assert_eq!(errno, 0, "it is inconsistent, and locked by this thread");
    }
}

impl<T, K: Kind> Drop for Recovery<'_, T, K> {
    fn drop(&mut self) {
        // For the C library it is an ordinary mutex again, and whoever gets it next looks.
        self.0.mutex().give_up();
        self.make_consistent();
    }
}

impl<T, K: Kind> Deref for Recovery<'_, T, K> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, K: Exclusive> DerefMut for Recovery<'_, T, K> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: fmt::Debug, K: Kind> fmt::Debug for Recovery<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recovery").field(&**self).finish()
    }
}
