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
    dropping_a_wait_that_all_were_woken_with_hands_nothing_on,
    wake_all_wakes_those_who_wait_and_stores_nothing,
    wake_all_wakes_futures_that_were_created_and_never_polled,
    wake_all_leaves_a_stored_wake_up,
    wake_all_with_more_waiters_than_a_batch_spares_those_who_come_meanwhile,
    waiters_may_leave_in_the_middle_of_wake_all,
    closing_ends_every_wait,
    closing_forgets_a_stored_wake_up,
    a_wait_that_was_woken_before_the_closing_is_woken,
    closing_is_final_when_a_woken_waiter_is_dropped,
    closing_is_final_when_it_happens_in_the_middle_of_wake_all,
    subscribing_takes_a_place_without_a_waker,
    try_wait_takes_what_is_stored,
    wake_many_wakes_as_many_as_it_says,
    wake_many_of_more_than_wait_stores_one_wake_up,
    dropping_one_that_wake_many_has_woken_wakes_the_next,
    waiting_for_a_condition_looks_after_each_wake_up,
    a_value_counts_for_more_than_the_closing,
    waits_know_their_queue,
];

#[cfg(feature = "alloc")]
mod owned {
    use super::{for_each_lock, owned_waits_keep_their_queue};

    for_each_lock![owned_waits_keep_their_queue];
}

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
