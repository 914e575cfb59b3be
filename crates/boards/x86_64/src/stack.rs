//! How much of the processors' stacks has been used: boot.s has painted them before.

use crate::cpu;

/// Of each.
pub(crate) const SIZE: usize = 65536;
const PAINT: u64 = 0x5A5A_5A5A_5A5A_5A5A;
const WORDS: usize = SIZE / size_of::<u64>();

unsafe extern "C" {
    /// In boot.s, one after the other.
    static stacks: [[u64; WORDS]; cpu::COUNT];
}

/// How many bytes of a processor's stack have been used at most.
pub(crate) fn used(cpu: usize) -> usize {
    let stack = &raw const stacks;
    let untouched = (0..WORDS).take_while(|word| {
        // SAFETY: within the stacks, of which it makes no reference.
        let word = unsafe { &raw const (*stack)[cpu][*word] };
        // SAFETY: memory that is there. Its processor may write to it meanwhile, which a volatile access allows for.
        let value = unsafe { word.read_volatile() };
        value == PAINT
    });
    SIZE - untouched.count() * size_of::<u64>()
}
