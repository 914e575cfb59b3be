//! [`AtomicBits`]: a state word that threads and interrupts change by transitions.
//!
//! | | |
//! |---|---|
//! | [`AtomicBits`] | an atomic word made of a [`bitfield!`](crate::bitfield) |
//! | [`Transition`] | what a state machine makes of one state |
//! | [`AtomicWord`] | which words can be atomic: `u8`, `u16`, `u32`, `usize` |
//! | [`Field`] | a field, as a mask of its word |
//!
//! The atomics are those of `pintle-core`: the target's own where it has compare-and-swap,
//! `portable-atomic`'s where it has not (with the backend that the application chose), and loom's in
//! a model. There is none of 64 bits, which on a 32-bit core costs a table of locks.

mod bits;
mod field;
mod transition;
mod word;

pub use bits::AtomicBits;
pub use field::Field;
pub use transition::Transition;
pub use word::AtomicWord;
