//! What the boards have in common: everything but the machine.
//!
//! - [`Board`]: a board as the tasks see it.
//! - [`demo`]: what every board runs, and [`soak`]: what it does a hundred thousand times.
//! - [`spawn!`] puts the task of an `async fn` in a `static`.
//! - [`Console`]: formatted text for a serial line. [`Register`]: a word of a device.
//! - [`stack`]: how much of it was ever used.
//! - `arm` (feature `cortex-m`): the clock, the alarm and the vector table of a Cortex-M.
//! - `virt` (feature `riscv-virt`): the clock, the alarm and the serial line of QEMU's RISC-V machine.
//!
//! There is no heap. The locks of the kit are critical sections, which each board brings.
#![no_std]

#[cfg(feature = "cortex-m")]
pub mod arm;
mod board;
mod console;
pub mod demo;
mod register;
pub mod soak;
pub mod spawn;
pub mod stack;
#[cfg(feature = "riscv-virt")]
pub mod virt;

pub use self::{board::Board, console::Console, register::Register};
