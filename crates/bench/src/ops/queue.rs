//! Intrusive multi-producer queues.

use std::{hint::black_box, ptr::NonNull};

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[Op {
    name: "mpsc_enqueue_dequeue",
    what: "On an empty queue, without contention: enqueue one node and dequeue it; by `consume`, with the right to dequeue held throughout.",
    contenders: &[
        Contender::new("pintle", pintle::dequeue),
        Contender::new("pintle consume", pintle::consume),
        Contender::new("cordyceps", cordyceps::dequeue),
        Contender::new("cordyceps consume", cordyceps::consume),
    ],
}];

/// The same program for both crates, which have the same interface.
macro_rules! contender {
    ($name:ident: $krate:ident) => {
        mod $name {
            use super::*;
            use ::$krate::{Linked, MpscQueue, mpsc_queue::Links};

            struct Node {
                links: Links<Node>,
                value: usize,
            }

            // SAFETY: a handle is a pointer to a node that its owner does not move or free while it
            // is linked, and whose links are used by one queue only.
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

            fn node(links: Links<Node>) -> NonNull<Node> {
                NonNull::from(Box::leak(Box::new(Node { links, value: 1 })))
            }

            fn value(node: NonNull<Node>) -> usize {
                // SAFETY: `node` was made by the function above, and is not linked.
                unsafe { &*node.as_ptr() }.value
            }

            fn free(node: NonNull<Node>) {
                // SAFETY: `node` was made by the function above, and no queue knows it any more.
                drop(unsafe { Box::from_raw(node.as_ptr()) });
            }

            pub(super) fn dequeue(n: usize) {
                let stub = node(Links::new_stub());
                let queue = MpscQueue::<Node>::new_with_stub(stub);
                let mut next = node(Links::new());
                for _ in 0..n {
                    queue.enqueue(next);
                    next = queue.dequeue().expect("the queue has a node");
                    black_box(value(next));
                }
                drop(queue);
                free(next);
                free(stub);
            }

            pub(super) fn consume(n: usize) {
                let stub = node(Links::new_stub());
                let queue = MpscQueue::<Node>::new_with_stub(stub);
                let consumer = queue.consume();
                let mut next = node(Links::new());
                for _ in 0..n {
                    queue.enqueue(next);
                    next = consumer.dequeue().expect("the queue has a node");
                    black_box(value(next));
                }
                drop(consumer);
                drop(queue);
                free(next);
                free(stub);
            }

            // SAFETY: a node is read by the thread that dequeued it.
            unsafe impl Send for Node {}
        }
    };
}

contender!(pintle: pintle_intrusive);
contender!(cordyceps: cordyceps);
