use alloc::{boxed::Box, format, rc::Rc, string::ToString, vec::Vec};
use core::{
    cell::Cell,
    pin::Pin,
    ptr::NonNull,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Links, MpscQueue, TryDequeueError::*};
use crate::Linked;

#[derive(Default)]
struct Entry {
    links: Links<Entry>,
    n: u32,
    drops: Rc<Cell<u32>>,
    panics: bool,
}

fn entry(n: u32) -> Pin<Box<Entry>> {
    counted(n, &Rc::default())
}

fn counted(n: u32, drops: &Rc<Cell<u32>>) -> Pin<Box<Entry>> {
    Box::pin(Entry {
        links: Links::new(),
        n,
        drops: drops.clone(),
        panics: false,
    })
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.drops.set(self.drops.get() + 1);
        assert!(!self.panics, "told to");
    }
}

// SAFETY: the box owns its node and pins it; `links` goes by raw pointers; `Entry` is `!Send`.
unsafe impl Linked<Links<Entry>> for Entry {
    type Handle = Pin<Box<Entry>>;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        // SAFETY: the node is not moved.
        let boxed = unsafe { Pin::into_inner_unchecked(handle) };
        NonNull::from(Box::leak(boxed))
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        // SAFETY: the pointer is from `into_ptr`.
        Box::into_pin(unsafe { Box::from_raw(ptr.as_ptr()) })
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).links };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}

#[test]
fn first_in_first_out() {
    let queue = MpscQueue::<Entry>::new();
    assert!(queue.is_empty());
    assert!(queue.dequeue().is_none());
    for round in 0..3 {
        for n in 0..round + 1 {
            queue.enqueue(entry(n));
            assert!(!queue.is_empty());
        }
        for n in 0..round + 1 {
            assert!(!queue.is_empty());
            assert_eq!(queue.dequeue().unwrap().n, n);
        }
        assert!(queue.is_empty());
        assert_eq!(queue.try_dequeue().err(), Some(Empty));
    }
}

#[test]
fn alternating_keeps_the_order() {
    let queue = MpscQueue::<Entry>::new();
    queue.enqueue(entry(0));
    for n in 1..10 {
        queue.enqueue(entry(n));
        assert_eq!(queue.dequeue().unwrap().n, n - 1);
    }
    assert_eq!(queue.try_dequeue().unwrap().n, 9);
}

/// A dequeued node may become a stub, whatever its links held.
#[test]
fn a_used_node_as_stub() {
    let queue = MpscQueue::<Entry>::new();
    queue.enqueue(entry(1));
    queue.enqueue(entry(2));
    let used = queue.dequeue().unwrap();
    let second = MpscQueue::<Entry>::new_with_stub(used);
    assert!(second.is_empty());
    assert!(second.dequeue().is_none());
    second.enqueue(queue.dequeue().unwrap());
    assert_eq!(second.dequeue().unwrap().n, 2);
}

#[test]
fn a_consumer_keeps_others_out() {
    let queue = MpscQueue::<Entry>::new();
    queue.enqueue(entry(0));
    queue.enqueue(entry(1));
    let mut consumer = queue.consume();
    assert!(queue.try_consume().is_none());
    assert_eq!(queue.try_dequeue().err(), Some(Busy));
    assert_eq!(consumer.try_dequeue().unwrap().n, 0);
    assert_eq!(consumer.next().unwrap().n, 1);
    assert_eq!(consumer.try_dequeue().err(), Some(Empty));
    drop(consumer);
    assert_eq!(queue.try_dequeue().err(), Some(Empty));
}

