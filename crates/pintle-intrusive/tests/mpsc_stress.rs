//! `MpscQueue` on real threads: nothing is lost, doubled or overtaken.
#![cfg(not(loom))]

use std::{
    pin::Pin,
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use pintle_intrusive::{
    Linked, MpscQueue,
    mpsc_queue::{Links, TryDequeueError},
};

const PRODUCERS: usize = 3;

static ALIVE: AtomicUsize = AtomicUsize::new(0);

struct Entry {
    links: Links<Entry>,
    producer: usize,
    number: usize,
}

fn entry(producer: usize, number: usize) -> Pin<Box<Entry>> {
    ALIVE.fetch_add(1, Relaxed);
    Box::pin(Entry {
        links: Links::new(),
        producer,
        number,
    })
}

impl Drop for Entry {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Relaxed);
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

/// One test, as it counts what is alive in a static.
#[test]
fn many_producers_and_consumers_in_turn() {
    let each = if pintle_core::model::full() {
        2_000_000
    } else {
        20_000
    };
    let queue = MpscQueue::<Entry>::new_with_stub(entry(usize::MAX, 0));
    // By producer, the number that must come next. Whoever consumes owns it for the time.
    let expected = std::sync::Mutex::new([0; PRODUCERS]);
    let taken = AtomicUsize::new(0);

    let take = |entry: Pin<Box<Entry>>, expected: &mut [usize; PRODUCERS]| {
        let next = &mut expected[entry.producer];
        assert_eq!(entry.number, *next, "of producer {}", entry.producer);
        *next += 1;
        taken.fetch_add(1, Relaxed);
    };

    thread::scope(|s| {
        for producer in 0..PRODUCERS {
            let queue = &queue;
            s.spawn(move || {
                for number in 0..each {
                    queue.enqueue(entry(producer, number));
                }
            });
        }
        for spins in [true, false] {
            let (queue, expected, taken, take) = (&queue, &expected, &taken, &take);
            s.spawn(move || {
                while taken.load(Relaxed) < PRODUCERS * each {
                    // A consumer for a while, so that the right changes hands.
                    let Some(consumer) = queue.try_consume() else {
                        thread::yield_now();
                        continue;
                    };
                    let mut expected = expected.try_lock().expect("two consumers at a time");
                    for _ in 0..100 {
                        if spins {
                            if let Some(entry) = consumer.dequeue() {
                                take(entry, &mut expected);
                            }
                            continue;
                        }
                        match consumer.try_dequeue() {
                            Ok(entry) => take(entry, &mut expected),
                            Err(error) => assert_ne!(error, TryDequeueError::Busy),
                        }
                    }
                }
            });
        }
    });

    assert!(queue.is_empty());
    assert_eq!(ALIVE.load(Relaxed), 1, "but for the stub");
    for number in 0..3 {
        queue.enqueue(entry(0, number));
    }
    drop(queue);
    assert_eq!(ALIVE.load(Relaxed), 0);
}
