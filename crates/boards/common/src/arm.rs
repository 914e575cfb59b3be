//! What Cortex-M boards have in common.

mod interrupt;
pub mod systick;

pub use self::interrupt::{Handler, Interrupt, handlers, unmask};

use core::ops::Range;

use cortex_m::asm;
use cortex_m_semihosting::debug;

/// The stack, from its lowest word on, by the names that cortex-m-rt gives.
pub fn stack() -> Range<*mut u32> {
    unsafe extern "C" {
        static mut __sheap: u32;
        static mut _stack_start: u32;
    }
    &raw mut __sheap..&raw mut _stack_start
}

/// Ends QEMU, which says whether all was well.
pub fn exit(is_well: bool) -> ! {
    debug::exit(match is_well {
        true => debug::EXIT_SUCCESS,
        false => debug::EXIT_FAILURE,
    });
    loop {
        asm::wfi();
    }
}
