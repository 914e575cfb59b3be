//! [`Stack`] and [`TransferStack`]: last in, first out, for one thread or for all.
//!
//! A stack is one word, the pointer to its top; a node needs one, the pointer to the node below.
//! A [`TransferStack`] is one on which everybody pushes, without a lock, and from which what is
//! there is taken as a whole, as a [`Stack`].
//!
//! | operation | cost | progress |
//! |---|---|---|
//! | `Stack`: `push`, `pop`, `take_all`, `is_empty` | O(1) | by `&mut` |
//! | [`TransferStack::push`], [`push_was_empty`](TransferStack::push_was_empty) | one compare-and-swap, one more for each push or take that comes in between | lock-free |
//! | [`TransferStack::take_all`] | one swap | wait-free |
//! | [`TransferStack::is_empty`] | one load | wait-free, a hint |
//! | dropping | O(n) | |
//!
//! - [`Stack`] is for whoever has `&mut` to it. It is an iterator that pops.
//! - [`TransferStack`] is shared by `&`: a mailbox, a list of what is to be freed or to be run.
//! - [`Links`] is the word in each node, of these and of a [`SortedList`](crate::SortedList).
//!
//! # The algorithm
//!
//! R. Kent Treiber's stack ("Systems programming: coping with parallelism", IBM RJ 5118, 1986), of
//! which only the push is kept:
//!
//! ```text
//!     top ──► C ──► B ──► A ──► ∅             a stack of three
//!
//!              D ─┐                           push D: 1. read `top`, let D point there
//!     top ──► C ◄─┘ ──► B ──► A ──► ∅                 2. compare-and-swap `top` from C to D,
//!                                                        and again from 1. if it is not C any more
//!
//!     top ──► ∅    Stack { D ──► C ──► B ──► A }      take_all: swap `top` for null
//! ```
//!
//! Treiber's `pop` has to know that the node below the top is still below it when the top is
//! exchanged, though other threads may have popped and pushed the same nodes meanwhile: the ABA
//! problem. There is no such pop here. A push does not look into the node at the top, it only goes
//! in front of whatever is there, so it is right also if that is an old acquaintance; and a take
//! compares nothing.
//!
//! # Memory order
//!
//! `push` and `take_all` are read-modify-writes of one word with `AcqRel`, so they stand in one order
//! and each sees what the callers of those before it have written:
//!
//! | Release of | pairs with Acquire of | so that |
//! |---|---|---|
//! | a push | the take that gets the node | the taker may read the node, and sees what its pusher did before |
//! | a take | each push after it | who pushes onto an empty stack sees what the taker did before it took |
//!
//! The second line makes it safe to go to sleep on an empty stack without a fence: the taker first
//! announces that it sleeps and then takes; who pushes looks for the announcement afterwards.
//! Whichever came first of the push and the take, either the taker has the node or the pusher sees
//! the announcement. For that, `take_all` writes even where there is nothing to take. An idle loop
//! that polls asks [`is_empty`](TransferStack::is_empty) first, which only loads.
//!
//! # Where it may be called
//!
//! Everything anywhere: in interrupt handlers, under any lock, in `Drop`. Nothing allocates, blocks or
//! calls foreign code other than [`Linked`]'s functions and, where handles are dropped, theirs. On
//! targets without compare-and-swap it is as the application chose, see [`pintle_core`].

use core::{fmt, iter::FusedIterator, marker::PhantomData, mem, ptr::NonNull};

use crate::{Linked, linked::Name};

mod flag;
mod links;
#[cfg(test)]
mod tests;
mod transfer;

pub use self::{links::Links, transfer::TransferStack};

