//! Models of the races of parking, and of the barrier.
#![cfg(loom)]

mod barrier;
mod lock;
mod parker;
mod table;
mod word;

// What `sys/lock_by_word.rs` finds around it, in the crate and here.
use pintle_park::Deadline;
#[path = "../../src/sys"]
mod sys {
    pub(crate) mod chosen {
        use crate::Deadline;
        use pintle_core::atomic::AtomicU32;
        use pintle_park::WaitOutcome;

        pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
            pintle_park::wait_until(word, expected, deadline)
        }

        pub(crate) fn wake(word: *const AtomicU32, count: usize) {
            pintle_park::wake(word, count);
        }
    }
    pub(crate) mod lock_by_word;
}
