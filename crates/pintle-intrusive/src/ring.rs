//! [`Ring`]: a doubly linked circle of nodes whose head is one word.
//!
//! The word points to the *last* node, whose successor is the first: both ends are one step away,
//! and two rings are joined by exchanging two successors.
//!
//! ```text
//!     back ────────────────────────────┐
//!                                      ▼
//!      ┌─► first ◄──► second ◄──► ··· last ◄─┐
//!      └─────────────────────────────────────┘
//! ```
//!
//! | operation | cost |
//! |---|---|
//! | `push_back`, `push_front`, `pop_front`, `pop_back` | O(1) |
//! | `remove` by pointer, `unlink` | O(1) |
//! | `splice` a whole ring to the back | O(1) |
//! | `is_empty`, `front`, `back` | O(1) |
//! | dropping, iterating | O(n) |
//!
//! It is for places where a word counts: a wait queue has one ring beside its state and its lock,
//! a timer wheel has one per slot. A [`List`](crate::List) is a ring that also knows its length.
//!
//! Nothing here is synchronised, nothing allocates, blocks or calls foreign code other than
//! [`Linked`]'s functions and, in [`Ring`]'s `Drop`, the handles': so it may be used in an
//! interrupt handler and under any lock.

use core::{
    fmt,
    marker::PhantomData,
    mem,
    pin::Pin,
    ptr::{self, NonNull},
};

use crate::{Linked, circle, linked::Name, list::Links};

mod iter;
#[cfg(test)]
mod tests;

pub use self::iter::Iter;

/// A doubly linked circle of nodes whose head is one word.
///
/// The nodes are linked by [`list::Links`](Links), as those of a [`List`](crate::List) are; a node
/// can be in one or the other. See the [module](self) for what each operation costs.
///
/// # Invariants
///
/// - `back` is `None` in an empty ring. Else it points to a node of a circle: each node's
///   successor's predecessor is the node itself.
/// - The ring owns each node of the circle: its handle has been given up to `into_ptr` and not yet
///   made again by `from_ptr`. So by [`Linked`]'s contract the nodes are live and their links are
///   changed only by who has `&mut` to the ring.
/// - All pointers of the circle are those that `into_ptr` returned.
///
/// # Examples
///
/// ```
/// # extern crate alloc;
/// # use alloc::boxed::Box;
/// # use core::{pin::Pin, ptr::NonNull};
/// # use pintle_intrusive::{Linked, list};
/// use pintle_intrusive::Ring;
/// # struct Entry { links: list::Links<Entry>, n: u32 }
/// # unsafe impl Linked<list::Links<Entry>> for Entry {
/// #     type Handle = Pin<Box<Entry>>;
/// #     fn into_ptr(h: Self::Handle) -> NonNull<Self> {
/// #         NonNull::from(Box::leak(unsafe { Pin::into_inner_unchecked(h) }))
/// #     }
/// #     unsafe fn from_ptr(p: NonNull<Self>) -> Self::Handle {
/// #         Box::into_pin(unsafe { Box::from_raw(p.as_ptr()) })
/// #     }
/// #     unsafe fn links(p: NonNull<Self>) -> NonNull<list::Links<Self>> {
/// #         unsafe { NonNull::new_unchecked(&raw mut (*p.as_ptr()).links) }
/// #     }
/// # }
/// # fn entry(n: u32) -> Pin<Box<Entry>> { Box::pin(Entry { links: list::Links::new(), n }) }
///
/// let mut slot = Ring::<Entry>::new();
/// slot.push_back(entry(1));
/// let mut due = Ring::<Entry>::new();
/// due.push_back(entry(0));
///
/// due.splice(&mut slot);
/// assert!(slot.is_empty());
/// assert_eq!(due.iter().map(|e| e.n).collect::<Vec<_>>(), [0, 1]);
/// assert_eq!(size_of::<Ring<Entry>>(), size_of::<usize>());
/// ```
pub struct Ring<T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    back: Option<NonNull<T>>,
    _name: Name<N>,
}

