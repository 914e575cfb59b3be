use core::{
    fmt,
    marker::{PhantomData, PhantomPinned},
    ptr::NonNull,
};

use pintle_core::{cell::UnsafeCell, const_fn, not_loom};

use crate::linked::Name;

/// The two words by which a node is in a [`List`](super::List) or a [`Ring`](crate::Ring).
///
/// Embed one in the node type and point to it in [`Linked::links`](crate::Linked::links). `N` is a
/// name, any type, that tells the links of one node from each other: by the links `N` it is in a
/// `List<T, N>`.
///
/// # Invariants
///
/// Both words are null, and the node is in no collection; or neither is, and the node is in
/// exactly one, a circle in which the last node's successor is the first. (A node that is alone
/// is its own neighbour, so it too is told from an unlinked one.)
///
/// While the node is linked, the words are written only by who has `&mut` to the collection, and
/// read only by who has `&`: points 1, 3 and 4 of the [contract](crate::Linked#safety).
///
/// # Aborts
///
/// If they are dropped while the node is linked. Its neighbours would point to what is gone; and
/// a collection lends out `Pin<&mut T>`, through which [`Pin::set`](core::pin::Pin::set) drops a
/// node where it stands, without any unsafe code.
pub struct Links<T: ?Sized, N: ?Sized = ()> {
    neighbours: UnsafeCell<Neighbours<T>>,
    _name: Name<N>,
    /// A node's neighbours point to it, so it must not move, and a `&mut` to it is not unique.
    _pin: PhantomPinned,
}

struct Neighbours<T: ?Sized> {
    next: Option<NonNull<T>>,
    prev: Option<NonNull<T>>,
}

// === impl Links ===

impl<T: ?Sized, N: ?Sized> Links<T, N> {
    const_fn! {
        /// The links of a node that is in no collection yet.
        #[inline]
        #[must_use]
        pub const fn new() -> Self {
            Self {
                neighbours: UnsafeCell::new(Neighbours {
                    next: None,
                    prev: None,
                }),
                _name: PhantomData,
                _pin: PhantomPinned,
            }
        }
    }

    /// Whether the node is in a collection, be it as the only element.
    ///
    /// May be called by who holds the collection, or who knows that nobody else does at the time:
    /// the links change with the collection (point 4 of the [contract](crate::Linked#safety)). O(1).
    #[inline]
    #[must_use]
    pub fn is_linked(&self) -> bool {
        // SAFETY: by point 4 of `Linked`'s contract nobody writes during this call.
        self.neighbours.with(|n| unsafe { (*n).next.is_some() })
    }

    /// The successor.
    ///
    /// # Safety
    ///
    /// The node is linked, and nobody writes its links during the call.
    #[inline]
    pub(crate) unsafe fn next(&self) -> NonNull<T> {
        // SAFETY: nobody writes, says the caller.
        let next = self.neighbours.with(|n| unsafe { (*n).next });
        // SAFETY: a linked node has both neighbours.
        unsafe { next.unwrap_unchecked() }
    }

    /// The predecessor.
    ///
    /// # Safety
    ///
    /// As for [`next`](Self::next).
    #[inline]
    pub(crate) unsafe fn prev(&self) -> NonNull<T> {
        // SAFETY: nobody writes, says the caller.
        let prev = self.neighbours.with(|n| unsafe { (*n).prev });
        // SAFETY: a linked node has both neighbours.
        unsafe { prev.unwrap_unchecked() }
    }

    /// Changes the successor.
    ///
    /// # Safety
    ///
    /// Nobody else reads or writes these links during the call, and the caller restores the
    /// invariant before anybody does.
    #[inline]
    pub(crate) unsafe fn set_next(&self, next: Option<NonNull<T>>) {
        // SAFETY: the access is exclusive, says the caller.
        self.neighbours.with_mut(|n| unsafe { (*n).next = next });
    }

    /// Changes the predecessor.
    ///
    /// # Safety
    ///
    /// As for [`set_next`](Self::set_next).
    #[inline]
    pub(crate) unsafe fn set_prev(&self, prev: Option<NonNull<T>>) {
        // SAFETY: the access is exclusive, says the caller.
        self.neighbours.with_mut(|n| unsafe { (*n).prev = prev });
    }
}

// Loom's cells can be read inside a model only, and nodes are dropped after it, too.
not_loom! {
    impl<T: ?Sized, N: ?Sized> Drop for Links<T, N> {
        #[inline]
        fn drop(&mut self) {
            if self.is_linked() {
                dropped_while_linked();
            }
        }
    }

    /// Ends the process: what unwound from here could reach the node's neighbours. (A panic that
    /// leaves an `extern "C"` function aborts, with its message, and needs no `std`.)
    #[cold]
    extern "C" fn dropped_while_linked() -> ! {
        panic!("a node was dropped while it is linked into a list or ring");
    }
}

impl<T: ?Sized, N: ?Sized> Default for Links<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Two links are equal if they name the same neighbours, so all unlinked ones are.
///
/// It reads them, so the condition of [`is_linked`](Links::is_linked) holds for both.
impl<T: ?Sized, N: ?Sized> PartialEq for Links<T, N> {
    fn eq(&self, other: &Self) -> bool {
        fn same<T: ?Sized>(a: Option<NonNull<T>>, b: Option<NonNull<T>>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => core::ptr::addr_eq(a.as_ptr(), b.as_ptr()),
                (None, None) => true,
                _ => false,
            }
        }

        let read = |links: &Self| {
            links.neighbours.with(|n| {
                // SAFETY: by point 4 of `Linked`'s contract nobody writes during this call.
                let n = unsafe { &*n };
                (n.next, n.prev)
            })
        };
        let (next, prev) = read(self);
        let (other_next, other_prev) = read(other);
        same(next, other_next) && same(prev, other_prev)
    }
}

/// Does not print the neighbours: a node may be printed by who does not hold the collection, and
/// must not read its links then.
impl<T: ?Sized, N: ?Sized> fmt::Debug for Links<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").finish_non_exhaustive()
    }
}

// SAFETY: the pointers are to nodes of type `T`, and moving links moves none of them; who gets at
// a neighbour through them (a collection) bounds itself by `T: Send`.
unsafe impl<T: ?Sized + Send, N: ?Sized> Send for Links<T, N> {}

// SAFETY: a shared reference to links allows nothing but `is_linked` and `eq`, which read, and by
// point 4 of `Linked`'s contract nobody writes meanwhile.
unsafe impl<T: ?Sized + Sync, N: ?Sized> Sync for Links<T, N> {}
