//! The I/O APIC, which brings the interrupts of devices to the processors; and the controllers of old, which are silenced.

use x86_64::instructions::port::Port;

use crate::interrupts::Vector;

/// Where a PC with one of them has it.
const BASE: usize = 0xFEC0_0000;
/// The line of the first serial port.
const COM1: u32 = 4;

/// Sends the serial line's interrupt to the first processor.
pub(crate) fn start() {
    for data in [0x21, 0xA1] {
        // SAFETY: the mask of a PIC, whose interrupts nobody waits for.
        unsafe { Port::<u8>::new(data).write(0xFF) };
    }
    // Edge-triggered, active high, not masked; to the processor 0.
    set(0x10 + 2 * COM1 + 1, 0);
    set(0x10 + 2 * COM1, Vector::Serial as u32);
}

/// Sets a register: its number goes to the window's first word, its value to the second.
fn set(register: u32, value: u32) {
    let select = BASE as *mut u32;
    let window = (BASE + 0x10) as *mut u32;
    // SAFETY: the registers of the I/O APIC, which are mapped; before the second processor runs.
    unsafe { select.write_volatile(register) };
    // SAFETY: as above; it is the redirection of an interrupt that has a handler.
    unsafe { window.write_volatile(value) };
}
