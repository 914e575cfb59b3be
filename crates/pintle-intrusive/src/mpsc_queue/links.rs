use core::{
    fmt,
    marker::{PhantomData, PhantomPinned},
    ptr::{self, NonNull},
};

use pintle_core::{
    atomic::{
        AtomicPtr,
        Ordering::{Acquire, Relaxed, Release},
    },
    const_fn,
};

use crate::linked::Name;

/// The one word by which a node is in an [`MpscQueue`](super::MpscQueue).
///
/// Embed one in the node type and point to it in [`Linked::links`](crate::Linked::links). `N` is a
/// name, any type, that tells the links of one node from each other: by the links `N` it is in an
/// `MpscQueue<T, N>`.
///
/// # Invariants
///
/// Of a node in a queue, `next` is null until whoever came in after it has stored its own pointer,
/// which it does once. The consumer alone looks at it then. Outside a queue it means nothing.
pub struct Links<T, N: ?Sized = ()> {
    next: AtomicPtr<T>,
    _name: Name<N>,
    /// The queue's ends and the node's predecessor point to it, so it must not move.
    _pin: PhantomPinned,
}

// === impl Links ===

impl<T, N: ?Sized> Links<T, N> {
    const_fn! {
        /// The links of a node that is in no queue yet.
        #[inline]
        #[must_use]
        pub const fn new() -> Self {
            Self {
                next: AtomicPtr::new(ptr::null_mut()),
                _name: PhantomData,
                _pin: PhantomPinned,
            }
        }
    }

    const_fn! {
        /// The links of a stub, for
        /// [`MpscQueue::new_with_static_stub`](super::MpscQueue::new_with_static_stub).
        ///
        /// They are like any other's; the name says what the node is for.
        #[inline]
        #[must_use]
        pub const fn new_stub() -> Self {
            Self::new()
        }
    }

    /// Who came in after this node.
    #[inline]
    pub(super) fn next(&self) -> Option<NonNull<T>> {
        // Acquire: pairs with the Release in `set_next`, so that who takes the successor out sees
        // all that its producer wrote to it.
        NonNull::new(self.next.load(Acquire))
    }

    /// Forgets a successor of an earlier time. Only for a node that is in no queue.
    #[inline]
    pub(super) fn reset(&self) {
        // The swap of the queue's head, by which the node comes in, releases this store to the
        // producer that comes in after it.
        self.next.store(ptr::null_mut(), Relaxed);
    }

    /// Links `next` in behind this node.
    #[inline]
    pub(super) fn set_next(&self, next: NonNull<T>) {
        // Release: pairs with the Acquire in `next`.
        self.next.store(next.as_ptr(), Release);
    }
}

impl<T, N: ?Sized> Default for Links<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, N: ?Sized> fmt::Debug for Links<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links")
            .field("next", &self.next.load(Relaxed))
            .finish_non_exhaustive()
    }
}
