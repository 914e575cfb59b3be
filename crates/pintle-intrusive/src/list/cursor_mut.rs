use core::{fmt, mem, pin::Pin, ptr::NonNull};

use super::{Cursor, Links, List, cursor::pin_ref, pin_mut};
use crate::{Linked, circle};

/// A place in a [`List`] at which it can be changed.
///
/// A cursor stands on a node, or *beside the list*: between the last node and the first, on the
/// empty place that closes the list to a circle. Stepping forward from the last leads there, and
/// on to the first; stepping back likewise. Inserting *after* that place is inserting at the
/// front, inserting *before* it is inserting at the back.
///
/// It is not an `Iterator`: what [`next`](Self::next) lends must be given back before the cursor
/// is used again, or the cursor could remove what is still lent. `while let` works as ever.
///
/// # Invariants
///
/// Those of [`Cursor`].
///
/// # Examples
///
/// ```
/// # extern crate alloc;
/// # use alloc::boxed::Box;
/// # use core::{pin::Pin, ptr::NonNull};
/// # use pintle_intrusive::{Linked, List, list};
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
/// let mut list: List<Entry> = [1, 2, 5].map(entry).into_iter().collect();
///
/// // Keep it sorted.
/// let mut cursor = list.cursor_front_mut();
/// while cursor.current().is_some_and(|e| e.n < 4) {
///     cursor.move_next();
/// }
/// cursor.insert_before(entry(4));
/// assert_eq!(cursor.index(), Some(3));
///
/// // Cut it there.
/// let small = cursor.split_before();
/// assert_eq!(small.iter().map(|e| e.n).collect::<Vec<_>>(), [1, 2, 4]);
/// assert_eq!(list.iter().map(|e| e.n).collect::<Vec<_>>(), [5]);
/// ```
pub struct CursorMut<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    list: &'list mut List<T, N>,
    current: Option<NonNull<T>>,
    index: usize,
}

// === impl CursorMut ===

impl<'list, T: Linked<Links<T, N>> + ?Sized, N: ?Sized> CursorMut<'list, T, N> {
    /// `index` is not looked at if `current` is `None`.
    #[inline]
    pub(super) fn new(
        list: &'list mut List<T, N>,
        current: Option<NonNull<T>>,
        index: usize,
    ) -> Self {
        Self {
            index: if current.is_some() { index } else { list.len },
            list,
            current,
        }
    }

    /// The number of nodes before the cursor's, or `None` beside the list.
    #[inline]
    pub fn index(&self) -> Option<usize> {
        self.current.map(|_| self.index)
    }

