//! Models of `MpscQueue`, here those with consumers that wait; and of `TransferStack`.
//!
//! Each element holds a cell that loom watches, written before `enqueue` and read after `dequeue`:
//! a missing happens-before between them is found as a data race. It holds one of loom's `Arc`s
//! too, so an element that is lost or kept is found as a leak, and one that is given twice as a
//! double free.
#![cfg(loom)]

#[path = "loom/mpsc_queue.rs"]
mod mpsc_queue;
#[path = "loom/transfer_stack.rs"]
mod transfer_stack;

use std::{pin::Pin, ptr::NonNull};

use loom::sync::Arc;
use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
    hint, model, thread,
};
use pintle_intrusive::{
    Linked, MpscQueue,
    mpsc_queue::{Links, TryDequeueError},
};

struct Entry {
    links: Links<Entry>,
    number: UnsafeCell<usize>,
    _leak: Arc<()>,
}

// SAFETY: the cell is written by who owns the entry and read by who owns it.
unsafe impl Send for Entry {}

impl Default for Entry {
    fn default() -> Self {
        Self {
            links: Links::new(),
            number: UnsafeCell::new(0),
            _leak: Arc::new(()),
        }
    }
}

// SAFETY: the box owns its node and pins it; `links` goes by raw pointers.
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

fn entry(number: usize) -> Pin<Box<Entry>> {
    let entry = Box::pin(Entry::default());
    // SAFETY: nobody else has the entry.
    entry.number.with_mut(|n| unsafe { *n = number });
    entry
}

fn number(entry: &Entry) -> usize {
    // SAFETY: nobody else has the entry.
    entry.number.with(|n| unsafe { *n })
}

fn queue() -> Arc<MpscQueue<Entry>> {
    Arc::new(MpscQueue::new())
}

/// Starts a producer of `numbers`.
fn produce(
    queue: &Arc<MpscQueue<Entry>>,
    numbers: std::ops::Range<usize>,
) -> thread::JoinHandle<()> {
    let queue = queue.clone();
    thread::spawn(move || {
        for n in numbers {
            queue.enqueue(entry(n));
        }
    })
}

/// Takes `count` elements, spinning while there are none.
fn take(queue: &MpscQueue<Entry>, count: usize) -> Vec<usize> {
    let mut taken = Vec::new();
    while taken.len() < count {
        match queue.dequeue() {
            Some(entry) => taken.push(number(&entry)),
            None => hint::spin_loop(),
        }
    }
    taken
}

#[track_caller]
fn assert_in_order(taken: &[usize], of: std::ops::Range<usize>) {
    let own: Vec<usize> = taken.iter().copied().filter(|n| of.contains(n)).collect();
    assert_eq!(own, of.collect::<Vec<_>>(), "of {taken:?}");
}

#[test]
fn one_producer_and_the_consumer() {
    model::check(|| {
        let queue = queue();
        let producer = produce(&queue, 0..3);
        assert_eq!(take(&queue, 3), [0, 1, 2]);
        producer.join().unwrap();
        assert_eq!(queue.try_dequeue().err(), Some(TryDequeueError::Empty));
    });
}

#[test]
fn two_producers_and_the_consumer() {
    model::check(|| {
        let queue = queue();
        let a = produce(&queue, 0..1);
        let b = produce(&queue, 10..12);
        let taken = take(&queue, 3);
        assert_in_order(&taken, 0..1);
        assert_in_order(&taken, 10..12);
        a.join().unwrap();
        b.join().unwrap();
    });
}

/// At two preemptions, and at three in its full form. (The one whose consumer does not wait, in
/// `mpsc_queue`, is at three always.)
#[test]
fn three_producers_and_the_consumer() {
    let preemptions = if model::full() { 3 } else { 2 };
    model::check_bounded(preemptions, || {
        let queue = queue();
        let producers = [0, 10, 20].map(|n| produce(&queue, n..n + 1));
        let mut taken = take(&queue, 3);
        taken.sort_unstable();
        assert_eq!(taken, [0, 10, 20]);
        for producer in producers {
            producer.join().unwrap();
        }
    });
}

