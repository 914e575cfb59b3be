//! Fields that say where they lie.

use pintle_bitfield::{bitfield, enum_from_bits};

enum_from_bits! {
    #[derive(Debug, PartialEq, Eq)]
    enum Mode<u8> { Off = 0, Slow = 1, Fast = 3 }
}

bitfield! {
    /// As data sheets do: from the top, with gaps.
    #[derive(PartialEq, Eq)]
    struct Control<u32> {
        const ENABLED: bool = [31];
        const ERRORS = [24..=27];
        const OFFSET: i8 = [8..14];
        const MODE: Mode = [4..=5];
        const _RESERVED = 1;
        const AFTER: bool;
    }
}

// They are constants as all fields are.
const ENABLED: u32 = Control::ENABLED.raw_mask();
const _: () = assert!(ENABLED == 1 << 31);

#[test]
fn lie_where_they_say() {
    assert_eq!(Control::ENABLED.raw_mask(), 1 << 31);
    assert_eq!(Control::ERRORS.raw_mask(), 0xF << 24);
    assert_eq!(Control::OFFSET.raw_mask(), 0x3F << 8);
    assert_eq!(Control::MODE.raw_mask(), 0b11 << 4);
    Control::assert_valid();
}

/// Unplaced ones go on after the field that is declared before them.
#[test]
fn are_followed_by_those_that_do_not() {
    assert_eq!(Control::_RESERVED.raw_mask(), 1 << 6);
    assert_eq!(Control::AFTER.raw_mask(), 1 << 7);

    bitfield! {
        struct Rest<u8> {
            const LOW: bool;
            const MIDDLE = [3..5];
            const REST = ..;
        }
    }
    assert_eq!(Rest::REST.raw_mask(), 0b1110_0000);
}

#[test]
fn hold_what_others_hold() {
    let control = Control::from_bits(!0)
        .with(Control::ENABLED, false)
        .with(Control::ERRORS, 9)
        .with(Control::OFFSET, -32)
        .with(Control::MODE, Mode::Slow);
    assert_eq!(control.bits(), 0x79FF_E0DF);
    assert_eq!(control.get(Control::OFFSET), -32);
    assert_eq!(control.get(Control::MODE), Mode::Slow);
}

#[test]
fn every_kind_of_range() {
    const START: u32 = 2;
    bitfield! {
        struct Low<u16> {
            const TO = [..START];
            const EXPRESSION = [START..START + 2];
            const INCLUSIVE = [4..=4];
            const BIT = [{ 2 * START + 1 }];
            const FROM = [6..];
        }
    }
    assert_eq!(Low::TO.raw_mask(), 0b11);
    assert_eq!(Low::EXPRESSION.raw_mask(), 0b1100);
    assert_eq!(Low::INCLUSIVE.raw_mask(), 1 << 4);
    assert_eq!(Low::BIT.raw_mask(), 1 << 5);
    assert_eq!(Low::FROM.raw_mask(), !0 << 6);

    bitfield! { struct ToInclusive<u8> { const ALL = [..=7]; } }
    bitfield! { struct Full<u128> { const ALL: u128 = [..]; } }
    assert_eq!(ToInclusive::ALL.raw_mask(), 0xFF);
    assert_eq!(Full::ALL.raw_mask(), !0);
}

/// `Debug` follows the declaration, the tables follow the bits; gaps belong to nobody.
#[test]
fn are_shown_in_their_place() {
    bitfield! {
        struct Gaps<u16> {
            const TOP: bool = [15];
            const MIDDLE = [7..11];
            const LOW = [1..3];
        }
    }
    let word = Gaps::from_bits(0xFFFF).with(Gaps::MIDDLE, 0b1010);
    assert_eq!(
        format!("{word:?}"),
        "Gaps { TOP: true, MIDDLE: 10, LOW: 3 }"
    );
    assert_eq!(
        word.display_set_bits().to_string(),
        "TOP | MIDDLE=10 | LOW=3"
    );
    assert_eq!(
        word.to_string(),
        "\
1111110101111111
.............11. LOW: 3
.....1010....... MIDDLE: 10
1............... TOP: true"
    );
    assert_eq!(
        format!("{word:#}"),
        "\
1111110101111111
│    └┬─┘    ├┘
│     │      └── LOW: 3 (11)
│     └───────── MIDDLE: 10 (1010)
└─────────────── TOP: true (1)"
    );
}
