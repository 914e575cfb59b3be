//! Every integer in every word that is at least as wide, against the conversions of `core`.

use pintle_bitfield::{FromBits, bitfield};
use proptest::prelude::*;

/// Bits of a word near to what fits and what does not: any, and few low ones with any sign.
macro_rules! bits {
    ($word:ident) => {
        prop_oneof![
            any::<$word>(),
            any::<i8>().prop_map(|low| low as $word),
            any::<u8>().prop_map(|low| low as $word),
            (0..$word::BITS).prop_map(|bit| 1 << bit),
            (0..$word::BITS).prop_map(|bit| $word::MAX << bit),
            (0..$word::BITS).prop_map(|bit| $word::MAX >> bit),
        ]
    };
}

macro_rules! integers {
    ($($int:ident $signed:ident: $($word:ident $signed_word:ident)+;)+) => {$(
        mod $int {
            use super::*;

            $(
                mod $word {
                    use super::*;

                    bitfield! {
                        struct Word<$word> {
                            const WHOLE = .. => whole, with_whole;
                        }
                    }

                    bitfield! {
                        struct Unsigned<$word> {
                            const VALUE: $int => value, with_value;
                        }
                    }

                    bitfield! {
                        struct Signed<$word> {
                            const VALUE: $signed => value, with_value;
                        }
                    }

                    proptest! {
                        #[test]
                        fn unsigned(bits in bits!($word), value: $int) {
                            let read = $int::try_from_bits(bits);
                            prop_assert_eq!(read.ok(), $int::try_from(bits).ok());
                            if let Err(error) = read {
                                prop_assert_eq!(error.bits(), bits);
                            }
                            prop_assert_eq!(FromBits::<$word>::into_bits(value), value as $word);
                            prop_assert_eq!(<$int as FromBits<$word>>::BITS, $int::BITS);
                            prop_assert_eq!(Unsigned::from_bits(bits).value(), bits as $int);
                            let word = Unsigned::from_bits(bits).with_value(value);
                            prop_assert_eq!(word.value(), value);
                            prop_assert_eq!(word.bits() >> ($int::BITS - 1), {
                                let above = (bits >> ($int::BITS - 1)) & !1;
                                above | (value >> ($int::BITS - 1)) as $word
                            });
                        }

                        #[test]
                        fn signed(bits in bits!($word), value: $signed) {
                            // In two's complement of the word, or of the integer itself.
                            let of_word = $signed::try_from(bits as $signed_word).ok();
                            let of_int = $int::try_from(bits).ok().map(|bits| bits as $signed);
                            let read = $signed::try_from_bits(bits);
                            prop_assert_eq!(read.ok(), of_word.or(of_int));
                            if let Err(error) = read {
                                prop_assert_eq!(error.bits(), bits);
                            }
                            let into: $word = value.into_bits();
                            prop_assert_eq!(into as $signed_word, value as $signed_word);
                            prop_assert_eq!($signed::try_from_bits(into), Ok(value));
                            prop_assert_eq!(Signed::from_bits(bits).value(), bits as $signed);
                            let word = Signed::from_bits(bits).with_value(value);
                            prop_assert_eq!(word.value(), value);
                        }

                        #[test]
                        fn whole(bits in bits!($word)) {
                            prop_assert_eq!(Word::new().with_whole(bits).bits(), bits);
                            prop_assert_eq!(Word::from_bits(bits).whole(), bits);
                        }
                    }
                }
            )+
        }
    )+};
}

integers! {
    u8 i8: u8 i8 u16 i16 u32 i32 u64 i64 u128 i128 usize isize;
    u16 i16: u16 i16 u32 i32 u64 i64 u128 i128 usize isize;
    u32 i32: u32 i32 u64 i64 u128 i128;
    u64 i64: u64 i64 u128 i128;
    u128 i128: u128 i128;
    usize isize: usize isize u64 i64 u128 i128;
}

/// What a `usize` holds, and what holds a `usize`, follows the target.
#[cfg(target_pointer_width = "64")]
mod follows_the_target {
    use super::*;

    integers! {
        u32 i32: usize isize;
        u64 i64: usize isize;
    }
}

#[cfg(target_pointer_width = "32")]
mod follows_the_target {
    use super::*;

    integers! {
        u32 i32: usize isize;
        usize isize: u32 i32;
    }
}
