//! The queue of a scheduler that lives for ever, and its stub.

use super::ready::ReadyQueue;
use crate::task::{header::Header, stub};
use core::{fmt, mem::ManuallyDrop, ptr};
use pintle_core::{
    atomic::{AtomicPtr, Ordering::Relaxed},
    const_fn,
};
use pintle_intrusive::MpscQueue;

/// A queue whose stub is a static's, or its own.
pub(super) struct StaticQueue {
    /// Dropped only with a stub of its own. A static stub may be in another queue's chain, which this
    /// one's drop would follow; and a scheduler that is dropped was never used, so it has no tasks.
    ready: ManuallyDrop<ReadyQueue>,
    /// The static stub, if it is one. Its owner is looked up at each use: see `ready`.
    stub: Option<&'static TaskStub>,
}

/// What the queue of a scheduler in a `static` needs to be never without an element: one stub for each.
///
/// [`new_static!`](super::new_static) makes it along with its scheduler.
pub struct TaskStub {
    header: Header,
    /// The queue whose stub it is, once that has been used.
    owner: AtomicPtr<()>,
}

// SAFETY: a stub's header is only used by the queue that it is in: its links are atomic, its
// counter and its id too, and nobody ever fills its waker's slot.
unsafe impl Sync for TaskStub {}

// === impl TaskStub ===

impl TaskStub {
    const_fn! {
        /// Makes a stub.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                header: stub::static_header(),
                owner: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }
}

impl TaskStub {
    /// Makes sure that `owner`, a scheduler, is the only one with this stub. See `StaticQueue::ready`.
    ///
    /// # Panics
    ///
    /// If another is.
    #[inline]
    pub(super) fn claim(&'static self, owner: *const ()) {
        // Relaxed: a scheduler compares the address with its own, and reads nothing behind it.
        if !ptr::eq(self.owner.load(Relaxed), owner) {
            self.claim_first(owner.cast_mut());
        }
    }

    #[cold]
    #[inline(never)]
    fn claim_first(&'static self, owner: *mut ()) {
        let claim = self
            .owner
            .compare_exchange(ptr::null_mut(), owner, Relaxed, Relaxed);
        if let Err(other) = claim {
            assert!(
                ptr::eq(other, owner),
                "two static schedulers share a stub: `new_static!` belongs in a `static`"
            );
        }
    }

    const_fn! {
        /// The queue of which this is the stub.
        ///
        /// # Safety
        ///
        /// No other queue has this stub, or uses it.
        pub(super) const unsafe fn queue(&'static self) -> MpscQueue<Header> {
            // SAFETY: the contract is the same.
            unsafe { MpscQueue::new_with_static_stub(&self.header) }
        }
    }
}

impl Default for TaskStub {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TaskStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskStub").finish_non_exhaustive()
    }
}

// === impl StaticQueue ===

impl StaticQueue {
    const_fn! {
        /// Makes a queue around `stub`.
        ///
        /// # Safety
        ///
        /// `stub` is not passed to this function again.
        pub(super) const unsafe fn new_with_static_stub(stub: &'static TaskStub) -> Self {
            Self {
                // SAFETY: no other queue has this stub, or uses it: see `ready`.
                ready: ManuallyDrop::new(ReadyQueue::new(unsafe { stub.queue() })),
                stub: Some(stub),
            }
        }
    }

    /// Makes a queue whose stub is on the heap.
    #[cfg(feature = "alloc")]
    pub(super) fn new() -> Self {
        Self {
            ready: ManuallyDrop::new(ReadyQueue::new(MpscQueue::new_with_stub(stub::boxed()))),
            stub: None,
        }
    }

    /// The queue, to be looked at only.
    pub(super) fn peek(&self) -> &ReadyQueue {
        &self.ready
    }

    /// The queue, once it is certain that no other queue uses its stub.
    ///
    /// `new_static!` is safe code and could make two schedulers around one stub: their queues would
    /// tear each other's chains apart.
    #[inline]
    pub(super) fn ready(&'static self) -> &'static ReadyQueue {
        if let Some(stub) = self.stub {
            stub.claim(ptr::from_ref(self).cast());
        }
        &self.ready
    }
}

impl Drop for StaticQueue {
    fn drop(&mut self) {
        if self.stub.is_none() {
            // SAFETY: it is not used any more.
            unsafe { ManuallyDrop::drop(&mut self.ready) };
        }
    }
}

impl fmt::Debug for StaticQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ready.fmt(f)
    }
}
