use core::{fmt, iter::FusedIterator, marker::PhantomData, pin::Pin, ptr::NonNull};

use super::{Links, List, pin_mut};
use crate::{Linked, circle};

/// Goes through the nodes of a [`List`], from either end: see [`List::iter`].
pub struct Iter<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    raw: IterRaw<'list, T, N>,
}

/// Goes through the nodes of a [`List`], from either end, to change them in place: see
/// [`List::iter_mut`].
pub struct IterMut<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    raw: IterRaw<'list, T, N>,
    _list: PhantomData<&'list mut List<T, N>>,
}

/// Goes through the pointers to the nodes of a [`List`], from either end: see [`List::iter_raw`].
///
/// # Invariants
///
/// `front` and `back` are the first and last of `len` nodes of the list's circle that follow each
/// other, and are not looked at when `len` is 0. The list stays borrowed.
pub struct IterRaw<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    front: Option<NonNull<T>>,
    back: Option<NonNull<T>>,
    len: usize,
    _list: PhantomData<&'list List<T, N>>,
}

/// Takes the handles out of a [`List`], from either end: see its `into_iter`.
///
/// Dropping it drops the handles that are left.
pub struct IntoIter<T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    list: List<T, N>,
}

// === impl Iter ===

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iter<'list, T, N> {
    #[inline]
    pub(super) fn new(list: &'list List<T, N>) -> Self {
        Self {
            raw: IterRaw::new(list),
        }
    }
}

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iterator for Iter<'list, T, N> {
    type Item = &'list T;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let node = self.raw.next()?;
        // SAFETY: the list owns the node and is borrowed for `'list`.
        Some(unsafe { node.as_ref() })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.raw.size_hint()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> DoubleEndedIterator for Iter<'_, T, N> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let node = self.raw.next_back()?;
        // SAFETY: the list owns the node and is borrowed for `'list`.
        Some(unsafe { node.as_ref() })
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> ExactSizeIterator for Iter<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FusedIterator for Iter<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Clone for Iter<'_, T, N> {
    fn clone(&self) -> Self {
        Self {
            raw: self.raw.clone(),
        }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for Iter<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt_as("Iter", f)
    }
}

// SAFETY: the iterator is a shared borrow of the list, and lends out `&T`.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Send for Iter<'_, T, N> {}

// SAFETY: as above; a shared iterator can only be cloned.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for Iter<'_, T, N> {}

// === impl IterMut ===

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> IterMut<'list, T, N> {
    #[inline]
    pub(super) fn new(list: &'list mut List<T, N>) -> Self {
        Self {
            raw: IterRaw::new(list),
            _list: PhantomData,
        }
    }
}

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iterator for IterMut<'list, T, N> {
    type Item = Pin<&'list mut T>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let node = self.raw.next()?;
        // SAFETY: the list is exclusively borrowed for `'list`, and the raw iterator gives each
        // node once and does not look at it again.
        Some(unsafe { pin_mut(node) })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.raw.size_hint()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> DoubleEndedIterator for IterMut<'_, T, N> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let node = self.raw.next_back()?;
        // SAFETY: as for `next`.
        Some(unsafe { pin_mut(node) })
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> ExactSizeIterator for IterMut<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FusedIterator for IterMut<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for IterMut<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt_as("IterMut", f)
    }
}

// SAFETY: the iterator is an exclusive borrow of the list, and lends out `&mut T`.
unsafe impl<T: Linked<Links<T, N>> + Send + ?Sized, N: ?Sized> Send for IterMut<'_, T, N> {}

// SAFETY: a shared iterator gives access to no node.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for IterMut<'_, T, N> {}

// === impl IterRaw ===

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> IterRaw<'list, T, N> {
    #[inline]
    pub(super) fn new(list: &'list List<T, N>) -> Self {
        Self {
            front: list.ring.front_ptr(),
            back: list.ring.back_ptr(),
            len: list.len,
            _list: PhantomData,
        }
    }

    fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("front", &self.front)
            .field("back", &self.back)
            .field("len", &self.len)
            .finish()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iterator for IterRaw<'_, T, N> {
    type Item = NonNull<T>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.len == 0 {
            return None;
        }
        let node = self.front?;
        self.len -= 1;
        // SAFETY: the node is in the list, which is borrowed, and not given out yet.
        self.front = Some(unsafe { circle::next(node) });
        Some(node)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> DoubleEndedIterator for IterRaw<'_, T, N> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.len == 0 {
            return None;
        }
        let node = self.back?;
        self.len -= 1;
        // SAFETY: the node is in the list, which is borrowed, and not given out yet.
        self.back = Some(unsafe { circle::prev(node) });
        Some(node)
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> ExactSizeIterator for IterRaw<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FusedIterator for IterRaw<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Clone for IterRaw<'_, T, N> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for IterRaw<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_as("IterRaw", f)
    }
}

// SAFETY: the iterator is a shared borrow of the list, and reads links that nobody changes meanwhile.
// It gives out no more than pointers.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Send for IterRaw<'_, T, N> {}

// SAFETY: as above; a shared iterator can only be cloned.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for IterRaw<'_, T, N> {}

// === impl IntoIter ===

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> IntoIter<T, N> {
    #[inline]
    pub(super) fn new(list: List<T, N>) -> Self {
        Self { list }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iterator for IntoIter<T, N> {
    type Item = T::Handle;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.list.pop_front()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.list.len, Some(self.list.len))
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> DoubleEndedIterator for IntoIter<T, N> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.list.pop_back()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> ExactSizeIterator for IntoIter<T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FusedIterator for IntoIter<T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for IntoIter<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IntoIter").field(&self.list).finish()
    }
}
