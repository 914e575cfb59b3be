use alloc::boxed::Box;
use core::pin::Pin;

use pintle_intrusive::{linked, mpsc_queue::Links};

/// A value in the queue.
pub(super) struct Node<T> {
    links: Links<Node<T>>,
    /// `None` in the queue's stub, and in a node that is about to be freed. It is not pinned.
    value: Option<T>,
}

// === impl Node ===

impl<T> Node<T> {
    pub(super) fn new(value: T) -> Self {
        Self {
            links: Links::new(),
            value: Some(value),
        }
    }

    /// The node that stays in the queue.
    pub(super) fn stub() -> Self {
        Self {
            links: Links::new(),
            value: None,
        }
    }

    /// What has been put in.
    pub(super) fn into_value(mut node: Pin<Box<Self>>) -> T {
        // SAFETY: only the value is moved, which nobody pins.
        let node = unsafe { node.as_mut().get_unchecked_mut() };
        match node.value.take() {
            Some(value) => value,
            None => unreachable!("a node without a value is never dequeued"),
        }
    }
}

linked!(impl<T> Node<T> { links: Links<Self> } as Pin<Box<Self>>);
