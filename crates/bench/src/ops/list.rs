//! Intrusive lists of 64 nodes.

use std::{hint::black_box, ptr::NonNull};

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "list_push_pop",
        what: "On a list of 64 nodes that are pushed to the back and then popped from the front: one push and one pop.",
        contenders: &[
            Contender::new("pintle", pintle::push_pop),
            Contender::new("pintle Ring", ring::push_pop),
            Contender::new("cordyceps", cordyceps::push_pop),
            Contender::new("intrusive-collections", intrusive_collections::push_pop),
        ],
    },
    Op {
        name: "list_remove",
        what: "On a list of 64 nodes that are pushed to the back and then removed by pointer, in the same order: one push and one removal.",
        contenders: &[
            Contender::new("pintle", pintle::remove),
            Contender::new("pintle Ring", ring::remove),
            Contender::new("cordyceps", cordyceps::remove),
            Contender::new("intrusive-collections", intrusive_collections::remove),
        ],
    },
    Op {
        name: "list_remove_shuffled",
        what: "As list_remove, but from all over the list: one push and one removal.",
        contenders: &[
            Contender::new("pintle", pintle::remove_shuffled),
            Contender::new("pintle Ring", ring::remove_shuffled),
            Contender::new("cordyceps", cordyceps::remove_shuffled),
            Contender::new(
                "intrusive-collections",
                intrusive_collections::remove_shuffled,
            ),
        ],
    },
];

const NODES: usize = 64;

/// Pointers to each of `nodes`, which stay where they are and are reached by these only.
fn pointers<T>(nodes: &mut [T]) -> Vec<NonNull<T>> {
    let first = NonNull::new(nodes.as_mut_ptr()).expect("a slice is not null");
    (0..nodes.len())
        // SAFETY: `i` is within the slice.
        .map(|i| unsafe { first.add(i) })
        .collect()
}

/// The same pointers in an order that jumps about: 29 and 64 have no common divisor.
fn shuffled<T>(pointers: &[NonNull<T>]) -> Vec<NonNull<T>> {
    (0..pointers.len())
        .map(|i| pointers[i * 29 % pointers.len()])
        .collect()
}

/// The same program for all whose interface is the same.
macro_rules! contender {
    ($name:ident: $krate:ident::$list:ident) => {
        mod $name {
            use super::*;
            use ::$krate::{Linked, list::Links, $list as List};

            struct Node {
                links: Links<Node>,
                value: usize,
            }

            // SAFETY: a handle is a pointer to a node that its owner does not move or free while it
            // is linked, and whose links are used by one list only.
            unsafe impl Linked<Links<Node>> for Node {
                type Handle = NonNull<Node>;

                fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
                    handle
                }

                unsafe fn from_ptr(node: NonNull<Self>) -> Self::Handle {
                    node
                }

                unsafe fn links(node: NonNull<Self>) -> NonNull<Links<Self>> {
                    // SAFETY: the caller gives a valid node.
                    let links = unsafe { &raw mut (*node.as_ptr()).links };
                    // SAFETY: a part of a valid node is not null.
                    unsafe { NonNull::new_unchecked(links) }
                }
            }

            fn nodes() -> Vec<Node> {
                (0..NODES)
                    .map(|value| Node {
                        links: Links::new(),
                        value,
                    })
                    .collect()
            }

            pub(super) fn push_pop(n: usize) {
                let mut nodes = nodes();
                let pointers = pointers(&mut nodes);
                let mut list = List::<Node>::new();
                for _ in 0..n.div_ceil(NODES) {
                    for &node in &pointers {
                        list.push_back(node);
                    }
                    while let Some(node) = list.pop_front() {
                        // SAFETY: it is one of `nodes`, and no longer linked.
                        black_box(unsafe { &*node.as_ptr() }.value);
                    }
                }
            }

            pub(super) fn remove(n: usize) {
                remove_by(n, <[_]>::to_vec);
            }

            pub(super) fn remove_shuffled(n: usize) {
                remove_by(n, shuffled);
            }

            #[inline]
            fn remove_by(n: usize, order: impl Fn(&[NonNull<Node>]) -> Vec<NonNull<Node>>) {
                let mut nodes = nodes();
                let pointers = pointers(&mut nodes);
                let order = order(&pointers);
                let mut list = List::<Node>::new();
                for _ in 0..n.div_ceil(NODES) {
                    for &node in &pointers {
                        list.push_back(node);
                    }
                    for &node in &order {
                        // SAFETY: it was pushed to this list above and is removed once.
                        let node = unsafe { list.remove(node) }.expect("the node is in the list");
                        // SAFETY: it is one of `nodes`, and no longer linked.
                        black_box(unsafe { &*node.as_ptr() }.value);
                    }
                }
            }
        }
    };
}

contender!(pintle: pintle_intrusive::List);
contender!(ring: pintle_intrusive::Ring);
contender!(cordyceps: cordyceps::List);

mod intrusive_collections {
    use super::*;
    use ::intrusive_collections::{LinkedList, LinkedListLink, UnsafeRef, intrusive_adapter};

    #[derive(Default)]
    struct Node {
        link: LinkedListLink,
        value: usize,
    }

    #[allow(clippy::undocumented_unsafe_blocks, missing_debug_implementations)]
    mod adapter {
        use super::*;
        intrusive_adapter!(pub(super) Adapter = UnsafeRef<Node>: Node { link => LinkedListLink });
    }
    use adapter::Adapter;

    fn nodes() -> Vec<Node> {
        (0..NODES)
            .map(|value| Node {
                value,
                ..Node::default()
            })
            .collect()
    }

    fn push_all(list: &mut LinkedList<Adapter>, pointers: &[NonNull<Node>]) {
        for &node in pointers {
            // SAFETY: it points to one of the nodes, which outlive the list and are not linked.
            list.push_back(unsafe { UnsafeRef::from_raw(node.as_ptr()) });
        }
    }

    pub(super) fn push_pop(n: usize) {
        let mut nodes = nodes();
        let pointers = pointers(&mut nodes);
        let mut list = LinkedList::new(Adapter::new());
        for _ in 0..n.div_ceil(NODES) {
            push_all(&mut list, &pointers);
            while let Some(node) = list.pop_front() {
                black_box(node.value);
            }
        }
    }

    pub(super) fn remove(n: usize) {
        remove_by(n, <[_]>::to_vec);
    }

    pub(super) fn remove_shuffled(n: usize) {
        remove_by(n, shuffled);
    }

    #[inline]
    fn remove_by(n: usize, order: impl Fn(&[NonNull<Node>]) -> Vec<NonNull<Node>>) {
        let mut nodes = nodes();
        let pointers = pointers(&mut nodes);
        let order = order(&pointers);
        let mut list = LinkedList::new(Adapter::new());
        for _ in 0..n.div_ceil(NODES) {
            push_all(&mut list, &pointers);
            for &node in &order {
                // SAFETY: it was pushed to this list above and is removed once.
                let mut cursor = unsafe { list.cursor_mut_from_ptr(node.as_ptr()) };
                black_box(cursor.remove().expect("the node is in the list").value);
            }
        }
    }
}
