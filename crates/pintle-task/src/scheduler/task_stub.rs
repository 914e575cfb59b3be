use crate::task::{header::Header, stub};
use core::{fmt, ptr};
use pintle_core::{
    atomic::{AtomicPtr, Ordering::Relaxed},
    const_fn,
};
use pintle_intrusive::MpscQueue;

/// What the queue of an [`Injector`](super::Injector) or a stealing scheduler in a `static` needs to be never
/// without an element: one stub for each.
///
/// [`new_static_stealing!`](super::new_static_stealing) makes it along with its scheduler. (A
/// [`StaticScheduler`](super::StaticScheduler) takes one, too, but does without.)
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
    /// Makes sure that `owner`, a scheduler, is the only one with this stub.
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
