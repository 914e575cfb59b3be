//! The schedulers whose tasks stay on their thread.
#![cfg(feature = "std")]

mod support;

use pintle_task::{
    future::yield_now,
    scheduler::{LocalScheduler, LocalStaticScheduler, LocalStaticSpawner, new_static_local},
    task::{Context, Poll, Task},
};
use std::{
    cell::Cell,
    rc::Rc,
    sync::{Arc, Mutex},
    thread,
};
use support::{Alive, CountWaker, Gate, Token, poll_once, ready};

/// Panics if it is dropped on another thread than the one it was made on.
struct Here(
    thread::ThreadId,
    #[allow(dead_code, reason = "its drop counts")] Token,
);

impl Here {
    fn new(alive: &Alive) -> Self {
        Self(thread::current().id(), alive.token())
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        assert_eq!(self.0, thread::current().id());
    }
}

#[test]
fn futures_need_not_be_send() {
    let scheduler = LocalScheduler::new();
    let count = Rc::new(Cell::new(0));
    let inner = count.clone();
    let handle = scheduler.spawn(async move {
        inner.set(inner.get() + 1);
        yield_now().await;
        inner
    });
    let boxed = scheduler.spawn_allocated(Box::new(Task::new(async { Rc::new(2) })));
    let built = scheduler.build_task().name("x").spawn_local(async {});
    let tick = scheduler.tick();
    assert_eq!((tick.spawned, tick.polled, tick.completed), (3, 4, 3));
    assert_eq!((tick.woken_external, tick.woken_internal), (0, 1));
    assert!(Rc::ptr_eq(&ready(handle).unwrap(), &count));
    assert_eq!(ready(boxed), Ok(Rc::new(2)));
    assert_eq!(ready(built), Ok(()));
}

#[test]
fn the_last_waker_is_dropped_elsewhere() {
    let alive = Alive::new();
    let gate = Gate::new();
    let scheduler = LocalScheduler::new();
    let (wait, here) = (gate.wait(), Here::new(&alive));
    drop(scheduler.spawn(async move {
        wait.await;
        drop(here);
    }));
    scheduler.tick();
    let wakers = gate.take_wakers();
    thread::spawn(move || drop(wakers)).join().unwrap();
    assert_eq!(alive.count(), 1);
    assert_eq!(scheduler.tick().completed, 1);
    assert_eq!(alive.count(), 0);
}

#[test]
fn the_end_drops_idle_tasks_too() {
    let alive = Alive::new();
    let gate = Gate::new();
    let scheduler = LocalScheduler::new();
    let (wait, here) = (gate.wait(), Here::new(&alive));
    let idle = scheduler.spawn(async move {
        wait.await;
        drop(here);
    });
    scheduler.tick();
    let here = Here::new(&alive);
    let queued = scheduler.spawn(async move { drop(here) });
    let second = scheduler.clone();
    drop(scheduler);
    assert_eq!(alive.count(), 2, "a handle is left");
    drop(second);
    assert_eq!(alive.count(), 0);
    assert!(ready(idle).unwrap_err().is_canceled());
    assert!(ready(queued).unwrap_err().is_canceled());
    // Wakers that live on are of complete tasks.
    thread::spawn(move || gate.open()).join().unwrap();
}

#[test]
fn a_task_may_hold_a_handle_and_end_it() {
    let alive = Alive::new();
    let scheduler = LocalScheduler::new();
    let (inner, here) = (scheduler.clone(), Here::new(&alive));
    let sibling = Here::new(&alive);
    let closer = scheduler.spawn(async move {
        let late = inner.spawn(async move { drop(sibling) });
        inner.close();
        assert!(ready(late).unwrap_err().is_canceled());
        drop(here);
        1
    });
    scheduler.tick();
    assert_eq!(alive.count(), 0);
    // The one that was being polled has returned, and is cancelled nevertheless.
    assert_eq!(ready(closer).unwrap_err().output(), Some(1));
}

#[test]
fn spawners_of_other_threads() {
    let scheduler = LocalScheduler::new();
    let spawner = scheduler.spawner();
    let handle = thread::spawn({
        let spawner = spawner.clone();
        move || spawner.spawn(async { thread::current().id() })
    })
    .join()
    .unwrap();
    assert_eq!(scheduler.tick().spawned, 1);
    assert_eq!(ready(handle), Ok(thread::current().id()));

    let alive = Alive::new();
    let token = alive.token();
    let queued = spawner.spawn(async move { drop(token) });
    drop(scheduler);
    assert_eq!(alive.count(), 0);
    assert!(ready(queued).unwrap_err().is_canceled());
    let token = alive.token();
    let late = spawner.spawn_allocated(Box::new(Task::new(async move { drop(token) })));
    assert_eq!(alive.count(), 0);
    let error = ready(late).unwrap_err();
    assert!(error.is_canceled() && !error.is_completed());
}

