pintle_core::not_loom! {
    #[cfg(test)]
    mod tests;
}

use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
    const_fn,
};

/// How many objects have been deferred and how many reclaimed, since the beginning.
///
/// # Invariants
///
/// 1. `deferred` is counted up before the object is pushed, `reclaimed` after its callback has returned. So
///    `deferred - reclaimed` is at least the number of objects that wait. Both wrap.
/// 2. `reclaimed` is written by whoever takes turns, one at a time.
/// 3. `deferred - reclaimed <= capacity`.
pub(super) struct Counts {
    deferred: AtomicUsize,
    reclaimed: AtomicUsize,
    capacity: usize,
}

/// A point in the row of what has been deferred.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize);

// === impl Counts ===

impl Counts {
    /// More than can be told from fewer than none, on the way round.
    pub(super) const MOST: usize = isize::MAX as usize;

    const_fn! {
        pub(super) const fn new(capacity: usize) -> Self {
            Self {
                deferred: AtomicUsize::new(0),
                reclaimed: AtomicUsize::new(0),
                capacity: if capacity < Self::MOST {
                    capacity
                } else {
                    Self::MOST
                },
            }
        }
    }

    /// Counts an object that is going to be pushed, if there is room for it.
    #[inline]
    pub(super) fn try_defer(&self) -> bool {
        loop {
            // Acquire pairs with the Release in `reclaim`, and the order matters: what has been reclaimed has
            // been deferred, so the second load does not give less than the first.
            let reclaimed = self.reclaimed.load(Acquire);
            let deferred = self.deferred.load(Relaxed);
            if deferred.wrapping_sub(reclaimed) >= self.capacity {
                return false;
            }
            // Relaxed: it publishes nothing; the push does.
            let counted = self.deferred.compare_exchange_weak(
                deferred,
                deferred.wrapping_add(1),
                Relaxed,
                Relaxed,
            );
            if counted.is_ok() {
                return true;
            }
        }
    }

    /// Counts an object whose callback has been called.
    pub(super) fn reclaim(&self) {
        // Relaxed, and no read-modify-write: by invariant 2 only we write it.
        let reclaimed = self.reclaimed.load(Relaxed);
        // Release pairs with the Acquire in `is_past`: the callback happens before what waits for it.
        self.reclaimed.store(reclaimed.wrapping_add(1), Release);
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        // In this order: see `try_defer`.
        let reclaimed = self.reclaimed.load(Acquire);
        self.deferred.load(Relaxed).wrapping_sub(reclaimed)
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting() < self.capacity
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Behind all that have been deferred so far.
    pub(super) fn mark(&self) -> Mark {
        // Relaxed: what the caller knows to be deferred has been counted, and is not uncounted by a load
        // that comes later.
        Mark(self.deferred.load(Relaxed))
    }

    /// Whether all in front of the mark have been reclaimed.
    pub(super) fn is_past(&self, mark: Mark) -> bool {
        // Acquire pairs with the Release in `reclaim`.
        let ahead = self.reclaimed.load(Acquire).wrapping_sub(mark.0);
        ahead <= Self::MOST
    }
}
