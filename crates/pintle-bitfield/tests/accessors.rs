//! Accessors with names of their own, which are `const`.

use core::convert::Infallible;

use pintle_bitfield::{ConstFromBits, FromBits, bitfield, enum_from_bits};

enum_from_bits! {
    #[derive(Debug, PartialEq, Eq)]
    enum Phase<u8> { Down = 0, Training = 1, Up = 2 }
}

/// A type with functions written by hand.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Even(u32);

impl Even {
    const fn try_from_bits(bits: u32) -> Result<Self, Infallible> {
        Ok(Self(bits << 1))
    }

    const fn into_bits(self) -> u32 {
        self.0 >> 1
    }
}

impl FromBits<u32> for Even {
    type Error = Infallible;
    const BITS: u32 = 4;

    fn try_from_bits(bits: u32) -> Result<Self, Infallible> {
        Self::try_from_bits(bits)
    }

    fn into_bits(self) -> u32 {
        self.into_bits()
    }
}

impl ConstFromBits<u32> for Even {
    type Functions = Self;
}

bitfield! {
    /// A link.
    #[derive(PartialEq, Eq)]
    struct Link<u32> {
        /// Somebody waits.
        const WAITED_FOR: bool => is_waited_for, with_waited_for, set_waited_for;
        const PHASE: Phase => phase, with_phase, set_phase;
        const LANES = 5 => lanes, with_lanes, set_lanes;
        const DELTA: i8 = 4 => delta, with_delta, set_delta;
        const EVEN: Even => even, with_even;
        const WITHOUT = 2;
        /// Only read.
        const ERRORS: u8 = [20..28] => errors;
        const REST = .. => rest, with_rest;
    }
}

// Every one of these is evaluated by the compiler.
const UP: Link = Link::new()
    .with_waited_for(true)
    .with_phase(Phase::Up)
    .with_lanes(16)
    .with_delta(-2)
    .with_even(Even(6))
    .with_rest(9);
const CHANGED: Link = {
    let mut link = UP;
    link.set_lanes(31).set_delta(7);
    link.set_phase(Phase::Training).set_waited_for(false);
    link
};
const PHASE: Phase = UP.phase();
const READ: (bool, u32, i8, Even, u8, u32) = (
    UP.is_waited_for(),
    UP.lanes(),
    UP.delta(),
    UP.even(),
    Link::from_bits(0xAB << 20).errors(),
    UP.rest(),
);
const _: () = assert!(UP.bits() == 9 << 28 | 3 << 12 | 0xE << 8 | 16 << 3 | 2 << 1 | 1);

#[test]
fn are_constants() {
    assert_eq!(PHASE, Phase::Up);
    assert_eq!(READ, (true, 16, -2, Even(6), 0xAB, 9));
    assert_eq!(CHANGED.phase(), Phase::Training);
    assert_eq!((CHANGED.lanes(), CHANGED.delta()), (31, 7));
    assert!(!CHANGED.is_waited_for());
}

#[test]
fn agree_with_the_generic_ones() {
    for bits in [0, UP.bits(), CHANGED.bits(), 0x0123_45A8] {
        let link = Link::from_bits(bits);
        assert_eq!(link.phase(), link.get(Link::PHASE));
        assert_eq!(link.delta(), link.get(Link::DELTA));
        assert_eq!(link.errors(), link.get(Link::ERRORS));
        assert_eq!(link.even(), link.get(Link::EVEN));
        assert_eq!(link.with_delta(-8), link.with(Link::DELTA, -8));
        assert_eq!(link.with_lanes(1), link.with(Link::LANES, 1));
        assert_eq!(link.with_even(Even(2)), link.with(Link::EVEN, Even(2)));
        let (mut one, mut other) = (link, link);
        one.set_phase(Phase::Up);
        other.set(Link::PHASE, Phase::Up);
        assert_eq!(one, other);
    }
}

#[test]
#[should_panic(expected = "`Link::PHASE` holds the bits 0x3, which are no `Phase`")]
fn reading_what_is_no_value_names_the_field() {
    let _ = Link::from_bits(0b111).phase();
}

#[test]
#[should_panic(expected = "value 0x20 does not fit into `Link::LANES` of 5 bits")]
fn writing_what_does_not_fit_names_the_field() {
    let _ = Link::new().with_lanes(32);
}

#[test]
#[should_panic(expected = "value 0xfffffff7 does not fit into `Link::DELTA` of 4 bits")]
fn so_does_a_negative_value() {
    Link::new().set_delta(-9);
}