/// A stack of nodes that it owns by their handles: one word.
///
/// As an iterator it pops. See the [module](self) for what each operation costs.
///
/// # Invariants
///
/// - From `top` the nodes are chained by `next`, down to the first that has none below it.
/// - The stack owns each of them: its handle has been given up to `into_ptr` and not yet made again
///   by `from_ptr`, and the pointer is `into_ptr`'s. So by [`Linked`]'s contract the nodes are live
///   and their links are changed only by who has `&mut` to the stack.
///
/// # Examples
///
/// ```
/// # extern crate alloc;
/// # use alloc::boxed::Box;
/// # use core::{pin::Pin, ptr::NonNull};
/// # use pintle_intrusive::{Linked, stack};
/// use pintle_intrusive::Stack;
/// # struct Entry { links: stack::Links<Entry>, n: u32 }
/// # unsafe impl Linked<stack::Links<Entry>> for Entry {
/// #     type Handle = Pin<Box<Entry>>;
/// #     fn into_ptr(h: Self::Handle) -> NonNull<Self> {
/// #         NonNull::from(Box::leak(unsafe { Pin::into_inner_unchecked(h) }))
/// #     }
/// #     unsafe fn from_ptr(p: NonNull<Self>) -> Self::Handle {
/// #         Box::into_pin(unsafe { Box::from_raw(p.as_ptr()) })
/// #     }
/// #     unsafe fn links(p: NonNull<Self>) -> NonNull<stack::Links<Self>> {
/// #         unsafe { NonNull::new_unchecked(&raw mut (*p.as_ptr()).links) }
/// #     }
/// # }
/// # fn entry(n: u32) -> Pin<Box<Entry>> { Box::pin(Entry { links: stack::Links::new(), n }) }
///
/// let mut stack = Stack::<Entry>::new();
/// stack.push(entry(1));
/// stack.push(entry(2));
/// stack.push(entry(3));
/// assert_eq!(stack.pop().unwrap().n, 3);
/// assert_eq!(stack.map(|entry| entry.n).collect::<Vec<_>>(), [2, 1]);
/// ```
pub struct Stack<T: Linked<Links<T, N>> + ?Sized, N: ?Sized = ()> {
    top: Option<NonNull<T>>,
    _name: Name<N>,
}

// === impl Stack ===

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Stack<T, N> {
    /// An empty stack.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            top: None,
            _name: PhantomData,
        }
    }

    /// Puts `element` on top. O(1).
    ///
    /// # Panics
    ///
    /// In a debug build, if the node is linked already: then nothing is changed.
    #[inline]
    #[track_caller]
    pub fn push(&mut self, element: T::Handle) {
        let node = T::into_ptr(element);
        // SAFETY: the node was handed over, so it is live, owned, and in no collection.
        unsafe { self.link_below(None, node) };
    }

    /// Puts `element` on top, and says whether the stack was empty before. O(1).
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push).
    #[inline]
    #[track_caller]
    pub fn push_was_empty(&mut self, element: T::Handle) -> bool {
        let was_empty = self.is_empty();
        self.push(element);
        was_empty
    }

    /// Takes out the top, the element that was pushed last. O(1).
    #[inline]
    #[must_use = "the element is dropped if it is not used"]
    pub fn pop(&mut self) -> Option<T::Handle> {
        let node = self.top?;
        // SAFETY: the stack owns the node, so it is live.
        let links = unsafe { links(node) };
        // SAFETY: the stack is exclusively borrowed, and so its nodes' links.
        self.top = unsafe { links.next() };
        links.set_unlinked();
        // SAFETY: the stack owned the node, whose pointer is `into_ptr`'s, and it is unlinked now.
        Some(unsafe { T::from_ptr(node) })
    }

    /// Takes all elements, in their order: this stack is empty afterwards. O(1).
    #[inline]
    #[must_use = "dropping a stack drops its handles"]
    pub fn take_all(&mut self) -> Self {
        mem::take(self)
    }

    /// Whether there is no element. O(1).
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.top.is_none()
    }

    /// The node on top.
    #[inline]
    pub(crate) fn top_ptr(&self) -> Option<NonNull<T>> {
        self.top
    }

    /// Puts `node` in below `above`, or on top.
    ///
    /// # Safety
    ///
    /// `above` is in this stack. `node` is live, in no collection, and the stack's from now on; the
    /// pointer is `into_ptr`'s.
    #[inline]
    #[track_caller]
    pub(crate) unsafe fn link_below(&mut self, above: Option<NonNull<T>>, node: NonNull<T>) {
        // SAFETY: the node is live, says the caller.
        let node_links = unsafe { links(node) };
        node_links.set_linked();
        let Some(above) = above else {
            // SAFETY: the node is the caller's alone.
            unsafe { node_links.set_next(self.top) };
            self.top = Some(node);
            return;
        };
        // SAFETY: the node is in the stack, so it is live.
        let above_links = unsafe { links(above) };
        // SAFETY: the stack is exclusively borrowed.
        let below = unsafe { above_links.next() };
        // SAFETY: the node is the caller's alone.
        unsafe { node_links.set_next(below) };
        // SAFETY: the stack is exclusively borrowed, and the chain is whole again.
        unsafe { above_links.set_next(Some(node)) };
    }

    /// Makes a stack of nodes that no other has.
    ///
    /// # Safety
    ///
    /// From `top` the nodes are chained as a stack's are, and no other collection owns them.
    #[inline]
    unsafe fn from_raw(top: Option<NonNull<T>>) -> Self {
        Self {
            top,
            _name: PhantomData,
        }
    }
}

