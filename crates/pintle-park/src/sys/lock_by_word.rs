//! The table's [`Lock`] over a 32-bit word that the system can sleep on.

use super::chosen::{wait, wake};
use crate::Deadline;
use pintle_core::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use pintle_core::{cell::UnsafeCell, const_fn, hint};

/// The lock of a bucket: spins for a moment, then sleeps.
///
/// What it protects takes a few dozen instructions, so a waiter spins as long as that might take;
/// past it the holder has most likely been preempted, and spinning would only be in its way. It is
/// this crate's own because the kit's locks stand on top of it, and it is not a good lock for
/// anything else: it is unfair, and poisons nothing.
///
/// ```text
///    FREE ──── lock ────▶ LOCKED ──── another's lock ────▶ CONTENDED
///     ▲                     │                                 │
///     └─────── unlock ──────┴──────── unlock, wake one ───────┘
/// ```
///
/// Source: U. Drepper, "Futexes are tricky", 2011, mutex 2.
pub(crate) struct Lock<T> {
    state: AtomicU32,
    value: UnsafeCell<T>,
}

const FREE: u32 = 0;
const LOCKED: u32 = 1;
/// Somebody may sleep: the holder wakes one when it leaves.
const CONTENDED: u32 = 2;

/// How often a waiter looks before it sleeps.
const LOOKS: u32 = 64;

// === impl Lock ===

impl<T> Lock<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            Self {
                state: AtomicU32::new(FREE),
                value: UnsafeCell::new(value),
            }
        }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        struct Unlock<'a>(&'a AtomicU32);

        impl Drop for Unlock<'_> {
            fn drop(&mut self) {
                // Release pairs with the Acquire of the next holder.
                if self.0.swap(FREE, Release) == CONTENDED {
                    wake(self.0, 1);
                }
            }
        }

        // Acquire pairs with the Release of the holder before.
        if self
            .state
            .compare_exchange(FREE, LOCKED, Acquire, Relaxed)
            .is_err()
        {
            self.lock_contended();
        }
        let _unlock = Unlock(&self.state);
        // SAFETY: the lock is ours until `_unlock` is dropped, after the closure has returned.
        self.value.with_mut(|value| f(unsafe { &mut *value }))
    }

    #[cold]
    fn lock_contended(&self) {
        for _ in 0..LOOKS {
            match self.state.load(Relaxed) {
                // Others sleep already.
                CONTENDED => break,
                LOCKED => hint::spin_loop(),
                _ => {
                    // Acquire pairs with the Release of the holder before.
                    if self
                        .state
                        .compare_exchange(FREE, LOCKED, Acquire, Relaxed)
                        .is_ok()
                    {
                        return;
                    }
                }
            }
        }
        // Acquire pairs with the Release of the holder before.
        while self.state.swap(CONTENDED, Acquire) != FREE {
            // Whatever ends the wait, the swap decides.
            let _ = wait(&self.state, CONTENDED, Deadline::NEVER);
        }
    }
}

// SAFETY: who holds the lock has the value to itself, on whichever thread.
unsafe impl<T: Send> Sync for Lock<T> {}
