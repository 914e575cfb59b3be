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
    let _ = [Wide::Low, Wide::High];
}
