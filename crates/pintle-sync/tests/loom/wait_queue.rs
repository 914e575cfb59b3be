use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use loom::future::block_on;
use pintle_core::atomic::{AtomicUsize, Ordering::Relaxed};
use pintle_sync::{
    Closed, WaitQueue, blocking::ScopedRawMutex, spin::Spinlock, wait_queue::WaitOwned,
};

use crate::support::{Task, Watched, check, spawn};

/// More waiters than `wake_all` takes out in one go: it has to let go of the lock in between.
pub(crate) const MORE_THAN_A_BATCH: usize = 18;

pub(crate) const WOKEN: Poll<Result<(), Closed>> = Poll::Ready(Ok(()));

pub(crate) type Waiting<L> = (Pin<Box<WaitOwned<L>>>, Arc<Task>);

/// `n` waiters that wait.
pub(crate) fn waiting<L: ScopedRawMutex>(queue: &Arc<WaitQueue<L>>, n: usize) -> Vec<Waiting<L>> {
    (0..n)
        .map(|_| {
            let (mut wait, task) = (Box::pin(queue.wait_owned()), Task::new());
            assert!(task.poll(wait.as_mut()).is_pending());
            (wait, task)
        })
        .collect()
}

fn wait_and_wake_with<L: ScopedRawMutex + Default + Send + Sync + 'static>() {
    check(|| {
        let shared = Arc::new((WaitQueue::<L>::default(), Watched::default()));
        let waking = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.wake();
            }
        });
        block_on(shared.0.wait()).unwrap();
        assert_eq!(shared.1.get(), 1, "a wake-up orders what came before it");
        waking.join().unwrap();
        assert!(shared.0.try_wait().is_pending());
    });
}

#[test]
fn wait_and_wake() {
    wait_and_wake_with::<pintle_sync::blocking::DefaultMutex>();
}

#[test]
fn wait_and_wake_under_a_spinlock() {
    wait_and_wake_with::<Spinlock>();
}

#[test]
fn wait_and_wake_all() {
    check(|| {
        let shared = Arc::new((WaitQueue::new(), AtomicUsize::new(0), Watched::default()));
        let waking = spawn({
            let shared = shared.clone();
            move || {
                shared.2.add_shared();
                shared.1.store(1, Relaxed);
                shared.0.wake_all();
            }
        });
        // Created before or after: then it need not wait, and knows.
        let wait = shared.0.wait();
        if shared.1.load(Relaxed) == 0 {
            block_on(wait).unwrap();
            assert_eq!(shared.2.get(), 1);
        }
        waking.join().unwrap();
        assert!(shared.0.try_wait().is_pending());
    });
}

#[test]
fn two_wakes_and_two_who_wait_already() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let waits = waiting(&queue, 2);
        let waking = spawn({
            let queue = queue.clone();
            move || queue.wake()
        });
        queue.wake();
        waking.join().unwrap();
        for (mut wait, task) in waits {
            assert_eq!(task.wakes(), 1);
            assert_eq!(task.poll(wait.as_mut()), WOKEN);
        }
        assert!(queue.try_wait().is_pending());
    });
}

#[test]
fn wait_and_drop() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let waking = spawn({
            let queue = queue.clone();
            move || queue.wake()
        });
        let mut wait = Box::pin(queue.wait());
        let polled = Task::new().poll(wait.as_mut());
        drop(wait);
        waking.join().unwrap();
        // Taken by the poll, or still there.
        assert_eq!(queue.try_wait().is_pending(), polled == WOKEN);
    });
}

#[test]
fn a_cancelled_waiter_and_wake_with_another_behind_it() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let mut waits = waiting(&queue, 2);
        let (first, _) = waits.remove(0);
        let waking = spawn({
            let queue = queue.clone();
            move || queue.wake()
        });
        drop(first);
        waking.join().unwrap();
        let (mut wait, task) = waits.remove(0);
        assert_eq!(
            task.wakes(),
            1,
            "by the wake-up, or because the first handed it on"
        );
        assert_eq!(task.poll(wait.as_mut()), WOKEN);
        assert!(queue.try_wait().is_pending());
    });
}

