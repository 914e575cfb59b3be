//! [`ConstFromBits`]: what constants can read from a field, and write to it.

use super::FromBits;

/// A type that the accessors of a field can hold: those are `const`, and a trait's functions are not.
///
/// [`bitfield!`](crate::bitfield#accessors) makes accessors of a field that is declared as `const A:
/// Type => get, with, set;`. It can do so for `bool`, for the integers and for every enum of
/// [`enum_from_bits!`](crate::enum_from_bits), which implement this trait, and for a type of your own
/// that implements it. Fields without accessors hold any type that is [`FromBits`].
///
/// # How to implement it
///
/// Name in [`Functions`](Self::Functions) a type that has both functions of [`FromBits<B>`] once
/// more, but as inherent `const` functions. It may be the type itself:
///
/// ```
/// use core::convert::Infallible;
///
/// use pintle_bitfield::{bitfield, ConstFromBits, FromBits};
///
/// /// A page-aligned address, of which the field need not store the low twelve bits.
/// #[derive(Copy, Clone, Debug, PartialEq, Eq)]
/// pub struct Page(u64);
///
/// impl Page {
///     const fn try_from_bits(bits: u64) -> Result<Self, Infallible> {
///         Ok(Self(bits << 12))
///     }
///
///     const fn into_bits(self) -> u64 {
///         self.0 >> 12
///     }
/// }
///
/// impl FromBits<u64> for Page {
///     type Error = Infallible;
///     const BITS: u32 = 40;
///
///     fn try_from_bits(bits: u64) -> Result<Self, Infallible> {
///         Self::try_from_bits(bits) // the inherent one goes first
///     }
///
///     fn into_bits(self) -> u64 {
///         self.into_bits()
///     }
/// }
///
/// impl ConstFromBits<u64> for Page {
///     type Functions = Self;
/// }
///
/// bitfield! {
///     pub struct Entry<u64> {
///         const PRESENT: bool => is_present, with_present;
///         const FRAME: Page => frame, with_frame;
///     }
/// }
///
/// const KERNEL: Entry = Entry::new().with_present(true).with_frame(Page(0x7000));
/// const FRAME: Page = KERNEL.frame();
/// assert_eq!((KERNEL.bits(), FRAME), (7 << 1 | 1, Page(0x7000)));
/// ```
#[diagnostic::on_unimplemented(
    message = "a field that holds `{Self}` cannot have accessors",
    label = "accessors are `const`, and the functions of `FromBits` are not",
    note = "implement `ConstFromBits` for it, which is done for `bool`, for integers and by `enum_from_bits!`",
    note = "or declare the field without `=> …`: `get`, `set` and `with` work for every type that is `FromBits`"
)]
pub trait ConstFromBits<B>: FromBits<B> {
    /// The type whose inherent functions are `const fn try_from_bits(B) -> Result<Self, E>`, with
    /// any `E`, and `const fn into_bits(Self) -> B`.
    type Functions;
}
