//! A kernel for a PC with two processors: tasks that are stolen, a timer that ticks only when something is due, and a
//! shell on the serial line.
//!
//! What the kit asks of a platform, and where it is here:
//!
//! | | |
//! |---|---|
//! | a lock that interrupt handlers may take | [`lock`] |
//! | a clock, and an alarm | [`clock`] |
//! | how a processor waits | [`worker`] |
//! | how it is told to stop waiting | [`worker`], by an interrupt from the other processor ([`apic`]) |
//! | where RCU's readers are, and a barrier that interrupts them | [`rcu`] |
//!
//! The machine: [`boot.s`](../src/boot.s) and [`application`] bring the processors up, [`cpu`] tells them apart,
//! [`interrupts`], [`apic`], [`io_apic`] and [`pit`] are its interrupts, [`serial`] its only device, [`heap`] and
//! [`stack`] its memory, [`exit`] its end.
//!
//! The programs: [`shell`], [`settings`], [`soak`] with [`calls`].
#![no_std]
#![no_main]
#![feature(abi_x86_interrupt, core_intrinsics, panic_can_unwind)]
#![allow(
    internal_features,
    reason = "of the intrinsics, the one that catches panics"
)]
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

extern crate alloc;

mod apic;
mod application;
mod calls;
mod clock;
mod cpu;
mod exit;
mod heap;
mod interrupts;
mod io_apic;
mod lock;
mod panic;
mod pit;
mod rcu;
mod serial;
mod settings;
mod shell;
mod soak;
mod stack;
mod worker;

use core::arch::global_asm;

use crate::serial::println;

global_asm!(include_str!("boot.s"), options(att_syntax));

/// Where the first processor arrives.
#[unsafe(no_mangle)]
extern "C" fn kernel_main() -> ! {
    cpu::start(0);
    interrupts::load();
    let input = serial::start();
    heap::start();
    apic::start();
    clock::start();
    io_apic::start();
    application::start();
    println!("{} processors", cpu::COUNT);
    worker::SCHEDULER.spawn(shell::run(input));
    worker::run()
}

/// Where the second one does.
#[unsafe(no_mangle)]
extern "C" fn application_main() -> ! {
    cpu::start(1);
    interrupts::load();
    apic::start();
    application::arrived();
    worker::run()
}
