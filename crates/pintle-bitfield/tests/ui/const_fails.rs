use pintle_bitfield::{Pack32, bitfield, enum_from_bits};

enum_from_bits! {
    #[derive(Debug)]
    enum Phase<u8> { Down = 0, Up = 2 }
}

bitfield! {
    struct Link<u32> {
        const PHASE: Phase => phase, with_phase;
        const LANES = 5 => lanes, with_lanes;
    }
}

const TOO_MANY: Link = Link::new().with_lanes(32);

const NO_PHASE: Phase = Link::from_bits(0b01).phase();

const TOO_WIDE: u32 = Pack32::least_significant(4).pack_bits(16, 0);

fn main() {}
