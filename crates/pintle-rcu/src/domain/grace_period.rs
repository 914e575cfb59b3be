use super::{Barrier, Domain, Slot, word::Word};
use pintle_core::atomic::{Ordering::SeqCst, fence};

/// A grace period under way: the slots that are still to be looked at.
///
/// Steps 1 and 2 of the algorithm (see the [module](super)) are its beginning, step 3 is
/// [`advance`](Self::advance), which may be called from any thread.
pub(crate) struct GracePeriod {
    /// The slots from here on.
    at: Option<&'static Slot>,
    /// The word of the section in the slot `at` that is waited for.
    waiting_for: Option<Word>,
}

/// How far a grace period has come.
pub(crate) enum Progress {
    /// Every section that was running when it began has ended.
    Over,
    /// One of them was still running.
    Waiting,
}

// === impl GracePeriod ===

impl GracePeriod {
    pub(crate) fn begin<B: Barrier>(domain: &Domain<B>) -> Self {
        // Pairs with the fence of an `enter` from `QUIESCENT`, and so with the first of each reader:
        // one that joins after the list is read below needs no look.
        fence(SeqCst);
        let first = domain.first();
        let mut at = first;
        while let Some(slot) = at {
            if !slot.word().is_quiescent() {
                domain.barrier.heavy();
                return Self {
                    at: first,
                    waiting_for: None,
                };
            }
            at = slot.next();
        }
        Self {
            at: None,
            waiting_for: None,
        }
    }

    /// Looks as far as the first slot whose section is still running.
    pub(crate) fn advance(&mut self) -> Progress {
        while let Some(slot) = self.at {
            let word = slot.word();
            let passed = match self.waiting_for {
                // It is over as soon as the word says anything else: outside, or another section.
                Some(section) => word != section,
                None => !word.is_inside(),
            };
            if !passed {
                self.waiting_for = Some(word);
                return Progress::Waiting;
            }
            self.at = slot.next();
            self.waiting_for = None;
        }
        Progress::Over
    }
}
