//! Intrusive multi-producer queues, stacks and sorted lists.

use std::{hint::black_box, ptr::NonNull};

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "mpsc_enqueue_dequeue",
        what: "On an empty queue, without contention: enqueue one node and dequeue it; by `consume`, with the right to dequeue held throughout. The peers below cordyceps hold a pointer to the node, and allow many consumers.",
        contenders: &[
            Contender::new("pintle", pintle::dequeue),
            Contender::new("pintle consume", pintle::consume),
            Contender::new("cordyceps", cordyceps::dequeue),
            Contender::new("cordyceps consume", cordyceps::consume),
            Contender::new("crossbeam-queue SegQueue", crossbeam_queue::seg),
            Contender::new("crossbeam-queue ArrayQueue", crossbeam_queue::array),
            Contender::new("concurrent-queue unbounded", concurrent_queue::unbounded),
        ],
    },
    Op {
        name: "transfer_stack_push_take",
        what: "On an empty transfer stack, without contention: push one node, take all, pop the node from what was taken.",
        contenders: &[
            Contender::new("pintle", pintle::push_take),
            Contender::new("cordyceps", cordyceps::push_take),
        ],
    },
    Op {
        name: "stack_push_pop",
        what: "On a stack of 64 nodes that are pushed and then popped: one push and one pop.",
        contenders: &[
            Contender::new("pintle", pintle::push_pop),
            Contender::new("cordyceps", cordyceps::push_pop),
        ],
    },
    Op {
        name: "sorted_list_insert_pop",
        what: "On a sorted list of 16 nodes that are inserted in an order that jumps about and then popped: one insertion and one pop.",
        contenders: &[
            Contender::new("pintle", pintle::insert_pop),
            Contender::new("cordyceps", cordyceps::insert_pop),
        ],
    },
];

const STACKED: usize = 64;
const SORTED: usize = 16;

/// The same program for both crates, which have the same interface.
macro_rules! contender {
    ($name:ident: $krate:ident) => {
        mod $name {
            use super::*;
            use ::$krate::{
                Linked, MpscQueue, SortedList, Stack, TransferStack, mpsc_queue::Links, stack,
            };

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

            struct Frame {
                links: stack::Links<Frame>,
                value: usize,
            }

            // SAFETY: as for `Node`; the links are used by one stack or list at a time.
            unsafe impl Linked<stack::Links<Frame>> for Frame {
                type Handle = NonNull<Frame>;

                fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
                    handle
                }

                unsafe fn from_ptr(frame: NonNull<Self>) -> Self::Handle {
                    frame
                }

                unsafe fn links(frame: NonNull<Self>) -> NonNull<stack::Links<Self>> {
                    // SAFETY: the caller gives a valid node.
                    let links = unsafe { &raw mut (*frame.as_ptr()).links };
                    // SAFETY: a part of a valid node is not null.
                    unsafe { NonNull::new_unchecked(links) }
                }
            }

            fn frames(values: impl Iterator<Item = usize>) -> Vec<NonNull<Frame>> {
                values
                    .map(|value| {
                        let links = stack::Links::new();
                        NonNull::from(Box::leak(Box::new(Frame { links, value })))
                    })
                    .collect()
            }

            fn frame_value(frame: NonNull<Frame>) -> usize {
                // SAFETY: `frame` was made by the function above, and is not linked.
                unsafe { &*frame.as_ptr() }.value
            }

            fn free_frames(frames: Vec<NonNull<Frame>>) {
                for frame in frames {
                    // SAFETY: as above, and it is in no stack any more.
                    drop(unsafe { Box::from_raw(frame.as_ptr()) });
                }
            }

            pub(super) fn push_take(n: usize) {
                let frames = frames(0..1);
                let stack = TransferStack::<Frame>::new();
                let mut next = frames[0];
                for _ in 0..n {
                    stack.push(next);
                    next = stack.take_all().pop().expect("the stack has a node");
                    black_box(frame_value(next));
                }
                drop(stack);
                free_frames(frames);
            }

            pub(super) fn push_pop(n: usize) {
                let frames = frames(0..STACKED);
                let mut stack = Stack::<Frame>::new();
                for _ in 0..n.div_ceil(STACKED) {
                    for &frame in &frames {
                        stack.push(frame);
                    }
                    while let Some(frame) = stack.pop() {
                        black_box(frame_value(frame));
                    }
                }
                drop(stack);
                free_frames(frames);
            }

            pub(super) fn insert_pop(n: usize) {
                // 5 and 16 have no common divisor.
                let frames = frames((0..SORTED).map(|i| i * 5 % SORTED));
                let mut list = SortedList::<Frame>::new_with_cmp(|a, b| a.value.cmp(&b.value));
                for _ in 0..n.div_ceil(SORTED) {
                    for &frame in &frames {
                        list.insert(frame);
                    }
                    while let Some(frame) = list.pop_front() {
                        black_box(frame_value(frame));
                    }
                }
                drop(list);
                free_frames(frames);
            }
        }
    };
}

contender!(pintle: pintle_intrusive);
contender!(cordyceps: cordyceps);

/// A node that is not intrusive: the queues hold pointers to it.
struct Node {
    value: usize,
}

/// Pushes and pops a pointer to one node.
fn by_pointer(n: usize, push: impl Fn(NonNull<Node>), pop: impl Fn() -> Option<NonNull<Node>>) {
    let mut node = Node { value: 1 };
    let mut next = NonNull::from(&mut node);
    for _ in 0..n {
        push(next);
        next = pop().expect("the queue has a node");
        // SAFETY: it is the node above.
        black_box(unsafe { next.as_ref() }.value);
    }
}

mod crossbeam_queue {
    use super::*;
    use ::crossbeam_queue::{ArrayQueue, SegQueue};

    pub(super) fn seg(n: usize) {
        let queue = SegQueue::new();
        by_pointer(n, |node| queue.push(node), || queue.pop());
    }

    pub(super) fn array(n: usize) {
        let queue = ArrayQueue::new(64);
        by_pointer(
            n,
            |node| queue.push(node).expect("there is room"),
            || queue.pop(),
        );
    }
}

mod concurrent_queue {
    use super::*;
    use ::concurrent_queue::ConcurrentQueue;

    pub(super) fn unbounded(n: usize) {
        let queue = ConcurrentQueue::unbounded();
        by_pointer(
            n,
            |node| assert!(queue.push(node).is_ok(), "nobody closes it"),
            || queue.pop().ok(),
        );
    }
}
