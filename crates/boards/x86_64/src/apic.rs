//! The local APIC: each processor's own interrupt controller and timer, and how processors interrupt each other.
//!
//! Intel's *Software Developer's Manual*, volume 3, chapter "Advanced Programmable Interrupt Controller". The registers
//! are in memory, at the same address for each processor, which finds its own there.

use core::hint::spin_loop;

use x86_64::instructions::interrupts::without_interrupts;

use crate::cpu;
use crate::interrupts::Vector;

/// Where the registers are after a reset.
const BASE: usize = 0xFEE0_0000;

/// The registers, by their distance from the first.
#[derive(Clone, Copy)]
enum Register {
    Id = 0x20,
    EndOfInterrupt = 0xB0,
    Spurious = 0xF0,
    CommandLow = 0x300,
    CommandHigh = 0x310,
    Timer = 0x320,
    TimerInitial = 0x380,
    TimerCurrent = 0x390,
    TimerDivide = 0x3E0,
}

/// In `Spurious`.
const ENABLE: u32 = 1 << 8;
/// In `CommandLow`: the last command is still on its way.
const PENDING: u32 = 1 << 12;
/// In `CommandLow`: assert, as all but one command of old do.
const ASSERT: u32 = 1 << 14;
/// In `CommandLow`: back to where a processor is after a reset.
const INIT: u32 = 0b101 << 8;
/// In `CommandLow`: begin at the page whose number is the vector.
const STARTUP: u32 = 0b110 << 8;
/// In `TimerDivide`.
const DIVIDE_BY_16: u32 = 0b0011;

/// Lets this processor have interrupts.
pub(crate) fn start() {
    assert_eq!(read(Register::Id) >> 24, cpu::id() as u32);
    write(Register::Spurious, ENABLE | Vector::Spurious as u32);
    // A shot each time that its count is set.
    write(Register::Timer, Vector::Alarm as u32);
    write(Register::TimerDivide, DIVIDE_BY_16);
}

/// Tells that the interrupt in service has been handled.
pub(crate) fn end_of_interrupt() {
    write(Register::EndOfInterrupt, 0);
}

/// Interrupts a processor; this one, too.
pub(crate) fn interrupt(cpu: usize, vector: Vector) {
    command(cpu, ASSERT | vector as u32);
}

/// Puts a processor back to where it is after a reset.
pub(crate) fn send_init(cpu: usize) {
    command(cpu, ASSERT | INIT);
}

/// Starts a processor at this page, with 16 bits.
pub(crate) fn send_startup(cpu: usize, page: u8) {
    command(cpu, ASSERT | STARTUP | u32::from(page));
}

/// Sets this processor's timer: the alarm comes after so many counts. 0 stops it.
pub(crate) fn set_timer(counts: u32) {
    write(Register::TimerInitial, counts);
}

/// How many counts are left.
pub(crate) fn timer() -> u32 {
    read(Register::TimerCurrent)
}

/// What was written to memory before is there for a handler that this leads to: the registers are not cached, and such
/// a write is not made before earlier ones.
fn command(cpu: usize, command: u32) {
    // An interrupt between the two halves might send a command, too.
    without_interrupts(|| {
        while read(Register::CommandLow) & PENDING != 0 {
            spin_loop();
        }
        write(Register::CommandHigh, (cpu as u32) << 24);
        write(Register::CommandLow, command);
    });
}

fn read(register: Register) -> u32 {
    let address = (BASE + register as usize) as *const u32;
    // SAFETY: a register of the APIC, which is mapped.
    unsafe { address.read_volatile() }
}

fn write(register: Register, value: u32) {
    let address = (BASE + register as usize) as *mut u32;
    // SAFETY: as above. What is written above makes no processor touch memory that is not its own: interrupts go to
    // handlers of the table, and a processor starts at the trampoline.
    unsafe { address.write_volatile(value) };
}
