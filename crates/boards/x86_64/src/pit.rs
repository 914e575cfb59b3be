//! The timer of the first PCs, by which the newer ones are measured: its frequency is known.

use core::hint::spin_loop;

use x86_64::instructions::port::Port;

const FREQUENCY: u64 = 1_193_182;

/// A span of time that the timer measures.
pub(crate) struct Span(());

/// Begins a span of so many microseconds, 54,000 at most.
///
/// Channel 2 has no interrupt: it was for the loudspeaker, and one can look at its output.
pub(crate) fn begin(micros: u64) -> Span {
    let count = u16::try_from(micros * FREQUENCY / 1_000_000).expect("16 bits of it");
    let [low, high] = count.to_le_bytes();
    let gate = read(0x61) & !0b11;
    // The loudspeaker off, the gate open.
    write(0x61, gate | 0b01);
    // Channel 2, both bytes, mode 0: the output rises when the count is over.
    write(0x43, 0b1011_0000);
    write(0x42, low);
    write(0x42, high);
    Span(())
}

/// Waits for so many microseconds, 54,000 at most, or a little more.
pub(crate) fn wait(micros: u64) {
    let span = begin(micros);
    while !span.is_over() {
        spin_loop();
    }
}

// === impl Span ===

impl Span {
    pub(crate) fn is_over(&self) -> bool {
        read(0x61) & 1 << 5 != 0
    }
}

fn read(port: u16) -> u8 {
    // SAFETY: the ports read here are the timer's, and reading them changes nothing.
    unsafe { Port::new(port).read() }
}

fn write(port: u16, value: u8) {
    // SAFETY: the ports written to here are the timer's, whose channel 2 nobody else uses.
    unsafe { Port::new(port).write(value) }
}
