//! [`Bitfield`]: what every word has that `bitfield!` declares.

/// A word made of fields: what [`bitfield!`](crate::bitfield) declares implements it.
///
/// It is for code that is generic over such words. Code that knows its word has the same functions
/// without it, and as `const`.
///
/// ```
/// use pintle_bitfield::{Bitfield, bitfield};
///
/// bitfield! {
///     struct Flags<u8> {
///         const READY: bool;
///     }
/// }
///
/// fn same<T: Bitfield>(a: T, b: T) -> bool
/// where
///     T::Bits: PartialEq,
/// {
///     a.bits() == b.bits()
/// }
///
/// assert!(same(Flags::new().with(Flags::READY, true), Flags::from_bits(1)));
/// ```
pub trait Bitfield: Copy {
    /// The integer it is made of: `u8` … `u128` or `usize`.
    type Bits: Copy;

    /// Makes one of `bits` as they are.
    fn from_bits(bits: Self::Bits) -> Self;

    /// Returns the whole word.
    fn bits(self) -> Self::Bits;
}
