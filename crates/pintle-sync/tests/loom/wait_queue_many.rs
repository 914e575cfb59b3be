//! More waiters than one batch: the lock is let go of in the middle of waking them.

use std::{sync::Arc, task::Poll};

use pintle_sync::WaitQueue;

use crate::{
    support::{Task, check, spawn},
    wait_queue::{MORE_THAN_A_BATCH, WOKEN, waiting},
};

/// Defect 14.
#[test]
fn wake_all_of_many_and_a_new_waiter() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let waits = waiting(&queue, MORE_THAN_A_BATCH);
        let waking = spawn({
            let queue = queue.clone();
            move || queue.wake_all()
        });
        let (mut late, late_task) = (Box::pin(queue.wait()), Task::new());
        let polled = late_task.poll(late.as_mut());
        waking.join().unwrap();
        for (mut wait, task) in waits {
            assert_eq!(task.wakes(), 1);
            assert_eq!(task.poll(wait.as_mut()), WOKEN);
        }
        // It came before the decision, and was woken with the others; or after, and waits.
        let woken = polled.is_ready() || late_task.wakes() == 1;
        assert_eq!(late_task.poll(late.as_mut()).is_ready(), woken);
        if !woken {
            queue.wake();
            assert_eq!(late_task.wakes(), 1);
            assert_eq!(late_task.poll(late.as_mut()), WOKEN);
        }
        assert!(queue.try_wait().is_pending());
    });
}

#[test]
fn wake_all_of_many_and_waiters_that_leave() {
    // The first of those that are split off, and the last, the guard's neighbour.
    for leaving in [16, MORE_THAN_A_BATCH - 1] {
        check(move || {
            let queue = Arc::new(WaitQueue::new());
            let mut waits = waiting(&queue, MORE_THAN_A_BATCH);
            let (leaving, _) = waits.remove(leaving);
            let waking = spawn({
                let queue = queue.clone();
                move || queue.wake_all()
            });
            drop(leaving);
            waking.join().unwrap();
            for (mut wait, task) in waits {
                assert_eq!(task.wakes(), 1);
                assert_eq!(task.poll(wait.as_mut()), WOKEN);
            }
            assert!(
                queue.try_wait().is_pending(),
                "who was woken with all hands nothing on"
            );
        });
    }
}

#[test]
fn close_of_many_and_waiters_that_leave() {
    for leaving in [16, MORE_THAN_A_BATCH - 1] {
        check(move || {
            let queue = Arc::new(WaitQueue::new());
            let mut waits = waiting(&queue, MORE_THAN_A_BATCH);
            let (leaving, _) = waits.remove(leaving);
            let closing = spawn({
                let queue = queue.clone();
                move || queue.close()
            });
            drop(leaving);
            closing.join().unwrap();
            assert!(queue.is_closed());
            for (mut wait, task) in waits {
                assert_eq!(task.wakes(), 1);
                assert!(matches!(task.poll(wait.as_mut()), Poll::Ready(Err(_))));
            }
        });
    }
}

#[test]
fn wake_all_of_many_and_a_poll_with_another_waker() {
    check(|| {
        let (queue, second) = (Arc::new(WaitQueue::new()), Task::new());
        let mut waits = waiting(&queue, MORE_THAN_A_BATCH);
        let (mut wait, first) = waits.pop().unwrap();
        let waking = spawn({
            let queue = queue.clone();
            move || queue.wake_all()
        });
        let polled = second.poll(wait.as_mut());
        waking.join().unwrap();
        assert_eq!(first.wakes() + second.wakes(), 1);
        if polled.is_pending() {
            assert_eq!(second.wakes(), 1, "the waker of the latest poll");
        }
        assert_eq!(second.poll(wait.as_mut()), WOKEN);
    });
}

#[test]
fn wake_many_and_waiters_that_leave() {
    // One of the first batch, one of the second.
    for leaving in [0, 16] {
        check(move || {
            let queue = Arc::new(WaitQueue::new());
            let mut waits = waiting(&queue, MORE_THAN_A_BATCH);
            let (leaving, _) = waits.remove(leaving);
            let waking = spawn({
                let queue = queue.clone();
                move || queue.wake_many(MORE_THAN_A_BATCH - 1)
            });
            drop(leaving);
            waking.join().unwrap();
            // One wake-up each for those who stayed, whoever got it first.
            for (mut wait, task) in waits {
                assert_eq!(task.wakes(), 1);
                assert_eq!(task.poll(wait.as_mut()), WOKEN);
            }
            assert!(queue.try_wait().is_pending());
        });
    }
}

#[test]
fn wake_many_and_close() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let waits = waiting(&queue, 2);
        let closing = spawn({
            let queue = queue.clone();
            move || queue.close()
        });
        queue.wake_many(3);
        closing.join().unwrap();
        assert!(queue.is_closed());
        for (mut wait, task) in waits {
            assert_eq!(task.wakes(), 1);
            assert!(task.poll(wait.as_mut()).is_ready());
        }
        assert!(matches!(queue.try_wait(), Poll::Ready(Err(_))));
    });
}

#[test]
fn wake_many_and_a_new_waiter() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let waits = waiting(&queue, 1);
        let waking = spawn({
            let queue = queue.clone();
            move || queue.wake_many(2)
        });
        // There is a wake-up for it as well: in its turn, or stored.
        let (mut late, late_task) = (Box::pin(queue.wait()), Task::new());
        let polled = late_task.poll(late.as_mut());
        waking.join().unwrap();
        assert!(polled.is_ready() || late_task.wakes() == 1 || queue.try_wait().is_ready());
        assert!(queue.try_wait().is_pending());
        for (_, task) in waits {
            assert_eq!(task.wakes(), 1);
        }
    });
}
