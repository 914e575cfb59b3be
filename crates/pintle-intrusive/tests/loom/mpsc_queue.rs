//! More models of `MpscQueue`: without a wait, so that three preemptions fit, and of its ends.

use loom::sync::Arc;
use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
        fence,
    },
    model, thread,
};
use pintle_intrusive::{MpscQueue, mpsc_queue::TryDequeueError};

use super::{Entry, assert_in_order, entry, number, produce, queue};

/// What a consumer that does not wait gets in so many attempts.
fn try_take(queue: &MpscQueue<Entry>, attempts: usize) -> Vec<usize> {
    let Some(consumer) = queue.try_consume() else {
        return Vec::new();
    };
    (0..attempts)
        .filter_map(|_| consumer.try_dequeue().ok())
        .map(|entry| number(&entry))
        .collect()
}

/// What is left when nobody else is there: never behind a gap.
fn rest(queue: &MpscQueue<Entry>) -> Vec<usize> {
    let consumer = queue.try_consume().expect("no other consumer");
    let mut rest = Vec::new();
    loop {
        match consumer.try_dequeue() {
            Ok(entry) => rest.push(number(&entry)),
            Err(error) => {
                assert_eq!(error, TryDequeueError::Empty);
                assert!(queue.is_empty());
                return rest;
            }
        }
    }
}

#[test]
fn three_producers_and_a_consumer_that_does_not_wait() {
    model::check(|| {
        let queue = queue();
        let producers = [0, 1, 2].map(|n| produce(&queue, n..n + 1));
        let mut taken = try_take(&queue, 2);
        for producer in producers {
            producer.join().unwrap();
        }
        taken.extend(rest(&queue));
        taken.sort_unstable();
        assert_eq!(taken, [0, 1, 2]);
    });
}

/// The right goes from one consumer to the other while elements come.
#[test]
fn consumers_in_turn_while_producing() {
    model::check(|| {
        let queue = queue();
        queue.enqueue(entry(0));
        let producer = produce(&queue, 1..3);
        let other = thread::spawn({
            let queue = queue.clone();
            move || try_take(&queue, 2)
        });
        let mine = try_take(&queue, 2);
        let theirs = other.join().unwrap();
        producer.join().unwrap();
        let rest = rest(&queue);
        // Each of them had one session, and the elements came in one order.
        for taken in [&mine, &theirs, &rest] {
            assert!(taken.is_sorted(), "{taken:?}");
        }
        let mut all = [mine, theirs, rest].concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2]);
    });
}

/// The consumer goes with its share while two produce: whose share is the last drops what is left.
#[test]
fn the_consumer_leaves_while_two_produce() {
    model::check(|| {
        let queue = queue();
        let producers = [0, 1].map(|n| produce(&queue, n..n + 1));
        let taken = try_take(&queue, 1);
        drop(queue);
        for producer in producers {
            producer.join().unwrap();
        }
        assert!(taken.len() <= 1);
    });
}

/// What `OwnedConsumer::has_producers` rests on, spelled out, since the standard library's `Arc`
/// is none that loom watches: a share is given up with Release, and the count is read Relaxed,
/// with an Acquire fence behind it if it is one.
#[test]
fn nothing_comes_after_the_last_producer() {
    model::check(|| {
        let queue = queue();
        let shares = Arc::new(AtomicUsize::new(3));
        let producers = [0, 1].map(|n| {
            let (queue, shares) = (queue.clone(), shares.clone());
            thread::spawn(move || {
                queue.enqueue(entry(n));
                shares.fetch_sub(1, Release);
            })
        });
        if shares.load(Relaxed) == 1 {
            fence(Acquire);
            let mut all = rest(&queue);
            all.sort_unstable();
            assert_eq!(all, [0, 1]);
        }
        for producer in producers {
            producer.join().unwrap();
        }
    });
}

/// A static stub goes round in the queue as any other does, and is not dropped with it.
#[test]
fn a_static_stub() {
    model::check(|| {
        let stub = Box::into_raw(Box::new(Entry::default()));
        // SAFETY: it is freed after the queue, and is nobody's but the queue's until then.
        let queue = unsafe { MpscQueue::<Entry>::new_with_static_stub(&*stub) };
        let queue = Arc::new(queue);
        let producer = produce(&queue, 0..2);
        let mut taken = try_take(&queue, 2);
        producer.join().unwrap();
        taken.extend(rest(&queue));
        assert_in_order(&taken, 0..2);
        drop(queue);
        // SAFETY: it came from a box, and the queue is gone.
        drop(unsafe { Box::from_raw(stub) });
    });
}

/// A node that was taken out comes in again, and knows nothing of its former successor.
#[test]
fn a_node_that_is_used_again() {
    model::check(|| {
        let queue = queue();
        queue.enqueue(entry(0));
        queue.enqueue(entry(1));
        let producer = produce(&queue, 2..3);
        let again = queue.try_dequeue().expect("nothing is in the way");
        assert_eq!(number(&again), 0);
        queue.enqueue(again);
        producer.join().unwrap();
        let mut all = rest(&queue);
        assert_eq!(all.remove(0), 1);
        all.sort_unstable();
        assert_eq!(all, [0, 2]);
    });
}
