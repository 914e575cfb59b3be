//! Models of `TransferStack`. The elements are watched as those of the queue are.

use std::{pin::Pin, ptr::NonNull};

use loom::sync::Arc;
use pintle_core::{
    atomic::{
        AtomicBool,
        Ordering::{Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
    hint, model, thread,
};
use pintle_intrusive::{Linked, Stack, TransferStack, stack::Links};

struct Entry {
    links: Links<Entry>,
    number: UnsafeCell<usize>,
    _leak: Arc<()>,
}

// SAFETY: the cell is written by who owns the entry and read by who owns it.
unsafe impl Send for Entry {}

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
    let entry = Box::pin(Entry {
        links: Links::new(),
        number: UnsafeCell::new(0),
        _leak: Arc::new(()),
    });
    // SAFETY: nobody else has the entry.
    entry.number.with_mut(|n| unsafe { *n = number });
    entry
}

fn number(entry: &Entry) -> usize {
    // SAFETY: nobody else has the entry.
    entry.number.with(|n| unsafe { *n })
}

fn numbers(stack: Stack<Entry>) -> Vec<usize> {
    stack.map(|entry| number(&entry)).collect()
}

fn stack() -> Arc<TransferStack<Entry>> {
    Arc::new(TransferStack::new())
}

/// Starts a thread that pushes one entry and says whether the stack was empty.
fn push(stack: &Arc<TransferStack<Entry>>, number: usize) -> thread::JoinHandle<bool> {
    let stack = stack.clone();
    thread::spawn(move || stack.push_was_empty(entry(number)))
}

/// Of two elements each in its full form.
#[test]
fn three_producers_and_the_taker() {
    let each = if model::full() { 2 } else { 1 };
    model::check(move || {
        let stack = stack();
        let producers = [0, 10, 20].map(|first| {
            let stack = stack.clone();
            thread::spawn(move || (first..first + each).for_each(|n| stack.push(entry(n))))
        });
        let mut taken = numbers(stack.take_all());
        for producer in producers {
            producer.join().unwrap();
        }
        taken.extend(numbers(stack.take_all()));
        taken.sort_unstable();
        let all: Vec<usize> = [0, 10, 20].iter().flat_map(|n| *n..n + each).collect();
        assert_eq!(taken, all);
        assert!(stack.is_empty());
    });
}

/// Of one producer the last is on top.
#[test]
fn a_producer_and_a_taker_that_waits() {
    model::check(|| {
        let stack = stack();
        let producer = thread::spawn({
            let stack = stack.clone();
            move || (0..3).for_each(|n| stack.push(entry(n)))
        });
        let mut taken = Vec::new();
        while taken.len() < 3 {
            let mut batch = numbers(stack.take_all());
            if batch.is_empty() {
                hint::spin_loop();
            }
            batch.reverse();
            taken.extend(batch);
        }
        assert_eq!(taken, [0, 1, 2]);
        producer.join().unwrap();
    });
}

/// `true` is said to those whose element is the lowest of a batch, and to nobody else.
#[test]
fn who_makes_it_non_empty_is_told_so() {
    model::check(|| {
        let stack = stack();
        let producers = [0, 1].map(|n| push(&stack, n));
        let mut lowest: Vec<usize> = numbers(stack.take_all())
            .last()
            .copied()
            .into_iter()
            .collect();
        let told = producers.map(|producer| producer.join().unwrap());
        lowest.extend(numbers(stack.take_all()).last());
        lowest.sort_unstable();
        let told: Vec<usize> = (0..2).filter(|n| told[*n]).collect();
        assert_eq!(told, lowest);
    });
}

#[test]
fn dropped_while_producing() {
    model::check(|| {
        let stack = stack();
        stack.push(entry(0));
        let producers = [1, 2].map(|n| push(&stack, n));
        // The last of the three drops the stack, with what is in it.
        drop(stack);
        for producer in producers {
            producer.join().unwrap();
        }
    });
}

#[test]
fn each_element_goes_to_one_taker() {
    model::check(|| {
        let stack = stack();
        stack.push(entry(0));
        let producer = push(&stack, 1);
        let other = thread::spawn({
            let stack = stack.clone();
            move || numbers(stack.take_all())
        });
        let mut taken = numbers(stack.take_all());
        taken.extend(other.join().unwrap());
        producer.join().unwrap();
        taken.extend(numbers(stack.take_all()));
        taken.sort_unstable();
        assert_eq!(taken, [0, 1]);
    });
}

/// ABA: the node that a producer has seen on top is taken and pushed again before the producer
/// comes to its compare-and-swap.
#[test]
fn a_node_that_comes_back_fools_no_producer() {
    model::check(|| {
        let stack = stack();
        stack.push(entry(0));
        stack.push(entry(1));
        let producer = push(&stack, 2);
        let mut taken = stack.take_all();
        let top = taken.pop().unwrap();
        let rest = numbers(taken);
        stack.push(top);
        producer.join().unwrap();
        let mut all = numbers(stack.take_all());
        all.extend(rest);
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2]);
    });
}

/// Who finds the stack empty after a take sees what the taker did before it.
#[test]
fn a_push_sees_what_came_before_the_take() {
    struct Shared {
        stack: TransferStack<Entry>,
        by_taker: UnsafeCell<bool>,
    }

    // SAFETY: the model is there to show that the cell is written before it is read.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    model::check(|| {
        let shared = Arc::new(Shared {
            stack: TransferStack::new(),
            by_taker: UnsafeCell::new(false),
        });
        shared.stack.push(entry(0));
        let producer = thread::spawn({
            let shared = shared.clone();
            move || {
                if shared.stack.push_was_empty(entry(1)) {
                    // SAFETY: the taker has written already, as it has taken entry 0.
                    assert!(shared.by_taker.with(|b| unsafe { *b }));
                }
            }
        });
        // SAFETY: the producer reads only what the take below has released.
        shared.by_taker.with_mut(|b| unsafe { *b = true });
        drop(shared.stack.take_all());
        producer.join().unwrap();
    });
}

/// Announce, take nothing, sleep; against push, look for sleepers. No fence, and no wake-up is lost.
#[test]
fn taking_nothing_is_ordered_with_the_pushes() {
    model::check(|| {
        let stack = stack();
        let sleeps = Arc::new(AtomicBool::new(false));
        let producer = thread::spawn({
            let (stack, sleeps) = (stack.clone(), sleeps.clone());
            move || {
                stack.push(entry(0));
                sleeps.load(Relaxed)
            }
        });
        sleeps.store(true, Relaxed);
        let taken = numbers(stack.take_all());
        let wakes = producer.join().unwrap();
        assert!(!taken.is_empty() || wakes, "it sleeps on an element");
    });
}

/// Who was told of an element that nobody takes is not told that the stack is empty.
#[test]
fn is_empty_sees_what_was_pushed() {
    model::check(|| {
        let stack = stack();
        let done = Arc::new(AtomicBool::new(false));
        let producer = thread::spawn({
            let (stack, done) = (stack.clone(), done.clone());
            move || {
                stack.push(entry(0));
                done.store(true, Release);
            }
        });
        let other = push(&stack, 1);
        if done.load(Acquire) {
            assert!(!stack.is_empty());
        }
        producer.join().unwrap();
        other.join().unwrap();
        assert!(!stack.is_empty());
        assert_eq!(stack.take_all().count(), 2);
        assert!(stack.is_empty());
    });
}
