use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use loom::future::block_on;
use pintle_core::atomic::{AtomicUsize, Ordering::Relaxed};
use pintle_sync::{
    WaitMap,
    wait_map::{WaitError, WaitOwned, WakeOutcome},
};

use crate::support::{Task, Watched, check, spawn};

type Map = WaitMap<u8, u32>;

const CLOSED: Poll<Result<u32, WaitError>> = Poll::Ready(Err(WaitError::Closed));

fn waiting(map: &Arc<Map>, key: u8) -> (Pin<Box<WaitOwned<u8, u32>>>, Arc<Task>) {
    let (mut wait, task) = (Box::pin(map.wait_owned(key)), Task::new());
    assert!(task.poll(wait.as_mut()).is_pending());
    (wait, task)
}

#[test]
fn wait_and_wake() {
    check(|| {
        let shared = Arc::new((Map::new(), Watched::default()));
        let waking = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.wake(&1, 7)
            }
        });
        let (mut wait, task) = (Box::pin(shared.0.wait(1)), Task::new());
        let mut polled = task.poll(wait.as_mut());
        if polled.is_pending() {
            polled = task.poll(wait.as_mut());
        }
        // Found by looking, so no waker orders anything.
        if polled.is_ready() {
            assert_eq!(shared.1.get(), 1);
        }
        match waking.join().unwrap() {
            WakeOutcome::Woke => {
                assert_eq!(task.wakes(), 1);
                if polled.is_pending() {
                    polled = task.poll(wait.as_mut());
                }
                assert_eq!(polled, Poll::Ready(Ok(7)));
            }
            WakeOutcome::NoMatch(7) => {
                assert_eq!((polled, task.wakes()), (Poll::Pending, 0));
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn waiting_for_a_condition() {
    check(|| {
        let shared = Arc::new((Map::new(), AtomicUsize::new(0)));
        let waking = spawn({
            let shared = shared.clone();
            move || {
                for n in 1..3 {
                    shared.1.store(n, Relaxed);
                    let _ = shared.0.wake(&1, 7);
                }
            }
        });
        // The lock orders what came before a wake-up that found nobody, too.
        block_on(shared.0.wait_for(1, || shared.1.load(Relaxed) == 2)).unwrap();
        waking.join().unwrap();
    });
}

#[test]
fn two_wakes_and_one_waiter() {
    check(|| {
        let map = Arc::new(Map::new());
        let (mut wait, task) = waiting(&map, 1);
        let waking = spawn({
            let map = map.clone();
            move || map.wake(&1, 10)
        });
        let here = map.wake(&1, 20);
        let there = waking.join().unwrap();
        let value = match (here, there) {
            (WakeOutcome::Woke, WakeOutcome::NoMatch(10)) => 20,
            (WakeOutcome::NoMatch(20), WakeOutcome::Woke) => 10,
            other => panic!("{other:?}"),
        };
        assert_eq!(task.wakes(), 1);
        assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(value)));
    });
}

#[test]
fn two_who_wait_under_one_key() {
    check(|| {
        let map = Arc::new(Map::new());
        let other = spawn({
            let map = map.clone();
            move || {
                let (mut wait, task) = (Box::pin(map.wait_owned(1)), Task::new());
                let polled = task.poll(wait.as_mut());
                (wait, task, polled)
            }
        });
        let (mut wait, task) = (Box::pin(map.wait_owned(1)), Task::new());
        let polled = task.poll(wait.as_mut());
        let (other, other_task, other_polled) = other.join().unwrap();
        let duplicate = Poll::Ready(Err(WaitError::Duplicate));
        let (mut waiting, task) = match (polled, other_polled) {
            (Poll::Pending, it) if it == duplicate => (wait, task),
            (it, Poll::Pending) if it == duplicate => (other, other_task),
            other => panic!("{other:?}"),
        };
        assert_eq!(map.wake(&1, 7), WakeOutcome::Woke);
        assert_eq!(task.poll(waiting.as_mut()), Poll::Ready(Ok(7)));
    });
}

