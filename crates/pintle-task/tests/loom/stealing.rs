//! Workers that sleep, steal and push: no task is lost, none runs twice, no wake-up is missed.
//!
//! A ring holds four tasks here. The injector is left out where it can be: each task that goes
//! through it costs a model more than all the rest.

use crate::support::{Alive, Token};
use loom::sync::Notify;
use pintle_core::{
    atomic::{
        AtomicBool,
        Ordering::{Acquire, Release},
    },
    model, thread,
};
use pintle_task::{
    future::yield_now,
    scheduler::{StealingScheduler, Worker},
    task::{Context, Waker},
};
use std::{future::Future, sync::Arc, task::Wake};

/// Lets a model's thread sleep. loom reports a deadlock if nobody wakes it.
pub(crate) struct Sleeper(pub(crate) Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Runs tasks until so many are complete, and sleeps in between.
fn run(worker: &mut Worker<'_>, count: usize) -> usize {
    let sleeper = Arc::new(Sleeper(Notify::new()));
    let waker = Waker::from(sleeper.clone());
    let mut completed = 0;
    loop {
        let tick = worker.tick();
        completed += tick.completed;
        if completed >= count {
            return completed;
        }
        if tick.polled == 0 {
            // Somebody may be in the middle of a push.
            thread::yield_now();
        }
        let mut cx = Context::from_waker(&waker);
        while worker.poll_ready(&mut cx).is_pending() {
            sleeper.0.wait();
        }
    }
}

/// The bound of models with three threads, or with a ring that fills: minutes at two preemptions.
fn large() -> usize {
    if model::full() { 2 } else { 1 }
}

async fn drop_it(token: Token) {
    drop(token);
}

#[test]
fn a_push_and_a_worker_that_falls_asleep() {
    model::check(|| {
        let scheduler = StealingScheduler::new(1);
        let alive = Alive::new();
        let pushing = thread::spawn({
            let (scheduler, token) = (scheduler.clone(), alive.token());
            move || drop(scheduler.spawn(drop_it(token)))
        });
        let mut worker = scheduler.worker().unwrap();
        assert_eq!(run(&mut worker, 1), 1);
        pushing.join().unwrap();
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn two_push_and_a_worker_falls_asleep() {
    model::check_bounded(large(), || {
        let scheduler = StealingScheduler::new(1);
        let pushing = [(); 2].map(|()| {
            let scheduler = scheduler.clone();
            thread::spawn(move || drop(scheduler.spawn(async {})))
        });
        let mut worker = scheduler.worker().unwrap();
        assert_eq!(run(&mut worker, 2), 2);
        for pushing in pushing {
            pushing.join().unwrap();
        }
    });
}

/// A worker with three tasks of its own: one as the newest, two in its ring.
fn with_three<R>(alive: &Alive, f: impl FnOnce(&StealingScheduler, &mut Worker<'_>) -> R) -> R {
    let scheduler = StealingScheduler::new(2);
    let mut worker = scheduler.worker().unwrap();
    let tokens = [(); 3].map(|()| alive.token());
    let again = scheduler.clone();
    drop(scheduler.spawn(async move {
        for token in tokens {
            drop(again.spawn(drop_it(token)));
        }
    }));
    assert_eq!(worker.tick_n(1).completed, 1);
    f(&scheduler, &mut worker)
}

#[test]
fn a_thief_and_the_owner() {
    model::check(|| {
        let alive = Alive::new();
        with_three(&alive, |scheduler, worker| {
            let stealing = thread::spawn({
                let scheduler = scheduler.clone();
                move || scheduler.worker().unwrap().tick_n(1).completed
            });
            let mut completed = worker.tick().completed;
            completed += stealing.join().unwrap();
            completed += worker.tick().completed;
            assert_eq!(completed, 3);
        });
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn a_thief_and_an_owner_who_fills_the_ring() {
    model::check_bounded(large(), || {
        let alive = Alive::new();
        with_three(&alive, |scheduler, worker| {
            let tokens = [(); 4].map(|()| alive.token());
            let again = scheduler.clone();
            let stealing = thread::spawn({
                let scheduler = scheduler.clone();
                move || scheduler.worker().unwrap().tick_n(1).completed
            });
            // The newest of the three goes first; this is behind them, in the injector.
            drop(scheduler.spawn(async move {
                for token in tokens {
                    drop(again.spawn(drop_it(token)));
                }
            }));
            let mut completed = worker.tick().completed;
            completed += stealing.join().unwrap();
            completed += worker.tick().completed;
            assert_eq!(completed, 8);
        });
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn two_thieves() {
    model::check_bounded(large(), || {
        let alive = Alive::new();
        let scheduler = StealingScheduler::new(3);
        let mut worker = scheduler.worker().unwrap();
        let tokens = [(); 4].map(|()| alive.token());
        let again = scheduler.clone();
        drop(scheduler.spawn(async move {
            for token in tokens {
                drop(again.spawn(drop_it(token)));
            }
        }));
        worker.tick_n(1);
        let stealing = [(); 2].map(|()| {
            let scheduler = scheduler.clone();
            thread::spawn(move || scheduler.worker().unwrap().tick_n(1).completed)
        });
        let mut completed = 0;
        for stealing in stealing {
            completed += stealing.join().unwrap();
        }
        completed += worker.tick().completed;
        assert_eq!(completed, 4);
        assert_eq!(alive.count(), 0);
    });
}

/// The first task keeps its worker busy until another has run the second.
#[test]
fn the_last_searcher_wakes_the_next_worker() {
    model::check_bounded(large(), || {
        let scheduler = StealingScheduler::new(2);
        let worker = || {
            let scheduler = scheduler.clone();
            move || run(&mut scheduler.worker().unwrap(), 1)
        };
        let other = thread::spawn(worker());
        let is_done = Arc::new((AtomicBool::new(false), Notify::new()));
        let done = is_done.clone();
        drop(scheduler.spawn(async move {
            while !is_done.0.load(Acquire) {
                is_done.1.wait();
            }
        }));
        drop(scheduler.spawn(async move {
            done.0.store(true, Release);
            done.1.notify();
        }));
        assert_eq!(worker()(), 1);
        assert_eq!(other.join().unwrap(), 1);
    });
}

#[test]
fn a_yield_is_not_lost() {
    model::check_bounded(large(), || {
        let scheduler = StealingScheduler::new(2);
        let alive = Alive::new();
        let token = alive.token();
        drop(scheduler.spawn(async move {
            yield_now().await;
            drop(token);
        }));
        let stealing = thread::spawn({
            let scheduler = scheduler.clone();
            move || scheduler.worker().unwrap().tick_n(1).completed
        });
        let mut worker = scheduler.worker().unwrap();
        let mut completed = worker.tick().completed;
        completed += stealing.join().unwrap();
        completed += worker.tick().completed;
        assert_eq!(completed, 1);
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn the_end_and_a_busy_worker() {
    model::check_bounded(large(), || {
        let alive = Alive::new();
        with_three(&alive, |scheduler, worker| {
            let closing = thread::spawn({
                let scheduler = scheduler.clone();
                move || scheduler.close()
            });
            worker.tick();
            closing.join().unwrap();
        });
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn the_end_and_a_worker_that_falls_asleep() {
    model::check(|| {
        let scheduler = StealingScheduler::new(1);
        let closing = thread::spawn({
            let scheduler = scheduler.clone();
            move || scheduler.close()
        });
        let sleeper = Arc::new(Sleeper(Notify::new()));
        let waker = Waker::from(sleeper.clone());
        let mut worker = scheduler.worker().unwrap();
        let mut run = std::pin::pin!(worker.run());
        while run
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
        {
            sleeper.0.wait();
        }
        closing.join().unwrap();
    });
}
