//! A kernel for a PC.
#![no_std]
#![no_main]

use core::{arch::asm, arch::global_asm, panic::PanicInfo};

global_asm!(include_str!("boot.s"), options(att_syntax));

/// Writes a byte to a port.
fn outb(port: u16, byte: u8) {
    // SAFETY: the ports written to here are the serial line's and the one that ends QEMU.
    unsafe { asm!("out dx, al", in("dx") port, in("al") byte, options(nomem, nostack)) };
}

#[unsafe(no_mangle)]
extern "C" fn kernel_main() -> ! {
    for byte in b"hello from 64 bits\r\n" {
        outb(0x3f8, *byte);
    }
    exit(16)
}

/// Ends QEMU with the status 2 n + 1.
fn exit(n: u8) -> ! {
    outb(0xf4, n);
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(1)
}
