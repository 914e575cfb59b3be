//! `MpscQueue` on one thread against std's `VecDeque`: any sequence of operations gives the same.
//!
//! What several threads make of it is in `loom` and `mpsc_stress`.
#![cfg(not(loom))]

use std::{cell::Cell, collections::VecDeque, pin::Pin, ptr::NonNull};

use pintle_intrusive::{
    Linked, MpscQueue,
    mpsc_queue::{Links, TryDequeueError::*},
};
use proptest::prelude::*;

thread_local!(static ALIVE: Cell<usize> = const { Cell::new(0) });

struct Entry {
    links: Links<Entry>,
    number: u32,
}

fn entry(number: u32) -> Pin<Box<Entry>> {
    ALIVE.set(ALIVE.get() + 1);
    Box::pin(Entry {
        links: Links::new(),
        number,
    })
}

impl Drop for Entry {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
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

#[derive(Clone, Debug)]
enum Op {
    Enqueue,
    Dequeue,
    TryDequeue,
    DequeueUnchecked,
    /// The first goes to the end: a node that is used again.
    Rotate,
    /// One consumer for all of these.
    Session(Vec<InSession>),
    /// The queue is dropped with what is in it, for another whose stub is a used node.
    Renew,
}

#[derive(Clone, Debug)]
enum InSession {
    Enqueue,
    Dequeue,
    TryDequeue,
    Next,
    /// Nobody else gets the right.
    Intrude,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Enqueue),
        2 => Just(Op::Dequeue),
        2 => Just(Op::TryDequeue),
        1 => Just(Op::DequeueUnchecked),
        2 => Just(Op::Rotate),
        2 => prop::collection::vec(in_session(), 0..8).prop_map(Op::Session),
        1 => Just(Op::Renew),
    ]
}

fn in_session() -> impl Strategy<Value = InSession> {
    prop_oneof![
        3 => Just(InSession::Enqueue),
        2 => Just(InSession::Dequeue),
        2 => Just(InSession::TryDequeue),
        1 => Just(InSession::Next),
        1 => Just(InSession::Intrude),
    ]
}

struct Pair {
    queue: MpscQueue<Entry>,
    model: VecDeque<u32>,
    fresh: u32,
}

impl Pair {
    fn new() -> Self {
        Self {
            queue: MpscQueue::new_with_stub(entry(0)),
            model: VecDeque::new(),
            fresh: 0,
        }
    }

    fn enqueue(&mut self) {
        self.fresh += 1;
        self.queue.enqueue(entry(self.fresh));
        self.model.push_back(self.fresh);
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Enqueue => self.enqueue(),
            Op::Dequeue => {
                let taken = self.queue.dequeue().map(|e| e.number);
                assert_eq!(taken, self.model.pop_front());
            }
            Op::TryDequeue => {
                let taken = self.queue.try_dequeue().map(|e| e.number);
                assert_eq!(taken, self.model.pop_front().ok_or(Empty));
            }
            Op::DequeueUnchecked => {
                // SAFETY: there is one thread, and no consumer.
                let taken = unsafe { self.queue.dequeue_unchecked() };
                assert_eq!(taken.map(|e| e.number), self.model.pop_front());
            }
            Op::Rotate => {
                let Some(taken) = self.queue.dequeue() else {
                    assert!(self.model.is_empty());
                    return;
                };
                assert_eq!(Some(&taken.number), self.model.front());
                self.queue.enqueue(taken);
                self.model.rotate_left(1);
            }
            Op::Session(ops) => self.session(ops),
            Op::Renew => {
                let stub = self.queue.dequeue().unwrap_or_else(|| entry(0));
                self.queue = MpscQueue::new_with_stub(stub);
                self.model.clear();
            }
        }
    }

    fn session(&mut self, ops: Vec<InSession>) {
        let Self {
            queue,
            model,
            fresh,
        } = self;
        let mut consumer = queue.consume();
        for op in ops {
            match op {
                InSession::Enqueue => {
                    *fresh += 1;
                    queue.enqueue(entry(*fresh));
                    model.push_back(*fresh);
                }
                InSession::Dequeue => {
                    let taken = consumer.dequeue().map(|e| e.number);
                    assert_eq!(taken, model.pop_front());
                }
                InSession::TryDequeue => {
                    let taken = consumer.try_dequeue().map(|e| e.number);
                    assert_eq!(taken, model.pop_front().ok_or(Empty));
                }
                InSession::Next => {
                    let taken = consumer.next().map(|e| e.number);
                    assert_eq!(taken, model.pop_front());
                }
                InSession::Intrude => {
                    assert!(queue.try_consume().is_none());
                    assert_eq!(queue.try_dequeue().err(), Some(Busy));
                }
            }
            assert_eq!(queue.is_empty(), model.is_empty());
        }
    }

    fn check(&self) {
        assert_eq!(self.queue.is_empty(), self.model.is_empty());
        // The right is free between operations, and the stub lives beside the elements.
        assert!(self.queue.try_consume().is_some());
        assert_eq!(ALIVE.get(), self.model.len() + 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if pintle_core::model::full() { 20_000 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_queue_is_a_deque(ops in prop::collection::vec(op(), 0..80)) {
        let mut pair = Pair::new();
        for op in ops {
            pair.apply(op);
            pair.check();
        }
        drop(pair);
        assert_eq!(ALIVE.get(), 0);
    }
}
