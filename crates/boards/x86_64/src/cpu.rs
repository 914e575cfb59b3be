//! Which processor is this, and what each has of its own.

use core::arch::asm;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use x86_64::VirtAddr;
use x86_64::registers::model_specific::GsBase;

/// How many there are: QEMU's `-smp`.
pub(crate) const COUNT: usize = 2;

/// What a processor has of its own.
#[repr(C, align(64))]
pub(crate) struct Cpu {
    /// At the beginning, where [`id`] reads it.
    id: usize,
    in_interrupt: AtomicBool,
    /// Interrupts that it has had.
    pub(crate) interrupts: AtomicUsize,
    /// Tasks that it has polled.
    pub(crate) polls: AtomicUsize,
    /// How often it had nothing to do, and slept.
    pub(crate) sleeps: AtomicUsize,
}

pub(crate) static CPUS: [Cpu; COUNT] = [Cpu::new(0), Cpu::new(1)];

/// Makes the caller the processor of that number.
pub(crate) fn start(id: usize) {
    GsBase::write(VirtAddr::from_ptr(&raw const CPUS[id]));
}

/// The number of the processor that this runs on.
///
/// A task that waits may go on, on another one.
#[inline]
pub(crate) fn id() -> usize {
    let id;
    // SAFETY: `start` came first of all, and let GS point to a `Cpu`, which begins with its number.
    unsafe { asm!("mov {}, gs:[0]", out(reg) id, options(nostack, preserves_flags, readonly)) };
    id
}

/// The processor that this runs on.
#[inline]
pub(crate) fn current() -> &'static Cpu {
    &CPUS[id()]
}

// === impl Cpu ===

impl Cpu {
    const fn new(id: usize) -> Self {
        Self {
            id,
            in_interrupt: AtomicBool::new(false),
            interrupts: AtomicUsize::new(0),
            polls: AtomicUsize::new(0),
            sleeps: AtomicUsize::new(0),
        }
    }

    /// Whether it handles an interrupt.
    pub(crate) fn in_interrupt(&self) -> bool {
        self.in_interrupt.load(Relaxed)
    }

    /// For the handlers, which do not nest.
    pub(crate) fn set_in_interrupt(&self, is: bool) {
        self.in_interrupt.store(is, Relaxed);
    }
}

/// Counts one more of something that only this processor counts.
pub(crate) fn count(counter: &AtomicUsize, more: usize) {
    counter.store(counter.load(Relaxed).wrapping_add(more), Relaxed);
}
