//! [`SortedList`]: a list that is kept in order, for a few elements of which the first is wanted.
//!
//! It is a [`Stack`] into which a node goes where it belongs. The list needs two words, the pointer to
//! the first node and the comparison; a node needs the one word of its [`Links`].
//!
//! | operation | cost |
//! |---|---|
//! | `pop_front`, `front`, `is_empty` | O(1) |
//! | `insert` | O(n): one comparison for each element that goes before, and one more |
//! | `from_stack_*`, `extend` of n elements | O(n²), O(n) if they come in descending order |
//! | dropping, iterating | O(n) |
//!
//! The order is *stable*: among elements that compare as equal the one that came first is first.
//!
//! - [`SortedList`] is the list, with the least first, the greatest, or as a function says.
//! - [`SortedListIter`] goes through it.
//!
//! Nothing here is synchronised, nothing allocates, blocks or calls foreign code other than
//! [`Linked`]'s functions, the comparison and, where handles are dropped, theirs: so it may be used in
//! an interrupt handler and under any lock.

use core::{cmp::Ordering, fmt, marker::PhantomData, mem, pin::Pin, ptr::NonNull};

use crate::{
    Linked,
    linked::Name,
    stack::{self, Stack},
};

mod iter;
#[cfg(test)]
mod tests;

pub use self::iter::SortedListIter;
pub use crate::stack::Links;

/// A list of nodes in ascending, descending or another order, that owns them by their handles.
///
/// See the [module](self) for what each operation costs.
///
/// # Invariants
///
/// Those of a [`Stack`], whose top is the first. No node compares as greater than one behind it, as
/// long as the comparison does not contradict itself and the elements do not change: else the order
/// is any, and nothing else is broken.
///
/// # Examples
///
/// ```
/// # extern crate alloc;
/// # use alloc::boxed::Box;
/// # use core::{pin::Pin, ptr::NonNull};
/// # use pintle_intrusive::{Linked, sorted_list};
/// use pintle_intrusive::SortedList;
/// # struct Alarm { links: sorted_list::Links<Alarm>, at: u64 }
/// # unsafe impl Linked<sorted_list::Links<Alarm>> for Alarm {
/// #     type Handle = Pin<Box<Alarm>>;
/// #     fn into_ptr(h: Self::Handle) -> NonNull<Self> {
/// #         NonNull::from(Box::leak(unsafe { Pin::into_inner_unchecked(h) }))
/// #     }
/// #     unsafe fn from_ptr(p: NonNull<Self>) -> Self::Handle {
/// #         Box::into_pin(unsafe { Box::from_raw(p.as_ptr()) })
/// #     }
/// #     unsafe fn links(p: NonNull<Self>) -> NonNull<sorted_list::Links<Self>> {
/// #         unsafe { NonNull::new_unchecked(&raw mut (*p.as_ptr()).links) }
/// #     }
/// # }
/// # fn alarm(at: u64) -> Pin<Box<Alarm>> {
/// #     Box::pin(Alarm { links: sorted_list::Links::new(), at })
/// # }
///
/// let mut alarms = SortedList::<Alarm>::new_with_cmp(|a, b| a.at.cmp(&b.at));
/// alarms.extend([30, 10, 20].map(alarm));
/// assert_eq!(alarms.front().unwrap().at, 10);
///
/// let now = 20;
/// while alarms.front().is_some_and(|alarm| alarm.at <= now) {
///     drop(alarms.pop_front());
/// }
/// assert_eq!(alarms.iter().map(|alarm| alarm.at).collect::<Vec<_>>(), [30]);
/// ```
pub struct SortedList<T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    sorted: Stack<T, N>,
    cmp: fn(&T, &T) -> Ordering,
}

// === impl SortedList ===

impl<T: Linked<Links<T, N>> + Ord + ?Sized, N: ?Sized> SortedList<T, N> {
    /// An empty list whose first element is the least.
    #[inline]
    #[must_use]
    pub const fn new_min() -> Self {
        Self::new_with_cmp(T::cmp)
    }

    /// Sorts a stack's elements, the least first. O(n²).
    ///
    /// Of equal elements the upper goes first, as it is popped first.
    #[must_use = "dropping a list drops its handles"]
    pub fn from_stack_min(stack: Stack<T, N>) -> Self {
        Self::from_stack_with_cmp(stack, T::cmp)
    }

    /// An empty list whose first element is the greatest.
    #[inline]
    #[must_use]
    pub const fn new_max() -> Self {
        Self::new_with_cmp(descending)
    }

