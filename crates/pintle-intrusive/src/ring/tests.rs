use alloc::{format, rc::Rc, vec::Vec};
use core::{cell::Cell, ptr::NonNull};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Ring;
use crate::test_util::{Entry, counted, entry, panicking, ptr, ring};

#[track_caller]
fn numbers(ring: &Ring<Entry>) -> Vec<u32> {
    let forward: Vec<u32> = ring.iter().map(|e| e.n).collect();
    let mut backward: Vec<u32> = ring.iter().rev().map(|e| e.n).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    assert_eq!(forward.is_empty(), ring.is_empty());
    assert_eq!(forward.first().copied(), ring.front().map(|e| e.n));
    assert_eq!(forward.last().copied(), ring.back().map(|e| e.n));
    forward
}

#[test]
fn both_ends() {
    let mut ring = Ring::<Entry>::new();
    assert!(ring.pop_front().is_none());
    assert!(ring.pop_back().is_none());
    ring.push_front(entry(1));
    ring.push_back(entry(2));
    ring.push_front(entry(0));
    assert_eq!(numbers(&ring), [0, 1, 2]);
    assert_eq!(ring.pop_back().unwrap().n, 2);
    assert_eq!(ring.pop_front().unwrap().n, 0);
    assert_eq!(ring.pop_back().unwrap().n, 1);
    assert_eq!(numbers(&ring), []);
}

#[test]
fn remove_from_each_place() {
    for place in 0..4 {
        let mut ring = ring(0..4);
        let at = NonNull::from(ring.iter().nth(place).unwrap());
        // SAFETY: the node is in the ring.
        let removed = unsafe { ring.remove(at) }.unwrap();
        assert_eq!(removed.n, place as u32);
        assert_eq!(
            numbers(&ring),
            (0..4).filter(|n| *n != place as u32).collect::<Vec<_>>()
        );
        // SAFETY: the node is in no ring.
        assert!(unsafe { ring.remove(ptr(&removed)) }.is_none());
        ring.push_back(removed);
        assert_eq!(ring.back().unwrap().n, place as u32);
    }
}

#[test]
fn remove_the_only_one() {
    let mut ring = ring([5]);
    let at = NonNull::from(&*ring.front().unwrap());
    // SAFETY: the node is in the ring.
    assert!(!unsafe { ring.remove(at) }.unwrap().is_linked());
    assert!(ring.is_empty());
}

#[test]
#[cfg(debug_assertions)]
fn remove_from_the_wrong_ring_touches_nothing() {
    let right = ring(0..3);
    let mut wrong = ring(7..9);
    let at = NonNull::from(right.iter().nth(1).unwrap());
    let caught = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: it is not met, as the debug build notices before it matters.
        drop(unsafe { wrong.remove(at) });
    }));
    assert!(caught.is_err());
    assert_eq!(numbers(&right), [0, 1, 2]);
    assert_eq!(numbers(&wrong), [7, 8]);
}

#[test]
#[cfg(debug_assertions)]
fn unlinking_what_is_last_or_in_no_ring_touches_nothing() {
    let loose = entry(1);
    let alone = ring([2]);
    let last = NonNull::from(&*alone.back().unwrap());
    for (node, why) in [
        (ptr(&loose), "the node is in no ring"),
        (last, "the node is its ring's last"),
    ] {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: it is not met, as the debug build notices before it matters.
            drop(unsafe { Ring::<Entry>::unlink(node) });
        }));
        assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), why);
    }
    assert!(!loose.is_linked());
    assert_eq!(numbers(&alone), [2]);
}

#[test]
fn splice_in_every_combination() {
    for (a, b) in [(0, 0), (0, 2), (2, 0), (1, 1), (3, 2)] {
        let mut front = ring(0..a);
        let mut rear = ring(a..a + b);
        front.splice(&mut rear);
        assert_eq!(numbers(&front), (0..a + b).collect::<Vec<_>>());
        assert!(rear.is_empty());
        rear.push_back(entry(9));
        front.push_front(entry(8));
        assert_eq!(numbers(&rear), [9]);
        assert_eq!(front.iter().count(), (a + b + 1) as usize);
    }
}

#[test]
fn a_guard_node_lets_a_batch_be_left() {
    let mut queue = ring(0..4);
    let leaving: Vec<_> = queue.iter().skip(1).step_by(2).map(NonNull::from).collect();
    let mut batch = queue.take_all();
    assert!(queue.is_empty());
    let guard = entry(99);
    let guard_at = ptr(&guard);
    batch.push_back(guard);
    for node in leaving {
        // SAFETY: the node is in the batch, whose last is the guard.
        let left = unsafe { Ring::unlink(node) };
        assert!(!left.is_linked());
        // What leaves may go elsewhere at once.
        queue.push_back(left);
    }
    assert_eq!(batch.pop_front().unwrap().n, 0);
    assert_eq!(batch.pop_front().unwrap().n, 2);
    assert_eq!(ptr(&batch.pop_front().unwrap()), guard_at);
    assert!(batch.is_empty());
    assert_eq!(numbers(&queue), [1, 3]);
}

#[test]
fn a_drop_that_panics_stops_no_other() {
    let drops = Rc::new(Cell::new(0));
    let mut ring: Ring<Entry> = (0..2).map(|n| counted(n, &drops)).collect();
    ring.push_front(panicking(9, &drops));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(ring))).is_err());
    assert_eq!(drops.get(), 3);
}

#[test]
fn prints() {
    assert_eq!(
        format!("{:?}", Ring::<Entry>::new()),
        "Ring { front: None, back: None }"
    );
}
