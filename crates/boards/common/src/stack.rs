//! How deep a stack was ever used, by painting what lies below.

use core::{ops::Range, ptr};

const PAINT: u32 = 0x5eed_c0de;

/// What is left free below the caller's frame when the stack is painted.
const MARGIN: usize = 256;

/// Paints a stack from its lowest word up to the caller's frame.
///
/// # Safety
///
/// The range is the stack that this runs on, which grows downwards, and nothing else is in it.
#[inline(never)]
pub unsafe fn paint(stack: Range<*mut u32>) {
    let here = 0_u32;
    let end = (&raw const here).wrapping_byte_sub(MARGIN);
    let mut word = stack.start;
    while word.cast_const() < end {
        // SAFETY: it is below every frame, and interrupt handlers that ran there have returned.
        unsafe { word.write_volatile(PAINT) };
        word = word.wrapping_add(1);
    }
}

/// How many bytes of a painted stack were used since, and before.
pub fn used(stack: Range<*mut u32>) -> usize {
    let mut word = stack.start.cast_const();
    let end = stack.end.cast_const();
    while !ptr::eq(word, end) {
        // SAFETY: a word of a stack may be read; what frames have in it is of no interest.
        if unsafe { word.read_volatile() } != PAINT {
            break;
        }
        word = word.wrapping_add(1);
    }
    end.addr() - word.addr()
}
