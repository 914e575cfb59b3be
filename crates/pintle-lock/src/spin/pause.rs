use pintle_core::hint;

/// Spins for as many hints, without a look at anything.
pub(crate) fn pause(hints: u32) {
    for _ in 0..hints {
        hint::spin_loop();
    }
}
