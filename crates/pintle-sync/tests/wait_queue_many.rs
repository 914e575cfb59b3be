//! `WaitQueue`, stepped by hand: wake-ups of several waiters at once.
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
    dropping_a_wait_that_all_were_woken_with_hands_nothing_on,
    wake_all_wakes_those_who_wait_and_stores_nothing,
    wake_all_wakes_futures_that_were_created_and_never_polled,
    wake_all_leaves_a_stored_wake_up,
    wake_all_with_more_waiters_than_a_batch_spares_those_who_come_meanwhile,
    waiters_may_leave_in_the_middle_of_wake_all,
    wake_many_wakes_as_many_as_it_says,
    wake_many_of_more_than_wait_stores_one_wake_up,
    dropping_one_that_wake_many_has_woken_wakes_the_next,
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

fn dropping_a_wait_that_all_were_woken_with_hands_nothing_on<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    let waits = waiting(&queue, 2);
    let unpolled = queue.wait();
    queue.wake_all();
    drop((waits, unpolled));
    assert!(queue.try_wait().is_pending());
    assert!(poll(pin!(queue.wait()), &task).is_pending());
}

fn wake_all_wakes_those_who_wait_and_stores_nothing<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    // None, one, less than a batch, exactly one, more than one, and several.
    for n in [0, 1, 5, 16, 17, 40] {
        let waits = waiting(&queue, n);
        queue.wake_all();
        for (mut wait, task) in waits {
            assert_eq!((task.wakes(), task.live()), (1, 0));
            assert_eq!(poll(wait.as_mut(), &task), WOKEN);
        }
        assert!(poll(pin!(queue.wait()), &task).is_pending());
    }
}

fn wake_all_wakes_futures_that_were_created_and_never_polled<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    // With and without somebody in the queue.
    for n in [0, 1] {
        let before = queue.wait();
        let waits = waiting(&queue, n);
        queue.wake_all();
        let after = queue.wait();
        assert_eq!(poll(pin!(before), &task), WOKEN);
        assert!(poll(pin!(after), &task).is_pending());
        drop(waits);
    }
}

fn wake_all_leaves_a_stored_wake_up<L: Lock>() {
    let (queue, task) = (WaitQueue::<L>::default(), Probe::new());
    queue.wake();
    let before = queue.wait();
    queue.wake_all();
    assert_eq!(poll(pin!(before), &task), WOKEN);
    assert_eq!(
        queue.try_wait(),
        WOKEN,
        "it was woken with all, not by what is stored"
    );
    assert!(queue.try_wait().is_pending());
}

/// Defect 14.
fn wake_all_with_more_waiters_than_a_batch_spares_those_who_come_meanwhile<L: Lock>() {
    for n in [17, 40] {
        let queue = leaked::<L>();
        let late = Arc::new(std::sync::Mutex::new(Vec::new()));
        let late_task = Probe::new();
        let waits = waiting(queue, n);
        waits[0].1.on_wake({
            let (late, late_task) = (late.clone(), late_task.clone());
            move || {
                // The others have not been woken yet, and this one waits already.
                let mut wait = Box::pin(queue.wait());
                assert!(poll(wait.as_mut(), &late_task).is_pending());
                late.lock().unwrap().push(wait);
            }
        });
        queue.wake_all();
        for (mut wait, task) in waits {
            assert_eq!(task.wakes(), 1);
            assert_eq!(poll(wait.as_mut(), &task), WOKEN);
            task.disarm();
        }
        assert_eq!(late_task.wakes(), 0);
        let mut wait = late.lock().unwrap().pop().unwrap();
        assert!(poll(wait.as_mut(), &late_task).is_pending());
        queue.wake();
        assert_eq!(late_task.wakes(), 1);
        assert_eq!(poll(wait.as_mut(), &late_task), WOKEN);
        assert!(queue.try_wait().is_pending());
    }
}

fn waiters_may_leave_in_the_middle_of_wake_all<L: Lock>() {
    let queue = leaked::<L>();
    // The 17th is the first of those split off, the 40th the last: the guard's neighbours.
    for leaving in [vec![16], vec![39], vec![20, 21, 22], (16..40).collect()] {
        let mut waits: Vec<_> = (0..40)
            .map(|_| {
                let (mut wait, task) = (Box::pin(queue.wait()), Probe::new());
                assert!(poll(wait.as_mut(), &task).is_pending());
                (Some(wait), task)
            })
            .collect();
        let gone: Vec<_> = leaving
            .iter()
            .map(|&n| (waits[n].0.take(), waits[n].1.clone()))
            .collect();
        let tasks: Vec<_> = gone.iter().map(|(_, task)| task.clone()).collect();
        let mut gone = Some(gone);
        waits[0].1.on_wake(move || drop(gone.take()));
        queue.wake_all();
        for task in tasks {
            assert_eq!((task.wakes(), task.live()), (0, 0));
        }
        for (wait, task) in waits {
            task.disarm();
            if let Some(mut wait) = wait {
                assert_eq!(poll(wait.as_mut(), &task), WOKEN);
                assert_eq!(task.wakes(), 1);
            }
        }
        assert!(queue.try_wait().is_pending());
    }
}

fn wake_many_wakes_as_many_as_it_says<L: Lock>() {
    for n in [0, 1, 2, 16, 17, 32, 39, 40] {
        let queue = WaitQueue::<L>::default();
        let mut waits = waiting(&queue, 40);
        queue.wake_many(n);
        for (place, (wait, task)) in waits.iter_mut().enumerate() {
            assert_eq!(task.wakes(), usize::from(place < n));
            assert_eq!(poll(wait.as_mut(), task).is_ready(), place < n);
        }
        assert!(queue.try_wait().is_pending(), "nothing is left over");
        queue.wake_many(40 - n);
        assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
        assert!(queue.try_wait().is_pending());
        queue.close();
        queue.wake_many(3);
        assert!(queue.is_closed());
    }
}

fn wake_many_of_more_than_wait_stores_one_wake_up<L: Lock>() {
    for waiters in [0, 1, 15, 16, 17, 32] {
        let queue = WaitQueue::<L>::default();
        let waits = waiting(&queue, waiters);
        queue.wake_many(waiters + 3);
        assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
        assert_eq!(queue.try_wait(), WOKEN);
        assert!(queue.try_wait().is_pending());
    }
    let queue = WaitQueue::<L>::default();
    queue.wake_many(0);
    assert!(queue.try_wait().is_pending());
    queue.wake_many(usize::MAX);
    assert_eq!(queue.try_wait(), WOKEN);
}

fn dropping_one_that_wake_many_has_woken_wakes_the_next<L: Lock>() {
    let queue = WaitQueue::<L>::default();
    let mut waits = waiting(&queue, 4);
    queue.wake_many(2);
    drop(waits.remove(1));
    assert_eq!(waits[1].1.wakes(), 1);
    assert_eq!(waits[2].1.wakes(), 0);
}
