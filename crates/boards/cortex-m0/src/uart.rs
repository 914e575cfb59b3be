//! The UART of the nRF51: bytes out by waiting, bytes in by an interrupt.

use common::{Register, arm::Interrupt};

/// That a byte has come.
pub const INTERRUPT: Interrupt = Interrupt(2);

const BASE: usize = 0x4000_2000;
// SAFETY: by the chip's reference manual these are the UART's registers, and it does no DMA.
const START_RECEIVER: Register = unsafe { Register::at(BASE) };
// SAFETY: as above.
const START_TRANSMITTER: Register = unsafe { Register::at(BASE + 0x8) };
// SAFETY: as above.
const RECEIVED: Register = unsafe { Register::at(BASE + 0x108) };
// SAFETY: as above.
const SENT: Register = unsafe { Register::at(BASE + 0x11c) };
// SAFETY: as above.
const INTERRUPT_SET: Register = unsafe { Register::at(BASE + 0x304) };
// SAFETY: as above.
const ENABLE: Register = unsafe { Register::at(BASE + 0x500) };
// SAFETY: as above.
const RECEIVE_PIN: Register = unsafe { Register::at(BASE + 0x514) };
// SAFETY: as above.
const TRANSMIT_PIN: Register = unsafe { Register::at(BASE + 0x50c) };
// SAFETY: as above.
const RECEIVE_DATA: Register = unsafe { Register::at(BASE + 0x518) };
// SAFETY: as above.
const TRANSMIT_DATA: Register = unsafe { Register::at(BASE + 0x51c) };
// SAFETY: as above.
const BAUD_RATE: Register = unsafe { Register::at(BASE + 0x524) };

const ENABLED: u32 = 4;
const BAUD_115200: u32 = 0x01d7_e000;
const ON_RECEIVED: u32 = 1 << 2;

/// Connects it to the pins that lead to the micro:bit's USB, and has it interrupt for each byte.
pub fn start() {
    TRANSMIT_PIN.write(24);
    RECEIVE_PIN.write(25);
    BAUD_RATE.write(BAUD_115200);
    ENABLE.write(ENABLED);
    START_TRANSMITTER.write(1);
    START_RECEIVER.write(1);
    INTERRUPT_SET.write(ON_RECEIVED);
}

/// Sends a byte, and waits until it has gone.
pub fn send(byte: u8) {
    SENT.write(0);
    TRANSMIT_DATA.write(byte.into());
    while SENT.read() == 0 {}
}

/// Takes a byte that has come, if there is one.
pub fn receive() -> Option<u8> {
    if RECEIVED.read() == 0 {
        return None;
    }
    // Before the byte is taken: the next one may come right after.
    RECEIVED.write(0);
    Some(RECEIVE_DATA.read() as u8)
}
