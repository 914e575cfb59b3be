use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
};

use loom::future::block_on;
use pintle_core::atomic::{AtomicUsize, Ordering::Relaxed};
use pintle_sync::{WaitCell, wait_cell::PollWaitError};

use crate::support::{Task, Watched, check, spawn};

fn poll_wait(cell: &WaitCell, task: &Arc<Task>) -> Poll<Result<(), PollWaitError>> {
    cell.poll_wait(&mut Context::from_waker(&task.waker()))
}

#[test]
fn wait_and_wake() {
    check(|| {
        let shared = Arc::new((WaitCell::new(), Watched::default()));
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
    });
}

#[test]
fn wait_and_two_wakes_that_become_one() {
    check(|| {
        let shared = Arc::new(<(WaitCell, [(Watched, AtomicUsize); 2])>::default());
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
        if poll_wait(&shared.0, &Task::new()).is_ready() && both {
            for (before, _) in &shared.1 {
                assert_eq!(before.get(), 1, "one wake-up orders what came before both");
            }
        }
        for waking in waking {
            waking.join().unwrap();
        }
    });
}

#[test]
fn two_wakes_that_become_one_while_a_task_registers() {
    check(|| {
        let shared = Arc::new((WaitCell::new(), AtomicUsize::new(0)));
        let waking = [1, 2].map(|bit| {
            let shared = shared.clone();
            spawn(move || {
                shared.1.fetch_add(bit, Relaxed);
                shared.0.wake();
            })
        });
        let task = Task::new();
        let woken = poll_wait(&shared.0, &task).is_ready();
        // A number that may be looked at too early: whether it was is not known yet.
        let seen = shared.1.load(Relaxed);
        for waking in waking {
            waking.join().unwrap();
        }
        if woken && poll_wait(&shared.0, &task).is_pending() {
            assert_eq!(seen, 3, "both were in the one wake-up");
        }
    });
}

#[test]
fn what_came_before_a_wake_up_that_went_to_another_is_not_missed() {
    check(|| {
        let shared = Arc::new((WaitCell::new(), AtomicUsize::new(0)));
        let waking = spawn({
            let shared = shared.clone();
            move || {
                shared.1.store(1, Relaxed);
                shared.0.wake();
            }
        });
        let taking = spawn({
            let shared = shared.clone();
            move || poll_wait(&shared.0, &Task::new()) == Poll::Ready(Ok(()))
        });
        let task = Task::new();
        let registered = poll_wait(&shared.0, &task).is_pending();
        // A number that may be looked at too early: then the task is woken.
        let seen = shared.1.load(Relaxed);
        let taken = taking.join().unwrap();
        waking.join().unwrap();
        if taken && registered && seen == 0 {
            assert_eq!(task.wakes(), 1);
        }
    });
}

#[test]
fn a_slot_that_another_has_used_meanwhile() {
    check(|| {
        let (cell, tasks) = (Arc::new(WaitCell::new()), [Task::new(), Task::new()]);
        let other = spawn({
            let (cell, task) = (cell.clone(), tasks[1].clone());
            move || {
                let waited = poll_wait(&cell, &task).is_pending();
                cell.wake();
                // Takes what is stored, which leaves the cell as it was at first.
                waited && poll_wait(&cell, &task) == Poll::Ready(Ok(()))
            }
        });
        let polled = poll_wait(&cell, &tasks[0]);
        let taken = other.join().unwrap();
        assert!(
            !taken || polled != Poll::Ready(Ok(())),
            "one wake-up, one wait"
        );
        if polled.is_pending() && tasks[0].wakes() == 0 {
            assert!(cell.wake(), "it is registered");
            assert_eq!(tasks[0].wakes(), 1);
        }
    });
}

#[test]
fn wait_and_close() {
    check(|| {
        let cell = Arc::new(WaitCell::new());
        let closing = spawn({
            let cell = cell.clone();
            move || {
                cell.close();
                assert!(cell.is_closed(), "right after close");
            }
        });
        assert!(block_on(cell.wait()).is_err());
        assert!(cell.is_closed());
        closing.join().unwrap();
    });
}

