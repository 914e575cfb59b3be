use core::sync::atomic::Ordering::Relaxed;
use pintle_bitfield::bitfield;

bitfield! {
    struct Word<u32> {
        const FLAG: bool;
    }
}

bitfield! {
    struct Other<u32> {
        const FLAG: bool;
    }
}

fn main() {
    let state = Word::new().into_atomic();
    state.fetch_set_all(Other::FLAG, Relaxed);
}
