use core::arch::asm;

/// The exception's number in IPSR; the bits above it are reserved.
const EXCEPTION: u32 = 0x1ff;

/// Whether this is the main program, and no exception or interrupt.
#[inline]
pub(crate) fn in_thread_mode() -> bool {
    let ipsr: u32;
    // Not `pure`: it is another one in a handler.
    // SAFETY: reads a register that every core of the M profile has and lets every mode and
    // privilege read; nothing else changes.
    unsafe { asm!("mrs {}, IPSR", out(reg) ipsr, options(nomem, nostack, preserves_flags)) };
    ipsr & EXCEPTION == 0
}
