//! Specs and bitfields against plain shifts and masks, bit by bit, in every word.

use pintle_bitfield::{
    FromBits, Pack8, Pack16, Pack32, Pack64, Pack128, PackUsize, Packing8, Packing16, Packing32,
    Packing64, Packing128, PackingUsize, bitfield,
};
use proptest::prelude::*;

/// The slow and obvious way: one bit after the other.
fn replace(base: u128, start: u32, width: u32, value: u128) -> u128 {
    (0..width).fold(base, |word, i| {
        let bit = 1 << (start + i);
        if value >> i & 1 == 1 {
            word | bit
        } else {
            word & !bit
        }
    })
}

fn extract(word: u128, start: u32, width: u32) -> u128 {
    (0..width).fold(0, |value, i| value | (word >> (start + i) & 1) << i)
}

/// Two's complement of `width` bits, as a number.
fn signed(bits: u128, width: u32) -> i128 {
    let magnitude = extract(bits, 0, width - 1) as i128;
    if bits >> (width - 1) & 1 == 1 {
        magnitude - (1 << (width - 1))
    } else {
        magnitude
    }
}

/// A range of a word of `bits` bits: `(start, width)`.
fn range(bits: u32) -> impl Strategy<Value = (u32, u32)> {
    (0..=bits).prop_flat_map(move |start| (Just(start), 0..=bits - start))
}

