//! [`Expired`]: wakers on their way out of the lock.

use core::mem::MaybeUninit;
use core::ops::Range;
use core::ptr::NonNull;
use core::task::Waker;

use super::Entry;

/// A batch of wakers, collected under a lock to be woken outside of it.
///
/// Whatever wakers it still holds when it is dropped are woken then: if one waker panics, the
/// others of its batch are not lost. With `std` a second panic is dropped there; without it, it
/// aborts as any panic within a panic does.
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
    pub(crate) fn len(&self) -> usize {
        self.full.len()
    }

    /// Whether there is no room for another.
    #[inline]
    pub(crate) const fn is_full(&self) -> bool {
        self.full.end == Self::CAPACITY
    }

    /// Adds the waker of an entry that is due, which is done then. The batch must not be full.
    ///
    /// # Safety
    ///
    /// As for [`Entry::disarm`].
    #[inline]
    pub(super) unsafe fn take(&mut self, entry: NonNull<Entry>) {
        // SAFETY: the caller's promise is the same.
        let waker = unsafe { Entry::disarm(entry) };
        waker.into_iter().for_each(|waker| self.push(waker));
    }

    /// Adds a waker. The batch must not be full.
    pub(crate) fn push(&mut self, waker: Waker) {
        self.wakers[self.full.end].write(waker);
        self.full.end += 1;
    }

    /// Wakes all, in the order in which they came, and leaves the batch empty.
    #[inline]
    pub(crate) fn wake(&mut self) {
        while let Some(waker) = self.pop() {
            waker.wake();
        }
        self.full = 0..0;
    }

    #[inline]
    fn pop(&mut self) -> Option<Waker> {
        // The slot is off the range before its waker runs, and may panic.
        let slot = self.full.next()?;
        // SAFETY: the slot was in `full`, so by the invariant it holds a waker, which is ours now
        // that the slot is not in the range any more.
        Some(unsafe { self.wakers[slot].assume_init_read() })
    }
}

impl Drop for Expired {
    #[inline]
    fn drop(&mut self) {
        // Something is left only while a waker's panic unwinds.
        while let Some(waker) = self.pop() {
            quietly(|| waker.wake());
        }
    }
}

/// Calls `f` where a panic is already under way.
#[cold]
fn quietly(f: impl FnOnce()) {
    #[cfg(feature = "std")]
    if let Err(payload) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) {
        // Dropping a payload runs code of whoever panicked, which may panic as well.
        core::mem::forget(payload);
    }
    #[cfg(not(feature = "std"))]
    f();
}
