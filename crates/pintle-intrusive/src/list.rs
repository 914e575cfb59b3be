//! [`List`]: a doubly linked list.
//!
//! A list is a [`Ring`] that counts: two words, the pointer to the last node and the
//! length. A node needs the two words of its [`Links`].
//!
//! | operation | cost |
//! |---|---|
//! | `push_back`, `push_front`, `pop_back`, `pop_front` | O(1) |
//! | `remove` by pointer | O(1) |
//! | `append`; a cursor's `insert_*`, `remove_current`, `splice_*`, `split_*` | O(1) |
//! | `len`, `is_empty`, `front`, `back` | O(1) |
//! | `split_off`, `try_split_off` | O(n), from the nearer end |
//! | `drain_filter`, `assert_valid`, dropping, iterating | O(n) |
//!
//! First in, first out: `push_back` and `pop_front`, or `push_front` and `pop_back`.
//!
//! - [`List`] has the ends; [`Cursor`] and [`CursorMut`] go to the middle.
//! - [`Iter`], [`IterMut`], [`IterRaw`], [`IntoIter`] and [`DrainFilter`] go through it.
//!
//! Nothing here is synchronised, nothing allocates, blocks or calls foreign code other than
//! [`Linked`]'s functions, the caller's closures and, where handles are dropped, theirs: so it may
//! be used in an interrupt handler and under any lock.

use core::{fmt, mem, pin::Pin, ptr::NonNull};

use crate::{Linked, Ring, circle};

mod cursor;
mod cursor_mut;
mod drain_filter;
mod iter;
mod links;
#[cfg(test)]
mod tests;

pub use self::{
    cursor::Cursor,
    cursor_mut::CursorMut,
    drain_filter::DrainFilter,
    iter::{IntoIter, Iter, IterMut, IterRaw},
    links::Links,
};

/// A doubly linked list of nodes that it owns by their handles.
///
/// See the [module](self) for what each operation costs.
///
/// # Invariants
///
/// Those of its ring, and: `len` is the number of nodes in the circle.
///
/// # Examples
///
/// ```
/// # extern crate alloc;
/// # use alloc::boxed::Box;
/// # use core::{pin::Pin, ptr::NonNull};
/// # use pintle_intrusive::{Linked, list};
/// use pintle_intrusive::List;
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
/// let mut list: List<Entry> = (0..5).map(entry).collect();
/// list.push_front(entry(9));
/// assert_eq!(list.len(), 6);
///
/// // Any node can go, in constant time, by its address.
/// let third = list.iter_raw().nth(2).unwrap();
/// // SAFETY: the node is in this list.
/// assert_eq!(unsafe { list.remove(third) }.unwrap().n, 1);
///
/// let odd: Vec<u32> = list.drain_filter(|e| e.n % 2 == 1).map(|e| e.n).collect();
/// assert_eq!(odd, [9, 3]);
/// assert_eq!(list.iter().map(|e| e.n).collect::<Vec<_>>(), [0, 2, 4]);
/// ```
pub struct List<T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    ring: Ring<T, N>,
    len: usize,
}

