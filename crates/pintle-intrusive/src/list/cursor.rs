use core::{fmt, iter::FusedIterator, pin::Pin, ptr::NonNull};

use super::{Links, List};
use crate::{Linked, circle};

/// A place in a [`List`], to look around from.
///
/// A cursor stands on a node, or *beside the list*: between the last node and the first, on the
/// empty place that closes the list to a circle. Stepping forward from the last leads there, and
/// on to the first; stepping back likewise.
///
/// As an iterator it gives the node it stands on and steps forward, and ends beside the list.
///
/// # Invariants
///
/// Of a cursor that stands on a node, `current` points to it, `index` is the number of nodes before
/// it. Of one beside the list, `current` is `None` and `index` is the list's length.
///
/// # Examples
///
/// See [`CursorMut`](super::CursorMut).
pub struct Cursor<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    list: &'list List<T, N>,
    current: Option<NonNull<T>>,
    index: usize,
}

// === impl Cursor ===

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Cursor<'list, T, N> {
    /// `index` is not looked at if `current` is `None`.
    #[inline]
    pub(super) fn new(list: &'list List<T, N>, current: Option<NonNull<T>>, index: usize) -> Self {
        Self {
            list,
            index: if current.is_some() { index } else { list.len },
            current,
        }
    }

    /// The number of nodes before the cursor's, or `None` beside the list.
    #[inline]
    pub fn index(&self) -> Option<usize> {
        self.current.map(|_| self.index)
    }

    /// Steps to the next node, or beside the list; from there to the first. O(1).
    #[inline]
    pub fn move_next(&mut self) {
        let next = self.list.next_of(self.current);
        self.index = match self.current {
            Some(_) => self.index + 1,
            None => 0,
        };
        self.current = next;
    }

    /// Steps to the previous node, or beside the list; from there to the last. O(1).
    #[inline]
    pub fn move_prev(&mut self) {
        let prev = self.list.prev_of(self.current);
        self.index = match prev {
            Some(_) => self.index - 1,
            None => self.list.len,
        };
        self.current = prev;
    }

    /// The node the cursor stands on.
    #[inline]
    pub fn current(&self) -> Option<Pin<&T>> {
        // SAFETY: the node is in the list, which is borrowed.
        self.current.map(|node| unsafe { pin_ref(node) })
    }

    /// The node to which [`move_next`](Self::move_next) would step.
    #[inline]
    pub fn peek_next(&self) -> Option<Pin<&T>> {
        let node = self.list.next_of(self.current);
        // SAFETY: the node is in the list, which is borrowed.
        node.map(|node| unsafe { pin_ref(node) })
    }

    /// The node to which [`move_prev`](Self::move_prev) would step.
    #[inline]
    pub fn peek_prev(&self) -> Option<Pin<&T>> {
        let node = self.list.prev_of(self.current);
        // SAFETY: the node is in the list, which is borrowed.
        node.map(|node| unsafe { pin_ref(node) })
    }

    /// The list's length.
    #[inline]
    pub fn len(&self) -> usize {
        self.list.len
    }

    /// Whether the list is empty.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iterator for Cursor<'list, T, N> {
    type Item = Pin<&'list T>;

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.current?;
        self.move_next();
        // SAFETY: the node is in the list, which is borrowed for `'list`.
        Some(unsafe { pin_ref(node) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.list.len - self.index;
        (left, Some(left))
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FusedIterator for Cursor<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Clone for Cursor<'_, T, N> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for Cursor<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("current", &self.current)
            .field("index", &self.index())
            .field("list", self.list)
            .finish()
    }
}

// SAFETY: the cursor is a shared borrow of the list, and lends out `&T`.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Send for Cursor<'_, T, N> {}

// SAFETY: as above.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for Cursor<'_, T, N> {}

// === impl List ===

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> List<T, N> {
    /// Where a cursor on `at` steps forward to.
    #[inline]
    pub(super) fn next_of(&self, at: Option<NonNull<T>>) -> Option<NonNull<T>> {
        match at {
            None => self.ring.front_ptr(),
            Some(at)
                if self
                    .ring
                    .back_ptr()
                    .is_some_and(|back| circle::same(at, back)) =>
            {
                None
            }
            // SAFETY: a cursor's node is in the list, which is borrowed.
            Some(at) => Some(unsafe { circle::next(at) }),
        }
    }

    /// Where a cursor on `at` steps back to.
    #[inline]
    pub(super) fn prev_of(&self, at: Option<NonNull<T>>) -> Option<NonNull<T>> {
        match at {
            None => self.ring.back_ptr(),
            Some(at)
                if self
                    .ring
                    .front_ptr()
                    .is_some_and(|front| circle::same(at, front)) =>
            {
                None
            }
            // SAFETY: a cursor's node is in the list, which is borrowed.
            Some(at) => Some(unsafe { circle::prev(at) }),
        }
    }
}

/// Lends a linked node.
///
/// # Safety
///
/// The node is in a list that is borrowed for `'a`, and not lent out as `&mut`.
#[inline]
pub(super) unsafe fn pin_ref<'a, T: ?Sized>(node: NonNull<T>) -> Pin<&'a T> {
    // SAFETY: the list owns the node and is borrowed, says the caller.
    let node = unsafe { node.as_ref() };
    // SAFETY: a linked node stays where it is, by point 1 of `Linked`'s contract.
    unsafe { Pin::new_unchecked(node) }
}
