//! [`FromBits`]: what a field can hold, and the integers and `bool` as such.

use core::{error::Error, fmt};

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

/// A bit pattern that is no value of the integer type it was read as.
///
/// Only a field that is wider than its type can hold one.
///
/// ```
/// use pintle_bitfield::FromBits;
///
/// let error = u8::try_from_bits(0x101u32).unwrap_err();
/// assert_eq!(error.bits(), 0x101);
/// assert_eq!(error.to_string(), "0x101 is no value of type u8");
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidBits<B> {
    bits: B,
    type_name: &'static str,
}

// === impl InvalidBits ===

impl<B: Copy> InvalidBits<B> {
    #[cold]
    const fn new(bits: B, type_name: &'static str) -> Self {
        Self { bits, type_name }
    }

    /// Returns the rejected bit pattern.
    #[must_use]
    pub const fn bits(&self) -> B {
        self.bits
    }
}

impl<B: fmt::LowerHex> fmt::Display for InvalidBits<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x} is no value of type {}", self.bits, self.type_name)
    }
}

impl<B: fmt::LowerHex + fmt::Debug> Error for InvalidBits<B> {}

// === impl FromBits for bool and integers ===

macro_rules! bool_in {
    ($($Word:ty),+) => {$(
        impl FromBits<$Word> for bool {
            type Error = InvalidBits<$Word>;
            const BITS: u32 = 1;

            #[inline]
            fn try_from_bits(bits: $Word) -> Result<Self, Self::Error> {
                match bits {
                    0 => Ok(false),
                    1 => Ok(true),
                    bits => Err(InvalidBits::new(bits, "bool")),
                }
            }

            #[inline]
            fn into_bits(self) -> $Word {
                <$Word>::from(self)
            }
        }
    )+};
}

/// `unsigned $Int, its signed twin in { words at least as wide }`.
///
/// Every `as` below is between integers of which the target is known to hold the value, or is
/// compared with its source afterwards.
macro_rules! integers_in {
    ($Unsigned:ident, $Signed:ident in $($Word:ident / $SignedWord:ident),+) => {$(
        impl FromBits<$Word> for $Unsigned {
            type Error = InvalidBits<$Word>;
            const BITS: u32 = <$Unsigned>::BITS;

            #[inline]
            fn try_from_bits(bits: $Word) -> Result<Self, Self::Error> {
                let value = bits as $Unsigned;
                if value as $Word == bits {
                    Ok(value)
                } else {
                    Err(InvalidBits::new(bits, stringify!($Unsigned)))
                }
            }

            #[inline]
            fn into_bits(self) -> $Word {
                self as $Word
            }
        }

        impl FromBits<$Word> for $Signed {
            type Error = InvalidBits<$Word>;
            const BITS: u32 = <$Signed>::BITS;
            const SIGNED: bool = true;

            /// Reads two's complement, extended to the word or not: `0xFF` and `0xFFFF` in a `u16`
            /// are both `-1i8`, so bits unpacked by hand can be given as they are.
            #[inline]
            fn try_from_bits(bits: $Word) -> Result<Self, Self::Error> {
                let value = bits as $Signed;
                let extended = value as $SignedWord as $Word == bits;
                let not_extended = value as $Unsigned as $Word == bits;
                if extended || not_extended {
                    Ok(value)
                } else {
                    Err(InvalidBits::new(bits, stringify!($Signed)))
                }
            }

            #[inline]
            fn into_bits(self) -> $Word {
                self as $SignedWord as $Word
            }
        }
    )+};
}

bool_in!(u8, u16, u32, u64, u128, usize);

integers_in!(u8, i8 in u8/i8, u16/i16, u32/i32, u64/i64, u128/i128, usize/isize);
integers_in!(u16, i16 in u16/i16, u32/i32, u64/i64, u128/i128, usize/isize);
integers_in!(u32, i32 in u32/i32, u64/i64, u128/i128);
integers_in!(u64, i64 in u64/i64, u128/i128);
integers_in!(u128, i128 in u128/i128);
integers_in!(usize, isize in usize/isize, u64/i64, u128/i128);

// What a `usize` holds, and what holds a `usize`, follows the target.
#[cfg(target_pointer_width = "16")]
integers_in!(usize, isize in u16/i16, u32/i32);
#[cfg(target_pointer_width = "32")]
integers_in!(usize, isize in u32/i32);
#[cfg(any(target_pointer_width = "32", target_pointer_width = "64"))]
integers_in!(u32, i32 in usize/isize);
#[cfg(target_pointer_width = "64")]
integers_in!(u64, i64 in usize/isize);
