//! What the reference gets wrong (one row of its list each), and must not come back here.

use pintle_bitfield::{FromBits, Pack8, Pack16, Pack32, Pack64, Pack128, bitfield, enum_from_bits};

/// There: panics in debug builds, writes zero in release.
#[test]
fn a_field_may_be_as_wide_as_the_word() {
    bitfield! {
        struct Byte<u8> {
            const ALL: u8;
        }
    }
    assert_eq!(Byte::new().with(Byte::ALL, 0xA5).bits(), 0xA5);
    assert_eq!(Byte::from_bits(0xA5).get(Byte::ALL), 0xA5);

    let whole = Pack64::least_significant(64);
    assert_eq!(whole.max_value(), u64::MAX);
    assert_eq!(whole.pack_truncating(u64::MAX - 1, 0), u64::MAX - 1);
    assert_eq!(whole.pack(7, u64::MAX), 7);
    assert_eq!(Pack128::from_range(..).raw_mask(), u128::MAX);
}

/// There: `0xF0` unpacks `0xA5` as `0xA0`, and `0x0F` is empty.
#[test]
fn from_mask_is_the_mask() {
    assert_eq!(Pack8::from_mask(0xF0).unpack_bits(0xA5), 0xA);
    assert_eq!(Pack8::from_mask(0x0F).unpack_bits(0xA5), 0x5);
    assert_eq!(Pack8::from_mask(0x0F).raw_mask(), 0x0F);
    assert_eq!(Pack8::from_mask(0xFF).bits(), 8);
    assert_eq!(Pack8::from_mask(0).bits(), 0);
}

#[test]
#[should_panic(expected = "not contiguous")]
fn from_mask_refuses_gaps() {
    let _ = Pack8::from_mask(0b101);
}

/// There: one counts from 1, the other from 0, and they differ in width.
#[test]
fn both_range_functions_agree_and_are_exact() {
    assert_eq!(Pack16::from_range(0..8), Pack16::from_const_range(0..8));
    assert_eq!(Pack16::from_range(0..8).bits(), 8);
    assert_eq!(Pack16::from_range(0..8).raw_mask(), 0xFF);
    assert_eq!(Pack64::from_range(33..).bits(), 31);
    assert_eq!(Pack64::from_range(33..).least_significant_index(), 33);
    assert_eq!(Pack16::from(3..=5), Pack16::from_const_range(3..6));
}

/// There: the same spec.
#[test]
fn starting_at_counts_from_zero() {
    assert_eq!(Pack16::<u16>::starting_at(0, 4).raw_mask(), 0xF);
    assert_eq!(Pack16::<u16>::starting_at(1, 4).raw_mask(), 0x1E);
}

/// There: `0x101u16` is accepted as variant `0x01`.
#[test]
fn wide_patterns_are_not_truncated() {
    enum_from_bits! {
        #[derive(Debug, PartialEq)]
        enum Example<u8> {
            One = 1,
            Two = 2,
        }
    }
    assert_eq!(Example::try_from(1u16), Ok(Example::One));
    assert!(Example::try_from(0x101u16).is_err());
    assert!(Example::try_from(1u128 << 64 | 1).is_err());
    assert!(<Example as FromBits<u32>>::try_from_bits(0x1_0002).is_err());
}

/// There: do not compile.
#[test]
fn enums_of_the_wide_words() {
    enum_from_bits! {
        #[derive(Debug, PartialEq)]
        enum Of64<u64> { Big = 0xFFFF_0000_0000_0000, Small = 1 }
    }
    enum_from_bits! {
        #[derive(Debug, PartialEq)]
        enum Of128<u128> { Small = 1, Big = 1 << 100 }
    }
    enum_from_bits! {
        #[derive(Debug, PartialEq)]
        enum OfUsize<usize> { Small = 1, Big = 0xF000 }
    }
    assert_eq!(Of64::try_from(0xFFFF_0000_0000_0000u64), Ok(Of64::Big));
    assert_eq!(FromBits::<u64>::into_bits(Of64::Small), 1);
    assert_eq!(Of128::try_from(1u128 << 100), Ok(Of128::Big));
    assert_eq!(Of128::Big.into_bits(), 1 << 100);
    assert_eq!(<Of128 as FromBits<u128>>::BITS, 101);
    assert_eq!(OfUsize::try_from(0xF000usize), Ok(OfUsize::Big));
    assert_eq!(FromBits::<usize>::into_bits(OfUsize::Small), 1);

    bitfield! {
        struct Wide<u128> {
            const KIND: Of128;
            const OTHER: Of64 = 1;
        }
    }
    assert_eq!(
        Wide::new().with(Wide::KIND, Of128::Big).get(Wide::KIND),
        Of128::Big
    );
}

/// There: packing a negative number panics.
#[test]
fn signed_values_keep_their_sign_within_their_field() {
    bitfield! {
        struct Signed<u32> {
            const LOW = 3;
            const BYTE: i8;
            const NIBBLE: i8 = 4;
            const HIGH = ..;
        }
    }
    let word = Signed::new()
        .with(Signed::BYTE, -2)
        .with(Signed::NIBBLE, -8);
    assert_eq!(word.bits(), 0xFE << 3 | 0x8 << 11);
    assert_eq!(word.get(Signed::BYTE), -2);
    assert_eq!(word.get(Signed::NIBBLE), -8);
    assert_eq!(word.get(Signed::HIGH), 0);
    assert_eq!(i8::try_from_bits(0xFFu32), Ok(-1));
    assert_eq!(FromBits::<u32>::into_bits(-1i8), 0xFFFF_FFFF);
}

#[test]
#[should_panic(expected = "does not fit into a field of 4 bits")]
fn a_signed_value_must_fit_with_its_sign() {
    let _ = Pack32::<i8>::starting_at(0, 4).pack(8, 0);
}

/// There: bits past the end are dropped.
#[test]
#[should_panic(expected = "do not fit")]
fn next_past_the_end() {
    let _ = Pack8::least_significant(6).next(4);
}

/// There: one bit too low.
#[test]
fn pair_after_is_right_after() {
    let after = Pack32::from_range(4..9);
    let pair = Pack32::least_significant(4).pair_after(after);
    assert_eq!(pair.src(), &Pack32::from_range(0..4));
    assert_eq!(pair.dst(), &Pack32::from_range(9..13));
    assert_eq!(
        Pack32::least_significant(4).pair_at(8).dst(),
        &Pack32::from_range(8..12)
    );
    pair.assert_valid();
}

/// There: `{:?}` of a field whose bits are no variant panics.
#[test]
fn formatting_never_panics() {
    enum_from_bits! {
        #[derive(Debug)]
        enum Example<u8> { One = 1 }
    }
    bitfield! { struct Word<u8> { const EXAMPLE: Example; const REST = ..; } }
    let word = Word::new();
    assert_eq!(
        format!("{word:?}"),
        "Word { EXAMPLE: Invalid(0x0), REST: 0 }"
    );
    assert!(!format!("{word} {word:#}").is_empty());
}
