//! What `Ring` and `List` do to their nodes: surgery on circles of [`Links`].
//!
//! The only code of the crate that writes list links. It works on raw pointers and reaches a node
//! by [`Linked::links`] alone, so there is never a reference to more of a node than its links.
//!
//! A *circle* is a set of live nodes, each linked, with `n.next.prev == n` for each. The pointers
//! in it are those that [`Linked::into_ptr`] returned: a node's handle can be made of what its
//! neighbour holds.
//!
//! # Safety
//!
//! Common to all functions here: each node passed is live, by `Linked`'s contract stays so, and
//! the caller has the access to all nodes of its circle that the function's name asks for:
//! exclusive to change them, shared to read.

use core::ptr::{self, NonNull};

use crate::{Linked, list::Links};

/// How far [`may_share`] goes from each node. A wheel's or wait queue's tests remove millions of
/// times from rings of thousands.
const STEPS: usize = 64;

/// # Safety
///
/// The node is live for as long as the reference is used.
#[inline]
unsafe fn links<'a, T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(
    node: NonNull<T>,
) -> &'a Links<T, N> {
    // SAFETY: the node is live, says the caller.
    let links = unsafe { T::links(node) };
    // SAFETY: the links of a live node are valid for reads, and nobody makes a `&mut` to them
    // (point 3 of `Linked`'s contract).
    unsafe { links.as_ref() }
}

/// Whether two pointers are to one node, whatever else a wide pointer carries.
#[inline]
pub(crate) fn same<T: ?Sized>(a: NonNull<T>, b: NonNull<T>) -> bool {
    ptr::addr_eq(a.as_ptr(), b.as_ptr())
}

/// Whether the node is in a circle.
///
/// # Safety
///
/// See the [module](self).
#[inline]
pub(crate) unsafe fn is_linked<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(
    node: NonNull<T>,
) -> bool {
    // SAFETY: the node is live, says the caller.
    unsafe { links(node) }.is_linked()
}

/// The successor of a linked node.
///
/// # Safety
///
/// See the [module](self); the node is linked.
#[inline]
pub(crate) unsafe fn next<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(
    node: NonNull<T>,
) -> NonNull<T> {
    // SAFETY: the node is live, says the caller.
    let links = unsafe { links(node) };
    // SAFETY: it is linked and nobody writes, says the caller.
    unsafe { links.next() }
}

/// The predecessor of a linked node.
///
/// # Safety
///
/// See the [module](self); the node is linked.
#[inline]
pub(crate) unsafe fn prev<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(
    node: NonNull<T>,
) -> NonNull<T> {
    // SAFETY: the node is live, says the caller.
    let links = unsafe { links(node) };
    // SAFETY: it is linked and nobody writes, says the caller.
    unsafe { links.prev() }
}

/// Whether two linked nodes may be in one circle, for debug builds.
///
/// `false` is sure: the whole circle of one of them was seen, without the other. It is said of every
/// two that are not in one circle if either circle has up to [`STEPS`] nodes.
///
/// # Safety
///
/// See the [module](self); both nodes are linked.
pub(crate) unsafe fn may_share<T, N>(a: NonNull<T>, b: NonNull<T>) -> bool
where
    T: Linked<Links<T, N>> + ?Sized,
    N: ?Sized,
{
    let (mut from_a, mut from_b) = (a, b);
    for _ in 0..STEPS {
        if same(from_a, b) || same(from_b, a) {
            return true;
        }
        // SAFETY: the node is in the circle of `a`.
        from_a = unsafe { next(from_a) };
        // SAFETY: the node is in the circle of `b`.
        from_b = unsafe { next(from_b) };
        if same(from_a, a) || same(from_b, b) {
            return false;
        }
    }
    true
}

/// Makes `second` follow `first`, in both their links.
///
/// # Safety
///
/// See the [module](self). The caller restores what a circle is.
#[inline]
unsafe fn join<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(first: NonNull<T>, second: NonNull<T>) {
    // SAFETY: the node is live, says the caller.
    let first_links = unsafe { links(first) };
    // SAFETY: the access is exclusive, says the caller.
    unsafe { first_links.set_next(Some(second)) };
    // SAFETY: the node is live, says the caller.
    let second_links = unsafe { links(second) };
    // SAFETY: the access is exclusive, says the caller.
    unsafe { second_links.set_prev(Some(first)) };
}

