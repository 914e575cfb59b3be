//! `WaitCell`, stepped by hand: no wake-up is lost and none is invented.
#![cfg(not(loom))]

mod support;

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    thread,
};

use futures::executor::block_on;
use pintle_sync::{WaitCell, wait_cell::PollWaitError};
use support::{Probe, poll};

fn poll_wait(cell: &WaitCell, probe: &Arc<Probe>) -> Poll<Result<(), PollWaitError>> {
    let waker = probe.waker();
    cell.poll_wait(&mut Context::from_waker(&waker))
}

const WOKEN: Poll<Result<(), PollWaitError>> = Poll::Ready(Ok(()));
const CLOSED: Poll<Result<(), PollWaitError>> = Poll::Ready(Err(PollWaitError::Closed));
const BUSY: Poll<Result<(), PollWaitError>> = Poll::Ready(Err(PollWaitError::Busy));

#[test]
fn a_wake_up_before_the_wait_is_kept() {
    let (cell, task) = (WaitCell::new(), Probe::new());
    assert!(!cell.wake(), "nobody waits");
    assert_eq!(poll_wait(&cell, &task), WOKEN);
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
    assert_eq!(task.wakes(), 0);
}

#[test]
fn several_wake_ups_are_one() {
    let (cell, task) = (WaitCell::new(), Probe::new());
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
    assert!(cell.wake());
    assert!(!cell.wake());
    assert_eq!(task.wakes(), 1);
    assert_eq!(poll_wait(&cell, &task), WOKEN);
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
}

#[test]
fn a_spurious_poll_does_not_complete() {
    let (cell, task) = (WaitCell::new(), Probe::new());
    let mut wait = pin!(cell.wait());
    for _ in 0..8 {
        assert!(poll(wait.as_mut(), &task).is_pending());
    }
    assert_eq!(
        task.wakes(),
        0,
        "registering the same task again wakes nobody"
    );
    assert_eq!(task.clones(), 1, "and clones nothing");
    cell.wake();
    assert_eq!(poll(wait, &task), Poll::Ready(Ok(())));
}

#[test]
fn a_displaced_task_is_woken() {
    let (cell, first, second) = (WaitCell::new(), Probe::new(), Probe::new());
    assert_eq!(poll_wait(&cell, &first), Poll::Pending);
    assert_eq!(poll_wait(&cell, &second), Poll::Pending);
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    assert!(cell.wake());
    assert_eq!((first.wakes(), second.wakes()), (1, 1));
    assert_eq!(first.live(), 0);
}

#[test]
fn being_woken_is_not_being_closed() {
    let (cell, task) = (WaitCell::new(), Probe::new());
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
    cell.wake();
    assert!(!cell.is_closed());
    assert_eq!(poll_wait(&cell, &task), WOKEN);
}

#[test]
fn is_closed_right_after_close() {
    let task = Probe::new();
    // Idle, with a stored wake-up, with a waiter: defect 15 was in what these leave behind.
    let idle = WaitCell::new();
    assert!(!idle.is_closed());
    assert!(!idle.close());
    assert!(idle.is_closed());

    let woken = WaitCell::new();
    woken.wake();
    assert!(!woken.close());
    assert!(woken.is_closed());
    assert_eq!(
        poll_wait(&woken, &task),
        CLOSED,
        "the stored wake-up is forgotten"
    );

    let waiting = WaitCell::new();
    assert_eq!(poll_wait(&waiting, &task), Poll::Pending);
    assert!(waiting.close());
    assert!(waiting.is_closed());
    assert_eq!(task.wakes(), 1);
    assert_eq!(poll_wait(&waiting, &task), CLOSED);
}

#[test]
fn closing_is_final() {
    let (cell, task) = (WaitCell::new(), Probe::new());
    cell.close();
    assert!(!cell.close());
    assert!(!cell.wake());
    assert!(cell.is_closed());
    let mut wait = pin!(cell.wait());
    for _ in 0..2 {
        assert!(matches!(poll(wait.as_mut(), &task), Poll::Ready(Err(_))));
    }
    assert_eq!(task.live(), 0, "a closed cell keeps no waker");
}

