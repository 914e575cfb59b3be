use pintle_bitfield::bitfield;

bitfield! {
    struct Overlap<u32> {
        const MODE = [0..5];
        const OTHER = [8..12];
        const KIND = [4..8];
    }
}

bitfield! {
    struct OverlapOfOneThatFollows<u32> {
        const HIGH = [6..8];
        const LOW = [0..4];
        const NEXT = 3;
    }
}

bitfield! {
    struct PastTheEnd<u32> {
        const LOW: u8;
        const HIGH = [24..=32];
    }
}

bitfield! {
    struct BitPastTheEnd<u8> {
        const FLAG: bool = [8];
    }
}

bitfield! {
    struct NothingLeft<u32> {
        const HIGH = [31];
        const NEXT = 4;
    }
}

bitfield! {
    struct Backwards<u32> {
        const FIELD = [31..24];
    }
}

bitfield! {
    struct Empty<u32> {
        const FIELD = [24..24];
    }
}

bitfield! {
    struct WiderThanItsType<u32> {
        const SIGNED: i8 = [0..9];
    }
}

fn main() {}