/// The node below another.
///
/// # Safety
///
/// The node is in a stack of which the caller has at least a shared borrow.
#[inline]
pub(crate) unsafe fn below<T, N>(node: NonNull<T>) -> Option<NonNull<T>>
where
    T: Linked<Links<T, N>> + ?Sized,
    N: ?Sized,
{
    // SAFETY: a node in a stack is live.
    let links = unsafe { links(node) };
    // SAFETY: to write them takes an exclusive borrow of the stack.
    unsafe { links.next() }
}

/// The links of a node.
///
/// # Safety
///
/// The node is live for as long as the reference is used.
#[inline]
unsafe fn links<'a, T, N>(node: NonNull<T>) -> &'a Links<T, N>
where
    T: Linked<Links<T, N>> + ?Sized,
    N: ?Sized,
{
    // SAFETY: the node is live, says the caller.
    let links = unsafe { T::links(node) };
    // SAFETY: the links of a live node are valid for reads, and nobody makes a `&mut` to them
    // (point 3 of `Linked`'s contract).
    unsafe { links.as_ref() }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Default for Stack<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Iterator for Stack<T, N> {
    type Item = T::Handle;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.pop()
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> FusedIterator for Stack<T, N> {}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Drop for Stack<T, N> {
    /// Drops the handles, from the top down; if one panics, the others all the same.
    #[inline]
    fn drop(&mut self) {
        struct Rest<'a, T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(&'a mut Stack<T, N>);

        impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> Drop for Rest<'_, T, N> {
            #[inline]
            fn drop(&mut self) {
                while self.0.pop().is_some() {}
            }
        }

        let rest = Rest(self);
        while let Some(handle) = rest.0.pop() {
            drop(handle);
        }
    }
}

impl<T: Linked<Links<T, N>> + ?Sized, N: ?Sized> fmt::Debug for Stack<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").field("top", &self.top).finish()
    }
}

// SAFETY: a stack owns its nodes, through their handles. Nodes of a `Send` type may be used and
// given back as handles on another thread, by point 5 of `Linked`'s contract.
unsafe impl<T: Linked<Links<T, N>> + Send + ?Sized, N: ?Sized> Send for Stack<T, N> {}

// SAFETY: a shared stack gives access to no node; a sorted list, which is made of one, lends out
// `&T`.
unsafe impl<T: Linked<Links<T, N>> + Sync + ?Sized, N: ?Sized> Sync for Stack<T, N> {}
