use super::{AsDomain, Reclaimer, Turn, batch::Batch, callback, counts::Counts};
use crate::domain::Cookie;
use core::ptr;
use pintle_core::atomic::Ordering::AcqRel;
use pintle_sync::blocking::ScopedRawMutex;

/// A turn that is being taken: the batch is ours until this is dropped.
pub(super) struct Turning<'r, D: AsDomain, Lock: ScopedRawMutex> {
    reclaimer: &'r Reclaimer<D, Lock>,
    who: Who,
    reclaimed: usize,
}

/// Who takes a turn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The driver, who looks for more by itself.
    Driver,
    /// Anybody else, who leaves the rest to the driver.
    Caller,
}

/// Counts a callback when it has returned or panicked.
struct Counting<'r>(&'r Counts);

// === impl Turning ===

impl<'r, D: AsDomain, Lock: ScopedRawMutex> Turning<'r, D, Lock> {
    /// Begins a turn, unless somebody else takes one.
    pub(super) fn begin(reclaimer: &'r Reclaimer<D, Lock>, who: Who) -> Option<Self> {
        // Acquire pairs with the Release in `drop`: the batch is as the last turn has left it. Release pairs
        // with the Acquire in there: if we come in vain, who takes the turn sees, when it is done, what we
        // have come for. (A load first, to write less, would not do that.)
        let taken = reclaimer.turning.swap(true, AcqRel);
        (!taken).then(|| Self {
            reclaimer,
            who,
            reclaimed: 0,
        })
    }

    /// Takes the turn, in which at most `most` callbacks are called.
    pub(super) fn take(&mut self, most: usize) -> Turn {
        let reclaimer = self.reclaimer;
        let is_empty = self.batch(|batch| {
            if batch.is_empty() {
                batch.take(&reclaimer.arrivals, reclaimer.domain.as_domain());
            }
            batch.is_empty()
        });
        if is_empty {
            return Turn::Idle;
        }
        if !self.batch(|batch| batch.is_over(reclaimer.domain.as_domain())) {
            return Turn::Waiting;
        }
        callback::inside(ptr::from_ref(reclaimer).cast(), || {
            while self.reclaimed < most {
                let Some(object) = self.batch(Batch::pop) else {
                    break;
                };
                let call = object.into_call();
                self.reclaimed += 1;
                let _counting = Counting(&reclaimer.counts);
                // SAFETY: the grace period of the batch is over, and what is popped comes once.
                unsafe { call.call() };
            }
        });
        Turn::Reclaimed(self.reclaimed)
    }

    /// The grace period that is waited for.
    pub(super) fn grace_period(&mut self) -> Option<Cookie> {
        self.batch(|batch| batch.grace_period())
    }

    /// Lends the batch to `f`, which calls no callbacks. (The domain's barrier and wakers it may call: if these
    /// take a turn they find this one.)
    fn batch<R>(&mut self, f: impl FnOnce(&mut Batch) -> R) -> R {
        self.reclaimer.batch.with_mut(|batch| {
            // SAFETY: by invariant 1 of `Reclaimer` the batch is this turn's, of which there is one, and it
            // lends it here alone, to what does not come back here.
            f(unsafe { &mut *batch })
        })
    }
}

impl<D: AsDomain, Lock: ScopedRawMutex> Drop for Turning<'_, D, Lock> {
    fn drop(&mut self) {
        let reclaimer = self.reclaimer;
        let has_rest = !self.batch(|batch| batch.is_empty());
        // Release pairs with the Acquire in `begin`: the next turn finds the batch as we leave it. Acquire
        // pairs with the Release in there: what the driver came for in vain, before this, we see below.
        reclaimer.turning.swap(false, AcqRel);
        if self.reclaimed > 0 {
            reclaimer.progress.wake_all();
        }
        if self.who == Who::Caller && (has_rest || !reclaimer.arrivals.is_empty()) {
            reclaimer.work.wake();
        }
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        self.0.reclaim();
    }
}
