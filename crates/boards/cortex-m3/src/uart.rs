//! ARM's PL011, as the chip has it: bytes out by waiting, bytes in by an interrupt.

use common::{Register, arm::Interrupt};

/// That a byte has come.
pub const INTERRUPT: Interrupt = Interrupt(5);

const BASE: usize = 0x4000_c000;
// SAFETY: by the chip's data sheet these are the UART's registers, and it does no DMA.
const DATA: Register = unsafe { Register::at(BASE) };
// SAFETY: as above.
const FLAGS: Register = unsafe { Register::at(BASE + 0x18) };
// SAFETY: as above.
const CONTROL: Register = unsafe { Register::at(BASE + 0x30) };
// SAFETY: as above.
const INTERRUPT_MASK: Register = unsafe { Register::at(BASE + 0x38) };
// SAFETY: as above.
const INTERRUPT_CLEAR: Register = unsafe { Register::at(BASE + 0x44) };
// SAFETY: the register that gives peripherals their clock.
const CLOCK_GATES: Register = unsafe { Register::at(0x400f_e104) };

const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
const RECEIVED: u32 = 1 << 4;
const ENABLE: u32 = 1 << 0 | 1 << 8 | 1 << 9;

/// Gives it its clock, and has it interrupt for each byte.
pub fn start() {
    CLOCK_GATES.write(CLOCK_GATES.read() | 1);
    CONTROL.write(ENABLE);
    INTERRUPT_MASK.write(RECEIVED);
}

/// Sends a byte, when there is room for it.
pub fn send(byte: u8) {
    while FLAGS.read() & TRANSMIT_FULL != 0 {}
    DATA.write(byte.into());
}

/// Takes a byte that has come, if there is one.
pub fn receive() -> Option<u8> {
    INTERRUPT_CLEAR.write(RECEIVED);
    (FLAGS.read() & RECEIVE_EMPTY == 0).then(|| DATA.read() as u8)
}