    /// Sorts a stack's elements, the greatest first. O(n²).
    ///
    /// Of equal elements the upper goes first, as it is popped first.
    #[must_use = "dropping a list drops its handles"]
    pub fn from_stack_max(stack: Stack<T, N>) -> Self {
        Self::from_stack_with_cmp(stack, descending)
    }
}

/// The order from the greatest to the least.
fn descending<T: Ord + ?Sized>(a: &T, b: &T) -> Ordering {
    b.cmp(a)
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> SortedList<T, N> {
    /// An empty list in the order that `f` says: `f(a, b)` is `Less` where `a` goes before `b`.
    #[inline]
    #[must_use]
    pub const fn new_with_cmp(f: fn(&T, &T) -> Ordering) -> Self {
        Self {
            sorted: Stack::new(),
            cmp: f,
        }
    }

    /// Sorts a stack's elements in the order that `f` says. O(n²).
    ///
    /// Of equal elements the upper goes first, as it is popped first.
    ///
    /// # Panics
    ///
    /// If `f` does: then all elements are dropped.
    #[must_use = "dropping a list drops its handles"]
    pub fn from_stack_with_cmp(stack: Stack<T, N>, f: fn(&T, &T) -> Ordering) -> Self {
        let mut list = Self::new_with_cmp(f);
        list.extend(stack);
        list
    }

    /// Takes out the first. O(1).
    #[inline]
    #[must_use = "the element is dropped if it is not used"]
    pub fn pop_front(&mut self) -> Option<T::Handle> {
        self.sorted.pop()
    }

    /// Puts `element` in where it belongs, behind those that are equal to it. O(n).
    ///
    /// # Panics
    ///
    /// If the comparison does: then the element is dropped, and the list as it was.
    ///
    /// In a debug build, if the node is linked already: then nothing is changed.
    #[inline]
    #[track_caller]
    pub fn insert(&mut self, element: T::Handle) {
        /// An element on its way in, which goes back into its handle if it does not arrive.
        struct OnTheWay<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(NonNull<T>, Name<N>);

        impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Drop for OnTheWay<T, N> {
            fn drop(&mut self) {
                // SAFETY: the pointer is `into_ptr`'s, and no collection has got the node.
                drop(unsafe { T::from_ptr(self.0) });
            }
        }

        let on_the_way = OnTheWay::<T, N>(T::into_ptr(element), PhantomData);
        let node = on_the_way.0;
        // SAFETY: the node was handed over, so it is live, and is not changed during the call.
        let before = self.last_before(unsafe { node.as_ref() });
        mem::forget(on_the_way);
        // SAFETY: the node was handed over, so it is live, owned, and in no collection; the other is
        // in the list.
        unsafe { self.sorted.link_below(before, node) };
    }

    /// Whether there is no element. O(1).
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The first element, which [`pop_front`](Self::pop_front) would take out. O(1).
    #[inline]
    #[must_use]
    pub fn front(&self) -> Option<Pin<&T>> {
        let node = self.sorted.top_ptr()?;
        // SAFETY: the list owns the node, and is borrowed as long as the result.
        let node = unsafe { node.as_ref() };
        // SAFETY: a linked node stays where it is, by point 1 of `Linked`'s contract.
        Some(unsafe { Pin::new_unchecked(node) })
    }

    /// Goes through the elements from the first to the last.
    #[inline]
    #[must_use]
    pub fn iter(&self) -> SortedListIter<'_, T, N> {
        SortedListIter::new(self)
    }

    /// The last node that goes before `new` or is equal to it.
    #[inline]
    fn last_before(&self, new: &T) -> Option<NonNull<T>> {
        let mut before = None;
        let mut next = self.sorted.top_ptr();
        while let Some(node) = next {
            // SAFETY: the list owns the node, and is borrowed.
            let order = (self.cmp)(unsafe { node.as_ref() }, new);
            if order == Ordering::Greater {
                break;
            }
            before = next;
            // SAFETY: the node is in the list, which is borrowed.
            next = unsafe { stack::below(node) };
        }
        before
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Extend<T::Handle> for SortedList<T, N> {
    fn extend<I: IntoIterator<Item = T::Handle>>(&mut self, elements: I) {
        for element in elements {
            self.insert(element);
        }
    }
}

impl<'a, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> IntoIterator for &'a SortedList<T, N> {
    type Item = &'a T;
    type IntoIter = SortedListIter<'a, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for SortedList<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SortedList")
            .field("front", &self.sorted.top_ptr())
            .finish_non_exhaustive()
    }
}

// `SortedList` is `Send` and `Sync` as its stack is: if `T` is, whatever `T::Handle` is, by point 5
// of `Linked`'s contract. It drops its handles as its stack does.
