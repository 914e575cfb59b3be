use pintle_bitfield::bitfield;

bitfield! {
    struct Narrow<u8> {
        const WIDER: u16;
    }
}

fn main() {}
