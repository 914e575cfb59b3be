//! The core-local interruptor: one clock for all harts, an alarm for each, and an interrupt from one to another.

use pintle::time::Duration;
use riscv::interrupt::free;

use crate::Register;

/// How long a tick of the clock lasts: 10 MHz.
pub const TICK: Duration = Duration::from_nanos(100);

/// The longest that a hart sleeps: 107 s. Without an alarm QEMU, where its clock need not keep up with ours, would
/// go on to the end of time.
const LONGEST: u64 = 1 << 30;

const BASE: usize = 0x200_0000;
// SAFETY: by the machine's memory map, the clock's halves; it does no DMA.
const TIME_LOW: Register = unsafe { Register::at(BASE + 0xbff8) };
// SAFETY: as above.
const TIME_HIGH: Register = unsafe { Register::at(BASE + 0xbffc) };

/// The count of the clock. Callable anywhere.
pub fn count() -> u64 {
    read(TIME_HIGH, TIME_LOW)
}

/// Sees to it that this hart is interrupted in so many ticks, or earlier.
pub fn alarm_in(hart: usize, ticks: u64) {
    let (high, low) = compare(hart);
    // The handler of the alarm changes the same.
    free(|| {
        let at = count().saturating_add(ticks);
        if at < read(high, low) {
            write(high, low, at);
        }
    });
}

/// For the handler of the alarm: ends it, and sets the farthest.
pub fn silence(hart: usize) {
    let (high, low) = compare(hart);
    free(|| write(high, low, count() + LONGEST));
}

/// Interrupts a hart, this one too.
pub fn interrupt(hart: usize) {
    pending(hart).write(1);
}

/// For the handler of that interrupt: ends it.
pub fn acknowledge(hart: usize) {
    pending(hart).write(0);
}

fn pending(hart: usize) -> Register {
    assert!(hart < 2);
    // SAFETY: the register of a hart that there may be.
    unsafe { Register::at(BASE + 4 * hart) }
}

fn compare(hart: usize) -> (Register, Register) {
    assert!(hart < 2);
    let address = BASE + 0x4000 + 8 * hart;
    // SAFETY: the register of a hart that there may be.
    let low = unsafe { Register::at(address) };
    // SAFETY: as above.
    let high = unsafe { Register::at(address + 4) };
    (high, low)
}

fn read(high: Register, low: Register) -> u64 {
    loop {
        let before = high.read();
        let low = low.read();
        if high.read() == before {
            return u64::from(before) << 32 | u64::from(low);
        }
    }
}

fn write(high: Register, low: Register, value: u64) {
    // In between it is later than before and after.
    high.write(u32::MAX);
    low.write(value as u32);
    high.write((value >> 32) as u32);
}
