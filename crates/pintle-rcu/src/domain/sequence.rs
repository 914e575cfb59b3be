use super::Cookie;
use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
    },
    const_fn,
};

/// Which grace periods are over, and whether one is under way.
///
/// ```text
///            start                  finish
///   2n ──────────────▶ 2n + 1 ──────────────▶ 2n + 2
///   n are over        the next is under way   n + 1 are over
/// ```
///
/// Only who drives the domain makes these steps. They wrap.
///
/// # Invariants
///
/// Every change is a read-modify-write operation, and so is taking a cookie. So they are in one order, and
/// each synchronizes with all before it that released: the release sequences do not break off.
pub(super) struct Sequence {
    word: AtomicUsize,
}

const RUNNING: usize = 1;

/// How far a cookie can be ahead of the word: three, if a grace period was under way when it was taken.
const AHEAD: usize = 3;

// === impl Sequence ===

impl Sequence {
    const_fn! {
        /// One grace period before the numbers wrap: what a wrap would break breaks at once.
        pub(super) const fn new() -> Self {
            Self {
                word: AtomicUsize::new(usize::MAX - 1),
            }
        }
    }

    /// The first grace period that begins from now on.
    pub(super) fn cookie(&self) -> Cookie {
        // Release: what came before is seen by whoever starts that grace period. Its start is later in
        // the order of read-modify-writes, else this had seen it, and is an Acquire.
        let now = self.word.fetch_or(0, AcqRel);
        Cookie(now.wrapping_add(AHEAD) & !RUNNING)
    }

    pub(super) fn is_over(&self, cookie: Cookie) -> bool {
        // Acquire pairs with the Release in `finish`.
        let now = self.word.load(Acquire);
        // What is further ahead than a cookie ever was has been overtaken.
        !(1..=AHEAD).contains(&cookie.0.wrapping_sub(now))
    }

    /// For who drives.
    pub(super) fn is_running(&self) -> bool {
        // Relaxed: changed only by who drives.
        self.word.load(Relaxed) & RUNNING != 0
    }

    /// For who drives, if none is running.
    pub(super) fn start(&self) {
        // Acquire pairs with the Release of each cookie taken before: what came before it comes before
        // this grace period.
        let before = self.word.fetch_add(1, AcqRel);
        debug_assert!(before & RUNNING == 0);
    }

    /// For who drives, if one is running.
    pub(super) fn finish(&self) {
        // Release pairs with the Acquire in `is_over`: the sections that were waited for happen before what
        // comes after.
        let before = self.word.fetch_add(1, Release);
        debug_assert!(before & RUNNING != 0);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_of_the_next_that_begins() {
        let sequence = Sequence::new();
        // Over the wrap, which comes with the first `finish`.
        for _ in 0..4 {
            let before = sequence.cookie();
            assert!(!sequence.is_over(before));
            sequence.start();
            assert!(sequence.is_running() && !sequence.is_over(before));
            let during = sequence.cookie();
            assert_ne!(before, during);
            sequence.finish();
            assert!(!sequence.is_running() && sequence.is_over(before));
            assert!(!sequence.is_over(during));
            assert_eq!(sequence.cookie(), during);
            sequence.start();
            assert!(!sequence.is_over(during));
            sequence.finish();
            assert!(sequence.is_over(during) && sequence.is_over(before));
        }
    }

    #[test]
    fn an_old_cookie_stays_over() {
        let sequence = Sequence::new();
        let old = sequence.cookie();
        for distance in [4, 5, usize::MAX / 2, usize::MAX / 2 + 1, usize::MAX - 7] {
            sequence
                .word
                .store(old.0.wrapping_sub(distance) & !RUNNING, Relaxed);
            assert!(sequence.is_over(old), "{distance}");
        }
    }
}
