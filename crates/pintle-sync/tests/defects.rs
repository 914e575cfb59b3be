//! The defects of `reference/defects.md`, one test each by its number: what a program saw of them without a
//! race. With one, they are in `tests/loom/`, in functions that name them too.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{self, Arc},
    task::Poll,
};

use pintle_sync::{
    Mutex, RwLock, Semaphore, WaitCell, WaitMap, WaitQueue,
    wait_map::{WaitError, WakeOutcome},
    wait_queue::Wait,
};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    defect_5_a_mutex_gives_no_second_guard,
    defect_12_closing_a_queue_is_final,
    defect_13_closing_a_map_is_final,
    defect_14_wake_all_spares_those_who_come_meanwhile,
    defect_16_waiting_for_a_condition_goes_on_after_a_wake_up,
    defect_17_closing_a_semaphore_calls_wakers_outside_its_lock,
    defect_17_too_many_permits_do_not_close_a_semaphore,
    defect_31_a_lock_of_any_kind_can_be_written_by,
    defect_36_a_permit_that_comes_back_leaves_a_semaphore_closed,
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
    let late = Arc::new(sync::Mutex::new(Vec::new()));
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

/// A future that was polled again after it had given a guard gave another.
fn defect_5_a_mutex_gives_no_second_guard<L: Lock>() {
    let mutex = Mutex::<u8, L>::default();
    let mut lock = pin!(mutex.lock());
    let guard = poll(lock.as_mut(), &Probe::new());
    assert!(guard.is_ready());
    assert!(poll(lock.as_mut(), &Probe::new()).is_pending());
    drop(guard);
    assert!(poll(lock.as_mut(), &Probe::new()).is_pending());
}

/// A waker that looked at the semaphore when it was closed spun for ever.
fn defect_17_closing_a_semaphore_calls_wakers_outside_its_lock<L: Lock>() {
    let semaphore: &Semaphore<L> = Box::leak(Box::default());
    let (mut acquire, task) = (Box::pin(semaphore.acquire(1)), Probe::new());
    assert!(poll(acquire.as_mut(), &task).is_pending());
    task.on_wake(|| {
        drop(poll(Box::pin(semaphore.acquire(1)).as_mut(), &Probe::new()));
        semaphore.add_permits(1);
    });
    semaphore.close();
    assert_eq!(task.wakes(), 1);
}

/// The panic left the count at the value that means closed.
fn defect_17_too_many_permits_do_not_close_a_semaphore<L: Lock>() {
    let max = Semaphore::<L>::MAX_PERMITS;
    let semaphore = Semaphore::<L>::new_with_raw_mutex(max, L::default());
    let add = AssertUnwindSafe(|| semaphore.add_permits(1));
    assert!(catch_unwind(add).is_err());
    assert!(!semaphore.is_closed());
    assert_eq!(semaphore.try_acquire(max).unwrap().permits(), max);
}

/// The write guard of a custom lock had no `DerefMut`, and did not cross threads.
fn defect_31_a_lock_of_any_kind_can_be_written_by<L: Lock>() {
    let lock = RwLock::<u8, L>::default();
    let mut guard = lock.try_write().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || *guard += 1);
    });
    assert_eq!(lock.into_inner(), 1);
}

/// A permit returned while it was being closed reopened it. (The race is in `tests/loom/semaphore.rs`.)
fn defect_36_a_permit_that_comes_back_leaves_a_semaphore_closed<L: Lock>() {
    let semaphore: &Semaphore<L> = Box::leak(Box::default());
    semaphore.add_permits(1);
    let mut permit = semaphore.try_acquire(1).ok();
    let (mut acquire, task) = (Box::pin(semaphore.acquire(1)), Probe::new());
    assert!(poll(acquire.as_mut(), &task).is_pending());
    task.on_wake(move || drop(permit.take()));
    semaphore.close();
    assert!(matches!(poll(acquire.as_mut(), &task), Poll::Ready(Err(_))));
    assert!(semaphore.is_closed() && semaphore.try_acquire(1).is_err());
}
