//! Every form of the macros, in every word.

use pintle_bitfield::{FromBits, bitfield, enum_from_bits};

/// One module per word: the same declarations, read back by plain shifts.
macro_rules! in_word {
    ($($word:ident),+) => {$(
        mod $word {
            use super::*;

            enum_from_bits! {
                #[derive(Debug, PartialEq, Eq)]
                pub(crate) enum Kind<$word> {
                    Zero = 0,
                    Two = 2,
                    Three = 1 + 2,
                }
            }

            bitfield! {
                #[derive(PartialEq, Eq)]
                struct Word<$word> {
                    const FLAG: bool;
                    const KIND: Kind;
                    const NARROW: i8 = 2;
                    const TWO = { 1 + 1 };
                    const REST = ..;
                }
            }

            #[test]
            fn forms() {
                let word = Word::new()
                    .with(Word::FLAG, true)
                    .with(Word::KIND, Kind::Two)
                    .with(Word::NARROW, -2)
                    .with(Word::TWO, 3)
                    .with(Word::REST, 1);
                assert_eq!(word.bits(), 0b1_11_10_10_1);
                assert!(word.get(Word::FLAG));
                assert_eq!(word.get(Word::KIND), Kind::Two);
                assert_eq!(word.get(Word::NARROW), -2);
                assert_eq!(word.get(Word::TWO), 3);
                assert_eq!(word.get(Word::REST), 1);
                assert_eq!(Word::REST.bits(), $word::BITS - 7);
                assert_eq!(Word::REST.raw_mask(), !0 << 7);
                Word::assert_valid();
            }

            #[test]
            fn whole_word_as_one_field() {
                bitfield! { struct Whole<$word> { const ALL: $word; } }
                bitfield! { struct Rest<$word> { const ALL = ..; } }
                for bits in [0, 1, $word::MAX / 3, $word::MAX] {
                    assert_eq!(Whole::new().with(Whole::ALL, bits).bits(), bits);
                    assert_eq!(Rest::from_bits(bits).get(Rest::ALL), bits);
                }
                assert_eq!(Whole::ALL.max_value(), $word::MAX);
            }

            #[test]
            fn enums() {
                assert_eq!(<Kind as FromBits<$word>>::BITS, 2);
                assert_eq!(Kind::try_from(3 as $word), Ok(Kind::Three));
                assert_eq!(Kind::try_from(3u128), Ok(Kind::Three));
                assert!(Kind::try_from(1 as $word).is_err());
                assert!(Kind::try_from($word::MAX).is_err());
                assert_eq!(FromBits::<$word>::into_bits(Kind::Three), 3);
                assert_eq!(FromBits::<u128>::into_bits(Kind::Three), 3);
            }
        }
    )+};
}

in_word!(u8, u16, u32, u64, u128, usize);

bitfield! {
    /// More fields than the compiler recurses by default: the layout is no recursion.
    #[allow(missing_docs)]
    pub struct Many<u128> {
        const B0: bool; const B1: bool; const B2: bool; const B3: bool; const B4: bool; const B5: bool;
        const _GAP = 121;
        pub(crate) const LAST: bool;
    }
}

// All of this is a constant, in the struct's own module and out of it.
const MANY: Many = Many::from_bits(Many::LAST.raw_mask() | Many::B1.raw_mask());
const _: () = assert!(Many::LAST.contained_in_all(MANY.bits()));
const _: () = assert!(Many::new().bits() == 0);

#[test]
fn setting_one_field_leaves_the_others_and_the_unclaimed_bits() {
    bitfield! {
        struct Partly<u16> {
            const A = 4;
            const B: u8;
        }
    }
    let mut word = Partly::from_bits(0xFFFF);
    word.set(Partly::A, 0).set(Partly::B, 0x5A);
    assert_eq!(word.bits(), 0xF5A0);
    assert_eq!(Partly::from(word.bits()).bits(), u16::from(word));
}

