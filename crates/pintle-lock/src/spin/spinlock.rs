use super::patience::Patience;
use mutex_traits::RawMutex;
use pintle_core::atomic::{AtomicBool, Ordering::*};
use pintle_core::{const_fn, not_loom};

/// A lock of one byte that waits by spinning: test and test-and-set, with exponential backoff.
///
/// Waiters read the word until it looks free before they write it, so that they share its cache
/// line while they wait; each failure waits longer. There is no order among waiters: one of them
/// may starve under steady contention.
///
/// Its waiter burns its core, and on an operating system the holder may be descheduled meanwhile:
/// prefer [`DefaultMutex`](crate::blocking::DefaultMutex) there. With feature `os` it lets other threads
/// run after a while. An interrupt handler must not take one that the interrupted code may hold. It may
/// be released on another thread or core than the one that took it.
///
/// ```text
///               compare-exchange
///      ┌──────┐ ─────────────────► ┌────────┐
///      │ free │                    │ locked │ ◄─┐ others read until it looks free
///      └──────┘ ◄───────────────── └────────┘ ──┘
///                     store
/// ```
///
/// Source: L. Rudolph and Z. Segall, "Dynamic decentralized cache schemes for MIMD parallel
/// processors", 1984; the backoff is T. E. Anderson's, 1990.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, spin::Spinlock};
///
/// static UART: Mutex<Vec<u8>, Spinlock> = Mutex::new_with_raw_mutex(Vec::new(), Spinlock::new());
/// UART.lock().push(b'!');
/// ```
#[derive(Debug)]
pub struct Spinlock {
    locked: AtomicBool,
}

// === impl Spinlock ===

impl Spinlock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                locked: AtomicBool::new(false),
            }
        }
    }

    /// Waits until the word looks free, then tries again, until it is ours.
    #[cold]
    fn lock_contended(&self) {
        let mut patience = Patience::default();
        loop {
            while self.locked.load(Relaxed) {
                patience.wait();
            }
            if self.try_lock() {
                return;
            }
        }
    }
}

// SAFETY: the compare-exchange succeeds for one caller only until `unlock` stores `false` again.
unsafe impl RawMutex for Spinlock {
    type GuardMarker = ();

    #[inline]
    fn lock(&self) {
        if !self.try_lock() {
            self.lock_contended();
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        // A compare-exchange writes nothing when it fails; a `swap` would take the line from the
        // holder each time.
        // Acquire: pairs with the Release of `unlock`, so that what the last holder wrote is seen.
        self.locked
            .compare_exchange(false, true, Acquire, Relaxed)
            .is_ok()
    }

    #[inline]
    unsafe fn unlock(&self) {
        // Release: pairs with the Acquire of the next holder's `try_lock`.
        self.locked.store(false, Release);
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.locked.load(Relaxed)
    }
}

impl Default for Spinlock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for Spinlock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
