use pintle_bitfield::{AtomicBits, bitfield};

bitfield! {
    struct Wide<u64> {
        const FLAG: bool;
    }
}

struct Machine {
    state: AtomicBits<Wide>,
}

fn main() {}
