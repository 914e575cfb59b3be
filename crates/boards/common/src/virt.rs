//! What the boards of QEMU's RISC-V machine `virt` have in common: the devices that it has.

pub mod clint;
pub mod plic;
pub mod uart;

use riscv::asm;

use crate::Register;

// SAFETY: the machine's device that ends it, which does no DMA.
const FINISHER: Register = unsafe { Register::at(0x10_0000) };
const PASS: u32 = 0x5555;
const FAIL_WITH_1: u32 = 0x1_3333;

/// Ends QEMU, which says whether all was well.
pub fn exit(is_well: bool) -> ! {
    FINISHER.write(match is_well {
        true => PASS,
        false => FAIL_WITH_1,
    });
    loop {
        asm::wfi();
    }
}