#[test]
fn a_wait_may_be_awaited_again() {
    let (cell, task) = (WaitCell::new(), Probe::new());
    let mut wait = cell.wait();
    cell.wake();
    assert_eq!(poll(Pin::new(&mut wait), &task), Poll::Ready(Ok(())));
    assert_eq!(poll(Pin::new(&mut wait), &task), Poll::Pending);
    cell.wake();
    assert_eq!(poll(Pin::new(&mut wait), &task), Poll::Ready(Ok(())));
}

#[test]
fn subscribing_registers_and_consumes_nothing() {
    let (cell, task) = (WaitCell::new(), Probe::new());
    cell.wake();
    let Poll::Ready(wait) = poll(pin!(cell.subscribe()), &task) else {
        panic!("subscribing does not wait");
    };
    drop(wait);
    assert_eq!(poll_wait(&cell, &task), WOKEN, "it is still stored");

    let Poll::Ready(wait) = poll(pin!(cell.subscribe()), &task) else {
        panic!("subscribing does not wait");
    };
    assert!(
        cell.wake(),
        "the task is registered before the wait is polled"
    );
    assert_eq!(task.wakes(), 1);
    assert_eq!(poll(pin!(wait), &task), Poll::Ready(Ok(())));

    cell.close();
    let Poll::Ready(wait) = poll(pin!(cell.subscribe()), &task) else {
        panic!("subscribing does not wait");
    };
    assert!(matches!(poll(pin!(wait), &task), Poll::Ready(Err(_))));
}

#[test]
fn a_dropped_cell_wakes_who_is_registered_and_keeps_no_waker() {
    let task = Probe::new();
    let cell = WaitCell::new();
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
    assert_eq!(task.live(), 1);
    drop(cell);
    assert_eq!((task.wakes(), task.live()), (1, 0));
}

#[test]
fn waiting_for_a_condition_looks_after_each_wake_up() {
    let (cell, task, count) = (WaitCell::new(), Probe::new(), Cell::new(0));
    let mut wait = pin!(cell.wait_for(|| count.get() >= 2));
    assert!(poll(wait.as_mut(), &task).is_pending());
    for n in 1..=2 {
        count.set(n);
        assert!(
            poll(wait.as_mut(), &task).is_pending(),
            "nobody has woken it"
        );
        assert!(cell.wake(), "it is registered while it looks");
        assert_eq!(poll(wait.as_mut(), &task).is_ready(), n == 2);
    }
}

#[test]
fn a_value_counts_for_more_than_the_closing() {
    let cell = WaitCell::new();
    cell.close();
    assert_eq!(block_on(cell.wait_for_value(|| Some(1))), Ok(1));
    assert!(block_on(cell.wait_for_value(|| None::<u8>)).is_err());
    assert!(block_on(cell.wait_for(|| false)).is_err());
}

// --- wakers that do harm ---------------------------------------------------------------------

/// Runs `f` with a cell that wakers can hold on to.
fn shared() -> (Arc<WaitCell>, Arc<Probe>) {
    (Arc::new(WaitCell::new()), Probe::new())
}

#[test]
fn a_clone_may_wake_the_cell() {
    let (cell, task) = shared();
    task.on_clone({
        let cell = cell.clone();
        move || assert!(!cell.wake())
    });
    assert_eq!(poll_wait(&cell, &task), WOKEN);
    assert_eq!(task.live(), 0);
}

#[test]
fn a_clone_may_close_the_cell() {
    let (cell, task) = shared();
    task.on_clone({
        let cell = cell.clone();
        move || assert!(!cell.close())
    });
    assert_eq!(poll_wait(&cell, &task), CLOSED);
    assert_eq!(task.live(), 0);
}

#[test]
fn a_clone_may_wait_on_the_cell() {
    let (cell, task, other) = (Arc::new(WaitCell::new()), Probe::new(), Probe::new());
    task.on_clone({
        let (cell, other) = (cell.clone(), other.clone());
        move || assert_eq!(poll_wait(&cell, &other), Poll::Pending)
    });
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
    assert_eq!(other.wakes(), 1, "it registered first and was displaced");
    assert!(cell.wake());
    assert_eq!((task.wakes(), task.live(), other.live()), (1, 0, 0));
}

