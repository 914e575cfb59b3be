//! [`Expired`]: wakers on their way out of the lock.

use core::task::Waker;

/// A batch of wakers, collected under a lock to be woken outside of it.
///
/// Whatever wakers it still holds when it is dropped are woken then: if one waker panics, the
/// others of its batch are not lost.
pub(crate) struct Expired {
    wakers: [Option<Waker>; Self::CAPACITY],
    len: usize,
}

// === impl Expired ===

impl Expired {
    /// How many wakers fit: 256 bytes of a 64-bit machine's stack.
    pub(crate) const CAPACITY: usize = 16;

    pub(crate) const fn new() -> Self {
        Self {
            wakers: [const { None }; Self::CAPACITY],
            len: 0,
        }
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.len == Self::CAPACITY
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Adds a waker. The batch must not be full.
    pub(crate) fn push(&mut self, waker: Option<Waker>) {
        // Writing over the slot drops what was in it: nothing, since `wake` has taken it.
        debug_assert!(self.wakers[self.len].is_none());
        self.wakers[self.len] = waker;
        self.len += 1;
    }

    /// Wakes all, in the order in which they came, and leaves the batch empty.
    pub(crate) fn wake(&mut self) {
        for waker in self.wakers[..self.len].iter_mut().filter_map(Option::take) {
            waker.wake();
        }
        // Not reached if a waker panics: then `drop` goes on behind it.
        self.len = 0;
    }
}

impl Drop for Expired {
    fn drop(&mut self) {
        self.wake();
    }
}
