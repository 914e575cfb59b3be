use core::{
    fmt,
    marker::{PhantomData, PhantomPinned},
    ptr::NonNull,
};

use pintle_core::{cell::UnsafeCell, const_fn};

use super::flag::Flag;
use crate::linked::Name;

/// The one word by which a node is in a [`Stack`](super::Stack), a
/// [`TransferStack`](super::TransferStack) or a [`SortedList`](crate::SortedList).
///
/// Embed one in the node type and point to it in [`Linked::links`](crate::Linked::links). `N` is a
/// name, any type, that tells the links of one node from each other: by the links `N` it is in a
/// `Stack<T, N>`.
///
/// # Invariants
///
/// Of a node in a collection, `next` is the node below it, or `None` for the lowest. It is written
/// and read only by who owns the node (the pusher before it is in, the taker after) or who has the
/// collection that does. Outside a collection it means nothing.
///
/// # Debug builds
///
/// They remember whether the node is linked, in a further word: linking it once more panics, and
/// dropping it ends the process. Release builds do neither. They need not, as a [`List`] must: these
/// collections lend no `&mut` to their nodes, by which safe code could overwrite one. What is found
/// here is a broken promise of who implements [`Linked`](crate::Linked).
///
/// [`List`]: crate::List
pub struct Links<T: ?Sized, N: ?Sized = ()> {
    next: UnsafeCell<Option<NonNull<T>>>,
    flag: Flag,
    _name: Name<N>,
    /// The collection and the node above point to it, so it must not move.
    _pin: PhantomPinned,
}

// === impl Links ===

impl<T: ?Sized, N: ?Sized> Links<T, N> {
    const_fn! {
        /// The links of a node that is in no collection yet.
        #[inline]
        #[must_use]
        pub const fn new() -> Self {
            Self {
                next: UnsafeCell::new(None),
                flag: Flag::new(),
                _name: PhantomData,
                _pin: PhantomPinned,
            }
        }
    }

    /// Notes that the node is being linked, before anything is changed.
    ///
    /// # Panics
    ///
    /// In a debug build, if it is linked.
    #[inline]
    #[track_caller]
    pub(super) fn set_linked(&self) {
        self.flag.set();
    }

    /// Notes that the node is linked no more.
    #[inline]
    pub(super) fn set_unlinked(&self) {
        self.flag.clear();
    }

    /// The node below.
    ///
    /// # Safety
    ///
    /// Nobody writes these links during the call.
    #[inline]
    pub(super) unsafe fn next(&self) -> Option<NonNull<T>> {
        // SAFETY: nobody writes, says the caller.
        self.next.with(|next| unsafe { *next })
    }

    /// Changes the node below.
    ///
    /// # Safety
    ///
    /// Nobody else reads or writes these links during the call, and the caller restores the
    /// invariant before anybody does.
    #[inline]
    pub(super) unsafe fn set_next(&self, below: Option<NonNull<T>>) {
        // SAFETY: the access is exclusive, says the caller.
        self.next.with_mut(|next| unsafe { *next = below });
    }
}

impl<T: ?Sized, N: ?Sized> Default for Links<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Does not print the node below: who prints a node need not hold its collection, and must not read
/// its links then.
impl<T: ?Sized, N: ?Sized> fmt::Debug for Links<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").finish_non_exhaustive()
    }
}

// SAFETY: the pointer is to a node of type `T`, and moving links does not move it; who gets at a
// node through them (a collection) bounds itself by `T: Send`.
unsafe impl<T: ?Sized + Send, N: ?Sized> Send for Links<T, N> {}

// SAFETY: a shared reference to links allows nothing outside this crate, and within it asks for
// exclusion of its own.
unsafe impl<T: ?Sized + Sync, N: ?Sized> Sync for Links<T, N> {}