// === impl List ===

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> List<T, N> {
    /// An empty list.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            ring: Ring::new(),
            len: 0,
        }
    }

    /// Whether there is no node in the list. O(1).
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// The number of nodes. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Links `item` in as the last. O(1).
    ///
    /// # Panics
    ///
    /// If the node is linked already, here or elsewhere: then neither is changed.
    #[inline]
    #[track_caller]
    pub fn push_back(&mut self, item: T::Handle) {
        self.ring.push_back(item);
        self.len += 1;
    }

    /// Links `item` in as the first. O(1).
    ///
    /// # Panics
    ///
    /// If the node is linked already, here or elsewhere: then neither is changed.
    #[inline]
    #[track_caller]
    pub fn push_front(&mut self, item: T::Handle) {
        self.ring.push_front(item);
        self.len += 1;
    }

    /// Takes out the last. O(1).
    #[inline]
    pub fn pop_back(&mut self) -> Option<T::Handle> {
        let node = self.ring.take_back()?;
        self.len -= 1;
        // SAFETY: the ring owned the node, whose pointer is `into_ptr`'s, and it is unlinked now.
        Some(unsafe { T::from_ptr(node) })
    }

    /// Takes out the first. O(1).
    #[inline]
    pub fn pop_front(&mut self) -> Option<T::Handle> {
        let node = self.ring.take_front()?;
        self.len -= 1;
        // SAFETY: the ring owned the node, whose pointer is `into_ptr`'s, and it is unlinked now.
        Some(unsafe { T::from_ptr(node) })
    }

    /// Takes out `item`, wherever it stands. O(1).
    ///
    /// Gives `None`, and changes nothing, if the node is in no list. No other node is touched
    /// before that is known. The handle is made of the pointer with which the node was pushed, so
    /// `item` may be made from a `&T`.
    ///
    /// # Safety
    ///
    /// `item` points to a live node, which is in this list, or in no `List` or [`Ring`] at all.
    ///
    /// # Panics
    ///
    /// In a debug build, if the node is in another list or ring, before anything is changed. That is
    /// always found out if one of the two has up to 64 nodes.
    #[inline]
    #[track_caller]
    pub unsafe fn remove(&mut self, item: NonNull<T>) -> Option<T::Handle> {
        // SAFETY: the caller's promise is the same.
        let node = unsafe { self.ring.take(item) }?;
        self.len -= 1;
        // SAFETY: the ring owned the node, whose pointer is `into_ptr`'s, and it is unlinked now.
        Some(unsafe { T::from_ptr(node) })
    }

    /// Moves all of `other` to the back of this list, in its order. O(1).
    ///
    /// `other` is empty afterwards.
    #[inline]
    pub fn append(&mut self, other: &mut Self) {
        self.ring.splice(&mut other.ring);
        self.len += mem::take(&mut other.len);
    }

    /// Cuts the list in two: the first `at` nodes stay, the others are returned.
    ///
    /// Gives `None`, and changes nothing, if `at` is greater than the length. O(n), from the
    /// nearer end.
    pub fn try_split_off(&mut self, at: usize) -> Option<Self> {
        let len = self.len;
        if at > len {
            return None;
        }
        if at == len {
            return Some(Self::new());
        }
        // The cut is before the node whose index is `at`.
        let mut cursor = if at <= len / 2 {
            let mut cursor = self.cursor_front_mut();
            for _ in 0..at {
                cursor.move_next();
            }
            cursor
        } else {
            let mut cursor = self.cursor_back_mut();
            for _ in at..len - 1 {
                cursor.move_prev();
            }
            cursor
        };
        let mut kept = cursor.split_before();
        // What the cursor kept is the rear part, and `self` must be the front one.
        mem::swap(self, &mut kept);
        Some(kept)
    }

    /// Cuts the list in two: the first `at` nodes stay, the others are returned.
    ///
    /// O(n), from the nearer end.
    ///
    /// # Panics
    ///
    /// If `at` is greater than the length.
    #[track_caller]
    #[must_use = "dropping a list drops its handles"]
    pub fn split_off(&mut self, at: usize) -> Self {
        let len = self.len;
        match self.try_split_off(at) {
            Some(rear) => rear,
            None => panic!("cannot split off at {at}: the list's length is {len}"),
        }
    }

    /// The first node.
    #[inline]
    #[must_use]
    pub fn front(&self) -> Option<Pin<&T>> {
        self.ring.front()
    }

    /// The first node, to be changed in place.
    #[inline]
    #[must_use]
    pub fn front_mut(&mut self) -> Option<Pin<&mut T>> {
        let node = self.ring.front_ptr()?;
        // SAFETY: the node is in the list, which is exclusively borrowed as long as the result.
        Some(unsafe { pin_mut(node) })
    }

    /// The last node.
    #[inline]
    #[must_use]
    pub fn back(&self) -> Option<Pin<&T>> {
        self.ring.back()
    }

    /// The last node, to be changed in place.
    #[inline]
    #[must_use]
    pub fn back_mut(&mut self) -> Option<Pin<&mut T>> {
        let node = self.ring.back_ptr()?;
        // SAFETY: the node is in the list, which is exclusively borrowed as long as the result.
        Some(unsafe { pin_mut(node) })
    }

    /// A cursor on the first node (beside the list, if it is empty).
    #[inline]
    #[must_use]
    pub fn cursor_front(&self) -> Cursor<'_, T, N> {
        Cursor::new(self, self.ring.front_ptr(), 0)
    }

    /// A cursor on the last node (beside the list, if it is empty).
    #[inline]
    #[must_use]
    pub fn cursor_back(&self) -> Cursor<'_, T, N> {
        Cursor::new(self, self.ring.back_ptr(), self.len.saturating_sub(1))
    }

    /// A cursor that can change the list, on the first node (beside the list, if it is empty).
    #[inline]
    #[must_use]
    pub fn cursor_front_mut(&mut self) -> CursorMut<'_, T, N> {
        let front = self.ring.front_ptr();
        CursorMut::new(self, front, 0)
    }

    /// A cursor that can change the list, on the last node (beside the list, if it is empty).
    #[inline]
    #[must_use]
    pub fn cursor_back_mut(&mut self) -> CursorMut<'_, T, N> {
        let back = self.ring.back_ptr();
        let index = self.len.saturating_sub(1);
        CursorMut::new(self, back, index)
    }

    /// Goes through the nodes from the first to the last.
    #[inline]
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, N> {
        Iter::new(self)
    }

    /// Goes through the nodes from the first to the last, to change them in place.
    #[inline]
    #[must_use]
    pub fn iter_mut(&mut self) -> IterMut<'_, T, N> {
        IterMut::new(self)
    }

    /// Goes through the nodes' pointers from the first to the last.
    ///
    /// They are the pointers with which the nodes were pushed. For nodes of which no reference may
    /// be made, such as a header in front of a body of another type.
    #[inline]
    #[must_use]
    pub fn iter_raw(&self) -> IterRaw<'_, T, N> {
        IterRaw::new(self)
    }

    /// Takes out, one by one as the iterator is asked, the nodes for which `pred` says `true`.
    ///
    /// If it is dropped before its end the other nodes stay. O(n) in all.
    #[must_use = "nothing is removed before the iterator is used"]
    pub fn drain_filter<F>(&mut self, pred: F) -> DrainFilter<'_, T, F, N>
    where
        F: FnMut(&T) -> bool,
    {
        DrainFilter::new(self, pred)
    }

    /// Leaves in the list only the nodes for which `keep` says `true`, and drops the others'
    /// handles. O(n).
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.drain_filter(|node| !keep(node)).for_each(drop);
    }

    /// Checks the list's invariants, for tests. O(n).
    ///
    /// # Panics
    ///
    /// If links and length do not agree: some unsafe code has broken its contract.
    #[track_caller]
    pub fn assert_valid(&self) {
        let Some(back) = self.ring.back_ptr() else {
            assert_eq!(self.len, 0, "an empty list has a length");
            return;
        };
        let mut node = back;
        for index in 0..self.len {
            // SAFETY: the node is in the list's circle, which is borrowed.
            let next = unsafe { circle::next(node) };
            // SAFETY: so is its successor.
            let before_next = unsafe { circle::prev(next) };
            assert!(
                circle::same(before_next, node),
                "node {index}'s predecessor has another successor"
            );
            node = next;
            assert!(
                circle::same(node, back) == (index + 1 == self.len),
                "the number of nodes is not the length, {}",
                self.len
            );
        }
    }

    /// Takes all nodes: the last one's pointer and their number.
    pub(crate) fn take_raw(&mut self) -> Option<(NonNull<T>, usize)> {
        let back = self.ring.back_ptr()?;
        // SAFETY: an empty ring's invariants hold.
        unsafe { self.ring.set_back(None) };
        Some((back, mem::take(&mut self.len)))
    }

    /// Makes a list of nodes that no list has.
    ///
    /// # Safety
    ///
    /// `back` is in a circle of `len` nodes which no other list or ring owns.
    pub(crate) unsafe fn from_raw(back: NonNull<T>, len: usize) -> Self {
        let mut ring = Ring::new();
        // SAFETY: no other ring has the circle, says the caller.
        unsafe { ring.set_back(Some(back)) };
        Self { ring, len }
    }
}

