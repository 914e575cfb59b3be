//! Errors that can be looked at, and the fallible twin of everything that panics.

use pintle_bitfield::{
    DoesNotFit, FromBits, InvalidBits, Pack16, Packing16, bitfield, enum_from_bits,
};

enum_from_bits! {
    #[derive(Debug, PartialEq, Eq)]
    enum Phase<u8> { Down = 0, Up = 2 }
}

bitfield! {
    #[derive(PartialEq, Eq)]
    struct Link<u16> {
        const PHASE: Phase;
        const LANES = 5;
        const DELTA: i8 = 4;
        const WIDE: u8 = 5;
    }
}

#[test]
fn reading_what_is_no_value_gives_its_bits() {
    let error: InvalidBits<u16> = Link::from_bits(0b11).try_get(Link::PHASE).unwrap_err();
    assert_eq!(error.bits(), 3);
    assert_eq!(
        error.to_string(),
        "invalid value for Phase: expected one of [0, 2], found 0x3"
    );
    assert_eq!(Link::PHASE.try_unpack(3), Err(error));

    // As text, for functions whose error that is.
    fn phase(bits: u16) -> Result<Phase, &'static str> {
        Ok(Phase::try_from_bits(bits)?)
    }
    assert_eq!(phase(2), Ok(Phase::Up));
    assert_eq!(phase(3), Phase::try_from(3u16));
    assert_eq!(
        phase(3),
        Err("invalid value for Phase: expected one of [0, 2]")
    );
}

/// The enum's own error has all of the wider word's bits, not those of the enum's own.
#[test]
fn a_wider_word_is_given_back_whole() {
    assert_eq!(Phase::try_from_bits(0x102u16).unwrap_err().bits(), 0x102);
    assert_eq!(
        Phase::try_from_bits(1u128 << 100).unwrap_err().bits(),
        1 << 100
    );
    let error = bool::try_from_bits(2u64).unwrap_err();
    assert_eq!(
        (error.bits(), error.to_string()),
        (2, "expected bool, found 0x2".into())
    );
    let error = i8::try_from_bits(0x80_u16 << 1).unwrap_err();
    assert_eq!(error.to_string(), "expected i8, found 0x100");
}

#[test]
fn writing_what_does_not_fit_gives_it_back_and_changes_nothing() {
    let link = Link::from_bits(0xABCD);
    let error: DoesNotFit<u16> = link.try_with(Link::LANES, 32).unwrap_err();
    assert_eq!((error.bits(), error.width()), (32, 5));
    assert_eq!(
        error.to_string(),
        "value 0x20 does not fit into a field of 5 bits"
    );

    let mut same = link;
    assert_eq!(same.try_set(Link::LANES, 32).unwrap_err(), error);
    assert_eq!(same, link);
    assert_eq!(Link::LANES.try_pack(32, 0xABCD), Err(error));
    assert_eq!(Link::LANES.try_pack_bits(32, 0xABCD), Err(error));
    assert_eq!(
        Packing16::new(0xABCD).try_pack(32, &Link::LANES),
        Err(error)
    );

    // A negative one comes back as it was: its type reads it again.
    let error = link.try_with(Link::DELTA, -9).unwrap_err();
    assert_eq!(i8::try_from_bits(error.bits()), Ok(-9));
    assert_eq!(
        Pack16::least_significant(1)
            .try_pack(2, 0)
            .unwrap_err()
            .to_string(),
        "value 0x2 does not fit into a field of 1 bit"
    );
}

#[test]
fn writing_what_fits_is_what_the_panicking_twin_does() {
    let link = Link::from_bits(0xABCD);
    assert_eq!(
        link.try_with(Link::LANES, 31),
        Ok(link.with(Link::LANES, 31))
    );
    assert_eq!(
        link.try_with(Link::DELTA, -8),
        Ok(link.with(Link::DELTA, -8))
    );

    let mut set = link;
    set.try_set(Link::LANES, 3)
        .unwrap()
        .try_set(Link::PHASE, Phase::Up)
        .unwrap();
    assert_eq!(set, link.with(Link::LANES, 3).with(Link::PHASE, Phase::Up));

    assert_eq!(
        Link::LANES.try_pack(3, 0xABCD),
        Ok(Link::LANES.pack(3, 0xABCD))
    );
    assert_eq!(
        Packing16::new(0xABCD).try_pack(3, &Link::LANES),
        Ok(Packing16::new(0xABCD).pack(3, &Link::LANES))
    );
}

/// In constants, a value is given as its bits.
#[test]
fn packing_in_constants_is_checked_too() {
    const WORD: u16 = Pack16::pack_in(0)
        .pack_bits(2, &Link::PHASE)
        .pack_bits(31, &Link::LANES)
        .pack_bits(0xFFFF, &Link::DELTA)
        .bits();
    const CHECKED: Result<u16, DoesNotFit<u16>> = Link::LANES.try_pack_bits(32, 0);
    assert_eq!(
        WORD,
        Link::new()
            .with(Link::PHASE, Phase::Up)
            .with(Link::LANES, 31)
            .with(Link::DELTA, -1)
            .bits()
    );
    assert!(CHECKED.is_err());
}

#[test]
#[should_panic(expected = "value 0xf does not fit into a field of 4 bits")]
fn bits_of_a_negative_value_are_the_whole_words() {
    let _ = Link::DELTA.pack_bits(0xF, 0);
}

#[test]
fn they_are_errors() {
    fn is_error(_: impl core::error::Error + Send + Sync + 'static) {}
    is_error(Link::new().try_with(Link::LANES, 32).unwrap_err());
    is_error(Phase::try_from_bits(1u128).unwrap_err());
}