#[test]
fn a_spawner_and_the_end_race() {
    for _ in 0..if pintle_core::model::full() {
        20_000
    } else {
        300
    } {
        let alive = Alive::new();
        let scheduler = LocalScheduler::new();
        let here = Here::new(&alive);
        drop(scheduler.spawn(async move {
            std::future::pending::<()>().await;
            drop(here);
        }));
        let spawning = thread::spawn({
            let (spawner, alive) = (scheduler.spawner(), alive.clone());
            move || {
                for _ in 0..4 {
                    let token = alive.token();
                    drop(spawner.spawn(async move { drop(token) }));
                }
            }
        });
        scheduler.tick();
        drop(scheduler);
        spawning.join().unwrap();
        assert_eq!(alive.count(), 0);
    }
}

#[test]
fn static_ones() {
    thread_local! {
        static SCHEDULER: &'static LocalStaticScheduler = Box::leak(Box::new(new_static_local!()));
    }
    let scheduler = SCHEDULER.with(|scheduler| *scheduler);
    let rc = Rc::new(());
    let inner = rc.clone();
    let handle = scheduler.spawn(async move {
        yield_now().await;
        inner
    });
    let spawner: LocalStaticSpawner = scheduler.spawner();
    let other = thread::spawn(move || spawner.spawn(async { thread::current().id() }))
        .join()
        .unwrap();
    assert!(scheduler.current_task().is_none());
    assert!(scheduler.has_remaining());
    let tick = scheduler.tick();
    assert_eq!((tick.spawned, tick.polled, tick.completed), (2, 3, 2));
    assert!(Rc::ptr_eq(&ready(handle).unwrap(), &rc));
    assert_eq!(ready(other), Ok(thread::current().id()));

    let alive = Alive::new();
    let gate = Gate::new();
    let (wait, here) = (gate.wait(), Here::new(&alive));
    let detached = scheduler.build_task().spawn_local(async move {
        wait.await;
        drop(here);
    });
    scheduler.tick();
    drop(detached);
    let wakers = gate.take_wakers();
    thread::spawn(move || drop(wakers)).join().unwrap();
    assert_eq!(alive.count(), 1);
    scheduler.tick();
    assert_eq!(alive.count(), 0);
}

#[test]
fn the_waker_of_who_sleeps_is_called_once() {
    let scheduler = LocalScheduler::new();
    let waker = CountWaker::new();
    let std_waker = waker.clone().into();
    let mut cx = Context::from_waker(&std_waker);
    assert_eq!(scheduler.poll_ready(&mut cx), Poll::Pending);
    let spawner = scheduler.spawner();
    spawner.spawn(async {});
    spawner.spawn(async {});
    assert_eq!(waker.woken(), 1);
    assert_eq!(scheduler.poll_ready(&mut cx), Poll::Ready(()));
    assert_eq!(scheduler.tick_n(1).polled, 1);
    assert!(scheduler.tick().polled == 1);
    // Nobody sleeps.
    spawner.spawn(async {});
    assert_eq!(waker.woken(), 1);
    assert_eq!(scheduler.poll_ready(&mut cx), Poll::Ready(()));
    scheduler.tick();
    assert_eq!(scheduler.poll_ready(&mut cx), Poll::Pending);
    // To tick without having been woken does not end the wait: it may be another's.
    scheduler.tick();
    spawner.spawn(async {});
    assert_eq!(waker.woken(), 2);
}

#[test]
fn run_sleeps_and_ends() {
    let scheduler = LocalScheduler::new();
    let waker = CountWaker::new();
    let std_waker = waker.clone().into();
    let mut cx = Context::from_waker(&std_waker);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut run = Box::pin(scheduler.run());
    let log = order.clone();
    scheduler.spawn(async move { log.lock().unwrap().push(1) });
    assert!(run.as_mut().poll(&mut cx).is_pending());
    assert_eq!(waker.woken(), 0);
    let log = order.clone();
    scheduler.spawn(async move { log.lock().unwrap().push(2) });
    assert_eq!(waker.woken(), 1);
    assert!(run.as_mut().poll(&mut cx).is_pending());
    assert_eq!(*order.lock().unwrap(), [1, 2]);
    scheduler.close();
    assert_eq!(waker.woken(), 2);
    assert_eq!(poll_once(run.as_mut()), Poll::Ready(()));
}
