//! The platform-level interrupt controller: which device interrupts. It interrupts hart 0.

use crate::Register;

const BASE: usize = 0xc00_0000;
// SAFETY: by the machine's memory map; the controller does no DMA.
const ENABLED: Register = unsafe { Register::at(BASE + 0x2000) };
// SAFETY: as above.
const THRESHOLD: Register = unsafe { Register::at(BASE + 0x20_0000) };
// SAFETY: as above.
const CLAIM: Register = unsafe { Register::at(BASE + 0x20_0004) };

/// Lets a device interrupt, one of the first 32.
pub fn unmask(device: u32) {
    assert!(0 < device && device < 32);
    // SAFETY: as above, the device's priority.
    let priority = unsafe { Register::at(BASE + 4 * device as usize) };
    priority.write(1);
    THRESHOLD.write(0);
    ENABLED.write(ENABLED.read() | 1 << device);
}

/// For the handler: serves the device that interrupts by `serve`, whichever it is.
pub fn serve(serve: impl FnOnce()) {
    let device = CLAIM.read();
    if device != 0 {
        serve();
        CLAIM.write(device);
    }
}
