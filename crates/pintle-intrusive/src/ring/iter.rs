use core::{fmt, iter::FusedIterator, marker::PhantomData, ptr::NonNull};

use super::Ring;
use crate::{Linked, circle, list::Links};

/// Goes through the nodes of a [`Ring`], from either end: see [`Ring::iter`].
///
/// # Invariants
///
/// `ends` are two nodes of the ring's circle, of which the second is reached from the first
/// without passing the ring's last. The ring stays borrowed.
pub struct Iter<'ring, T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    ends: Option<(NonNull<T>, NonNull<T>)>,
    _ring: PhantomData<&'ring Ring<T, N>>,
}

// === impl Iter ===

impl<'ring, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iter<'ring, T, N> {
    #[inline]
    pub(super) fn new(ring: &'ring Ring<T, N>) -> Self {
        Self {
            ends: ring.front_ptr().zip(ring.back),
            _ring: PhantomData,
        }
    }
}

impl<'ring, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iterator for Iter<'ring, T, N> {
    type Item = &'ring T;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (front, back) = self.ends?;
        self.ends = if circle::same(front, back) {
            None
        } else {
            // SAFETY: the node is in the circle, which is borrowed.
            Some((unsafe { circle::next(front) }, back))
        };
        // SAFETY: the ring owns the node and is borrowed for `'ring`.
        Some(unsafe { front.as_ref() })
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> DoubleEndedIterator for Iter<'_, T, N> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let (front, back) = self.ends?;
        self.ends = if circle::same(front, back) {
            None
        } else {
            // SAFETY: the node is in the circle, which is borrowed.
            Some((front, unsafe { circle::prev(back) }))
        };
        // SAFETY: the ring owns the node and is borrowed for `'ring`.
        Some(unsafe { back.as_ref() })
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FusedIterator for Iter<'_, T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Clone for Iter<'_, T, N> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for Iter<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("ends", &self.ends).finish()
    }
}

// SAFETY: an iterator is a shared borrow of the ring, which may be sent if `T: Sync`.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Send for Iter<'_, T, N> {}

// SAFETY: as above; a shared iterator lends out nothing.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for Iter<'_, T, N> {}
