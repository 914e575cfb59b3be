use pintle_bitfield::bitfield;

bitfield! {
    struct One<u8> {
        const FIELD = 4;
    }
}

bitfield! {
    struct Other<u8> {
        const FIELD = 4;
    }
}

fn main() {
    let _ = One::new().with(Other::FIELD, 1);
}
