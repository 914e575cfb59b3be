//! [`Expired`]: wakers on their way out of the lock.

use core::mem::MaybeUninit;
use core::ops::Range;
use core::task::Waker;

/// A batch of wakers, collected under a lock to be woken outside of it.
///
/// Whatever wakers it still holds when it is dropped are woken then: if one waker panics, the
/// others of its batch are not lost.
///
/// An empty batch costs nothing to make and to drop, since most turns need none.
///
/// # Invariants
///
/// The slots in `full` hold wakers, and no others do; `full.end` is at most the capacity.
pub(crate) struct Expired {
    wakers: [MaybeUninit<Waker>; Self::CAPACITY],
    full: Range<usize>,
}

// === impl Expired ===

impl Expired {
    /// How many wakers fit: 256 bytes of a 64-bit machine's stack.
    pub(crate) const CAPACITY: usize = 16;

    #[inline]
    pub(crate) const fn new() -> Self {
        Self {
            wakers: [const { MaybeUninit::uninit() }; Self::CAPACITY],
            full: 0..0,
        }
    }

    #[inline]
    pub(crate) const fn is_full(&self) -> bool {
        self.full.end == Self::CAPACITY
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.full.len()
    }

    /// Adds a waker. The batch must not be full.
    pub(crate) fn push(&mut self, waker: Waker) {
        self.wakers[self.full.end].write(waker);
        self.full.end += 1;
    }

    /// Wakes all, in the order in which they came, and leaves the batch empty.
    #[inline]
    pub(crate) fn wake(&mut self) {
        // The slot is off the range before its waker runs, and may panic.
        for slot in self.full.by_ref() {
            // SAFETY: the slot was in `full`, so by the invariant it holds a waker, which is ours
            // now that the slot is not in the range any more.
            let waker = unsafe { self.wakers[slot].assume_init_read() };
            waker.wake();
        }
        self.full = 0..0;
    }
}

impl Drop for Expired {
    #[inline]
    fn drop(&mut self) {
        self.wake();
    }
}
