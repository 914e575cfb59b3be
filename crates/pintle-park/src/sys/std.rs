//! Operating systems without a back end here: every word is the parking table's, over `std`'s locks.
//!
//! Where `std` itself makes its locks of the system's (`pthread_mutex_t`) it may allocate for each
//! wait; this crate does not.

use crate::{Deadline, WaitOutcome, WakeOutcome};
use core::{ptr::NonNull, time::Duration};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Instant;

pub(crate) use super::no_requeue::requeue;
#[cfg(not(unix))]
pub(crate) use super::no_signals::uninterrupted;
pub(crate) use super::not_any::wait_any;
#[cfg(unix)]
pub(crate) use super::signals::uninterrupted;
use super::{Width, WordRef};
pub(crate) use crate::sys::fences::{heavy, light, strategy};

#[inline]
pub(crate) fn wait_word(_: WordRef<'_>, _: u64, _: Deadline) -> Option<WaitOutcome> {
    None
}

#[inline]
pub(crate) fn wake_word(_: *const (), _: Width, _: usize) -> Option<WakeOutcome> {
    None
}

pub(crate) fn now() -> Duration {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed()
}

/// One thread's sleep, ended by one other.
///
/// Not by `std::thread::park`, whose token belongs to the program: it would be taken here, and
/// missed there.
pub(crate) struct Sleeper {
    roused: Mutex<bool>,
    changed: Condvar,
}

// === impl Sleeper ===

impl Sleeper {
    pub(crate) fn new() -> Self {
        Self {
            roused: Mutex::new(false),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn sleep(&self, deadline: Deadline) -> bool {
        // Nothing panics under this lock.
        let mut roused = self.roused.lock().unwrap_or_else(PoisonError::into_inner);
        while !*roused {
            let left = deadline.remaining();
            if left.is_zero() {
                return false;
            }
            roused = if deadline == Deadline::NEVER {
                self.changed
                    .wait(roused)
                    .unwrap_or_else(PoisonError::into_inner)
            } else {
                self.changed
                    .wait_timeout(roused, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            };
        }
        true
    }

    /// # Safety
    ///
    /// `this` points to a sleeper that is live and that nobody else rouses.
    pub(crate) unsafe fn rouse(this: NonNull<Self>) {
        // SAFETY: it is live until its own thread has seen `roused`, for which that needs the lock:
        // so until we let the lock go. (Letting go of a lock that is gone right after is what a
        // lock inside a reference count does, and every system's must allow.)
        let this = unsafe { this.as_ref() };
        let mut roused = this.roused.lock().unwrap_or_else(PoisonError::into_inner);
        *roused = true;
        // Before the lock is let go, as the condition variable may be gone then.
        this.changed.notify_one();
    }
}

/// The lock of a bucket.
pub(crate) struct Lock<T>(Mutex<T>);

// === impl Lock ===

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
