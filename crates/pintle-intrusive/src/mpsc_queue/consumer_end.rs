use core::ptr::NonNull;

use pintle_core::{
    atomic::{
        AtomicBool,
        Ordering::{Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
    const_fn,
};

/// The end of an [`MpscQueue`](super::MpscQueue) at which elements leave it: what the consumer writes,
/// or nobody.
pub(super) struct ConsumerEnd<T> {
    /// The first of the chain. For consumers.
    tail: UnsafeCell<NonNull<T>>,
    has_consumer: AtomicBool,
    pub(super) stub: NonNull<T>,
    pub(super) stub_is_static: bool,
}

// === impl ConsumerEnd ===

impl<T> ConsumerEnd<T> {
    const_fn! {
        /// That of an empty queue, whose chain is the stub.
        pub(super) const fn new(stub: NonNull<T>, stub_is_static: bool) -> Self {
            Self {
                tail: UnsafeCell::new(stub),
                has_consumer: AtomicBool::new(false),
                stub,
                stub_is_static,
            }
        }
    }

    /// Takes the right to dequeue, if nobody has it: `true` if this call did.
    #[inline]
    pub(super) fn try_claim(&self) -> bool {
        // Acquire: pairs with the Release in `release`, so that this consumer sees what the last
        // one did to `tail` and to the stub. Not a swap, which would write where it fails: loom does
        // not order that write before the holder's release.
        self.has_consumer
            .compare_exchange(false, true, Acquire, Relaxed)
            .is_ok()
    }

    /// Gives the right to dequeue back.
    ///
    /// # Safety
    ///
    /// The caller has it, and loses it.
    #[inline]
    pub(super) unsafe fn release(&self) {
        // Release: pairs with the Acquire in `try_claim`.
        self.has_consumer.store(false, Release);
    }

    /// Whether somebody has the right to dequeue. It may have changed since.
    pub(super) fn has_consumer(&self) -> bool {
        self.has_consumer.load(Relaxed)
    }

    /// Where the chain begins.
    ///
    /// # Safety
    ///
    /// The caller is the only consumer.
    #[inline]
    pub(super) unsafe fn tail(&self) -> NonNull<T> {
        // SAFETY: nobody else reads or writes it.
        self.tail.with(|tail| unsafe { *tail })
    }

    /// Changes where the chain begins.
    ///
    /// # Safety
    ///
    /// The caller is the only consumer.
    #[inline]
    pub(super) unsafe fn set_tail(&self, first: NonNull<T>) {
        // SAFETY: nobody else reads or writes it.
        self.tail.with_mut(|tail| unsafe { *tail = first });
    }
}
