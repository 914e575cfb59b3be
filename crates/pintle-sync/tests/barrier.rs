//! `Barrier`, stepped by hand.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use pintle_sync::{
    Barrier,
    barrier::{BarrierWaitResult, Wait},
};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    it_opens_for_each_round_and_the_last_leads,
    one_or_none_never_wait,
    a_spurious_poll_is_not_another_task,
    a_completed_wait_stays_completed,
    who_is_dropped_before_it_opens_has_not_come,
    who_is_dropped_after_it_opened_has_come,
    who_leaves_while_the_others_are_woken_does_not_count_for_the_next_round,
    a_waker_may_come_again_while_the_others_are_woken,
    a_wake_that_panics_does_not_keep_the_others_waiting,
];

type Waiting<L> = (Pin<Box<Wait<'static, L>>>, Arc<Probe>);

fn leaked<L: Lock>(n: usize) -> &'static Barrier<L> {
    Box::leak(Box::new(Barrier::new_with_raw_mutex(n, L::default())))
}

fn waiting<L: Lock>(barrier: &'static Barrier<L>, n: usize) -> Vec<Waiting<L>> {
    (0..n)
        .map(|_| {
            let (mut wait, task) = (Box::pin(barrier.wait()), Probe::new());
            assert!(poll(wait.as_mut(), &task).is_pending());
            (wait, task)
        })
        .collect()
}

fn leads(result: Poll<BarrierWaitResult>) -> Poll<bool> {
    result.map(|result| result.is_leader())
}

fn it_opens_for_each_round_and_the_last_leads<L: Lock>() {
    // Fewer than a batch, exactly one, more.
    for n in [2, 3, 17, 40] {
        let barrier = leaked::<L>(n);
        for _ in 0..3 {
            let waits = waiting(barrier, n - 1);
            assert!(waits.iter().all(|(_, task)| task.wakes() == 0));
            let task = Probe::new();
            let last = leads(poll(pin!(barrier.wait()), &task));
            assert_eq!((last, task.wakes(), task.live()), (Poll::Ready(true), 0, 0));
            for (mut wait, task) in waits {
                assert_eq!((task.wakes(), task.live()), (1, 0));
                assert_eq!(leads(poll(wait.as_mut(), &task)), Poll::Ready(false));
            }
        }
    }
}

fn one_or_none_never_wait<L: Lock>() {
    for n in [0, 1] {
        let barrier = leaked::<L>(n);
        for _ in 0..3 {
            let task = Probe::new();
            assert_eq!(leads(poll(pin!(barrier.wait()), &task)), Poll::Ready(true));
            assert_eq!((task.wakes(), task.live()), (0, 0));
        }
    }
}

fn a_spurious_poll_is_not_another_task<L: Lock>() {
    let barrier = leaked::<L>(3);
    let (mut wait, task) = waiting(barrier, 1).remove(0);
    let other = Probe::new();
    for _ in 0..5 {
        assert!(poll(wait.as_mut(), &task).is_pending());
        assert!(poll(wait.as_mut(), &other).is_pending());
    }
    let _second = waiting(barrier, 1);
    assert!(poll(pin!(barrier.wait()), &Probe::new()).is_ready());
    assert_eq!((task.wakes(), other.wakes()), (0, 1), "the latest");
}

fn a_completed_wait_stays_completed<L: Lock>() {
    let barrier = leaked::<L>(2);
    let mut waits = waiting(barrier, 1);
    let (mut last, task) = (pin!(barrier.wait()), Probe::new());
    for _ in 0..3 {
        assert_eq!(leads(poll(last.as_mut(), &task)), Poll::Ready(true));
        assert_eq!(leads(poll(waits[0].0.as_mut(), &task)), Poll::Ready(false));
    }
    let _next_round = waiting(barrier, 1);
}

fn who_is_dropped_before_it_opens_has_not_come<L: Lock>() {
    let barrier = leaked::<L>(3);
    for dropped in 0..2 {
        let mut waits = waiting(barrier, 2);
        let (_, task) = waits.remove(dropped);
        assert_eq!((task.wakes(), task.live()), (0, 0));
        waits.extend(waiting(barrier, 1));
        assert_eq!(
            leads(poll(pin!(barrier.wait()), &Probe::new())),
            Poll::Ready(true)
        );
    }
    drop(waiting(barrier, 2));
    drop(barrier.wait());
    let _waits = waiting(barrier, 2);
}

fn who_is_dropped_after_it_opened_has_come<L: Lock>() {
    let barrier = leaked::<L>(3);
    let waits = waiting(barrier, 2);
    assert!(poll(pin!(barrier.wait()), &Probe::new()).is_ready());
    drop(waits);
    let _waits = waiting(barrier, 2);
    assert!(poll(pin!(barrier.wait()), &Probe::new()).is_ready());
}

fn who_leaves_while_the_others_are_woken_does_not_count_for_the_next_round<L: Lock>() {
    let barrier = leaked::<L>(40);
    let mut waits = waiting(barrier, 39);
    // One whose turn has not come when the first is woken.
    let (leaving, left) = waits.remove(30);
    let mut leaving = Some(leaving);
    waits[0].1.on_wake(move || drop(leaving.take()));
    assert!(poll(pin!(barrier.wait()), &Probe::new()).is_ready());
    assert_eq!(left.wakes(), 0);
    assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
    let _waits = waiting(barrier, 39);
    assert!(poll(pin!(barrier.wait()), &Probe::new()).is_ready());
}

fn a_waker_may_come_again_while_the_others_are_woken<L: Lock>() {
    let barrier = leaked::<L>(20);
    let waits = waiting(barrier, 19);
    let late = Arc::new(std::sync::Mutex::new(Vec::new()));
    for (_, task) in &waits {
        let late = late.clone();
        task.on_wake(move || late.lock().unwrap().extend(waiting(barrier, 1)));
    }
    assert!(poll(pin!(barrier.wait()), &Probe::new()).is_ready());
    let late = std::mem::take(&mut *late.lock().unwrap());
    assert_eq!(late.len(), 19);
    assert!(late.iter().all(|(_, task)| task.wakes() == 0));
    assert!(poll(pin!(barrier.wait()), &Probe::new()).is_ready());
    assert!(late.iter().all(|(_, task)| task.wakes() == 1));
}

fn a_wake_that_panics_does_not_keep_the_others_waiting<L: Lock>() {
    for bad in [0, 15, 16, 38] {
        let barrier = leaked::<L>(40);
        let waits = waiting(barrier, 39);
        waits[bad].1.on_wake(|| panic!("no wake"));
        let mut last = pin!(barrier.wait());
        let come = || poll(last.as_mut(), &Probe::new());
        assert!(catch_unwind(AssertUnwindSafe(come)).is_err());
        assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
        assert_eq!(leads(poll(last, &Probe::new())), Poll::Ready(true));
        let _next_round = waiting(barrier, 39);
    }
}
