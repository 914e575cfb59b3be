//! [`FromBits`]: what a field can hold.

mod const_from_bits;
mod invalid_bits;
mod primitive;

use core::fmt;

pub use const_from_bits::ConstFromBits;
pub use invalid_bits::InvalidBits;
pub use primitive::Primitive;

/// A type that is read from, and written to, a field of a `B`.
///
/// Implemented here for `bool`, for every unsigned integer that fits into `B`, and for the signed
/// ones. [`enum_from_bits!`](crate::enum_from_bits) implements it for an enum. An implementation by
/// hand is worth it where the type is not an enum of constants, or where it cannot fail.
///
/// # Signed types
///
/// A type that sets [`SIGNED`](Self::SIGNED) speaks two's complement in *both* directions over the
/// whole of `B`: `-1i8` is `0xFFFF_FFFF` in a `u32`. The field itself holds only its own low bits,
/// and is extended from its own top bit when it is read, so `-1` in a field of four bits is `0xF`
/// there and `-1` outside.
///
/// # Examples
///
/// ```
/// use pintle_bitfield::{bitfield, FromBits};
///
/// /// A page-aligned address, of which the field need not store the low twelve bits.
/// #[derive(Copy, Clone, Debug, PartialEq, Eq)]
/// struct Page(u64);
///
/// impl FromBits<u64> for Page {
///     type Error = core::convert::Infallible;
///     const BITS: u32 = 40;
///
///     fn try_from_bits(bits: u64) -> Result<Self, Self::Error> {
///         Ok(Self(bits << 12))
///     }
///
///     fn into_bits(self) -> u64 {
///         self.0 >> 12
///     }
/// }
///
/// bitfield! {
///     struct Entry<u64> {
///         const PRESENT: bool;
///         const FRAME: Page;
///     }
/// }
///
/// let entry = Entry::new().with(Entry::FRAME, Page(0x7000));
/// assert_eq!(entry.bits(), 7 << 1);
/// assert_eq!(entry.get(Entry::FRAME), Page(0x7000));
/// ```
#[diagnostic::on_unimplemented(
    message = "a field of a `{B}` cannot hold `{Self}`",
    label = "does not implement `FromBits<{B}>`",
    note = "an integer fits into words that are at least as wide; `enum_from_bits!` implements `FromBits` for an enum, and you can for a type of yours"
)]
pub trait FromBits<B>: Sized {
    /// Why a bit pattern is no value of this type.
    type Error: fmt::Display;

    /// How many bits a field of this type takes.
    const BITS: u32;

    /// Whether the field's top bit is a sign: see [above](Self#signed-types).
    ///
    /// A field of a signed type is at most [`BITS`](Self::BITS) wide.
    const SIGNED: bool = false;

    /// Reads a value from `bits`, which hold it right-aligned.
    ///
    /// # Errors
    ///
    /// If no value has this bit pattern.
    fn try_from_bits(bits: B) -> Result<Self, Self::Error>;

    /// Returns the value's bits, right-aligned.
    ///
    /// Storing a value whose bits are more than the field is wide panics.
    fn into_bits(self) -> B;
}
