//! `bool` and the integers, as what a field can hold.

use core::marker::PhantomData;

use super::{ConstFromBits, FromBits, InvalidBits};

/// Has the functions of `T` in a field of a `B`: [`FromBits`]'s, and `const`.
#[derive(Debug)]
pub struct Primitive<T, B>(PhantomData<fn(T) -> B>);

/// `type in word: bits, signed; from bits; into bits`.
macro_rules! primitive {
    (
        $T:ident in $Word:ident: $BITS:expr, $SIGNED:expr;
        |$bits:ident| $from:expr; |$value:ident| $into:expr
    ) => {
        impl Primitive<$T, $Word> {
            /// See [`FromBits::try_from_bits`].
            ///
            /// # Errors
            ///
            /// If no value has this bit pattern.
            #[inline]
            pub const fn try_from_bits($bits: $Word) -> Result<$T, InvalidBits<$Word>> {
                let value: Option<$T> = $from;
                match value {
                    Some(value) => Ok(value),
                    None => Err(InvalidBits::new(
                        $bits,
                        concat!("expected ", stringify!($T)),
                    )),
                }
            }

            /// See [`FromBits::into_bits`].
            #[inline]
            #[must_use]
            pub const fn into_bits($value: $T) -> $Word {
                $into
            }
        }

        impl FromBits<$Word> for $T {
            type Error = InvalidBits<$Word>;
            const BITS: u32 = $BITS;
            const SIGNED: bool = $SIGNED;

            #[inline]
            fn try_from_bits(bits: $Word) -> Result<Self, Self::Error> {
                Primitive::<$T, $Word>::try_from_bits(bits)
            }

            #[inline]
            fn into_bits(self) -> $Word {
                Primitive::<$T, $Word>::into_bits(self)
            }
        }

        impl ConstFromBits<$Word> for $T {
            type Functions = Primitive<$T, $Word>;
        }
    };
}

macro_rules! bool_in {
    ($($Word:ident),+) => {$(
        primitive!(bool in $Word: 1, false; |bits| match bits {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }; |value| value as $Word);
    )+};
}

/// `unsigned $Int, its signed twin in { words at least as wide }`.
///
/// Every `as` below is between integers of which the target is known to hold the value, or is
/// compared with its source afterwards.
macro_rules! integers_in {
    ($Unsigned:ident, $Signed:ident in $($Word:ident / $SignedWord:ident),+) => {$(
        primitive!($Unsigned in $Word: <$Unsigned>::BITS, false; |bits| {
            let value = bits as $Unsigned;
            if value as $Word == bits { Some(value) } else { None }
        }; |value| value as $Word);

        // Two's complement, extended to the word or not: `0xFF` and `0xFFFF` in a `u16` are both
        // `-1i8`, so bits unpacked by hand can be given as they are.
        primitive!($Signed in $Word: <$Signed>::BITS, true; |bits| {
            let value = bits as $Signed;
            let extended = value as $SignedWord as $Word == bits;
            let not_extended = value as $Unsigned as $Word == bits;
            if extended || not_extended { Some(value) } else { None }
        }; |value| value as $SignedWord as $Word);
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