/// Makes a circle of one node.
///
/// # Safety
///
/// See the [module](self); the node is not linked, and the pointer is `into_ptr`'s.
#[inline]
pub(crate) unsafe fn begin<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(node: NonNull<T>) {
    // SAFETY: the node is live, says the caller.
    let links = unsafe { links(node) };
    // Not by `join`, in whose order a compiler makes one path of this and the end of
    // `insert_after`, with a jump in the middle of every push.
    // SAFETY: the access is exclusive, and a node that is its own neighbour is a circle.
    unsafe { links.set_prev(Some(node)) };
    // SAFETY: as above.
    unsafe { links.set_next(Some(node)) };
}

/// Puts `node` into the circle of `at`, as its successor.
///
/// # Safety
///
/// See the [module](self); `at` is linked, `node` is not, and the pointer is `into_ptr`'s.
#[inline]
pub(crate) unsafe fn insert_after<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(
    at: NonNull<T>,
    node: NonNull<T>,
) {
    // SAFETY: `at` is linked, says the caller.
    let after = unsafe { next(at) };
    // SAFETY: both are live and the caller's alone.
    unsafe { join(at, node) };
    // SAFETY: both are live and the caller's alone, and now each successor's predecessor is right.
    unsafe { join(node, after) };
}

/// Takes the successor of `before` out of the circle and returns it, by the pointer with which it
/// came in. The circle is gone if that is `before` itself.
///
/// # Safety
///
/// See the [module](self); the node is linked.
#[inline]
pub(crate) unsafe fn unlink_after<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(
    before: NonNull<T>,
) -> NonNull<T> {
    // SAFETY: the node is linked, says the caller.
    let node = unsafe { next(before) };
    // SAFETY: the successor is linked too.
    let after = unsafe { next(node) };
    // SAFETY: one node stands between the two, and the circle is the caller's.
    unsafe { unlink_between(before, after) }
}

/// Takes the one node that stands between these two out of their circle and returns it, by the
/// pointer with which it came in. The circle is gone if the two are that node itself.
///
/// # Safety
///
/// See the [module](self); the nodes are linked, and the successor of `before` has `after` as its
/// own.
#[inline]
pub(crate) unsafe fn unlink_between<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(
    before: NonNull<T>,
    after: NonNull<T>,
) -> NonNull<T> {
    // SAFETY: the node is linked, says the caller.
    let node = unsafe { next(before) };
    // SAFETY: nodes of a circle are live, and the caller's alone.
    unsafe { join(before, after) };
    // SAFETY: nobody's neighbour any more.
    unsafe { clear(node) };
    node
}

/// Makes a node one that is in no collection.
///
/// # Safety
///
/// See the [module](self); no other node has it as a neighbour.
#[inline]
pub(crate) unsafe fn clear<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(node: NonNull<T>) {
    // SAFETY: the node is live, says the caller.
    let links = unsafe { links(node) };
    // SAFETY: the access is exclusive, and the node may lose its neighbours, says the caller.
    unsafe { links.set_next(None) };
    // SAFETY: as above.
    unsafe { links.set_prev(None) };
}

/// Exchanges the successors of two linked nodes.
///
/// Of two circles it makes one, of one circle two:
///
/// ```text
///    ┌─► f ··· a ──┐  ┌─► g ··· b ──┐            ┌─► f ··· a ──► g ··· b ──┐
///    └─────────────┘  └─────────────┘   ◄────►   └─────────────────────────┘
/// ```
///
/// # Safety
///
/// See the [module](self); both nodes are linked.
#[inline]
pub(crate) unsafe fn swap_successors<T: Linked<Links<T, N>> + ?Sized, N: ?Sized>(
    a: NonNull<T>,
    b: NonNull<T>,
) {
    // SAFETY: the node is linked, says the caller.
    let after_a = unsafe { next(a) };
    // SAFETY: the node is linked, says the caller.
    let after_b = unsafe { next(b) };
    // SAFETY: all four are live and the caller's alone.
    unsafe { join(a, after_b) };
    // SAFETY: as above, and now each successor's predecessor is right.
    unsafe { join(b, after_a) };
}
