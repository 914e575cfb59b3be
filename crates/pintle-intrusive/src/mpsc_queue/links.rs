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

use crate::{Linked, linked::Name};

/// The one word by which a node is in an [`MpscQueue`](super::MpscQueue).
///
/// Embed one in the node type and point to it in [`Linked::links`](crate::Linked::links). `N` is a
/// name, any type, that tells the links of one node from each other: by the links `N` it is in an
/// `MpscQueue<T, N>`.
///
/// # Invariants
///
/// Of a node in a queue, `next` is null until whoever came in after it has stored its own pointer,
/// which it does once. The consumer alone looks at it then. Of one outside a queue it is
/// `UNLINKED` (and may be so of a static stub, which no code puts into its queue).
pub struct Links<T, N: ?Sized = ()> {
    next: AtomicPtr<T>,
    _name: Name<N>,
    /// The queue's ends and the node's predecessor point to it, so it must not move.
    _pin: PhantomPinned,
}

// === impl Links ===

impl<T, N: ?Sized> Links<T, N> {
    /// What `next` is outside of a queue. In a debug build, an address at which there is no node, so
    /// that one that is enqueued twice is found.
    #[doc(hidden)]
    pub const UNLINKED: *mut T = if cfg!(debug_assertions) {
        ptr::without_provenance_mut(1)
    } else {
        ptr::null_mut()
    };

    const_fn! {
        /// The links of a node that is in no queue yet.
        #[inline]
        #[must_use]
        pub const fn new() -> Self {
            Self {
                next: AtomicPtr::new(Self::UNLINKED),
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

    /// The word itself, for a queue of one's own of the same nodes: pintle-task has one.
    ///
    /// # Safety
    ///
    /// The word is written only as long as the node is in no `MpscQueue`, and is
    /// [`UNLINKED`](Self::UNLINKED) again before the node goes into one.
    #[doc(hidden)]
    #[inline(always)]
    pub unsafe fn word(&self) -> &AtomicPtr<T> {
        &self.next
    }

    /// Who came in after this node.
    #[inline]
    pub(super) fn next(&self) -> Option<NonNull<T>> {
        // Acquire: pairs with the Release in `set_next`, so that who takes the successor out sees
        // all that its producer wrote to it.
        let next = self.next.load(Acquire);
        if next == Self::UNLINKED {
            return None;
        }
        NonNull::new(next)
    }

    /// Notes that the node is going into a queue, of which it is the last.
    ///
    /// # Panics
    ///
    /// In a debug build, if it is in a queue: then nothing is changed.
    #[inline]
    #[track_caller]
    pub(super) fn set_linked(&self) {
        if cfg!(debug_assertions) {
            // Relaxed here and in `set_unlinked`: as in `reset`, and a node that two threads enqueue at
            // once is found, whichever is first.
            let linked =
                self.next
                    .compare_exchange(Self::UNLINKED, ptr::null_mut(), Relaxed, Relaxed);
            assert!(linked.is_ok(), "the node is in a queue already");
        } else {
            self.reset();
        }
    }

    /// Notes that the node has left its queue.
    #[inline]
    pub(super) fn set_unlinked(&self) {
        if cfg!(debug_assertions) {
            self.next.store(Self::UNLINKED, Relaxed);
        }
    }

    /// Forgets a successor of an earlier time. Only for a node that nobody else can reach.
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

/// The links of a node.
///
/// # Safety
///
/// The node is live for as long as the reference is used.
#[inline]
pub(super) unsafe fn links<'a, T: Linked<Links<T, N>>, N: ?Sized>(
    node: NonNull<T>,
) -> &'a Links<T, N> {
    // SAFETY: the node is live, says the caller.
    let links = unsafe { T::links(node) };
    // SAFETY: the links of a live node are valid for reads, and nobody makes a `&mut` to them
    // (point 3 of `Linked`'s contract).
    unsafe { links.as_ref() }
}

impl<T, N: ?Sized> Default for Links<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, N: ?Sized> fmt::Debug for Links<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links")
            .field("next", &self.next())
            .finish_non_exhaustive()
    }
}
