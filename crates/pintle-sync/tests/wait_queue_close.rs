//! `WaitQueue`, stepped by hand: what the closing ends, and what comes before it.
#![cfg(not(loom))]

mod support;

use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use pintle_sync::{Closed, WaitQueue, wait_queue::Wait};
use support::{Lock, Probe, for_each_lock, poll};

const WOKEN: Poll<Result<(), Closed>> = Poll::Ready(Ok(()));

for_each_lock![
    closing_ends_every_wait,
    closing_forgets_a_stored_wake_up,
    a_wait_that_was_woken_before_the_closing_is_woken,
    closing_is_final_when_a_woken_waiter_is_dropped,
    closing_is_final_when_it_happens_in_the_middle_of_wake_all,
    a_value_counts_for_more_than_the_closing,
];

/// A queue that wakers and their hooks can hold on to.
fn leaked<L: Lock>() -> &'static WaitQueue<L> {
    Box::leak(Box::default())
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

fn closing_ends_every_wait<L: Lock>() {
    for n in [0, 1, 16, 17, 40] {
        let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
        let unpolled = queue.wait();
        let waits = waiting(&queue, n);
        assert!(!queue.is_closed());
        queue.close();
        assert!(queue.is_closed());
        for (mut wait, task) in waits {
            assert_eq!(task.wakes(), 1);
            assert!(matches!(poll(wait.as_mut(), &task), Poll::Ready(Err(_))));
        }
        queue.wake();
        queue.wake_all();
        queue.close();
        assert!(queue.is_closed());
        for wait in [unpolled, queue.wait()] {
            assert!(matches!(poll(pin!(wait), &task), Poll::Ready(Err(_))));
        }
        assert!(matches!(queue.try_wait(), Poll::Ready(Err(_))));
    }
}

fn closing_forgets_a_stored_wake_up<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    queue.wake();
    queue.close();
    assert!(matches!(
        poll(pin!(queue.wait()), &task),
        Poll::Ready(Err(_))
    ));
}

fn a_wait_that_was_woken_before_the_closing_is_woken<L: Lock>() {
    let queue = WaitQueue::<L>::default();
    let mut waits = waiting(&queue, 2);
    let mut unpolled = pin!(queue.wait());
    queue.wake();
    queue.wake_all();
    queue.close();
    for (wait, task) in &mut waits {
        assert_eq!(poll(wait.as_mut(), task), WOKEN);
    }
    assert_eq!(unpolled.as_mut().subscribe(), WOKEN);
}

/// Defect 12, the form that needs no race.
fn closing_is_final_when_a_woken_waiter_is_dropped<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    let waits = waiting(&queue, 1);
    queue.wake();
    queue.close();
    drop(waits);
    assert!(queue.is_closed());
    assert!(matches!(
        poll(pin!(queue.wait()), &task),
        Poll::Ready(Err(_))
    ));
}

fn closing_is_final_when_it_happens_in_the_middle_of_wake_all<L: Lock>() {
    let queue = leaked::<L>();
    let waits = waiting(queue, 40);
    waits[0].1.on_wake(|| queue.close());
    queue.wake_all();
    assert!(queue.is_closed());
    for (mut wait, task) in waits {
        task.disarm();
        assert_eq!(poll(wait.as_mut(), &task), WOKEN, "it was woken first");
    }
    assert!(queue.is_closed());
}

fn a_value_counts_for_more_than_the_closing<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    queue.close();
    assert_eq!(
        poll(pin!(queue.wait_for_value(|| Some(1))), &task),
        Poll::Ready(Ok(1))
    );
    let none = poll(pin!(queue.wait_for_value(|| None::<u8>)), &task);
    assert!(matches!(none, Poll::Ready(Err(_))));
}
