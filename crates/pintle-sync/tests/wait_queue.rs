//! `WaitQueue`, stepped by hand: no wake-up is lost and none is invented.
#![cfg(not(loom))]

mod support;

use std::{
    cell::Cell,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use pintle_sync::{Closed, WaitQueue, wait_queue::Wait};
use support::{Lock, Probe, for_each_lock, poll};

const WOKEN: Poll<Result<(), Closed>> = Poll::Ready(Ok(()));

for_each_lock![
    a_wake_up_before_the_wait_is_kept_once,
    waiters_are_woken_in_the_order_in_which_they_came,
    a_spurious_poll_does_not_complete,
    another_waker_replaces_the_first,
    a_completed_wait_stays_completed,
    dropping_a_waiter_that_was_not_woken_takes_nothing,
    dropping_a_woken_waiter_wakes_the_next,
    dropping_a_woken_waiter_stores_the_wake_up_if_nobody_waits,
    dropping_a_completed_wait_hands_nothing_on,
    subscribing_takes_a_place_without_a_waker,
    try_wait_takes_what_is_stored,
    waiting_for_a_condition_looks_after_each_wake_up,
    waits_know_their_queue,
];

#[cfg(feature = "alloc")]
mod owned {
    use super::{for_each_lock, owned_waits_keep_their_queue};

    for_each_lock![owned_waits_keep_their_queue];
}

type Waiting<'a, L> = Vec<(Pin<Box<Wait<'a, L>>>, Arc<Probe>)>;

/// As many waiters as are asked for, each polled once by a task of its own.
fn waiting<L: Lock>(queue: &WaitQueue<L>, n: usize) -> Waiting<'_, L> {
    (0..n)
        .map(|_| {
            let (mut wait, task) = (Box::pin(queue.wait()), Probe::new());
            assert!(poll(wait.as_mut(), &task).is_pending());
            (wait, task)
        })
        .collect()
}

fn a_wake_up_before_the_wait_is_kept_once<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    queue.wake();
    queue.wake();
    assert_eq!(poll(pin!(queue.wait()), &task), WOKEN);
    assert!(poll(pin!(queue.wait()), &task).is_pending());
    assert_eq!((task.wakes(), task.live()), (0, 0));
}

fn waiters_are_woken_in_the_order_in_which_they_came<L: Lock>() {
    let queue = WaitQueue::<L>::default();
    let mut waits = waiting(&queue, 5);
    for woken in 0..5 {
        queue.wake();
        for (n, (wait, task)) in waits.iter_mut().enumerate() {
            assert_eq!(task.wakes(), usize::from(n <= woken));
            assert_eq!(poll(wait.as_mut(), task).is_ready(), n <= woken);
        }
    }
    assert!(queue.try_wait().is_pending(), "nothing is left over");
}

fn a_spurious_poll_does_not_complete<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    let mut wait = pin!(queue.wait());
    for _ in 0..8 {
        assert!(poll(wait.as_mut(), &task).is_pending());
    }
    assert_eq!((task.wakes(), task.clones()), (0, 1));
    queue.wake();
    assert_eq!(poll(wait, &task), WOKEN);
    assert_eq!(task.wakes(), 1);
}

fn another_waker_replaces_the_first<L: Lock>() {
    let (queue, first, second) = (WaitQueue::<L>::default(), Probe::new(), Probe::new());
    let mut wait = pin!(queue.wait());
    assert!(poll(wait.as_mut(), &first).is_pending());
    assert!(poll(wait.as_mut(), &second).is_pending());
    assert_eq!((first.live(), second.live()), (0, 1));
    queue.wake();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
    assert_eq!(poll(wait, &second), WOKEN);
}

fn a_completed_wait_stays_completed<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    let mut woken = pin!(queue.wait());
    assert!(poll(woken.as_mut(), &task).is_pending());
    queue.wake();
    queue.wake();
    for _ in 0..3 {
        assert_eq!(poll(woken.as_mut(), &task), WOKEN);
    }
    assert_eq!(
        queue.try_wait(),
        WOKEN,
        "it took one wake-up, not one per poll"
    );

    let mut closed = pin!(queue.wait());
    assert!(poll(closed.as_mut(), &task).is_pending());
    queue.close();
    for _ in 0..3 {
        assert!(matches!(poll(closed.as_mut(), &task), Poll::Ready(Err(_))));
        assert_eq!(poll(woken.as_mut(), &task), WOKEN);
    }
    assert_eq!(closed.subscribe(), poll(pin!(queue.wait()), &task));
}

fn dropping_a_waiter_that_was_not_woken_takes_nothing<L: Lock>() {
    let queue = WaitQueue::<L>::default();
    // First, middle, last and only one.
    for dropped in 0..3 {
        let mut waits = waiting(&queue, 3);
        let (_, task) = waits.remove(dropped);
        assert_eq!((task.wakes(), task.live()), (0, 0));
        for (mut wait, task) in waits {
            queue.wake();
            assert_eq!(poll(wait.as_mut(), &task), WOKEN);
        }
        assert!(queue.try_wait().is_pending());
    }
    drop(waiting(&queue, 1));
    queue.wake();
    assert_eq!(queue.try_wait(), WOKEN, "an empty queue stores it");
}