#[test]
fn another_waker_and_wake() {
    check(|| {
        let (queue, second) = (Arc::new(WaitQueue::new()), Task::new());
        let (mut wait, first) = waiting(&queue, 1).remove(0);
        let waking = spawn({
            let queue = queue.clone();
            move || queue.wake()
        });
        let polled = second.poll(wait.as_mut());
        waking.join().unwrap();
        assert_eq!(first.wakes() + second.wakes(), 1);
        if polled.is_pending() {
            assert_eq!(second.wakes(), 1, "the waker of the latest poll");
            assert_eq!(second.poll(wait.as_mut()), WOKEN);
        }
    });
}

#[test]
fn wait_and_close() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let closing = spawn({
            let queue = queue.clone();
            move || {
                queue.close();
                assert!(queue.is_closed());
            }
        });
        assert!(block_on(queue.wait()).is_err());
        assert!(queue.is_closed());
        closing.join().unwrap();
    });
}

#[test]
fn closing_orders_what_came_before_it() {
    // Found by looking, so no waker orders anything.
    let found: [fn(&WaitQueue) -> bool; 3] = [
        says_closed,
        |queue| matches!(queue.try_wait(), Poll::Ready(Err(_))),
        WaitQueue::is_closed,
    ];
    for found in found {
        check(move || {
            let shared = Arc::new((WaitQueue::new(), Watched::default()));
            // It is forgotten, perhaps while somebody is about to take it.
            shared.0.wake();
            let closing = spawn({
                let shared = shared.clone();
                move || {
                    shared.1.add_shared();
                    shared.0.close();
                }
            });
            if found(&shared.0) {
                assert_eq!(shared.1.get(), 1);
            }
            closing.join().unwrap();
        });
    }
}

/// Defect 12.
#[test]
fn wake_and_close() {
    for waiters in 0..=2 {
        check(move || {
            let queue = Arc::new(WaitQueue::new());
            let waits = waiting(&queue, waiters);
            let waking = spawn({
                let queue = queue.clone();
                move || queue.wake()
            });
            queue.close();
            assert!(queue.is_closed());
            waking.join().unwrap();
            assert!(queue.is_closed(), "for good");
            let mut woken = 0;
            for (mut wait, task) in waits {
                assert_eq!(task.wakes(), 1);
                match task.poll(wait.as_mut()) {
                    Poll::Ready(result) => woken += usize::from(result.is_ok()),
                    Poll::Pending => panic!("left behind"),
                }
            }
            assert!(woken <= 1);
            assert!(matches!(queue.try_wait(), Poll::Ready(Err(_))));
        });
    }
}

/// Defect 12.
#[test]
fn dropping_a_woken_waiter_and_close() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let mut waits = waiting(&queue, 2);
        queue.wake();
        let closing = spawn({
            let queue = queue.clone();
            move || queue.close()
        });
        drop(waits.remove(0));
        closing.join().unwrap();
        assert!(queue.is_closed());
        let (mut wait, task) = waits.remove(0);
        assert_eq!(task.wakes(), 1);
        assert!(
            task.poll(wait.as_mut()).is_ready(),
            "woken or closed, not left behind"
        );
        assert!(matches!(queue.try_wait(), Poll::Ready(Err(_))));
    });
}

#[test]
fn dropping_a_waiter_and_close() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let waits = waiting(&queue, 1);
        let closing = spawn({
            let queue = queue.clone();
            move || queue.close()
        });
        drop(waits);
        closing.join().unwrap();
        assert!(says_closed(&queue));
    });
}

fn says_closed<L: ScopedRawMutex>(queue: &WaitQueue<L>) -> bool {
    let mut wait = pin!(queue.wait());
    matches!(wait.as_mut().subscribe(), Poll::Ready(Err(_)))
}

/// Defect 12: this panicked.
#[test]
fn wake_all_and_close() {
    for waiters in [1, MORE_THAN_A_BATCH] {
        check(move || {
            let queue = Arc::new(WaitQueue::new());
            let waits = waiting(&queue, waiters);
            let waking = spawn({
                let queue = queue.clone();
                move || queue.wake_all()
            });
            queue.close();
            waking.join().unwrap();
            assert!(queue.is_closed());
            let mut results = Vec::new();
            for (mut wait, task) in waits {
                assert_eq!(task.wakes(), 1);
                results.push(task.poll(wait.as_mut()));
            }
            assert!(
                results.iter().all(|result| *result == results[0]),
                "all of them, or none"
            );
            assert!(results[0].is_ready());
        });
    }
}