    /// Lends the node the cursor stands on and steps forward, or says `None` beside the list.
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "an Iterator's items outlive its borrow, and these must not"
    )]
    pub fn next(&mut self) -> Option<Pin<&mut T>> {
        let node = self.current?;
        self.move_next();
        // SAFETY: the node is in the list, which the cursor borrows, as the result does the cursor.
        Some(unsafe { pin_mut(node) })
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

    /// Takes out the node the cursor stands on, and steps to the next. O(1).
    ///
    /// Gives `None` beside the list.
    pub fn remove_current(&mut self) -> Option<T::Handle> {
        let node = self.current?;
        self.current = self.list.next_of(self.current);
        // `index` stays: it is the next node's now, or the new length.
        // SAFETY: the node is in this list.
        unsafe { self.list.remove(node) }
    }

    /// Takes out the first node, from the cursor's on, for which `predicate` says `true`, and
    /// stands on the one after it. O(n).
    ///
    /// Gives `None` beside the list, if there is none up to the end.
    pub fn remove_first(&mut self, mut predicate: impl FnMut(&T) -> bool) -> Option<T::Handle> {
        loop {
            let node = self.current?;
            // SAFETY: the node is in the list, which the cursor borrows.
            if predicate(unsafe { node.as_ref() }) {
                return self.remove_current();
            }
            self.move_next();
        }
    }

    /// The node the cursor stands on.
    #[inline]
    pub fn current(&self) -> Option<Pin<&T>> {
        // SAFETY: the node is in the list, which the cursor borrows.
        self.current.map(|node| unsafe { pin_ref(node) })
    }

    /// The node the cursor stands on, to be changed in place.
    #[inline]
    pub fn current_mut(&mut self) -> Option<Pin<&mut T>> {
        // SAFETY: the node is in the list, which the cursor borrows, as the result does the cursor.
        self.current.map(|node| unsafe { pin_mut(node) })
    }

    /// The node to which [`move_next`](Self::move_next) would step.
    #[inline]
    pub fn peek_next(&self) -> Option<Pin<&T>> {
        let node = self.list.next_of(self.current);
        // SAFETY: the node is in the list, which the cursor borrows.
        node.map(|node| unsafe { pin_ref(node) })
    }

    /// The node to which [`move_prev`](Self::move_prev) would step.
    #[inline]
    pub fn peek_prev(&self) -> Option<Pin<&T>> {
        let node = self.list.prev_of(self.current);
        // SAFETY: the node is in the list, which the cursor borrows.
        node.map(|node| unsafe { pin_ref(node) })
    }

    /// The node to which [`move_next`](Self::move_next) would step, to be changed in place.
    #[inline]
    pub fn peek_next_mut(&mut self) -> Option<Pin<&mut T>> {
        let node = self.list.next_of(self.current);
        // SAFETY: the node is in the list, which the cursor borrows, as the result does the cursor.
        node.map(|node| unsafe { pin_mut(node) })
    }

    /// The node to which [`move_prev`](Self::move_prev) would step, to be changed in place.
    #[inline]
    pub fn peek_prev_mut(&mut self) -> Option<Pin<&mut T>> {
        let node = self.list.prev_of(self.current);
        // SAFETY: the node is in the list, which the cursor borrows, as the result does the cursor.
        node.map(|node| unsafe { pin_mut(node) })
    }

    /// Links `element` in after the cursor's node; beside the list, at the front. O(1).
    ///
    /// # Panics
    ///
    /// If the node is linked already, here or elsewhere: then nothing is changed.
    #[track_caller]
    pub fn insert_after(&mut self, element: T::Handle) {
        match self.current {
            Some(at) => {
                let mut one = List::new();
                one.push_back(element);
                self.splice_behind(at, &mut one);
            }
            None => {
                self.list.push_front(element);
                self.index = self.list.len;
            }
        }
    }

    /// Links `element` in before the cursor's node; beside the list, at the back. O(1).
    ///
    /// # Panics
    ///
    /// If the node is linked already, here or elsewhere: then nothing is changed.
    #[track_caller]
    pub fn insert_before(&mut self, element: T::Handle) {
        let mut one = List::new();
        one.push_back(element);
        self.splice_before(one);
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

    /// Cuts the list after the cursor's node and returns the rear part; beside the list, all of
    /// it. The cursor stays where it is. O(1).
    pub fn split_after(&mut self) -> List<T, N> {
        let rear = match self.current {
            None => mem::take(self.list),
            Some(at) => self.cut(at, self.index + 1),
        };
        if self.current.is_none() {
            self.index = 0;
        }
        rear
    }

    /// Cuts the list before the cursor's node and returns the front part; beside the list, all of
    /// it. The cursor stays where it is, so on the first node. O(1).
    pub fn split_before(&mut self) -> List<T, N> {
        let front = match self.current {
            None => mem::take(self.list),
            Some(_) if self.index == 0 => List::new(),
            Some(at) => {
                // SAFETY: the cursor's node is in the list, and is not the first.
                let before = unsafe { circle::prev(at) };
                let rear = self.cut(before, self.index);
                mem::replace(self.list, rear)
            }
        };
        self.index = 0;
        front
    }

    /// Moves all of `spliced` to after the cursor's node; beside the list, to the front. O(1).
    pub fn splice_after(&mut self, mut spliced: List<T, N>) {
        match self.current {
            Some(at) => self.splice_behind(at, &mut spliced),
            None => {
                spliced.append(self.list);
                *self.list = spliced;
                self.index = self.list.len;
            }
        }
    }

    /// Moves all of `spliced` to before the cursor's node; beside the list, to the back. O(1).
    pub fn splice_before(&mut self, mut spliced: List<T, N>) {
        let len = spliced.len;
        match self.current {
            None => self.list.append(&mut spliced),
            Some(_) if self.index == 0 => {
                spliced.append(self.list);
                *self.list = spliced;
            }
            Some(at) => {
                // SAFETY: the cursor's node is in the list, and is not the first.
                let before = unsafe { circle::prev(at) };
                self.splice_behind(before, &mut spliced);
            }
        }
        // On a node: those before it are more by so many. Beside the list: so is the length.
        self.index += len;
    }

    /// A cursor in the same place that only reads.
    #[inline]
    #[must_use]
    pub fn as_cursor(&self) -> Cursor<'_, T, N> {
        Cursor::new(self.list, self.current, self.index)
    }

    /// Moves all of `spliced` to after `at`, a node of the list.
    fn splice_behind(&mut self, at: NonNull<T>, spliced: &mut List<T, N>) {
        let Some((back, len)) = spliced.take_raw() else {
            return;
        };
        // SAFETY: `at` is in the list's circle, `back` in that of `spliced`, which has forgotten
        // it: joined they are one, owned by the list alone.
        unsafe { circle::swap_successors(at, back) };
        self.list.len += len;
        if self
            .list
            .ring
            .back_ptr()
            .is_some_and(|old| circle::same(old, at))
        {
            // SAFETY: the last node's successor is the list's first again.
            unsafe { self.list.ring.set_back(Some(back)) };
        }
    }

    /// Cuts the list after `at`, its node number `keep - 1`, and returns the rear part.
    fn cut(&mut self, at: NonNull<T>, keep: usize) -> List<T, N> {
        let rear = self.list.len - keep;
        let (Some(back), 1..) = (self.list.ring.back_ptr(), rear) else {
            return List::new();
        };
        // SAFETY: both are in the list's circle. Of one circle that makes two: the front part,
        // which ends with `at`, and the rear one, which ends with `back`.
        unsafe { circle::swap_successors(at, back) };
        // SAFETY: `at` is the last of a circle that this list alone owns.
        unsafe { self.list.ring.set_back(Some(at)) };
        self.list.len = keep;
        // SAFETY: the other circle has the other `rear` nodes, and nobody owns it.
        unsafe { List::from_raw(back, rear) }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for CursorMut<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CursorMut")
            .field("current", &self.current)
            .field("index", &self.index())
            .field("list", self.list)
            .finish()
    }
}

// SAFETY: the cursor is an exclusive borrow of the list, and lends out `&mut T`.
unsafe impl<T: Linked<Links<T, N>> + Send + ?Sized, N: ?Sized> Send for CursorMut<'_, T, N> {}

// SAFETY: a shared cursor lends out `&T`, and reads links that nobody changes meanwhile.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for CursorMut<'_, T, N> {}