fn dropping_a_woken_waiter_wakes_the_next<L: Lock>() {
    let queue = WaitQueue::<L>::default();
    let mut waits = waiting(&queue, 2);
    queue.wake();
    let (_, first) = waits.remove(0);
    assert_eq!(first.wakes(), 1);
    let (mut wait, second) = waits.remove(0);
    assert_eq!(second.wakes(), 1);
    assert_eq!(poll(wait.as_mut(), &second), WOKEN);
    assert!(queue.try_wait().is_pending());
}

fn dropping_a_woken_waiter_stores_the_wake_up_if_nobody_waits<L: Lock>() {
    let queue = WaitQueue::<L>::default();
    let waits = waiting(&queue, 1);
    queue.wake();
    drop(waits);
    assert_eq!(queue.try_wait(), WOKEN);
    assert!(queue.try_wait().is_pending());
}

fn dropping_a_completed_wait_hands_nothing_on<L: Lock>() {
    let queue = WaitQueue::<L>::default();
    for (mut wait, task) in waiting(&queue, 1) {
        queue.wake();
        assert_eq!(poll(wait.as_mut(), &task), WOKEN);
    }
    assert!(queue.try_wait().is_pending());
}

fn subscribing_takes_a_place_without_a_waker<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    let mut first = Box::pin(queue.wait());
    let mut second = pin!(queue.wait());
    assert!(first.as_mut().subscribe().is_pending());
    assert!(first.as_mut().subscribe().is_pending());
    assert!(poll(second.as_mut(), &task).is_pending());
    queue.wake();
    assert_eq!(task.wakes(), 0, "the first has the place, though no waker");
    drop(first);
    assert_eq!(task.wakes(), 1, "which is handed on");
    assert_eq!(poll(second, &task), WOKEN);

    let mut third = pin!(queue.wait());
    assert!(third.as_mut().subscribe().is_pending());
    assert!(poll(third.as_mut(), &task).is_pending());
    queue.wake_all();
    assert_eq!(task.wakes(), 2, "a later poll brings the waker");
    assert_eq!(third.as_mut().subscribe(), WOKEN);
}

fn try_wait_takes_what_is_stored<L: Lock>() {
    let queue = WaitQueue::<L>::default();
    assert!(queue.try_wait().is_pending());
    queue.wake();
    assert_eq!(queue.try_wait(), WOKEN);
    let waits = waiting(&queue, 1);
    assert!(queue.try_wait().is_pending(), "it does not overtake");
    queue.wake();
    assert!(queue.try_wait().is_pending());
    drop(waits);
    assert_eq!(queue.try_wait(), WOKEN);
}

fn waiting_for_a_condition_looks_after_each_wake_up<L: Lock>() {
    let (queue, task, count) = (WaitQueue::<L>::default(), Probe::new(), Cell::new(0));
    let mut wait = Box::pin(queue.wait_for(|| count.get() >= 2));
    assert!(poll(wait.as_mut(), &task).is_pending());
    for n in 1..=2 {
        count.set(n);
        assert!(
            poll(wait.as_mut(), &task).is_pending(),
            "nobody has woken it"
        );
        queue.wake();
        assert_eq!(task.wakes(), n, "it is queued while it looks");
        assert_eq!(poll(wait.as_mut(), &task).is_ready(), n == 2);
    }
    // Dropped before it has looked: the wake-up is the next one's.
    let mut wait = Box::pin(queue.wait_for(|| false));
    assert!(poll(wait.as_mut(), &task).is_pending());
    queue.wake();
    drop(wait);
    assert_eq!(queue.try_wait(), WOKEN);
}

fn waits_know_their_queue<L: Lock>() {
    let (a, b) = (WaitQueue::<L>::default(), WaitQueue::<L>::default());
    assert!(a.wait().waits_on(&a));
    assert!(!a.wait().waits_on(&b));
    assert!(a.wait().same_queue(&a.wait()));
    assert!(!a.wait().same_queue(&b.wait()));
}

#[cfg(feature = "alloc")]
fn owned_waits_keep_their_queue<L: Lock>() {
    let (a, b, task) = (
        Arc::new(WaitQueue::<L>::default()),
        Arc::new(WaitQueue::<L>::default()),
        Probe::new(),
    );
    assert!(a.wait_owned().waits_on(&a));
    assert!(a.wait_owned().same_queue(&a.wait_owned()));
    assert!(!a.wait_owned().same_queue(&b.wait_owned()));

    let (mut first, mut second) = (Box::pin(a.wait_owned()), Box::pin(a.wait_owned()));
    assert!(first.as_mut().subscribe().is_pending());
    assert!(poll(second.as_mut(), &task).is_pending());
    a.wake();
    drop(a);
    drop(first);
    assert_eq!(
        poll(second.as_mut(), &task),
        WOKEN,
        "handed on in a queue that only they hold"
    );
}
