// The twin of those that fail: another word, and its own field.
use core::sync::atomic::Ordering::Relaxed;
use pintle_bitfield::{AtomicBits, bitfield};

bitfield! {
    struct Word<u32> {
        const FLAG: bool;
    }
}

bitfield! {
    // No atomic is made of it, so it may be wide.
    #[allow(dead_code)]
    struct Wide<u64> {
        const FLAG: bool;
    }
}

struct Machine {
    state: AtomicBits<Word>,
}

fn main() {
    let machine = Machine { state: Word::new().into_atomic() };
    machine.state.fetch_set_all(Word::FLAG, Relaxed);
}
