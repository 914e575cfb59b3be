//! Packing specs: where in a word a value lies, as a constant.
//!
//! A spec (`Pack8` … `Pack128`, [`PackUsize`]) is a contiguous range of bits: a mask and a shift. It
//! may name the type that the range holds (`T`) and the [`bitfield!`](crate::bitfield) it belongs to
//! (`F`), which keeps a field of one bitfield from being used on another. Specs work without the
//! macro:
//!
//! ```
//! use pintle_bitfield::Pack64;
//!
//! const PORT: Pack64 = Pack64::least_significant(16);
//! const NODE: Pack64 = PORT.next(10);
//! const REST: Pack64 = NODE.remaining();
//!
//! // All of these are `const`.
//! const ADDRESS: u64 = Pack64::pack_in(0)
//!     .pack_bits(8080, &PORT)
//!     .pack_bits(3, &NODE)
//!     .bits();
//!
//! assert_eq!(ADDRESS, 8080 | 3 << 16);
//! assert_eq!(NODE.unpack_bits(ADDRESS), 3);
//! assert_eq!(REST.raw_mask(), !0 << 26);
//! ```
//!
//! # How ranges are counted
//!
//! From **zero**, at the least significant bit, and as everywhere in Rust: `4..8` and `4..=7` are the
//! four bits `0xF0`. [`from_range`](Pack64::from_range), [`from_const_range`](Pack64::from_const_range)
//! and [`starting_at`](Pack64::starting_at) agree, a range is exactly as wide as it says, and
//! `spec.least_significant_index()..spec.most_significant_index()` is the range it was made from.
//! A range that does not fit into the word panics, and in a `const` that is a compile-time error.
//!
//! A range may be as wide as the word, and it may be empty: an empty spec holds the value zero.
//!
//! # Values and bits
//!
//! [`pack`](Pack64::pack) and [`unpack`](Pack64::unpack) speak values of type `T`. They go through the
//! trait [`FromBits`](crate::FromBits), so they are not `const`; their twins that speak the value's
//! bits are:
//!
//! | | panics | fallible | unchecked |
//! |---|---|---|---|
//! | write a value | [`pack`](Pack64::pack), [`pack_into`](Pack64::pack_into) | [`try_pack`](Pack64::try_pack) | |
//! | write bits (`const`) | [`pack_bits`](Pack64::pack_bits) | [`try_pack_bits`](Pack64::try_pack_bits) | [`pack_truncating`](Pack64::pack_truncating) |
//! | read a value | [`unpack`](Pack64::unpack) | [`try_unpack`](Pack64::try_unpack) | |
//! | read bits (`const`) | | | [`unpack_bits`](Pack64::unpack_bits) |
//!
//! # Cost
//!
//! Specs are constants and every function here is a mask and a shift of them; what is left of
//! [`pack`](Pack64::pack) is a comparison where the compiler cannot see that the value fits, and of
//! [`unpack`](Pack64::unpack) one where not all of the field's bit patterns are values.

#[macro_use]
mod spec;
#[macro_use]
mod spec_values;
#[macro_use]
mod spec_traits;
#[macro_use]
mod packing;
#[macro_use]
mod pair;

mod does_not_fit;

use core::fmt;

pub use does_not_fit::DoesNotFit;
use does_not_fit::does_not_fit;

macro_rules! family {
    ($Word:ident, $Signed:ident: $Pack:ident, $Packing:ident, $Pair:ident) => {
        spec!($Word, $Signed: $Pack, $Packing, $Pair);
        packing!($Word: $Pack, $Packing, $Pair);
        pair!($Word: $Pack, $Pair);
    };
}

family!(u8, i8: Pack8, Packing8, Pair8);
family!(u16, i16: Pack16, Packing16, Pair16);
family!(u32, i32: Pack32, Packing32, Pair32);
family!(u64, i64: Pack64, Packing64, Pair64);
family!(u128, i128: Pack128, Packing128, Pair128);
family!(usize, isize: PackUsize, PackingUsize, PairUsize);

// What `unpack` does when it cannot go on: out of line, so that it stays small.

#[cold]
#[track_caller]
fn is_no_value<T>(bits: impl fmt::LowerHex, error: impl fmt::Display) -> ! {
    let name = core::any::type_name::<T>();
    panic!("a field of type {name} holds the bits {bits:#x}: {error}");
}
