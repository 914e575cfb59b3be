//! Locks with a mistake in them: the models have to be able to fail.

use super::excludes;
use pintle_core::atomic::{AtomicBool, Ordering::*};
use pintle_core::hint;
use pintle_core::model::PREEMPTIONS;
use pintle_lock::RawMutex;

/// A lock whose unlock forgets to publish.
struct Unpublished(AtomicBool);

// SAFETY: none: the missing Release is what loom has to find.
unsafe impl RawMutex for Unpublished {
    type GuardMarker = ();

    fn lock(&self) {
        while self.0.swap(true, Acquire) {
            hint::spin_loop();
        }
    }

    fn try_lock(&self) -> bool {
        !self.0.swap(true, Acquire)
    }

    unsafe fn unlock(&self) {
        self.0.store(false, Relaxed);
    }

    fn is_locked(&self) -> bool {
        self.0.load(Relaxed)
    }
}

#[test]
#[should_panic = "Causality violation"]
fn a_relaxed_unlock_is_caught() {
    excludes(PREEMPTIONS, || Unpublished(AtomicBool::new(false)), 1);
}
