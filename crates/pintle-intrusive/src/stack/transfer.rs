use core::{
    fmt,
    marker::PhantomData,
    ptr::{self, NonNull},
};

use pintle_core::{
    atomic::{
        AtomicPtr,
        Ordering::{AcqRel, Relaxed},
    },
    const_fn,
};

use super::{Links, Stack, links};
use crate::{Linked, linked::Name};

/// A lock-free stack on which many push, and from which all is taken at once: one word.
///
/// See the [module](super) for the algorithm, costs, memory order and where it may be called.
///
/// # Invariants
///
/// From `top` the nodes are chained as in a [`Stack`], which owns them. Links of a node that is in
/// are written by nobody; who pushes writes those of its own node before it is in.
///
/// # Examples
///
/// ```
/// # extern crate alloc;
/// # use alloc::boxed::Box;
/// # use core::{pin::Pin, ptr::NonNull};
/// use pintle_intrusive::{Linked, TransferStack, stack::Links};
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
///
/// struct Event { links: Links<Event>, code: u32 }
/// # // SAFETY: the box owns and pins its node; `links` goes by raw pointers.
/// # unsafe impl Linked<Links<Event>> for Event {
/// #     type Handle = Pin<Box<Event>>;
/// #     fn into_ptr(h: Self::Handle) -> NonNull<Self> {
/// #         NonNull::from(Box::leak(unsafe { Pin::into_inner_unchecked(h) }))
/// #     }
/// #     unsafe fn from_ptr(p: NonNull<Self>) -> Self::Handle {
/// #         Box::into_pin(unsafe { Box::from_raw(p.as_ptr()) })
/// #     }
/// #     unsafe fn links(p: NonNull<Self>) -> NonNull<Links<Self>> {
/// #         unsafe { NonNull::new_unchecked(&raw mut (*p.as_ptr()).links) }
/// #     }
/// # }
///
/// static WAKE_UPS: AtomicU32 = AtomicU32::new(0);
/// static EVENTS: TransferStack<Event> = TransferStack::new();
///
/// std::thread::scope(|s| {
///     for code in 0..3 {
///         s.spawn(move || {
///             if EVENTS.push_was_empty(Box::pin(Event { links: Links::new(), code })) {
///                 WAKE_UPS.fetch_add(1, Relaxed); // here, wake who takes
///             }
///         });
///     }
/// });
/// assert_eq!(WAKE_UPS.load(Relaxed), 1);
///
/// let mut codes: Vec<u32> = EVENTS.take_all().map(|event| event.code).collect();
/// codes.sort();
/// assert_eq!(codes, [0, 1, 2]);
/// assert!(EVENTS.is_empty());
/// ```
pub struct TransferStack<T: Linked<Links<T, N>>, N: ?Sized = ()> {
    top: AtomicPtr<T>,
    _name: Name<N>,
}

// === impl TransferStack ===

impl<T: Linked<Links<T, N>>, N: ?Sized> TransferStack<T, N> {
    const_fn! {
        /// An empty stack.
        #[inline]
        #[must_use]
        pub const fn new() -> Self {
            Self {
                top: AtomicPtr::new(ptr::null_mut()),
                _name: PhantomData,
            }
        }
    }

    /// Puts `element` on top.
    ///
    /// Lock-free: it tries again only if another push or take came in between. May be called
    /// anywhere, in an interrupt handler too.
    ///
    /// All that the caller wrote before is seen by who takes the element.
    ///
    /// # Panics
    ///
    /// In a debug build, if the node is linked already: then nothing is changed.
    #[inline]
    #[track_caller]
    pub fn push(&self, element: T::Handle) {
        self.push_was_empty(element);
    }

    /// Puts `element` on top, and says whether the stack was empty before.
    ///
    /// Of the pushes between one take and the next, the first says `true` and no other: its caller
    /// wakes who takes, the others need not. It sees all that the last taker wrote before it took.
    ///
    /// Lock-free, and may be called anywhere: see [`push`](Self::push).
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push).
    #[inline]
    #[track_caller]
    pub fn push_was_empty(&self, element: T::Handle) -> bool {
        let node = T::into_ptr(element);
        // SAFETY: the node was handed over, so it is live.
        let links = unsafe { links(node) };
        links.set_linked();
        let mut top = self.top.load(Relaxed);
        loop {
            // SAFETY: the node was handed over, so its links are this caller's until it is in.
            unsafe { links.set_next(NonNull::new(top)) };
            // Release: pairs with the Acquire of `take_all`'s swap, by which the taker sees this
            // node's links and contents. (Pushes onto this one keep up the release, as they are
            // read-modify-writes.) Acquire: pairs with the Release of that swap, so that who pushes
            // after a take sees what the taker did before. Relaxed where it fails: the value is
            // compared only, and what it points to not looked at.
            match self
                .top
                .compare_exchange_weak(top, node.as_ptr(), AcqRel, Relaxed)
            {
                Ok(_) => return top.is_null(),
                Err(actual) => top = actual,
            }
        }
    }

    /// Takes all elements, the one that was pushed last on top: this stack is empty afterwards.
    ///
    /// Wait-free: one swap, however many there are. Any number of threads may take, and each element
    /// goes to one. May be called anywhere, in an interrupt handler too.
    ///
    /// It writes also if there is nothing to take, and then too is ordered with the pushes: the
    /// [module](super#memory-order) says what for. Where that is not needed, ask
    /// [`is_empty`](Self::is_empty) first.
    #[inline]
    #[must_use = "dropping a stack drops its handles"]
    pub fn take_all(&self) -> Stack<T, N> {
        // Acquire: pairs with the Release of each push that has come in since the last take.
        // Release: pairs with the Acquire of each push that comes after this.
        let top = self.top.swap(ptr::null_mut(), AcqRel);
        // SAFETY: from `top` the nodes are chained, and nobody finds them here any more.
        unsafe { Stack::from_raw(NonNull::new(top)) }
    }

    /// Whether the stack is empty: a hint, by one load.
    ///
    /// It writes nothing, so an idle loop may ask again and again without taking the line from those
    /// who push. `true` is not said while there is an element whose push returned before this call
    /// (on this thread, or on another that this one has synchronised with). It orders nothing: who
    /// goes to sleep on `true` needs either a wake-up by who is told so in
    /// [`push_was_empty`](Self::push_was_empty), or to [`take_all`](Self::take_all) once more after
    /// having announced the sleep.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // Relaxed: this word alone tells, and a load never goes back behind a store to it that
        // happened before.
        self.top.load(Relaxed).is_null()
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> Default for TransferStack<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> Drop for TransferStack<T, N> {
    /// Drops the handles, from the top down; if one panics, the others all the same.
    fn drop(&mut self) {
        drop(self.take_all());
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> fmt::Debug for TransferStack<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferStack")
            .field("top", &self.top.load(Relaxed))
            .finish()
    }
}

// SAFETY: a stack is its nodes, which it owns through their handles, and an atomic. Moving it moves
// handles and nodes to another thread.
unsafe impl<T: Linked<Links<T, N>> + Send, N: ?Sized> Send for TransferStack<T, N> where
    T::Handle: Send
{
}

// SAFETY: by a shared stack a handle goes from the thread that pushes to the one that takes, and its
// node with it. Nobody gets a reference to a node that is in, so `T: Sync` is not needed.
unsafe impl<T: Linked<Links<T, N>> + Send, N: ?Sized> Sync for TransferStack<T, N> where
    T::Handle: Send
{
}