// === impl Ring ===

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Ring<T, N> {
    /// An empty ring.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            back: None,
            _name: PhantomData,
        }
    }

    /// Whether there is no node in the ring. O(1).
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.back.is_none()
    }

    /// Links `item` in as the last. O(1).
    ///
    /// # Panics
    ///
    /// If the node is linked already, here or elsewhere: then neither is changed.
    #[inline]
    #[track_caller]
    pub fn push_back(&mut self, item: T::Handle) {
        let node = self.insert(item);
        self.back = Some(node);
    }

    /// Links `item` in as the first. O(1).
    ///
    /// # Panics
    ///
    /// If the node is linked already, here or elsewhere: then neither is changed.
    #[inline]
    #[track_caller]
    pub fn push_front(&mut self, item: T::Handle) {
        let node = self.insert(item);
        self.back.get_or_insert(node);
    }

    /// Takes out the first. O(1).
    #[inline]
    pub fn pop_front(&mut self) -> Option<T::Handle> {
        let node = self.take_front()?;
        // SAFETY: the ring owned the node, whose pointer is `into_ptr`'s, and it is unlinked now.
        Some(unsafe { T::from_ptr(node) })
    }

    /// Takes out the last. O(1).
    #[inline]
    pub fn pop_back(&mut self) -> Option<T::Handle> {
        let node = self.take_back()?;
        // SAFETY: the ring owned the node, whose pointer is `into_ptr`'s, and it is unlinked now.
        Some(unsafe { T::from_ptr(node) })
    }

    /// Takes out `item`, wherever it stands. O(1).
    ///
    /// Gives `None`, and changes nothing, if the node is in no ring. No other node is touched
    /// before that is known. The handle is made of the pointer with which the node was pushed, so
    /// `item` may be made from a `&T`.
    ///
    /// # Safety
    ///
    /// `item` points to a live node, which is in this ring, or in no [`Ring`] or
    /// [`List`](crate::List) at all.
    ///
    /// # Panics
    ///
    /// In a debug build, if the node is in another ring or list, before anything is changed. That is
    /// always found out if one of the two has up to 64 nodes.
    #[inline]
    #[track_caller]
    pub unsafe fn remove(&mut self, item: NonNull<T>) -> Option<T::Handle> {
        // SAFETY: the caller's promise is the same.
        let node = unsafe { self.take(item) }?;
        // SAFETY: the ring owned the node, whose pointer is `into_ptr`'s, and it is unlinked now.
        Some(unsafe { T::from_ptr(node) })
    }

    /// Takes `item` out of whichever ring it is in, without having that ring. O(1).
    ///
    /// That can be done as long as the ring's one word, which points to its last node, need not
    /// change. It serves the *guard node* technique, by which a batch of nodes leaves a shared ring
    /// while each stays removable by those who know only the lock:
    ///
    /// 1. Under the lock, [`take_all`](Self::take_all) moves the batch to a ring of its own, and a
    ///    node that belongs to the owner of the batch, the guard, is pushed to its back.
    /// 2. Again under the lock, one by one or in small groups, the owner calls
    ///    [`pop_front`](Self::pop_front) until it gets the guard; in between it lets the lock go.
    /// 3. Who wants a node out meanwhile takes the lock and calls `unlink`. The guard stays last.
    ///
    /// # Safety
    ///
    /// `item` points to a live node which is in a ring, not as its last, and not in a
    /// [`List`](crate::List) (which would miscount). The caller has exclusive access to the nodes
    /// of that ring.
    ///
    /// # Panics
    ///
    /// In a debug build, if the node is in no ring, or the only one in its ring: then nothing is
    /// changed.
    #[inline]
    #[track_caller]
    pub unsafe fn unlink(item: NonNull<T>) -> T::Handle {
        debug_assert!(
            // SAFETY: the node is live, and its links are the caller's.
            unsafe { circle::is_linked(item) },
            "the node is in no ring"
        );
        // SAFETY: the node is linked, says the caller.
        let before = unsafe { circle::prev(item) };
        debug_assert!(!circle::same(before, item), "the node is its ring's last");
        // SAFETY: the predecessor is linked and the circle is the caller's. The ring's word points
        // to another node, so its invariants hold without this one.
        let node = unsafe { circle::unlink_after(before) };
        // SAFETY: the node was owned by a ring, the pointer is `into_ptr`'s, and it is unlinked.
        unsafe { T::from_ptr(node) }
    }

    /// Moves all of `other` to the back of this ring, in its order. O(1).
    ///
    /// `other` is empty afterwards.
    #[inline]
    pub fn splice(&mut self, other: &mut Self) {
        let Some(back) = other.back.take() else {
            return;
        };
        if let Some(own) = self.back {
            // SAFETY: two different circles, since a node is in one at most, and both are
            // exclusively borrowed: joined they are one, owned by `self` alone, as `other` has
            // forgotten its own.
            unsafe { circle::swap_successors(own, back) };
        }
        self.back = Some(back);
    }

    /// Leaves an empty ring in this one's place and returns what was in it. O(1).
    #[inline]
    #[must_use = "dropping a ring drops its handles"]
    pub fn take_all(&mut self) -> Self {
        mem::take(self)
    }

    /// The first node.
    #[inline]
    #[must_use]
    pub fn front(&self) -> Option<Pin<&T>> {
        let node = self.front_ptr()?;
        // SAFETY: the ring owns the node and is borrowed as long as the reference lives.
        let node = unsafe { node.as_ref() };
        // SAFETY: a linked node stays where it is, by point 1 of `Linked`'s contract.
        Some(unsafe { Pin::new_unchecked(node) })
    }

    /// The last node.
    #[inline]
    #[must_use]
    pub fn back(&self) -> Option<Pin<&T>> {
        let node = self.back?;
        // SAFETY: the ring owns the node and is borrowed as long as the reference lives.
        let node = unsafe { node.as_ref() };
        // SAFETY: a linked node stays where it is, by point 1 of `Linked`'s contract.
        Some(unsafe { Pin::new_unchecked(node) })
    }

    /// Goes through the nodes from the first to the last.
    #[inline]
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, N> {
        Iter::new(self)
    }

    /// Links `item` in between the last and the first.
    #[inline]
    #[track_caller]
    pub(crate) fn insert(&mut self, item: T::Handle) -> NonNull<T> {
        let node = T::into_ptr(item);
        // SAFETY: the node was handed over, so it is live, and its links are ours to read.
        let is_linked = unsafe { circle::is_linked(node) };
        assert!(!is_linked, "the node is linked already");
        match self.back {
            // SAFETY: `back` is in the ring's circle, which is exclusively borrowed; the node is
            // unlinked, ours, and its pointer `into_ptr`'s.
            Some(back) => unsafe { circle::insert_after(back, node) },
            // SAFETY: the node is unlinked, ours, and its pointer `into_ptr`'s.
            None => unsafe { circle::begin(node) },
        }
        node
    }

    /// The first node's pointer.
    #[inline]
    pub(crate) fn front_ptr(&self) -> Option<NonNull<T>> {
        // SAFETY: `back` is in the ring's circle, which is borrowed.
        self.back.map(|back| unsafe { circle::next(back) })
    }

    /// The last node's pointer.
    #[inline]
    pub(crate) fn back_ptr(&self) -> Option<NonNull<T>> {
        self.back
    }

    /// Changes which node is the last.
    ///
    /// # Safety
    ///
    /// Restores the invariants: `back` is in a circle of which no other ring's word is part.
    #[inline]
    pub(crate) unsafe fn set_back(&mut self, back: Option<NonNull<T>>) {
        self.back = back;
    }

    /// Unlinks the first node.
    #[inline]
    pub(crate) fn take_front(&mut self) -> Option<NonNull<T>> {
        let back = self.back?;
        // SAFETY: `back` is in the ring's circle, which is exclusively borrowed.
        let front = unsafe { circle::unlink_after(back) };
        if circle::same(front, back) {
            self.back = None;
        }
        Some(front)
    }

    /// Unlinks the last node.
    #[inline]
    pub(crate) fn take_back(&mut self) -> Option<NonNull<T>> {
        let back = self.back?;
        // SAFETY: `back` is in the ring's circle, which is exclusively borrowed.
        let before = unsafe { circle::prev(back) };
        self.back = (!circle::same(before, back)).then_some(before);
        // SAFETY: `before` is in the circle too.
        Some(unsafe { circle::unlink_after(before) })
    }

    /// Unlinks `item`, if it is linked, and returns the pointer with which it was pushed.
    ///
    /// # Safety
    ///
    /// As for [`remove`](Self::remove).
    #[inline]
    #[track_caller]
    pub(crate) unsafe fn take(&mut self, item: NonNull<T>) -> Option<NonNull<T>> {
        // SAFETY: the node is live, and its links are this ring's or nobody's, says the caller.
        if !unsafe { circle::is_linked(item) } {
            return None;
        }
        debug_assert!(
            self.back.is_some_and(|back| {
                // SAFETY: both are linked, the circle is this ring's, and the item's is the same
                // one, or the caller has broken the promise.
                unsafe { circle::may_share(item, back) }
            }),
            "the node is in another list or ring"
        );
        // SAFETY: the node is linked, so it is in this ring, which is exclusively borrowed.
        let after = unsafe { circle::next(item) };
        // SAFETY: as for the successor.
        let before = unsafe { circle::prev(item) };
        if self.is_back(item) {
            if circle::same(before, item) {
                // Alone. Its own neighbour, it has the pointer with which it came in.
                self.back = None;
                // SAFETY: no other node has it as a neighbour, and the ring has just forgotten it.
                unsafe { circle::clear(after) };
                return Some(after);
            }
            self.back = Some(before);
        }
        // SAFETY: both neighbours are in the circle too.
        Some(unsafe { circle::unlink_between(before, after) })
    }

    /// Whether `node` is the last.
    #[inline]
    fn is_back(&self, node: NonNull<T>) -> bool {
        // One comparison of addresses: an empty ring's null is no node's.
        let back = self
            .back
            .map_or(ptr::null_mut(), |back| back.as_ptr().cast::<()>());
        ptr::eq(back, node.as_ptr().cast::<()>())
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Default for Ring<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Drop for Ring<T, N> {
    /// Drops the handles, from the first to the last; if one panics, the others all the same.
    fn drop(&mut self) {
        struct Rest<'a, T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(&'a mut Ring<T, N>);

        impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Drop for Rest<'_, T, N> {
            fn drop(&mut self) {
                while self.0.pop_front().is_some() {}
            }
        }

        let rest = Rest(self);
        while let Some(handle) = rest.0.pop_front() {
            drop(handle);
        }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Extend<T::Handle> for Ring<T, N> {
    fn extend<I: IntoIterator<Item = T::Handle>>(&mut self, items: I) {
        for item in items {
            self.push_back(item);
        }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FromIterator<T::Handle> for Ring<T, N> {
    fn from_iter<I: IntoIterator<Item = T::Handle>>(items: I) -> Self {
        let mut ring = Self::new();
        ring.extend(items);
        ring
    }
}

impl<'ring, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> IntoIterator for &'ring Ring<T, N> {
    type Item = &'ring T;
    type IntoIter = Iter<'ring, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for Ring<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring")
            .field("front", &self.front_ptr())
            .field("back", &self.back)
            .finish()
    }
}

// SAFETY: a ring owns its nodes, through their handles. Nodes of a `Send` type may be used and
// given back as handles on another thread, by point 5 of `Linked`'s contract.
unsafe impl<T: Linked<Links<T, N>> + Send + ?Sized, N: ?Sized> Send for Ring<T, N> {}

// SAFETY: a shared ring lends out `&T`, and reads links that nobody changes while it is shared.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for Ring<T, N> {}
