use core::{fmt, iter::FusedIterator, marker::PhantomData, ptr::NonNull};

use super::{Links, SortedList};
use crate::{Linked, stack};

/// Goes through the elements of a [`SortedList`], from the first: see [`SortedList::iter`].
///
/// # Invariants
///
/// `next` is a node of the list, or none at its end. The list stays borrowed.
pub struct SortedListIter<'a, T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    next: Option<NonNull<T>>,
    _list: PhantomData<&'a SortedList<T, N>>,
}

// === impl SortedListIter ===

impl<'a, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> SortedListIter<'a, T, N> {
    #[inline]
    pub(super) fn new(list: &'a SortedList<T, N>) -> Self {
        Self {
            next: list.sorted.top_ptr(),
            _list: PhantomData,
        }
    }
}

impl<'a, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iterator for SortedListIter<'a, T, N> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let node = self.next?;
        // SAFETY: the node is in the list, which is borrowed.
        self.next = unsafe { stack::below(node) };
        // SAFETY: the list owns the node and is borrowed for `'a`.
        Some(unsafe { node.as_ref() })
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FusedIterator for SortedListIter<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Clone for SortedListIter<'_, T, N> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for SortedListIter<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SortedListIter")
            .field("next", &self.next)
            .finish()
    }
}

// SAFETY: the iterator is a shared borrow of the list, and lends out `&T`.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Send for SortedListIter<'_, T, N> {}

// SAFETY: as above; a shared iterator can only be cloned.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for SortedListIter<'_, T, N> {}
