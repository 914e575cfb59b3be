//! The defects of `reference/defects.md`, one test each by its number: what a program saw of them without a
//! race. With one, they are in `tests/loom/`, in functions that name them too.
#![cfg(not(loom))]

mod support;

use std::{
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::Poll,
};

use pintle_sync::{
    WaitCell, WaitMap, WaitQueue,
    wait_map::{WaitError, WakeOutcome},
    wait_queue::Wait,
};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    defect_12_closing_a_queue_is_final,
    defect_13_closing_a_map_is_final,
    defect_14_wake_all_spares_those_who_come_meanwhile,
    defect_16_waiting_for_a_condition_goes_on_after_a_wake_up,
];

type Waiting<L> = (Pin<Box<Wait<'static, L>>>, Arc<Probe>);

fn waiting<L: Lock>(queue: &'static WaitQueue<L>) -> Waiting<L> {
    let (mut wait, task) = (Box::pin(queue.wait()), Probe::new());
    assert!(poll(wait.as_mut(), &task).is_pending());
    (wait, task)
}

/// Close, then drop a woken but unpolled waiter: that reopened the queue, and later waiters hung.
fn defect_12_closing_a_queue_is_final<L: Lock>() {
    for wake in [WaitQueue::<L>::wake, WaitQueue::<L>::wake_all] {
        let queue: &WaitQueue<L> = Box::leak(Box::default());
        let woken = waiting(queue);
        let waits = waiting(queue);
        wake(queue);
        queue.close();
        drop((woken, waits));
        wake(queue);
        assert!(queue.is_closed());
        for _ in 0..2 {
            let closed = poll(pin!(queue.wait()), &Probe::new());
            assert!(matches!(closed, Poll::Ready(Err(_))));
        }
    }
}

/// The same, and waking, for a map.
fn defect_13_closing_a_map_is_final<L: Lock>() {
    let map = WaitMap::<u8, u8, L>::default();
    let (mut woken, mut waits) = (Box::pin(map.wait(1)), Box::pin(map.wait(2)));
    assert!(poll(woken.as_mut(), &Probe::new()).is_pending());
    assert!(poll(waits.as_mut(), &Probe::new()).is_pending());
    assert_eq!(map.wake(&1, 1), WakeOutcome::Woke);
    map.close();
    drop((woken, waits));
    assert_eq!(map.wake(&2, 2), WakeOutcome::Closed(2));
    assert!(map.is_closed());
    let closed = poll(pin!(map.wait(1)), &Probe::new());
    assert_eq!(closed, Poll::Ready(Err(WaitError::Closed)));
}

/// More waiters than a batch, and a waker that waits again: that was woken too, and the next wake panicked.
fn defect_14_wake_all_spares_those_who_come_meanwhile<L: Lock>() {
    let queue: &WaitQueue<L> = Box::leak(Box::default());
    let late = Arc::new(Mutex::new(Vec::new()));
    let waits: Vec<_> = (0..17).map(|_| waiting(queue)).collect();
    for (_, task) in &waits {
        let late = late.clone();
        task.on_wake(move || late.lock().unwrap().push(waiting(queue)));
    }
    queue.wake_all();
    assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
    let mut late = std::mem::take(&mut *late.lock().unwrap());
    assert_eq!(late.len(), 17);
    for (wait, task) in &mut late {
        assert_eq!(task.wakes(), 0);
        assert!(poll(wait.as_mut(), task).is_pending());
    }
    for (wait, task) in &mut late {
        queue.wake();
        assert_eq!(poll(wait.as_mut(), task), Poll::Ready(Ok(())));
    }
}

#[test]
fn defect_15_a_closed_cell_says_so() {
    for registered in [false, true] {
        let (cell, task) = (WaitCell::new(), Probe::new());
        let mut wait = pin!(cell.wait());
        if registered {
            assert!(poll(wait.as_mut(), &task).is_pending());
        }
        cell.close();
        assert!(cell.is_closed());
        cell.wake();
        assert!(cell.is_closed());
        assert!(matches!(poll(wait, &task), Poll::Ready(Err(_))));
    }
}

/// It gave `AlreadyConsumed` when one wake-up found the condition still false.
fn defect_16_waiting_for_a_condition_goes_on_after_a_wake_up<L: Lock>() {
    let (map, task) = (WaitMap::<u8, u8, L>::default(), Probe::new());
    let mut left = 3;
    let mut wait = pin!(map.wait_for(1, || {
        left -= 1;
        left == 0
    }));
    for _ in 0..2 {
        assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
        assert_eq!(map.wake(&1, 0), WakeOutcome::Woke);
    }
    assert_eq!(poll(wait, &task), Poll::Ready(Ok(())));
}
