use mutex_traits::RawMutex;
use pintle_core::atomic::{AtomicU32, Ordering::*};
use pintle_core::{Backoff, const_fn, not_loom};

/// Nobody holds the lock.
const FREE: u32 = 0;
/// Somebody holds it, and nobody sleeps.
const LOCKED: u32 = 1;
/// Somebody holds it, and somebody may sleep: the holder has to wake one when it leaves.
const CONTENDED: u32 = 2;

/// How often a waiter looks before it sleeps, waiting twice as long each time: a short critical
/// section ends within a few hundred cycles, a sleep and a wake-up cost thousands.
const LOOKS: u32 = 6;

/// A lock of four bytes whose waiters sleep in the operating system.
///
/// Uncontended, locking is one compare-exchange and unlocking one swap, without a system call.
/// There is no order among waiters. It may be released on another thread than the one that took
/// it. Signal handlers must not take a lock that the interrupted code may hold.
///
/// ```text
///               compare-exchange                     swap(2) by a waiter
///   ┌────────┐ ─────────────────► ┌────────────┐ ──────────────────► ┌───────────────┐
///   │ free 0 │                    │ locked 1   │                     │ contended 2   │ ◄─┐ wait
///   └────────┘ ◄───────────────── └────────────┘                     └───────────────┘ ──┘
///        ▲        unlock: swap(0)                                         │
///        └────────────────────────────────────────────────────────────────┘
///                      unlock: swap(0), wake one
/// ```
///
/// # Invariants
///
/// While a waiter sleeps the word is `contended`, or somebody who is awake is about to make it so:
/// a waiter that is woken takes the lock as `contended`, since it does not know whether it was
/// the last.
///
/// Source: U. Drepper, "Futexes are tricky", 2011, mutex 2; M. Bos, *Rust Atomics and Locks*,
/// chapter 9.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, os::FutexLock};
///
/// static LOG: Mutex<Vec<u8>, FutexLock> = Mutex::new_with_raw_mutex(Vec::new(), FutexLock::new());
/// LOG.lock().extend(b"up");
/// ```
#[derive(Debug)]
pub struct FutexLock {
    state: AtomicU32,
}

// === impl FutexLock ===

impl FutexLock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                state: AtomicU32::new(FREE),
            }
        }
    }

    #[cold]
    fn lock_contended(&self) {
        let mut backoff = Backoff::new();
        for _ in 0..LOOKS {
            // Where others sleep already, spinning would only be in their way.
            if self.state.load(Relaxed) != LOCKED {
                break;
            }
            backoff.spin();
        }
        if self.try_lock() {
            return;
        }
        // Acquire: pairs with the Release of `unlock`.
        while self.state.swap(CONTENDED, Acquire) != FREE {
            // Whatever ends the wait, the swap decides.
            pintle_park::wait(&self.state, CONTENDED);
        }
    }
}

/// The system call, out of the way of callers that do not make it.
#[cold]
#[inline(never)]
fn wake_one(state: *const AtomicU32) {
    pintle_park::wake_one(state);
}

// SAFETY: the compare-exchange and the swap find `FREE` for one caller only, which makes the word
// something else, until `unlock` makes it `FREE` again.
unsafe impl RawMutex for FutexLock {
    type GuardMarker = ();

    #[inline]
    fn lock(&self) {
        if !self.try_lock() {
            self.lock_contended();
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        // Acquire: pairs with the Release of `unlock`, so that what the last holder wrote is seen.
        self.state
            .compare_exchange(FREE, LOCKED, Acquire, Relaxed)
            .is_ok()
    }

    #[inline]
    unsafe fn unlock(&self) {
        let state = &raw const self.state;
        // Release: pairs with the Acquire of the next holder. From here on another thread may
        // take the lock and free it, so the wake-up below has the address only.
        if self.state.swap(FREE, Release) == CONTENDED {
            wake_one(state);
        }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.state.load(Relaxed) != FREE
    }
}

impl Default for FutexLock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for FutexLock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
