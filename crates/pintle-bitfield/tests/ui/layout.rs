use pintle_bitfield::{bitfield, enum_from_bits};

bitfield! {
    struct TooMuch<u8> {
        const LOW = 6;
        const HIGH = 3;
    }
}

bitfield! {
    struct NothingLeft<u8> {
        const LOW: u8;
        const REST = ..;
    }
}

bitfield! {
    struct RestFirst<u8> {
        const REST = ..;
        const FLAG: bool;
    }
}

bitfield! {
    struct NoBits<u8> {
        const NONE = 0;
    }
}

bitfield! {
    struct WiderThanItsType<u16> {
        const BYTE: i8 = 9;
    }
}

bitfield! {
    struct NeitherTypeNorWidth<u16> {
        const FIELD;
    }
}

enum_from_bits! {
    enum Twice<u128> { One = 1, AlsoOne = 1 }
}

fn main() {}