macro_rules! in_word {
    ($($word:ident, $int:ident, $Pack:ident, $Packing:ident;)+) => {$(
        mod $word {
            use super::*;

            fn wide(word: $word) -> u128 {
                word as u128
            }

            proptest! {
                #[test]
                fn specs((start, width) in range($word::BITS), base: $word, value: $word) {
                    let spec = $Pack::from_const_range(start..start + width);
                    spec.assert_valid();
                    prop_assert_eq!(spec, $Pack::from_range(start..start + width));
                    prop_assert_eq!(spec, $Pack::<$word>::starting_at(start, width));
                    if width > 0 {
                        prop_assert_eq!(spec, $Pack::from_range(start..=start + width - 1));
                        prop_assert_eq!(spec, $Pack::from_mask(spec.raw_mask()));
                    }
                    prop_assert_eq!(spec.bits(), width);
                    prop_assert_eq!(spec.least_significant_index(), start);
                    prop_assert_eq!(spec.most_significant_index(), start + width);
                    prop_assert_eq!(wide(spec.raw_mask()), replace(0, start, width, u128::MAX));
                    prop_assert_eq!(wide(spec.max_value()), extract(u128::MAX, 0, width));
                    prop_assert_eq!(wide(spec.first_bit()), replace(0, start, width, 1));

                    let mask = wide(spec.raw_mask());
                    prop_assert_eq!(wide(spec.set_all(base)), wide(base) | mask);
                    prop_assert_eq!(wide(spec.unset_all(base)), wide(base) & !mask);
                    prop_assert_eq!(spec.contained_in_any(base), wide(base) & mask != 0);
                    prop_assert_eq!(spec.contained_in_all(base), wide(base) & mask == mask);

                    let packed = spec.pack_truncating(value, base);
                    prop_assert_eq!(wide(packed), replace(wide(base), start, width, wide(value)));
                    prop_assert_eq!(wide(spec.unpack_bits(base)), extract(wide(base), start, width));

                    let fitting = value & spec.max_value();
                    prop_assert_eq!(spec.pack(fitting, base), packed);
                    prop_assert_eq!(spec.unpack(packed), fitting);

                    let packing = $Packing::new(base).pack_truncating(value, &spec);
                    prop_assert_eq!(packing.bits(), packed);
                    prop_assert_eq!($Packing::new(base).pack(fitting, &spec), packing);

                    let mut in_place = base;
                    spec.pack_into_truncating(value, &mut in_place);
                    prop_assert_eq!(in_place, packed);
                    spec.pack_into(fitting, spec.set_all_in(spec.unset_all_in(&mut in_place)));
                    prop_assert_eq!(in_place, packed);

                    let left = $word::BITS - start - width;
                    prop_assert_eq!(spec.remaining(), spec.next(left));
                    prop_assert_eq!(spec.remaining(), $Pack::from_range(start + width..));
                }

                /// In every type: a value that fits comes back, another one is given back.
                #[test]
                fn narrower_than_their_type(
                    (start, width) in range($word::BITS),
                    base: $word,
                    value: $word,
                    sign: $int,
                ) {
                    let unsigned = $Pack::<$word>::starting_at(start, width);
                    match unsigned.try_pack(value, base) {
                        Ok(word) => {
                            prop_assert_eq!(wide(word), replace(wide(base), start, width, wide(value)));
                            prop_assert_eq!(unsigned.pack_bits(value, base), word);
                        }
                        Err(error) => {
                            prop_assert!(value > unsigned.max_value());
                            prop_assert_eq!((error.bits(), error.width()), (value, width));
                        }
                    }
                    let signed = $Pack::<$int>::starting_at(start, width);
                    let unused = $word::BITS - width;
                    let fits = if width == 0 { sign == 0 } else { sign << unused >> unused == sign };
                    match signed.try_pack(sign, base) {
                        Ok(word) => {
                            prop_assert!(fits);
                            prop_assert_eq!(signed.unpack(word), sign);
                        }
                        Err(error) => {
                            prop_assert!(!fits);
                            prop_assert_eq!($int::try_from_bits(error.bits()), Ok(sign));
                        }
                    }
                }

                #[test]
                fn signed_fields(
                    (start, width) in range($word::BITS),
                    base: $word,
                    value: $int,
                ) {
                    prop_assume!(width > 0);
                    let spec = $Pack::<$int>::starting_at(start, width);
                    let read = spec.unpack(base);
                    prop_assert_eq!(read as i128, signed(extract(wide(base), start, width), width));
                    prop_assert_eq!(spec.pack(read, base), base);

                    // Every value that fits comes back, whatever was there before.
                    let unused = $word::BITS - width;
                    let fitting = value << unused >> unused;
                    let packed = spec.pack(fitting, base);
                    prop_assert_eq!(spec.unpack(packed), fitting);
                    prop_assert_eq!(spec.unset_all(packed), spec.unset_all(base));
                    prop_assert_eq!($int::try_from_bits(FromBits::<$word>::into_bits(value)), Ok(value));
                }

                #[test]
                fn pairs((at, width) in range($word::BITS), start: u32, src: $word, dst: $word) {
                    let start = start % ($word::BITS - width + 1);
                    let spec = $Pack::from_const_range(start..start + width);
                    let pair = spec.pair_at(at);
                    pair.assert_valid();
                    prop_assert_eq!(pair.src(), &spec);
                    prop_assert_eq!(pair, spec.pair_with(*pair.dst()));
                    if at >= width {
                        prop_assert_eq!(pair, spec.pair_after($Pack::from_range(at - width..at)));
                    }
                    let there = pair.pack_from_dst(src, dst);
                    let back = pair.pack_from_src(src, dst);
                    let moved = extract(wide(src), start, width);
                    prop_assert_eq!(wide(there), replace(wide(dst), at, width, moved));
                    let moved = extract(wide(dst), at, width);
                    prop_assert_eq!(wide(back), replace(wide(src), start, width, moved));
                    prop_assert_eq!($Packing::new(src).pack_from_src(dst, &pair).bits(), back);
                    prop_assert_eq!($Packing::new(dst).pack_from_dst(src, &pair).bits(), there);
                }

                #[test]
                fn bitfields(base: $word, flag: bool, three in 0..8 as $word, sign in -2..2i8) {
                    bitfield! {
                        struct Word<$word> {
                            const THREE = 3;
                            const FLAG: bool;
                            const SIGN: i8 = 2;
                            const REST = ..;
                        }
                    }
                    let mut word = Word::from_bits(base);
                    prop_assert_eq!(wide(word.get(Word::THREE)), extract(wide(base), 0, 3));
                    prop_assert_eq!(word.get(Word::FLAG), extract(wide(base), 3, 1) == 1);
                    prop_assert_eq!(word.get(Word::SIGN) as i128, signed(extract(wide(base), 4, 2), 2));
                    prop_assert_eq!(word.get(Word::REST), base >> 6);

                    let with = word.with(Word::SIGN, sign).with(Word::FLAG, flag).with(Word::THREE, three);
                    word.set(Word::THREE, three).set(Word::FLAG, flag).set(Word::SIGN, sign);
                    prop_assert_eq!(word.bits(), with.bits());
                    let low = wide(three) | (flag as u128) << 3 | ((sign as u8 & 3) as u128) << 4;
                    prop_assert_eq!(wide(word.bits()), wide(base >> 6 << 6) | low);
                }

                #[test]
                fn placed_fields(base: $word, low in 0..8 as $word, sign in -4..4i8, bit: bool) {
                    const TOP: u32 = $word::BITS - 1;
                    bitfield! {
                        struct Word<$word> {
                            const BIT: bool = [TOP] => bit, with_bit, set_bit;
                            const SIGN: i8 = [4..=6] => sign, with_sign, set_sign;
                            const LOW = [..3] => low, with_low, set_low;
                            const NEXT: bool => next, with_next, set_next;
                        }
                    }
                    Word::assert_valid();
                    let word = Word::from_bits(base);
                    prop_assert_eq!(word.get(Word::BIT), extract(wide(base), TOP, 1) == 1);
                    prop_assert_eq!(word.get(Word::SIGN) as i128, signed(extract(wide(base), 4, 3), 3));
                    prop_assert_eq!(wide(word.get(Word::LOW)), extract(wide(base), 0, 3));
                    prop_assert_eq!(word.get(Word::NEXT), extract(wide(base), 3, 1) == 1);

                    let with = word
                        .with(Word::LOW, low)
                        .with(Word::NEXT, !bit)
                        .with(Word::SIGN, sign)
                        .with(Word::BIT, bit);
                    prop_assert_eq!(word.bit(), word.get(Word::BIT));
                    prop_assert_eq!(word.sign(), word.get(Word::SIGN));
                    prop_assert_eq!(word.low(), word.get(Word::LOW));
                    prop_assert_eq!(word.next(), word.get(Word::NEXT));
                    let named = word.with_low(low).with_next(!bit).with_sign(sign).with_bit(bit);
                    prop_assert_eq!(named.bits(), with.bits());
                    let mut set = word;
                    set.set_bit(bit).set_sign(sign).set_next(!bit).set_low(low);
                    prop_assert_eq!(set.bits(), with.bits());

                    let expected = replace(wide(base), 0, 3, wide(low));
                    let expected = replace(expected, 3, 1, !bit as u128);
                    let expected = replace(expected, 4, 3, sign as u8 as u128);
                    prop_assert_eq!(wide(with.bits()), replace(expected, TOP, 1, bit as u128));
                }
            }
        }
    )+};
}

in_word! {
    u8, i8, Pack8, Packing8;
    u16, i16, Pack16, Packing16;
    u32, i32, Pack32, Packing32;
    u64, i64, Pack64, Packing64;
    u128, i128, Pack128, Packing128;
    usize, isize, PackUsize, PackingUsize;
}