/// Lends a linked node.
///
/// # Safety
///
/// The node is in a list that is exclusively borrowed for `'a`, and lent to nobody else.
#[inline]
unsafe fn pin_mut<'a, T: ?Sized>(mut node: NonNull<T>) -> Pin<&'a mut T> {
    // SAFETY: the list has the access to the node (point 1 of `Linked`'s contract), and it is lent
    // to nobody else. The neighbours' pointers may alias it, since `T: !Unpin` (point 2).
    let node = unsafe { node.as_mut() };
    // SAFETY: a linked node stays where it is, by point 1 of `Linked`'s contract.
    unsafe { Pin::new_unchecked(node) }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Default for List<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Extend<T::Handle> for List<T, N> {
    fn extend<I: IntoIterator<Item = T::Handle>>(&mut self, items: I) {
        for item in items {
            self.push_back(item);
        }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FromIterator<T::Handle> for List<T, N> {
    fn from_iter<I: IntoIterator<Item = T::Handle>>(items: I) -> Self {
        let mut list = Self::new();
        list.extend(items);
        list
    }
}

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> IntoIterator for &'list List<T, N> {
    type Item = &'list T;
    type IntoIter = Iter<'list, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> IntoIterator for &'list mut List<T, N> {
    type Item = Pin<&'list mut T>;
    type IntoIter = IterMut<'list, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> IntoIterator for List<T, N> {
    type Item = T::Handle;
    type IntoIter = IntoIter<T, N>;

    fn into_iter(self) -> Self::IntoIter {
        IntoIter::new(self)
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for List<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("front", &self.ring.front_ptr())
            .field("back", &self.ring.back_ptr())
            .field("len", &self.len)
            .finish()
    }
}

// `List` is `Send` and `Sync` as its ring is: if `T` is, whatever `T::Handle` is. Lists of
// `NonNull` handles live in the statics of real programs; that a handle may cross threads where
// its node may is point 5 of `Linked`'s contract.
