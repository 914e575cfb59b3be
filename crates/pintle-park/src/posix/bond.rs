use pintle_core::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

/// Which mutex the waiters of a condition variable wait with: one at a time.
///
/// It is told by its distance from the bond, which is the same in every process that maps both in
/// one piece.
///
/// # Invariants
///
/// - `distance` is zero if and only if nobody waits.
/// - While it is not, only who has locked the mutex at that distance changes `waiters`, or sets
///   `distance` back to zero.
#[repr(C)]
pub(super) struct Bond {
    distance: AtomicUsize,
    waiters: AtomicUsize,
}

// === impl Bond ===

impl Bond {
    pub(super) const fn new() -> Self {
        Self {
            distance: AtomicUsize::new(0),
            waiters: AtomicUsize::new(0),
        }
    }

    /// Counts a waiter with `mutex`, which the caller has locked; false if others wait with
    /// another one.
    pub(super) fn tie<T>(&self, mutex: *const T) -> bool {
        // Not zero: the two do not overlap.
        let distance = mutex.addr().wrapping_sub((&raw const *self).addr());
        // Acquire: pairs with the release in `untie`, of another mutex's last waiter.
        let tied = match self
            .distance
            .compare_exchange(0, distance, Acquire, Acquire)
        {
            Ok(_) => true,
            Err(other) => other == distance,
        };
        if tied {
            // Relaxed: the mutex orders it. A waiter of this very mutex cannot untie meanwhile.
            self.waiters.fetch_add(1, Relaxed);
        }
        tied
    }

    /// The opposite of a `tie` that was true, with the mutex locked again.
    pub(super) fn untie(&self) {
        // Relaxed: as above.
        if self.waiters.fetch_sub(1, Relaxed) == 1 {
            // Release: the count comes before the next mutex's first waiter.
            self.distance.store(0, Release);
        }
    }

    /// Whether somebody waits; asked by one whom nobody else can reach.
    pub(super) fn is_tied(&self) -> bool {
        // Relaxed: exclusive access has come with the memory of whoever had it before.
        self.waiters.load(Relaxed) != 0
    }
}
