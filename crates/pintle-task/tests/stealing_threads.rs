//! Workers on threads of their own, up to sixteen: nothing is lost, nothing runs twice, nothing leaks.
//! The short form takes a moment, the long one (`PINTLE_FULL=1`) minutes.
#![cfg(feature = "alloc")]

mod support;

use pintle_core::model;
use pintle_task::{
    future::yield_now,
    scheduler::{StealingScheduler, Worker},
    task::{Context, Poll, Waker},
};
use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    task::Wake,
    thread::{self, Thread},
};
use support::{Alive, poll_once};

fn rounds(quick: usize) -> usize {
    if model::full() { quick * 50 } else { quick }
}

struct Unpark(Thread, AtomicBool);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.1.store(true, Release);
        self.0.unpark();
    }
}

/// Runs until it is told to stop. A lost wake-up would leave it asleep for ever.
fn run(mut worker: Worker<'_>, stop: &Stop) {
    let unpark = Arc::new(Unpark(thread::current(), AtomicBool::new(false)));
    stop.threads.lock().unwrap().push(unpark.clone());
    let waker = Waker::from(unpark.clone());
    let mut cx = Context::from_waker(&waker);
    let mut run = pin!(worker.run());
    while !stop.flag.load(Acquire) {
        if run.as_mut().poll(&mut cx).is_ready() {
            // It is closed.
            return;
        }
        while !unpark.1.swap(false, Acquire) {
            thread::park();
        }
    }
}

#[derive(Default)]
struct Stop {
    flag: AtomicBool,
    threads: Mutex<Vec<Arc<Unpark>>>,
}

impl Stop {
    fn stop(&self) {
        self.flag.store(true, Release);
        for thread in self.threads.lock().unwrap().drain(..) {
            thread.wake();
        }
    }
}

/// Runs `main` beside so many workers.
fn with_workers(workers: usize, main: impl FnOnce(&StealingScheduler)) {
    let scheduler = StealingScheduler::new(workers);
    let stop = Stop::default();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|_| scope.spawn(|| run(scheduler.worker().unwrap(), &stop)))
            .collect();
        while stop.threads.lock().unwrap().len() < workers {
            thread::yield_now();
        }
        main(&scheduler);
        stop.stop();
        drop(threads);
    });
}

fn wait_for(count: &AtomicUsize, goal: usize) {
    while count.load(Acquire) < goal {
        thread::yield_now();
    }
}

#[test]
fn every_task_runs_once() {
    for workers in [2, 3, 16] {
        with_workers(workers, |scheduler| {
            for _ in 0..rounds(20) {
                let done = Arc::new(AtomicUsize::new(0));
                for _ in 0..8 {
                    let (done, again) = (done.clone(), scheduler.clone());
                    scheduler.spawn(async move {
                        for _ in 0..64 {
                            let done = done.clone();
                            again.spawn(async move {
                                yield_now().await;
                                done.fetch_add(1, Release);
                            });
                        }
                    });
                }
                wait_for(&done, 8 * 64);
                assert_eq!(done.load(Relaxed), 8 * 64);
            }
        });
    }
}

#[test]
fn one_at_a_time_each_wakes_a_sleeping_worker() {
    for workers in [1, 2, 4] {
        with_workers(workers, |scheduler| {
            for round in 0..rounds(500) {
                let handle = scheduler.spawn(async move { round });
                let mut handle = pin!(handle);
                loop {
                    if let Poll::Ready(output) = poll_once(handle.as_mut()) {
                        assert_eq!(output, Ok(round));
                        break;
                    }
                    thread::yield_now();
                }
            }
        });
    }
}

#[test]
fn tasks_that_wake_each_other() {
    const TASKS: usize = 32;
    for workers in [2, 8] {
        with_workers(workers, |scheduler| {
            let goal = rounds(500);
            let done = Arc::new(AtomicUsize::new(0));
            let wakers: Arc<[Mutex<Option<Waker>>; TASKS]> =
                Arc::new([const { Mutex::new(None) }; TASKS]);
            let turns: Arc<[AtomicUsize; TASKS]> = Arc::default();
            for id in 0..TASKS {
                let (wakers, turns, done) = (wakers.clone(), turns.clone(), done.clone());
                scheduler.spawn(async move {
                    for round in 1..=goal {
                        // Goes round after round when its neighbour is in the one before.
                        std::future::poll_fn(|cx| {
                            *wakers[id].lock().unwrap() = Some(cx.waker().clone());
                            match turns[(id + 1) % TASKS].load(Acquire) + 1 >= round {
                                true => Poll::Ready(()),
                                false => Poll::Pending,
                            }
                        })
                        .await;
                        turns[id].store(round, Release);
                        let neighbour = wakers[(id + TASKS - 1) % TASKS].lock().unwrap().take();
                        if let Some(waker) = neighbour {
                            waker.wake();
                        }
                    }
                    done.fetch_add(1, Release);
                });
            }
            wait_for(&done, TASKS);
        });
    }
}

#[test]
fn workers_that_come_and_go() {
    let scheduler = StealingScheduler::new(4);
    let alive = Alive::new();
    let done = Arc::new(AtomicUsize::new(0));
    let count = rounds(2_000);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while done.load(Acquire) < count {
                    let mut worker = scheduler.worker().unwrap();
                    worker.tick_n(7);
                    drop(worker);
                    thread::yield_now();
                }
            });
        }
        for _ in 0..count {
            let (token, done) = (alive.token(), done.clone());
            scheduler.spawn(async move {
                for _ in 0..3 {
                    yield_now().await;
                }
                drop(token);
                done.fetch_add(1, Release);
            });
        }
    });
    assert_eq!(alive.count(), 0);
}

#[test]
fn the_end_comes_while_all_are_busy() {
    for _ in 0..rounds(50) {
        let alive = Alive::new();
        let kept = Arc::new(Mutex::new(Vec::new()));
        with_workers(3, |scheduler| {
            for index in 0..64 {
                let (token, again, kept) = (alive.token(), scheduler.clone(), kept.clone());
                scheduler.spawn(async move {
                    let _token = token;
                    for _ in 0..index % 5 {
                        drop(again.spawn(yield_now()));
                        yield_now().await;
                    }
                    if index % 3 == 0 {
                        std::future::poll_fn(|cx| {
                            kept.lock().unwrap().push(cx.waker().clone());
                            Poll::<()>::Pending
                        })
                        .await;
                    }
                });
            }
            scheduler.close();
        });
        for waker in std::mem::take(&mut *kept.lock().unwrap()) {
            waker.wake();
        }
        assert_eq!(alive.count(), 0);
    }
}
