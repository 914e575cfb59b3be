//! `TransferStack` on real threads: nothing is lost or doubled, and each batch has one who is to
//! wake.
#![cfg(not(loom))]

use std::{
    pin::Pin,
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use pintle_intrusive::{Linked, TransferStack, stack::Links};

const PRODUCERS: usize = 3;
const TAKERS: usize = 2;

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
fn many_producers_and_takers() {
    let each = if pintle_core::model::full() {
        2_000_000
    } else {
        20_000
    };
    let stack = TransferStack::<Entry>::new();
    let taken = AtomicUsize::new(0);
    let batches = AtomicUsize::new(0);
    let told = AtomicUsize::new(0);
    let sums = [const { AtomicUsize::new(0) }; PRODUCERS];

    thread::scope(|s| {
        for producer in 0..PRODUCERS {
            let (stack, told) = (&stack, &told);
            s.spawn(move || {
                for number in 0..each {
                    if stack.push_was_empty(entry(producer, number)) {
                        told.fetch_add(1, Relaxed);
                    }
                }
            });
        }
        for _ in 0..TAKERS {
            s.spawn(|| {
                while taken.load(Relaxed) < PRODUCERS * each {
                    if stack.is_empty() {
                        thread::yield_now();
                    }
                    // Within a batch, each producer's numbers fall.
                    let mut last = [usize::MAX; PRODUCERS];
                    for entry in stack.take_all() {
                        if last == [usize::MAX; PRODUCERS] {
                            batches.fetch_add(1, Relaxed);
                        }
                        assert!(entry.number < last[entry.producer]);
                        last[entry.producer] = entry.number;
                        sums[entry.producer].fetch_add(entry.number, Relaxed);
                        taken.fetch_add(1, Relaxed);
                    }
                }
            });
        }
    });

    assert!(stack.is_empty());
    assert_eq!(taken.into_inner(), PRODUCERS * each);
    assert_eq!(told.into_inner(), batches.into_inner());
    for sum in sums {
        assert_eq!(sum.into_inner(), each * (each - 1) / 2);
    }
    assert_eq!(ALIVE.load(Relaxed), 0);
    for number in 0..3 {
        stack.push(entry(0, number));
    }
    drop(stack);
    assert_eq!(ALIVE.load(Relaxed), 0);
}