#[test]
fn closing_orders_what_came_before_it() {
    // Found by looking, so no waker orders anything: as the state that a poll begins with or
    // finds when it has registered; and by asking.
    let found: [fn(&WaitCell) -> bool; 2] = [
        |cell| poll_wait(cell, &Task::new()) == Poll::Ready(Err(PollWaitError::Closed)),
        WaitCell::is_closed,
    ];
    for found in found {
        check(move || {
            let shared = Arc::new((WaitCell::new(), Watched::default()));
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

#[test]
fn wake_and_close_with_a_waiter() {
    check(|| {
        let (cell, task) = (Arc::new(WaitCell::new()), Task::new());
        assert!(poll_wait(&cell, &task).is_pending());
        let waking = spawn({
            let cell = cell.clone();
            move || cell.wake()
        });
        let closed = cell.close();
        let woke = waking.join().unwrap();
        assert!(woke != closed, "one of them takes the waker");
        assert_eq!(task.wakes(), 1);
        assert!(cell.is_closed());
        assert_eq!(
            poll_wait(&cell, &task),
            Poll::Ready(Err(PollWaitError::Closed))
        );
    });
}

#[test]
fn a_displaced_task_is_woken_or_the_other_is_busy() {
    check(|| {
        let (cell, tasks) = (Arc::new(WaitCell::new()), [Task::new(), Task::new()]);
        let other = spawn({
            let (cell, task) = (cell.clone(), tasks[1].clone());
            move || poll_wait(&cell, &task)
        });
        let polled = [poll_wait(&cell, &tasks[0]), other.join().unwrap()];
        let before = tasks.each_ref().map(|task| task.wakes());
        assert!(cell.wake(), "one of them is registered");
        let mut woken_last = 0;
        for ((polled, task), before) in polled.iter().zip(&tasks).zip(before) {
            match polled {
                // Each that was told to wait has been woken, as the displaced or as the registered.
                Poll::Pending => assert_eq!(task.wakes(), 1),
                Poll::Ready(result) => {
                    assert_eq!(*result, Err(PollWaitError::Busy));
                    assert_eq!(task.wakes(), 0);
                }
            }
            woken_last += task.wakes() - before;
        }
        assert_eq!(woken_last, 1);
    });
}

#[test]
fn a_displaced_task_and_wake() {
    check(|| {
        let (cell, first, second) = (Arc::new(WaitCell::new()), Task::new(), Task::new());
        assert!(poll_wait(&cell, &first).is_pending());
        let waking = spawn({
            let cell = cell.clone();
            move || cell.wake()
        });
        let polled = poll_wait(&cell, &second);
        waking.join().unwrap();
        assert_eq!(first.wakes(), 1, "displaced or woken, and once");
        match polled {
            Poll::Ready(Ok(())) => assert!(poll_wait(&cell, &second).is_pending()),
            // Told to wait, so it will be woken: it has been, or the wake-up took the first task
            // before it registered, and is stored.
            Poll::Pending => {
                assert!(second.wakes() == 1 || poll_wait(&cell, &second).is_pending());
            }
            Poll::Ready(Err(error)) => assert_eq!(error, PollWaitError::Busy),
        }
    });
}

#[test]
fn the_same_task_polls_again_and_wake() {
    check(|| {
        let (cell, task) = (Arc::new(WaitCell::new()), Task::new());
        assert!(poll_wait(&cell, &task).is_pending());
        let waking = spawn({
            let cell = cell.clone();
            move || cell.wake()
        });
        let polled = poll_wait(&cell, &task);
        let woke = waking.join().unwrap();
        match polled {
            Poll::Pending => {
                assert!(woke && task.wakes() == 1, "it was told to wait");
                assert_eq!(poll_wait(&cell, &task), Poll::Ready(Ok(())));
            }
            Poll::Ready(Ok(())) => assert_eq!(usize::from(woke), task.wakes()),
            Poll::Ready(Err(error)) => {
                assert_eq!(error, PollWaitError::Busy);
                assert_eq!(task.wakes(), 1);
            }
        }
        assert!(
            poll_wait(&cell, &task).is_pending(),
            "and no wake-up is left"
        );
    });
}

#[test]
fn the_same_task_polls_again_and_close() {
    check(|| {
        let (cell, task) = (Arc::new(WaitCell::new()), Task::new());
        assert!(poll_wait(&cell, &task).is_pending());
        let closing = spawn({
            let cell = cell.clone();
            move || cell.close()
        });
        let polled = poll_wait(&cell, &task);
        closing.join().unwrap();
        assert!(polled != Poll::Ready(Ok(())), "nobody woke it");
        if polled.is_pending() {
            assert_eq!(task.wakes(), 1, "it was told to wait");
        }
        assert_eq!(
            poll_wait(&cell, &task),
            Poll::Ready(Err(PollWaitError::Closed))
        );
    });
}

#[test]
fn closing_orders_what_came_before_it_for_who_polls_again() {
    check(|| {
        let shared = Arc::new((WaitCell::new(), Watched::default()));
        let task = Task::new();
        assert!(poll_wait(&shared.0, &task).is_pending());
        let closing = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.close();
            }
        });
        // Found by looking, so no waker orders anything.
        if poll_wait(&shared.0, &task) == Poll::Ready(Err(PollWaitError::Closed)) {
            assert_eq!(shared.1.get(), 1);
        }
        closing.join().unwrap();
    });
}

#[test]
fn subscribe_and_wake() {
    check(|| {
        let cell = Arc::new(WaitCell::new());
        let waking = spawn({
            let cell = cell.clone();
            move || {
                cell.wake();
            }
        });
        block_on(async {
            let mut wait = pin!(cell.subscribe().await);
            wait.as_mut().await.unwrap();
        });
        waking.join().unwrap();
        assert!(
            poll_wait(&cell, &Task::new()).is_pending(),
            "one wake-up, one wait"
        );
    });
}

#[test]
fn registering_anew_and_a_wake_up_that_has_not_let_go_yet() {
    check(|| {
        let shared = Arc::new((WaitCell::new(), Watched::default()));
        let task = Task::new();
        assert!(poll_wait(&shared.0, &task).is_pending());
        let waking = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.wake();
            }
        });
        // Found by looking, so no waker orders anything.
        if poll_wait(&shared.0, &task) == Poll::Ready(Ok(())) {
            assert_eq!(shared.1.get(), 1);
            // The slot may still be in the other's hands, or have just left them.
            match poll_wait(&shared.0, &task) {
                Poll::Pending => {}
                other => assert_eq!(other, Poll::Ready(Err(PollWaitError::Busy))),
            }
        }
        waking.join().unwrap();
    });
}
