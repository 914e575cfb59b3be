//! ARM's CMSDK UART: bytes out by waiting, bytes in by an interrupt.

use common::{Register, arm::Interrupt};

/// That a byte has come.
pub const INTERRUPT: Interrupt = Interrupt(0);

const BASE: usize = 0x4000_4000;
// SAFETY: by the board's manual these are the UART's registers, and it does no DMA.
const DATA: Register = unsafe { Register::at(BASE) };
// SAFETY: as above.
const STATE: Register = unsafe { Register::at(BASE + 0x4) };
// SAFETY: as above.
const CONTROL: Register = unsafe { Register::at(BASE + 0x8) };
// SAFETY: as above.
const INTERRUPT_CLEAR: Register = unsafe { Register::at(BASE + 0xc) };
// SAFETY: as above.
const DIVISOR: Register = unsafe { Register::at(BASE + 0x10) };

const TRANSMIT_FULL: u32 = 1 << 0;
const RECEIVE_FULL: u32 = 1 << 1;
const RECEIVED: u32 = 1 << 1;
/// Transmit, receive, and interrupt for what was received.
const ENABLE: u32 = 1 << 0 | 1 << 1 | 1 << 3;
/// 115,200 baud of 25 MHz.
const BAUD_115200: u32 = 217;

/// Has it interrupt for each byte.
pub fn start() {
    DIVISOR.write(BAUD_115200);
    CONTROL.write(ENABLE);
}

/// Sends a byte, when there is room for it.
pub fn send(byte: u8) {
    while STATE.read() & TRANSMIT_FULL != 0 {}
    DATA.write(byte.into());
}

/// Takes a byte that has come, if there is one.
pub fn receive() -> Option<u8> {
    INTERRUPT_CLEAR.write(RECEIVED);
    (STATE.read() & RECEIVE_FULL != 0).then(|| DATA.read() as u8)
}
