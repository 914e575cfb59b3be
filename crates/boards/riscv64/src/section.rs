//! The critical section of two harts: interrupts masked, and a lock.

use critical_section::{Impl, RawRestoreState, set_impl};
use pintle::{
    base::atomic::{AtomicUsize, Ordering::Relaxed},
    lock::{RawMutex, spin::Spinlock},
};
use riscv::{interrupt, register::mstatus};

use crate::hart;

static LOCK: Spinlock = Spinlock::new();

/// The hart that has the lock, and one more; 0 if none has. A hart sees of it what it wrote itself, or
/// that it is not its own number.
static OWNER: AtomicUsize = AtomicUsize::new(0);

/// What the innermost section leaves as it found it.
const NESTED: RawRestoreState = 0;
/// The outermost was entered with interrupts masked.
const MASKED: RawRestoreState = 1;
/// The outermost was entered with interrupts enabled.
const UNMASKED: RawRestoreState = 2;

struct TwoHarts;

set_impl!(TwoHarts);

// ANCHOR: section
// SAFETY: between `acquire` and `release` of the outermost section the hart has the lock, whose orders are
// those of the section, and no interrupt handler runs on it.
unsafe impl Impl for TwoHarts {
    unsafe fn acquire() -> RawRestoreState {
        let was_enabled = mstatus::read().mie();
        interrupt::disable();
        let me = hart() + 1;
        if OWNER.load(Relaxed) == me {
            return NESTED;
        }
        LOCK.lock();
        OWNER.store(me, Relaxed);
        match was_enabled {
            true => UNMASKED,
            false => MASKED,
        }
    }

    unsafe fn release(state: RawRestoreState) {
        if state == NESTED {
            return;
        }
        OWNER.store(0, Relaxed);
        // SAFETY: this hart locked it in `acquire`.
        unsafe { LOCK.unlock() };
        if state == UNMASKED {
            // SAFETY: they were before, and the section is over.
            unsafe { interrupt::enable() };
        }
    }
}
// ANCHOR_END: section
