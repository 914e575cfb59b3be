//! Asking whether a shared collection is empty writes nothing: it is asked of collections in memory
//! that cannot be written to, where a store or a read-modify-write ends the process.
//!
//! A swap there kept an idle core from ever sleeping, and takes the cache line from the producers.
#![cfg(all(not(loom), target_os = "linux"))]

use std::{
    mem::size_of,
    ptr::{self, NonNull},
};

use pintle_intrusive::{Linked, MpscQueue, TransferStack, mpsc_queue, stack};

struct Node {
    queue: mpsc_queue::Links<Node>,
    stack: stack::Links<Node>,
}

impl Node {
    const fn new() -> Self {
        Self {
            queue: mpsc_queue::Links::new(),
            stack: stack::Links::new(),
        }
    }
}

// SAFETY: the nodes are static, and each is enqueued once.
unsafe impl Linked<mpsc_queue::Links<Node>> for Node {
    type Handle = &'static Node;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        NonNull::from(handle)
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        // SAFETY: the node is static.
        unsafe { ptr.as_ref() }
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<mpsc_queue::Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).queue };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}

// SAFETY: as above, by other links.
unsafe impl Linked<stack::Links<Node>> for Node {
    type Handle = &'static Node;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        NonNull::from(handle)
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        // SAFETY: the node is static.
        unsafe { ptr.as_ref() }
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<stack::Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).stack };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}

/// Moves `value` into a page that can be read only, lets `f` look at it, and drops it elsewhere.
fn read_only<T, R>(value: T, f: impl FnOnce(&T) -> R) -> (T, R) {
    const PAGE: usize = 65_536;
    assert!(size_of::<T>() <= PAGE);
    // SAFETY: it asks for new memory.
    let page = unsafe {
        libc::mmap(
            ptr::null_mut(),
            PAGE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    assert_ne!(page, libc::MAP_FAILED);
    let place = page.cast::<T>();
    // SAFETY: the page is large enough, aligned to itself, and nobody else's.
    unsafe { place.write(value) };
    // SAFETY: the page is ours.
    assert_eq!(unsafe { libc::mprotect(page, PAGE, libc::PROT_READ) }, 0);
    // SAFETY: the value is there, and can be read.
    let result = f(unsafe { &*place });
    // SAFETY: the value is not used there any more.
    let value = unsafe { place.read() };
    // SAFETY: the page is ours, and nothing refers to it.
    assert_eq!(unsafe { libc::munmap(page, PAGE) }, 0);
    (value, result)
}

#[test]
fn is_empty_of_a_queue_writes_nothing() {
    static STUB: Node = Node::new();
    static NODE: Node = Node::new();
    // SAFETY: nobody else can name the stub.
    let queue = unsafe { MpscQueue::<Node>::new_with_static_stub(&STUB) };
    let (queue, empty) = read_only(queue, MpscQueue::is_empty);
    assert!(empty);
    queue.enqueue(&NODE);
    let (queue, empty) = read_only(queue, MpscQueue::is_empty);
    assert!(!empty);
    assert!(queue.dequeue().is_some());
}

#[test]
fn is_empty_of_a_transfer_stack_writes_nothing() {
    static NODE: Node = Node::new();
    let (stack, empty) = read_only(TransferStack::<Node>::new(), TransferStack::is_empty);
    assert!(empty);
    stack.push(&NODE);
    let (stack, empty) = read_only(stack, TransferStack::is_empty);
    assert!(!empty);
    assert_eq!(stack.take_all().count(), 1);
}