#[test]
fn formats() {
    enum_from_bits! {
        #[derive(Debug)]
        enum Phase<u8> { Down = 0, Up = 2 }
    }
    bitfield! {
        struct Link<u16> {
            const _LOW = 1;
            const PHASE: Phase;
            const WAITED_FOR: bool;
            const DELTA: i8;
        }
    }
    let link = Link::new()
        .with(Link::PHASE, Phase::Up)
        .with(Link::DELTA, -1);
    assert_eq!(
        format!("{link:?}"),
        "Link { PHASE: Up, WAITED_FOR: false, DELTA: -1 }"
    );
    assert_eq!(
        format!("{link:b} {link:#x} {link:X}"),
        "Link(111111110100) Link(0xff4) Link(FF4)"
    );
    assert_eq!(link.display_set_bits().to_string(), "PHASE=Up | DELTA=-1");
    assert_eq!(Link::new().display_set_bits().to_string(), "(none)");
    assert_eq!(link.to_string(), link.display_ascii().to_string());
    assert_eq!(format!("{link:#}"), link.display_unicode().to_string());
    assert_eq!(
        link.display_unicode().to_string(),
        "\
0000111111110100
    └──┬───┘│├┘
       │    │└── PHASE: Up (10)
       │    └─── WAITED_FOR: false (0)
       └──────── DELTA: -1 (11111111)"
    );

    // Bits that are no value are shown as what they are.
    let broken = Link::from_bits(0b110);
    assert_eq!(
        format!("{broken:?}"),
        "Link { PHASE: Invalid(0x3), WAITED_FOR: false, DELTA: 0 }"
    );
    assert_eq!(
        broken.display_ascii().to_string(),
        "\
0000000000000110
.............11. PHASE: Invalid(0x3)
............0... WAITED_FOR: false
....00000000.... DELTA: 0"
    );
}

#[test]
#[should_panic(expected = "Phase holds the bits 0x1: invalid value for Phase")]
fn get_panics_on_bits_that_are_no_value() {
    enum_from_bits! {
        #[derive(Debug)]
        enum Phase<u8> { Down = 0, Up = 2 }
    }
    bitfield! { struct Link<u8> { const PHASE: Phase; } }
    let _ = Link::from_bits(1).get(Link::PHASE);
}

#[test]
#[should_panic(expected = "value 0x4 does not fit into a field of 2 bits")]
fn set_panics_on_a_value_that_does_not_fit() {
    bitfield! { struct Two<u8> { const LOW = 2; const HIGH = ..; } }
    Two::new().set(Two::LOW, 4);
}

/// Variants may be named as the names that the expansion itself uses.
#[test]
fn variants_named_like_the_prelude() {
    enum_from_bits! {
        #[derive(Debug, PartialEq)]
        enum Outcome<u32> { Ok = 0, Err = 1, Error = 2, Some = 4 }
    }
    assert_eq!(Outcome::try_from(0u32), Ok(Outcome::Ok));
    assert_eq!(Outcome::try_from(1u64), Ok(Outcome::Err));
    assert_eq!(Outcome::try_from_bits(2u32), Ok(Outcome::Error));
    assert!(Outcome::try_from(3u32).is_err());
    assert_eq!(FromBits::<u32>::into_bits(Outcome::Some), 4);

    enum_from_bits! {
        #[derive(Debug, PartialEq)]
        #[allow(clippy::upper_case_acronyms)]
        enum Loud<u8> { OK = 0, ERROR = 1 }
    }
    assert_eq!(Loud::try_from(1u16), Ok(Loud::ERROR));
    assert_eq!(
        Loud::try_from(2u16),
        Err("invalid value for Loud: expected one of [0, 1]")
    );
    assert_eq!(Loud::OK as u8, 0);

    bitfield! {
        struct Word<u32> { const FLAG: bool; const OUTCOME: Outcome; }
    }
    assert_eq!(Word::new().with(Word::OUTCOME, Outcome::Some).bits(), 8);
}

/// A value is an expression of the place where the enum stands: no variant hides what it names.
#[test]
#[allow(non_upper_case_globals)]
fn values_mean_what_they_mean_outside() {
    const Low: u8 = 4;
    enum_from_bits! {
        #[derive(Debug, PartialEq)]
        enum Level<u8> { Low = 1, High = Low << 1 }
    }
    assert_eq!(Level::High as u8, 8);
    assert_eq!(FromBits::<u8>::into_bits(Level::High), 8);
    assert_eq!(Level::try_from(8u8), Ok(Level::High));
    assert!(Level::try_from(2u8).is_err());
}
