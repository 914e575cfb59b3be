//! A readers-writer lock that spins.

mod state;
#[cfg(test)]
mod tests;

use self::state::{Share, State, Wait};
use crate::blocking::{RawRwLock, RawRwLockDowngrade, RawRwLockUpgrade};
use crate::spin::patience::Patience;
use pintle_core::{const_fn, not_loom};

/// A readers-writer lock of one word that waits by spinning.
///
/// Taking it is one compare-exchange for a reader and a writer alike, releasing it one subtraction
/// for a reader and one swap for a writer.
///
/// # Who waits for whom
///
/// A waiting writer marks the lock, and from then on no new reader is let in: **readers do not
/// starve a writer**, it waits for those that were inside and for other writers. A writer that
/// leaves takes the mark away, and whoever still waits for writing has to mark the lock anew: so
/// readers get their turn between writers, by chance and not by order. Among writers there is no
/// order either, as with a [`Spinlock`](super::Spinlock).
///
/// So **a reader must not read again** while it reads: a writer that came to wait in between keeps
/// the second reading out, and waits for the first.
///
/// A reader's attempt leaves no trace unless it succeeds, so `try_lock_exclusive` fails only if
/// somebody holds the lock. `try_lock_shared` fails also while a writer waits.
///
/// # How many readers
///
/// The word counts up to 2<sup>61</sup> - 2 readers where `usize` has 64 bits, 2<sup>29</sup> - 2 with 32, and
/// 8,190 with 16: guards that were leaked (`core::mem::forget`) count for ever. One reader more
/// panics in `lock_shared` and is refused by `try_lock_shared`, an upgradable holder likewise; the
/// count does not wrap.
///
/// # Where it may be called
///
/// As [`Spinlock`](super::Spinlock): its waiter burns its core, and yields after a while where there is an
/// operating system (feature `os`). An interrupt handler must not take one in
/// any way that the interrupted code may hold; not even for reading beside a reader, since another
/// core's writer may wait. It may be released on another thread or core than the one that took it.
///
/// Source: the waiting writer's mark is that of the "write-preference" lock in J. Mellor-Crummey and M.
/// Scott, "Scalable reader-writer synchronization for shared-memory multiprocessors", 1991; that the
/// leaving writer clears it, of B. Brandenburg and J. Anderson, "Spin-based reader-writer
/// synchronization for multiprocessor real-time systems", 2010 (phase-fairness), of which this is
/// the part that needs no queue.
///
/// # Examples
///
/// ```
/// use pintle_lock::blocking::RwLock;
///
/// static ROUTES: RwLock<Vec<u32>> = RwLock::new(Vec::new());
///
/// ROUTES.write().push(1);
/// let (one, other) = (ROUTES.read(), ROUTES.try_read().unwrap());
/// assert_eq!(one[0], other[0]);
/// ```
#[derive(Debug)]
pub struct RwSpinlock {
    state: State,
}

// === impl RwSpinlock ===

impl RwSpinlock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self { state: State::new() }
        }
    }

    /// How many hold the lock without excluding readers: readers, and the upgradable holder.
    #[inline]
    pub(crate) fn reader_count(&self) -> usize {
        self.state.readers()
    }

    #[cold]
    fn lock_shared_contended(&self) {
        let mut patience = Patience::default();
        loop {
            match self.state.try_share() {
                Share::Acquired => return,
                Share::Refused => patience.wait(),
                Share::Full => too_many(),
            }
        }
    }

    #[cold]
    fn lock_exclusive_contended(&self) {
        let mut patience = Patience::default();
        while self.state.take_or_mark() == Wait::Longer {
            patience.wait();
        }
    }

    #[cold]
    fn lock_upgradable_contended(&self) {
        let mut patience = Patience::default();
        loop {
            match self.state.try_take_upgradable() {
                Share::Acquired => return,
                Share::Refused => patience.wait(),
                Share::Full => too_many(),
            }
        }
    }

    #[cold]
    fn upgrade_contended(&self) {
        let mut patience = Patience::default();
        while self.state.upgrade_or_mark() == Wait::Longer {
            patience.wait();
        }
    }
}

#[cold]
#[inline(never)]
fn too_many() -> ! {
    panic!("more readers share the lock than it can count: were their guards leaked?")
}

// SAFETY: `State` has the proof: its word says who is inside, and lets in nobody whom that excludes.
// Each way in is an Acquire that reads from the Release of those that left before.
unsafe impl RawRwLock for RwSpinlock {
    type GuardMarker = ();

    #[inline]
    fn lock_shared(&self) {
        if self.state.try_share() != Share::Acquired {
            self.lock_shared_contended();
        }
    }

    #[inline]
    fn try_lock_shared(&self) -> bool {
        self.state.try_share() == Share::Acquired
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        self.state.leave_shared();
    }

    #[inline]
    fn lock_exclusive(&self) {
        if !self.state.try_take() {
            self.lock_exclusive_contended();
        }
    }

    #[inline]
    fn try_lock_exclusive(&self) -> bool {
        self.state.try_take()
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        self.state.leave_exclusive();
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.state.is_held()
    }

    #[inline]
    fn is_locked_exclusive(&self) -> bool {
        self.state.has_writer()
    }
}

// SAFETY: the word goes from the writer's to one reader's in one swap.
unsafe impl RawRwLockDowngrade for RwSpinlock {
    #[inline]
    unsafe fn downgrade(&self) {
        self.state.downgrade();
    }
}

// SAFETY: the upgradable holder is a bit of its own, which keeps writers and a second one out; an
// upgrade goes from that bit to the writer's in one compare-exchange.
unsafe impl RawRwLockUpgrade for RwSpinlock {
    #[inline]
    fn lock_upgradable(&self) {
        if self.state.try_take_upgradable() != Share::Acquired {
            self.lock_upgradable_contended();
        }
    }

    #[inline]
    fn try_lock_upgradable(&self) -> bool {
        self.state.try_take_upgradable() == Share::Acquired
    }

    #[inline]
    unsafe fn unlock_upgradable(&self) {
        self.state.leave_upgradable();
    }

    #[inline]
    unsafe fn upgrade(&self) {
        if !self.state.try_upgrade() {
            self.upgrade_contended();
        }
    }

    #[inline]
    unsafe fn try_upgrade(&self) -> bool {
        self.state.try_upgrade()
    }

    #[inline]
    unsafe fn downgrade_upgradable(&self) {
        self.state.downgrade_upgradable();
    }

    #[inline]
    unsafe fn downgrade_to_upgradable(&self) {
        self.state.downgrade_to_upgradable();
    }
}

impl Default for RwSpinlock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for RwSpinlock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
