use pintle_bitfield::bitfield;

bitfield! {
    struct Word<u8> {
        const FLAG: bool => flag, with_flag, set_flag, and_what_else;
    }
}

fn main() {}
