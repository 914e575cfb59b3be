//! What both programs have in common: a register that is written, and nothing of a runtime.
#![no_std]

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
