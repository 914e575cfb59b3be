use super::os::Sleeper;
use crate::Deadline;
use core::ptr::NonNull;
use pintle_core::atomic::{AtomicU32, Ordering::Relaxed};
use pintle_intrusive::{Linked, linked, list};

/// One thread's wait, for one word or several.
///
/// Lives in the waiting function's frame, and its [`Node`]s do, too.
pub(super) struct Waiter {
    /// Who ends the wait: `OPEN`, `CLOSED`, or one more than the index of the word for which it was
    /// woken. It leaves `OPEN` once.
    ///
    /// All accesses are `Relaxed`: who claims holds the lock of a bucket with a node of ours, and
    /// what it does with the node after that comes before our return by its rousing us.
    claim: AtomicU32,
    sleeper: Sleeper,
}

const OPEN: u32 = 0;
const CLOSED: u32 = u32::MAX;

// === impl Waiter ===

impl Waiter {
    pub(super) fn new() -> Self {
        Self {
            claim: AtomicU32::new(OPEN),
            sleeper: Sleeper::new(),
        }
    }

    /// Sleeps until it is roused: false if the deadline came first.
    pub(super) fn sleep(&self, deadline: Deadline) -> bool {
        self.sleeper.sleep(deadline)
    }

    /// Ends the wait by the waiter's own will: false if a waker was faster, which then rouses us.
    pub(super) fn close(&self) -> bool {
        self.claim
            .compare_exchange(OPEN, CLOSED, Relaxed, Relaxed)
            .is_ok()
    }

    /// The index of the word for which a waker has claimed it.
    pub(super) fn claimed_for(&self) -> Option<usize> {
        match self.claim.load(Relaxed) {
            OPEN | CLOSED => None,
            claim => Some(claim as usize - 1),
        }
    }

    fn claim_for(&self, index: u32) -> bool {
        self.claim
            .compare_exchange(OPEN, index + 1, Relaxed, Relaxed)
            .is_ok()
    }
}

/// A waiter's place in the queue of a bucket.
pub(super) struct Node {
    links: list::Links<Self>,
    address: *const (),
    index: u32,
    waiter: NonNull<Waiter>,
}

// === impl Node ===

impl Node {
    pub(super) fn new(address: *const (), index: usize, waiter: &Waiter) -> Self {
        Self {
            links: list::Links::new(),
            address,
            // At most `WAIT_ANY_MAX`.
            index: index as u32,
            waiter: NonNull::from(waiter),
        }
    }

    pub(super) fn address(&self) -> *const () {
        self.address
    }

    /// Decides that the waiter wakes for this node's word: false if something else was faster.
    ///
    /// # Safety
    ///
    /// The node is linked, and the caller holds its bucket.
    pub(super) unsafe fn claim(this: NonNull<Self>) -> bool {
        // SAFETY: a linked node is live.
        let node = unsafe { this.as_ref() };
        // SAFETY: so is its waiter, by invariant 2.
        unsafe { node.waiter.as_ref() }.claim_for(node.index)
    }

    /// Ends the waiter's sleep. The node may be gone when this returns.
    ///
    /// # Safety
    ///
    /// The caller has claimed the node and taken it out of its bucket.
    pub(super) unsafe fn rouse(this: NonNull<Self>) {
        // SAFETY: a claimed node is live until it is roused, by invariant 2.
        let waiter = unsafe { this.as_ref() }.waiter;
        // SAFETY: and so is its waiter.
        let sleeper = unsafe { &raw const (*waiter.as_ptr()).sleeper };
        // SAFETY: a field's address is not null.
        let sleeper = unsafe { NonNull::new_unchecked(sleeper.cast_mut()) };
        // SAFETY: it is live, and whoever claims it alone rouses it.
        unsafe { Sleeper::rouse(sleeper) };
    }
}

// SAFETY: the node belongs to a frame that `Bucket::link`'s caller does not leave while it is
// linked; `Links` keep it from being `Unpin`; they are private: who has a node links it once and
// holds the bucket for it.
unsafe impl Linked<list::Links<Self>> for Node {
    linked!(links: list::Links<Self> as NonNull<Self>);
}

// SAFETY: a node is reached from other threads under its bucket's lock, and by the one that has
// claimed it; an address is not followed, and a waiter is `Sync`.
unsafe impl Send for Node {}
