//! Brings up the second processor, which Intel calls an application processor.

use core::hint::spin_loop;
use core::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};

use crate::{apic, pit};

unsafe extern "C" {
    /// In boot.s: what the processor executes first.
    static trampoline: u8;
    static trampoline_end: u8;
}

/// Where it has to be: at a page below 1 MiB, since the processor begins with 16 bits.
const TRAMPOLINE: usize = 0x8000;
/// Its number.
const CPU: usize = 1;

static ARRIVED: AtomicBool = AtomicBool::new(false);

/// Starts the processor and waits until it has come to Rust.
pub(crate) fn start() {
    let from = &raw const trampoline;
    let size = (&raw const trampoline_end).addr() - from.addr();
    let to = TRAMPOLINE as *mut u8;
    // SAFETY: memory that is there on every PC, and that nothing of the kernel is in.
    unsafe { to.copy_from(from, size) };

    apic::send_init(CPU);
    pit::wait(10_000);
    // Twice, as the manual says: the first may get lost.
    for _ in 0..2 {
        if !has_arrived() {
            apic::send_startup(CPU, (TRAMPOLINE >> 12) as u8);
            pit::wait(200);
        }
    }
    while !has_arrived() {
        spin_loop();
    }
}

/// The processor is there.
pub(crate) fn arrived() {
    // Release pairs with the Acquire below: what it has set up is there.
    ARRIVED.store(true, Release);
}

fn has_arrived() -> bool {
    // Acquire pairs with the Release above.
    ARRIVED.load(Acquire)
}