/// Defect 13.
#[test]
fn wake_and_close() {
    check(|| {
        let map = Arc::new(Map::new());
        let (mut wait, task) = waiting(&map, 1);
        let closing = spawn({
            let map = map.clone();
            move || map.close()
        });
        let outcome = map.wake(&1, 7);
        closing.join().unwrap();
        assert_eq!(task.wakes(), 1);
        match outcome {
            WakeOutcome::Woke => assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(7))),
            WakeOutcome::Closed(7) => assert_eq!(task.poll(wait.as_mut()), CLOSED),
            other => panic!("{other:?}"),
        }
        assert!(map.is_closed());
        assert_eq!(task.poll(pin!(map.wait(1)).as_mut()), CLOSED);
    });
}

/// Defect 13: dropping the last waiter.
#[test]
fn drop_and_close() {
    check(|| {
        let map = Arc::new(Map::new());
        let (wait, task) = waiting(&map, 1);
        let closing = spawn({
            let map = map.clone();
            move || map.close()
        });
        drop(wait);
        closing.join().unwrap();
        assert!(task.wakes() <= 1);
        assert!(map.is_closed());
        assert_eq!(task.poll(pin!(map.wait(1)).as_mut()), CLOSED);
    });
}

#[test]
fn wait_and_close() {
    check(|| {
        let map = Arc::new(Map::new());
        let closing = spawn({
            let map = map.clone();
            move || map.close()
        });
        assert_eq!(block_on(map.wait(1)), Err(WaitError::Closed));
        closing.join().unwrap();
        assert_eq!(map.wake(&1, 7), WakeOutcome::Closed(7));
    });
}

#[test]
fn wake_and_cancel() {
    check(|| {
        let map = Arc::new(Map::new());
        let (mut wait, task) = waiting(&map, 1);
        let waking = spawn({
            let map = map.clone();
            move || map.wake(&1, 7)
        });
        let given_back = wait.as_mut().cancel();
        // The value is in one place.
        match waking.join().unwrap() {
            WakeOutcome::Woke => assert_eq!((given_back, task.wakes()), (Some(7), 1)),
            WakeOutcome::NoMatch(7) => assert_eq!((given_back, task.wakes()), (None, 0)),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_woken_waiter_is_dropped_while_another_comes() {
    check(|| {
        let map = Arc::new(Map::new());
        let (wait, _) = waiting(&map, 1);
        assert_eq!(map.wake(&1, 7), WakeOutcome::Woke);
        let dropping = spawn(move || drop(wait));
        let (mut next, task) = (Box::pin(map.wait_owned(1)), Task::new());
        let polled = task.poll(next.as_mut());
        dropping.join().unwrap();
        // It came before the other left, and has the value; or after, and waits.
        let woken = polled.is_ready() || task.wakes() == 1;
        if woken {
            assert!(polled == Poll::Ready(Ok(7)) || task.poll(next.as_mut()) == Poll::Ready(Ok(7)));
        } else {
            assert_eq!(map.wake(&1, 8), WakeOutcome::Woke);
            assert_eq!(task.poll(next.as_mut()), Poll::Ready(Ok(8)));
        }
    });
}

#[test]
fn wake_and_a_poll_with_another_waker() {
    check(|| {
        let map = Arc::new(Map::new());
        let (mut wait, first) = waiting(&map, 1);
        let second = Task::new();
        let waking = spawn({
            let map = map.clone();
            move || map.wake(&1, 7)
        });
        let polled = second.poll(wait.as_mut());
        assert_eq!(waking.join().unwrap(), WakeOutcome::Woke);
        assert_eq!(first.wakes() + second.wakes(), 1);
        if polled.is_pending() {
            assert_eq!(second.wakes(), 1, "the waker of the latest poll");
            assert_eq!(second.poll(wait.as_mut()), Poll::Ready(Ok(7)));
        } else {
            assert_eq!(polled, Poll::Ready(Ok(7)));
        }
    });
}

#[test]
fn close_of_many_and_one_that_leaves() {
    check(|| {
        let map = Arc::new(Map::new());
        let mut waits: Vec<_> = (0..18).map(|key| waiting(&map, key)).collect();
        // One that the first batch leaves.
        let (leaving, _) = waits.remove(16);
        let closing = spawn({
            let map = map.clone();
            move || map.close()
        });
        drop(leaving);
        closing.join().unwrap();
        for (mut wait, task) in waits {
            assert_eq!(task.wakes(), 1);
            assert_eq!(task.poll(wait.as_mut()), CLOSED);
        }
    });
}
