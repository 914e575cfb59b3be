//! A lock over loom's own mutex, for models of what stands above a lock.

use loom::sync::{Condvar, Mutex};
use pintle_lock::RawMutex;

/// Its waiters sleep, so that a model explores its own races and not a lock's.
pub(crate) struct Sleeping {
    taken: Mutex<bool>,
    freed: Condvar,
}

impl Sleeping {
    pub(crate) fn new() -> Self {
        Self {
            taken: Mutex::new(false),
            freed: Condvar::new(),
        }
    }
}

// SAFETY: `taken` is made true by who finds it false, under loom's mutex.
unsafe impl RawMutex for Sleeping {
    type GuardMarker = ();

    fn lock(&self) {
        let mut taken = self.taken.lock().unwrap();
        while *taken {
            taken = self.freed.wait(taken).unwrap();
        }
        *taken = true;
    }

    fn try_lock(&self) -> bool {
        !core::mem::replace(&mut *self.taken.lock().unwrap(), true)
    }

    unsafe fn unlock(&self) {
        *self.taken.lock().unwrap() = false;
        self.freed.notify_one();
    }

    fn is_locked(&self) -> bool {
        *self.taken.lock().unwrap()
    }
}