#[test]
fn wake_all_and_wake() {
    check(|| {
        let queue = Arc::new(WaitQueue::new());
        let waits = waiting(&queue, 2);
        let waking = spawn({
            let queue = queue.clone();
            move || queue.wake()
        });
        queue.wake_all();
        waking.join().unwrap();
        for (_, task) in &waits {
            assert_eq!(task.wakes(), 1);
        }
        // Whether it went to a waiter, who hands it on now, or was stored: there is one.
        drop(waits);
        assert_eq!(queue.try_wait(), WOKEN);
        assert!(queue.try_wait().is_pending());
    });
}

#[test]
fn a_waiter_sees_what_came_before_a_wake_up_that_went_to_another() {
    check(|| {
        let shared = Arc::new((WaitQueue::new(), AtomicUsize::new(0), Watched::default()));
        let waking = spawn({
            let shared = shared.clone();
            move || {
                shared.2.add_shared();
                shared.0.wake();
            }
        });
        let taking = spawn({
            let shared = shared.clone();
            move || {
                let taken = shared.0.try_wait() == WOKEN;
                shared.1.store(usize::from(taken), Relaxed);
                taken
            }
        });
        // Tells, and orders nothing.
        let taken = shared.1.load(Relaxed) == 1;
        let mut wait = Box::pin(shared.0.wait());
        let queued = wait.as_mut().subscribe().is_pending();
        // One that was stored and taken: nobody waited then, so this waiter queued up later.
        assert!(queued || !taken);
        if taken || !queued {
            assert_eq!(shared.2.get(), 1);
        }
        let taken = taking.join().unwrap();
        waking.join().unwrap();
        assert!(taken || wait.as_mut().subscribe() == WOKEN);
    });
}

#[test]
fn two_wakes_that_become_one() {
    let found: [fn(&WaitQueue) -> bool; 2] = [
        |queue| queue.try_wait() == WOKEN,
        |queue| pin!(queue.wait()).as_mut().subscribe() == WOKEN,
    ];
    for found in found {
        check(move || {
            let shared = Arc::new(<(WaitQueue, [(Watched, AtomicUsize); 2])>::default());
            let waking = [0, 1].map(|i| {
                let shared = shared.clone();
                spawn(move || {
                    shared.1[i].0.add_shared();
                    shared.0.wake();
                    shared.1[i].1.store(1, Relaxed);
                })
            });
            // Tells, and orders nothing.
            let both = shared.1.iter().all(|it| it.1.load(Relaxed) == 1);
            if found(&shared.0) && both {
                for (before, _) in &shared.1 {
                    assert_eq!(before.get(), 1, "one wake-up orders what came before both");
                }
            }
            for waking in waking {
                waking.join().unwrap();
            }
        });
    }
}

#[test]
fn a_wake_up_that_is_found_by_looking_is_ordered() {
    check(|| {
        let shared = Arc::new((WaitQueue::new(), Watched::default()));
        let mut wait = Box::pin(shared.0.wait());
        assert!(wait.as_mut().subscribe().is_pending());
        let waking = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.wake();
            }
        });
        // No waker is there to order anything.
        if wait.as_mut().subscribe() == WOKEN {
            assert_eq!(shared.1.get(), 1);
        }
        waking.join().unwrap();
    });
}

#[test]
fn a_new_generation_that_is_read_from_a_later_write_is_ordered() {
    check(|| {
        let shared = Arc::new((Arc::new(WaitQueue::new()), AtomicUsize::new(0)));
        let looking = spawn({
            let shared = shared.clone();
            move || {
                let wait = Box::pin(shared.0.wait_owned());
                // A number that may be looked at too early; this thread does not yield before.
                (wait, shared.1.load(Relaxed))
            }
        });
        shared.1.store(1, Relaxed);
        shared.0.wake_all();
        // Begins and ends the waiting: two writes that carry the generation on.
        drop(waiting(&shared.0, 1));
        let (mut wait, seen) = looking.join().unwrap();
        assert!(seen == 1 || wait.as_mut().subscribe() == WOKEN);
    });
}