/// Only one element is in the queue, so the dequeue puts the stub in its place, against a producer:
/// `Inconsistent` is said, never `Empty`, as long as an element is known to be there.
#[test]
fn enqueue_against_dequeue_of_the_last() {
    model::check(|| {
        let queue = queue();
        queue.enqueue(entry(0));
        let producer = produce(&queue, 1..3);
        let first = loop {
            match queue.try_dequeue() {
                Ok(entry) => break number(&entry),
                Err(error) => {
                    assert_eq!(error, TryDequeueError::Inconsistent);
                    hint::spin_loop();
                }
            }
        };
        assert_eq!(first, 0);
        assert_eq!(take(&queue, 2), [1, 2]);
        producer.join().unwrap();
    });
}

#[test]
fn dropped_with_elements_that_came_while_dequeuing() {
    model::check(|| {
        let queue = queue();
        queue.enqueue(entry(0));
        let producer = produce(&queue, 1..3);
        let taken = queue.try_dequeue();
        drop(queue);
        drop(taken);
        producer.join().unwrap();
    });
}

#[test]
fn try_consume_against_try_consume() {
    model::check(|| {
        let queue = queue();
        queue.enqueue(entry(0));
        queue.enqueue(entry(1));
        let inside = Arc::new(AtomicUsize::new(0));
        let consume = |queue: &MpscQueue<Entry>, inside: &AtomicUsize| {
            let consumer = queue.try_consume()?;
            assert_eq!(inside.fetch_add(1, Relaxed), 0, "two consumers at a time");
            let taken = consumer.try_dequeue().map(|entry| number(&entry)).ok();
            inside.fetch_sub(1, Relaxed);
            taken
        };
        let other = thread::spawn({
            let (queue, inside) = (queue.clone(), inside.clone());
            move || consume(&queue, &inside)
        });
        let mine = consume(&queue, &inside);
        let theirs = other.join().unwrap();
        assert!(mine.is_some() || theirs.is_some(), "both were refused");
        assert_ne!(mine, theirs, "an element was given twice");
    });
}

/// A right that goes from thread to thread brings along what the last consumer did. (A producer
/// would be one thread too many: loom lets two that spin for each other starve it.)
#[test]
fn dequeue_against_dequeue() {
    model::check(|| {
        let queue = queue();
        queue.enqueue(entry(0));
        queue.enqueue(entry(1));
        let other = thread::spawn({
            let queue = queue.clone();
            move || queue.dequeue().map(|entry| number(&entry))
        });
        let mine = queue.dequeue().map(|entry| number(&entry));
        let theirs = other.join().unwrap();
        let mut all = [mine, theirs];
        all.sort_unstable();
        assert_eq!(all, [Some(0), Some(1)]);
        assert!(queue.is_empty());
        queue.enqueue(entry(2));
        assert!(queue.dequeue().is_some());
    });
}

/// Who was told of an element that nobody takes is not told that the queue is empty.
#[test]
fn is_empty_sees_what_was_enqueued() {
    model::check(|| {
        let queue = queue();
        queue.enqueue(entry(0));
        let done = Arc::new(AtomicUsize::new(0));
        let producer = thread::spawn({
            let (queue, done) = (queue.clone(), done.clone());
            move || {
                queue.enqueue(entry(1));
                done.store(1, Release);
            }
        });
        let consumer = thread::spawn({
            let queue = queue.clone();
            move || queue.try_dequeue().map(|entry| number(&entry)).ok()
        });
        if done.load(Acquire) == 1 {
            // At most entry 0 is being taken.
            assert!(!queue.is_empty());
        }
        producer.join().unwrap();
        let taken = consumer.join().unwrap();
        assert!(!queue.is_empty());
        let rest = queue.consume().count();
        assert_eq!(rest, 2 - usize::from(taken.is_some()));
        assert!(queue.is_empty());
    });
}
