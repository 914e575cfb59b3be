//! The table's [`Sleeper`] over a 32-bit word that the system can sleep on.

use super::chosen::{wait, wake};
use crate::{Deadline, WaitOutcome};
use core::ptr::NonNull;
use pintle_core::atomic::{
    AtomicU32,
    Ordering::{Acquire, Release},
};

/// One thread's sleep, ended by one other.
pub(crate) struct Sleeper {
    roused: AtomicU32,
}

const ASLEEP: u32 = 0;
const ROUSED: u32 = 1;

// === impl Sleeper ===

impl Sleeper {
    pub(crate) fn new() -> Self {
        Self {
            roused: AtomicU32::new(ASLEEP),
        }
    }

    pub(crate) fn sleep(&self, deadline: Deadline) -> bool {
        loop {
            // Acquire pairs with the Release in `rouse`: whoever rouses has left our memory.
            if self.roused.load(Acquire) == ROUSED {
                return true;
            }
            if wait(&self.roused, ASLEEP, deadline) == WaitOutcome::TimedOut {
                // Acquire as above.
                return self.roused.load(Acquire) == ROUSED;
            }
        }
    }

    /// # Safety
    ///
    /// `this` points to a sleeper that is live and that nobody else rouses.
    pub(crate) unsafe fn rouse(this: NonNull<Self>) {
        // SAFETY: it is live until it is roused, which is below.
        let word = unsafe { &raw const (*this.as_ptr()).roused };
        // SAFETY: as above.
        let roused = unsafe { &*word };
        // Release pairs with the Acquire in `sleep`.
        roused.store(ROUSED, Release);
        // From here on the word may be gone: a wake takes an address.
        wake(word, 1);
    }
}