#[test]
fn a_clone_that_panics_leaves_the_cell_free() {
    let (cell, task, other) = (Arc::new(WaitCell::new()), Probe::new(), Probe::new());
    for occupied in [false, true] {
        if occupied {
            assert_eq!(poll_wait(&cell, &other), Poll::Pending);
        }
        task.on_clone(|| panic!("no clone"));
        assert!(catch_unwind(AssertUnwindSafe(|| poll_wait(&cell, &task))).is_err());
        assert_eq!(cell.wake(), occupied, "who was registered still is");
        task.disarm();
        assert_eq!(poll_wait(&cell, &task), WOKEN);
        assert_eq!(poll_wait(&cell, &task), Poll::Pending);
        assert!(cell.wake());
        assert_eq!(poll_wait(&cell, &task), WOKEN);
    }
    assert_eq!(task.live(), 0);
}

#[test]
fn a_wake_may_use_the_cell() {
    let (cell, task, other) = (Arc::new(WaitCell::new()), Probe::new(), Probe::new());
    task.on_wake({
        let (cell, other) = (cell.clone(), other.clone());
        move || {
            assert_eq!(poll_wait(&cell, &other), WOKEN);
            assert_eq!(poll_wait(&cell, &other), Poll::Pending);
            assert!(cell.wake());
            assert!(!cell.close());
        }
    });
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
    assert!(cell.wake());
    assert_eq!(other.wakes(), 1);
    assert!(cell.is_closed());
}

#[test]
fn a_wake_that_panics_has_woken() {
    let (cell, task, other) = (Arc::new(WaitCell::new()), Probe::new(), Probe::new());
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
    task.on_wake(|| panic!("no wake"));
    assert!(catch_unwind(AssertUnwindSafe(|| cell.wake())).is_err());
    assert_eq!(poll_wait(&cell, &other), WOKEN);

    // As the displaced one: the other task is registered all the same.
    task.disarm();
    assert_eq!(poll_wait(&cell, &task), Poll::Pending);
    task.on_wake(|| panic!("no wake"));
    assert!(catch_unwind(AssertUnwindSafe(|| poll_wait(&cell, &other))).is_err());
    assert!(cell.wake());
    assert_eq!(other.wakes(), 1);
    assert_eq!((task.live(), other.live()), (0, 0));
}

#[test]
fn a_drop_may_use_the_cell() {
    let (cell, task, other) = (Arc::new(WaitCell::new()), Probe::new(), Probe::new());
    // The clone that turns out not to be needed is dropped; that is the moment.
    task.on_clone({
        let (cell, mut first) = (cell.clone(), true);
        move || {
            // Once: the two hooks together would keep the poll going for ever.
            if std::mem::take(&mut first) {
                cell.wake();
            }
        }
    });
    task.on_drop({
        let (cell, other) = (cell.clone(), other.clone());
        move || {
            let _ = poll_wait(&cell, &other);
            let _ = poll_wait(&cell, &other);
        }
    });
    let _ = poll_wait(&cell, &task);
    assert_eq!(
        other.wakes(),
        1,
        "it registered in the drop and was displaced"
    );
    assert!(cell.wake(), "and this task is registered");
    task.disarm();
}

#[test]
fn a_poll_in_the_middle_of_a_wake_up_is_told_so() {
    // A waker runs when the slot is free again, so this can only be seen from another thread, and
    // there rarely. What can be shown is that the future asks for another poll when it is.
    assert_ne!(BUSY, CLOSED);
    let cell = Arc::new(WaitCell::new());
    let waking = thread::spawn({
        let cell = cell.clone();
        move || {
            for _ in 0..10_000 {
                cell.wake();
            }
            cell.close();
        }
    });
    block_on(async { while cell.wait().await.is_ok() {} });
    waking.join().unwrap();
}

#[test]
fn no_wake_up_is_lost_between_threads() {
    use std::sync::atomic::{AtomicUsize, Ordering::*};

    let rounds = if pintle_core::model::full() {
        2_000_000
    } else {
        50_000
    };
    let (ping, pong) = (Arc::new(WaitCell::new()), Arc::new(WaitCell::new()));
    let sent = Arc::new(AtomicUsize::new(0));
    let echo = thread::spawn({
        let (ping, pong, sent) = (ping.clone(), pong.clone(), sent.clone());
        move || {
            block_on(async {
                for n in 1..=rounds {
                    ping.wait_for(|| sent.load(Relaxed) >= n).await.unwrap();
                    pong.wake();
                }
            })
        }
    });
    block_on(async {
        for n in 1..=rounds {
            // Relaxed: the wake-up has to order it.
            sent.store(n, Relaxed);
            ping.wake();
            pong.wait().await.unwrap();
        }
    });
    echo.join().unwrap();
}
