//! A lock that interrupt handlers may take, on several processors.

use pintle::lock::{RawMutex, ScopedRawMutex, spin::Spinlock};
use x86_64::instructions::interrupts;

/// Interrupts masked, *and then* a spinlock: an interrupt between the two in the other order would find the lock held
/// by the code that it has interrupted, and wait for ever.
///
/// It is `Lock` of everything here that locks. Each lock is one of its own: unlike with a critical section for the whole
/// machine, processors wait for each other only where they share something.
pub(crate) struct IrqLock(Spinlock);

/// Interrupts as they were, when this is dropped.
struct Masked {
    were_enabled: bool,
}

// === impl IrqLock ===

impl IrqLock {
    pub(crate) const fn new() -> Self {
        Self(Spinlock::new())
    }
}

/// For what makes its lock itself.
impl Default for IrqLock {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: the spinlock excludes whoever else comes by this lock.
unsafe impl ScopedRawMutex for IrqLock {
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        let _masked = Masked::new();
        self.0.try_with_lock(f)
    }

    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        let _masked = Masked::new();
        self.0.with_lock(f)
    }

    fn is_locked(&self) -> bool {
        RawMutex::is_locked(&self.0)
    }
}

// === impl Masked ===

impl Masked {
    fn new() -> Self {
        let were_enabled = interrupts::are_enabled();
        interrupts::disable();
        Self { were_enabled }
    }
}

impl Drop for Masked {
    fn drop(&mut self) {
        if self.were_enabled {
            interrupts::enable();
        }
    }
}
