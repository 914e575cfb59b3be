//! What both programs have in common: a register that is written, and nothing of a runtime.
#![no_std]

// For their critical sections.
#[cfg(all(target_arch = "arm", not(target_has_atomic = "ptr")))]
use cortex_m as _;
#[cfg(all(target_arch = "riscv32", not(target_has_atomic = "ptr")))]
use riscv as _;

use core::{hint, panic::PanicInfo, sync::atomic::AtomicU32, sync::atomic::Ordering::Relaxed};

/// Stands for a device: what is written to it is not optimised away.
pub static DEVICE: AtomicU32 = AtomicU32::new(0);

/// Writes to the device.
pub fn output(value: u32) {
    DEVICE.store(value, Relaxed);
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        hint::spin_loop();
    }
}
