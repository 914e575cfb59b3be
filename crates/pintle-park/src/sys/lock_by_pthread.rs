//! The table's [`Lock`] over a mutex of the C library's.

use core::cell::UnsafeCell;

/// The lock of a bucket.
///
/// It stands in a `static`, or where nobody moves it between two calls of `with`: a pthread mutex that
/// is in use must stay where it is.
pub(crate) struct Lock<T> {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    value: UnsafeCell<T>,
}

// === impl Lock ===

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
            value: UnsafeCell::new(value),
        }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        struct Unlock(*mut libc::pthread_mutex_t);

        impl Drop for Unlock {
            fn drop(&mut self) {
                // SAFETY: this thread holds it.
                unsafe { libc::pthread_mutex_unlock(self.0) };
            }
        }

        // SAFETY: it is initialised, and the table does not lock a bucket that it holds.
        let result = unsafe { libc::pthread_mutex_lock(self.mutex.get()) };
        debug_assert_eq!(result, 0, "a normal mutex that we do not hold");
        let _unlock = Unlock(self.mutex.get());
        // SAFETY: the lock is ours until `_unlock` is dropped, after the closure has returned.
        f(unsafe { &mut *self.value.get() })
    }
}

// SAFETY: who holds the lock has the value to itself, on whichever thread.
unsafe impl<T: Send> Sync for Lock<T> {}
