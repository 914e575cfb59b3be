// The twin of the rejected ones: each of these is one bit or one line away from an error. It denies
// all warnings, for users do.
#![deny(warnings, missing_docs, unreachable_pub)]

//! Accepted.

use core::convert::Infallible;

use pintle_bitfield::{ConstFromBits, FromBits, Pack32, bitfield, enum_from_bits};

enum_from_bits! {
    enum Wide<u128> { Low = 1, High = 1 << 127 }
}

bitfield! {
    struct Full<u8> {
        const LOW = 5;
        const HIGH = 3;
    }
}

bitfield! {
    struct Rest<u8> {
        const LOW = 7;
        const REST = ..;
    }
}

bitfield! {
    struct Signed<u16> {
        const BYTE: i8 = 8;
    }
}

bitfield! {
    struct Placed<u32> {
        const MODE = [0..4];
        const KIND = [4..8];
        const LAST: bool = [31];
        const HIGH = [24..=30];
        const SIGNED: i8 = [8..16];
    }
}

bitfield! {
    struct Following<u8> {
        const HIGH = [7..8];
        const LOW = [0..4];
        const NEXT = 3;
    }
}

enum_from_bits! {
    /// A phase.
    #[derive(Debug)]
    pub enum Phase<u8> {
        /// Down.
        Down = 0,
        /// Up.
        Up = 2,
    }
}

bitfield! {
    /// A link, seen by everybody.
    pub struct Link<u32> {
        /// Its phase.
        pub const PHASE: Phase => phase, with_phase;
        /// Its lanes.
        pub const LANES = 5 => lanes, with_lanes, set_lanes;
    }
}

const AS_MANY_AS_FIT: Link = Link::new().with_lanes(31).with_phase(Phase::Down);
const ITS_PHASE: Phase = AS_MANY_AS_FIT.phase();
const AS_WIDE_AS_FITS: u32 = Pack32::least_significant(4).pack_bits(15, 0);

#[derive(Debug)]
struct ByHand(u8);

impl ByHand {
    const fn try_from_bits(bits: u32) -> Result<Self, Infallible> {
        Ok(Self(bits as u8))
    }

    const fn into_bits(self) -> u32 {
        self.0 as u32
    }
}

impl FromBits<u32> for ByHand {
    type Error = Infallible;
    const BITS: u32 = 8;

    fn try_from_bits(bits: u32) -> Result<Self, Infallible> {
        Self::try_from_bits(bits)
    }

    fn into_bits(self) -> u32 {
        self.into_bits()
    }
}

impl ConstFromBits<u32> for ByHand {
    type Functions = Self;
}

bitfield! {
    struct HoldsOneByHand<u32> {
        const BY_HAND: ByHand => by_hand;
    }
}

fn main() {
    let _ = (AS_MANY_AS_FIT, ITS_PHASE, AS_WIDE_AS_FITS);
    let _ = HoldsOneByHand::new().by_hand();
    bitfield! {
        struct InFunction<u8> {
            const LOW = 5;
        }
    }
    let _ = Full::new().with(Full::LOW, 31).with(Full::HIGH, 7);
    let _ = Rest::new().get(Rest::REST);
    let _ = Signed::new().with(Signed::BYTE, -128);
    let _ = InFunction::new().get(InFunction::LOW);
    let _ = Placed::new().with(Placed::MODE, 15).with(Placed::KIND, 15);
    let _ = Placed::new().with(Placed::HIGH, 127).with(Placed::LAST, true);
    let _ = Placed::new().with(Placed::SIGNED, -128);
    let _ = Following::new().with(Following::LOW, 15).with(Following::NEXT, 7);
    let _ = Following::new().with(Following::HIGH, 1);
    let _ = [Wide::Low, Wide::High];
}
