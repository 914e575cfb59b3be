// The twin of the rejected ones: each of these is one bit or one line away from an error. It denies
// all warnings, for users do.
#![deny(warnings, missing_docs, unreachable_pub)]

//! Accepted.

use pintle_bitfield::{bitfield, enum_from_bits};

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

fn main() {
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