/// A node whose `into_ptr` can stop on the way, as a producer that is interrupted after its swap.
#[test]
fn inconsistent_is_said_and_heals() {
    let queue = MpscQueue::<Entry>::new();
    queue.enqueue(entry(0));
    // The two halves of an enqueue.
    let late = Entry::into_ptr(entry(1));
    let last = queue.head.swap(late.as_ptr(), super::AcqRel);
    assert_eq!(queue.try_dequeue().err(), Some(Inconsistent));
    queue.enqueue(entry(2));
    assert_eq!(queue.try_dequeue().err(), Some(Inconsistent));
    assert!(!queue.is_empty());
    // SAFETY: `last` is the node of entry 0, which is in the queue.
    unsafe { super::links(NonNull::new(last).unwrap()) }.set_next(late);
    let order: Vec<u32> = queue.consume().map(|e| e.n).collect();
    assert_eq!(order, [0, 1, 2]);
}

#[test]
fn inconsistent_behind_the_stub() {
    let queue = MpscQueue::<Entry>::new();
    let late = Entry::into_ptr(entry(1));
    let last = queue.head.swap(late.as_ptr(), super::AcqRel);
    assert_eq!(last, queue.consumer.stub.as_ptr());
    assert_eq!(queue.try_dequeue().err(), Some(Inconsistent));
    assert!(!queue.is_empty());
    // SAFETY: the stub is live.
    unsafe { super::links(queue.consumer.stub) }.set_next(late);
    assert_eq!(queue.try_dequeue().unwrap().n, 1);
}

#[test]
fn dropping_drops_elements_and_stub() {
    let drops = Rc::new(Cell::new(0));
    for elements in 0..3 {
        drops.set(0);
        let queue = MpscQueue::<Entry>::new_with_stub(counted(9, &drops));
        for n in 0..elements {
            queue.enqueue(counted(n, &drops));
        }
        drop(queue);
        assert_eq!(drops.get(), elements + 1);
    }
}

#[test]
fn a_drop_that_panics_stops_no_other() {
    let drops = Rc::new(Cell::new(0));
    let queue = MpscQueue::<Entry>::new_with_stub(counted(9, &drops));
    let mut bad = counted(0, &drops);
    // SAFETY: nothing is moved.
    unsafe { bad.as_mut().get_unchecked_mut() }.panics = true;
    queue.enqueue(bad);
    queue.enqueue(counted(1, &drops));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(queue))).is_err());
    assert_eq!(drops.get(), 3);
}

#[test]
fn prints() {
    let queue = MpscQueue::<Entry>::new();
    let printed = format!("{queue:?}");
    assert!(printed.contains("has_consumer: false"), "{printed}");
    let printed = format!("{:?}", queue.consume());
    assert!(printed.starts_with("Consumer(MpscQueue {"), "{printed}");
    assert!(printed.contains("has_consumer: true"), "{printed}");
    assert_eq!(Empty.to_string(), "the queue is empty");
    assert_eq!(
        format!("{:?}", Entry::default().links),
        "Links { next: None, .. }"
    );
}

#[test]
#[cfg(debug_assertions)]
fn enqueuing_twice_panics_and_harms_nothing() {
    #[track_caller]
    fn refused(enqueue: impl FnOnce()) {
        let caught = catch_unwind(AssertUnwindSafe(enqueue)).unwrap_err();
        let said = *caught.downcast::<&str>().unwrap();
        assert_eq!(said, "the node is in a queue already");
    }

    let nodes = [0, 1, 2, 3].map(|n| Local {
        links: Links::new(),
        n,
    });
    let [stub, other_stub, low, high] = nodes.each_ref().map(NonNull::from);
    let queue = MpscQueue::<Local>::new_with_stub(stub);
    let other = MpscQueue::<Local>::new_with_stub(other_stub);
    queue.enqueue(low);
    queue.enqueue(high);
    // With a successor, as the last, and as a stub; here and elsewhere.
    for node in [low, high, stub] {
        refused(|| queue.enqueue(node));
        refused(|| other.enqueue(node));
        refused(|| drop(MpscQueue::<Local>::new_with_stub(node)));
    }
    assert_eq!(other.dequeue(), None);
    for node in [low, high] {
        assert_eq!(queue.dequeue(), Some(node));
        other.enqueue(node);
        refused(|| queue.enqueue(node));
    }
    assert_eq!(queue.dequeue(), None);
    // A stub is free when its queue is gone.
    drop(queue);
    other.enqueue(stub);
    for node in [low, high, stub] {
        assert_eq!(other.dequeue(), Some(node));
    }
    assert_eq!(other.dequeue(), None);
    // SAFETY: the nodes live.
    assert_eq!(unsafe { high.as_ref() }.n, 3);
}

