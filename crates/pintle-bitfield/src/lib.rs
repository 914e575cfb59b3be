//! Words made of fields, checked by the compiler and free at run time.
//!
//! | | |
//! |---|---|
//! | [`bitfield!`] | declares a word (`u8` … `u128`, `usize`) made of named, typed fields |
//! | [`enum_from_bits!`] | declares an enum that a field can hold |
//! | [`FromBits`] | what any type implements that a field can hold; [`ConstFromBits`] if constants use it |
//! | [`InvalidBits`], [`DoesNotFit`] | why bits are no value, and why a value was not packed |
//! | [`Bitfield`] | what every declared word implements |
//! | `AtomicBits` | a word that threads and interrupts change by transitions (feature `atomic`) |
//! | [`pack`] | the packing specs that fields are: also usable alone, in constants too |
//!
//! ```
//! use pintle_bitfield::bitfield;
//!
//! bitfield! {
//!     /// The state word of a reference-counted task.
//!     #[derive(PartialEq, Eq)]
//!     struct State<usize> {
//!         const RUNNING: bool;
//!         const WOKEN: bool;
//!         const REFS = ..;
//!     }
//! }
//!
//! // Constants for the atomic operations of a state machine …
//! const ONE_REF: usize = State::REFS.first_bit();
//! const WOKEN: usize = State::WOKEN.raw_mask();
//! assert_eq!((WOKEN, ONE_REF), (0b10, 0b100));
//!
//! // … and typed access to what they return.
//! let state = State::from_bits(3 * ONE_REF | WOKEN);
//! assert_eq!(state.get(State::REFS), 3);
//! assert!(state.get(State::WOKEN) && !state.get(State::RUNNING));
//! ```
//!
//! # What the compiler checks
//!
//! Where the fields lie. Two that overlap, one that does not fit into its word, a `..` that is not the
//! last or finds nothing left, a width of zero, and a signed field wider than its type are errors that
//! name the field and point at it. A field of one bitfield does not work on another.
//!
//! # What it costs
//!
//! Nothing: specs are constants, and `get`, `set`, `with` and the accessors are the mask and the shift
//! one would write by hand. A test compiles both and compares the instructions, for x86_64 and for
//! thumbv7em. What stays at run time are the checks that have a meaning there: does a number fit into
//! a field narrower than its type, and are a field's bits a variant of its enum.
//!
//! No allocation, no `unsafe`, and no dependency but for `atomic`. Everything here may be called
//! anywhere: in constants where it says `const`, in an interrupt, in a critical section, in `Drop`.
//!
//! # Features
//!
//! - `atomic`: `AtomicBits`, which lives in the module `atomic`, on the atomics of `pintle-core`.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

/// The README's example, which runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(feature = "atomic")]
pub mod atomic;
mod bitfield;
mod enum_from_bits;
mod from_bits;
mod layout;
mod message;
pub mod pack;
mod show;
mod word;

#[cfg(feature = "atomic")]
pub use atomic::{AtomicBits, Transition};
pub use from_bits::{ConstFromBits, FromBits, InvalidBits};
pub use pack::*;
pub use word::Bitfield;

/// What the macros expand to; no promise is made about it.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "atomic")]
    pub use pintle_core::{
        atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicUsize},
        const_fn,
    };

    pub use crate::bitfield::{does_not_fit_into, holds_no_value};
    pub use crate::enum_from_bits::all_differ;
    pub use crate::from_bits::Primitive;
    pub use crate::layout::{Asks, Fault, Field, Place, Span, check, first_fault, layout};
    pub use crate::show::{DisplayWith, Shown, ShownField, Value, named};
}