#[cfg(debug_assertions)]
struct Local {
    links: Links<Local>,
    n: u32,
}

// SAFETY: the test keeps each node where it is and live while it is linked, and a node that it
// enqueues twice is refused.
#[cfg(debug_assertions)]
unsafe impl Linked<Links<Local>> for Local {
    type Handle = NonNull<Local>;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        handle
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        ptr
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).links };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}

struct Static {
    links: Links<Static>,
    n: u32,
}

static FROM_PTR_PANICS: AtomicBool = AtomicBool::new(false);

// SAFETY: the nodes are static, and each test enqueues one once at a time.
unsafe impl Linked<Links<Static>> for Static {
    type Handle = &'static Static;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        NonNull::from(handle)
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        assert!(!FROM_PTR_PANICS.load(Relaxed), "told to");
        // SAFETY: the node is static.
        unsafe { ptr.as_ref() }
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).links };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}

pintle_core::not_loom! {
    #[test]
    fn a_panic_while_dequeuing_gives_the_right_back() {
        static STUB: Static = Static { links: Links::new_stub(), n: 0 };
        static ONE: Static = Static { links: Links::new(), n: 1 };
        static TWO: Static = Static { links: Links::new(), n: 2 };
        // SAFETY: nobody else can name the stub.
        static QUEUE: MpscQueue<Static> = unsafe { MpscQueue::new_with_static_stub(&STUB) };

        QUEUE.enqueue(&ONE);
        QUEUE.enqueue(&TWO);
        FROM_PTR_PANICS.store(true, Relaxed);
        assert!(catch_unwind(|| QUEUE.try_dequeue().is_ok()).is_err());
        FROM_PTR_PANICS.store(false, Relaxed);
        assert_eq!(QUEUE.try_dequeue().unwrap().n, 2);
        assert_eq!(QUEUE.try_dequeue().err(), Some(Empty));
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
#[test]
fn an_owned_consumer_shares_the_queue() {
    use alloc::sync::Arc;

    let queue = Arc::new(MpscQueue::<Sendable>::new());
    let consumer = queue.clone().consume_owned();
    assert!(consumer.has_producers());
    assert!(queue.clone().try_consume_owned().is_none());
    drop(consumer);
    let consumer = queue.clone().try_consume_owned().unwrap();
    queue.enqueue(Box::pin(Sendable(Links::new())));
    drop(queue);
    assert!(!consumer.has_producers());
    assert!(format!("{consumer:?}").contains("has_consumer: true"));
    let consumer = std::thread::spawn(move || {
        assert!(consumer.dequeue().is_some());
        consumer
    })
    .join()
    .unwrap();
    assert_eq!(consumer.try_dequeue().err(), Some(Empty));
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
#[derive(Default)]
struct Sendable(Links<Sendable>);

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
// SAFETY: the box owns its node and pins it; `links` goes by raw pointers.
unsafe impl Linked<Links<Sendable>> for Sendable {
    type Handle = Pin<Box<Sendable>>;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        // SAFETY: the node is not moved.
        let boxed = unsafe { Pin::into_inner_unchecked(handle) };
        NonNull::from(Box::leak(boxed))
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        // SAFETY: the pointer is from `into_ptr`.
        Box::into_pin(unsafe { Box::from_raw(ptr.as_ptr()) })
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).0 };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}
