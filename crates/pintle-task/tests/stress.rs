//! Many threads wake, cancel, join and spawn while another ticks. The short form takes a moment,
//! the long one (`PINTLE_FULL=1`) minutes.
#![cfg(feature = "alloc")]

mod support;

use pintle_core::model;
use pintle_task::{
    future::yield_now,
    scheduler::Scheduler,
    task::{Poll, Waker},
};
use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
};
use support::{Alive, poll_once};

fn rounds(quick: usize) -> usize {
    if model::full() { quick * 100 } else { quick }
}

/// Ticks on a thread of its own until told to stop, and then until nothing remains.
fn ticking(scheduler: &Scheduler, stop: &AtomicBool) {
    loop {
        let is_stopped = stop.load(SeqCst);
        if !scheduler.tick().has_remaining && is_stopped {
            return;
        }
        thread::yield_now();
    }
}

#[test]
fn no_wake_up_is_lost() {
    const TASKS: usize = 8;
    const THREADS: usize = 4;
    let rounds = rounds(2_000);
    let scheduler = Scheduler::new();
    let alive = Alive::new();

    // Each task takes what was left for it. The words have no order of their own.
    let left: Arc<[AtomicUsize; TASKS]> = Arc::default();
    let wakers: Arc<[Mutex<Option<Waker>>; TASKS]> = Arc::default();
    let goal = rounds * THREADS;
    let handles: Vec<_> = (0..TASKS)
        .map(|id| {
            let (left, wakers, token) = (left.clone(), wakers.clone(), alive.token());
            let mut taken = 0;
            scheduler.spawn(poll_fn(move |cx| {
                let _token = &token;
                let mut waker = wakers[id].lock().unwrap();
                waker.get_or_insert_with(|| cx.waker().clone());
                drop(waker);
                taken += left[id].swap(0, Relaxed);
                match taken == goal {
                    true => Poll::Ready(taken),
                    false => Poll::Pending,
                }
            }))
        })
        .collect();
    scheduler.tick();

    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let ticker = scope.spawn(|| ticking(&scheduler, &stop));
        let waking: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (left, wakers) = (&left, &wakers);
                scope.spawn(move || {
                    for round in 0..rounds {
                        for id in 0..TASKS {
                            let id = (id + thread) % TASKS;
                            let waker = wakers[id].lock().unwrap().clone().unwrap();
                            left[id].fetch_add(1, Relaxed);
                            match (round + id) % 2 {
                                0 => waker.wake(),
                                _ => waker.wake_by_ref(),
                            }
                        }
                    }
                })
            })
            .collect();
        for waking in waking {
            waking.join().unwrap();
        }
        stop.store(true, SeqCst);
        ticker.join().unwrap();
    });
    for handle in handles {
        assert_eq!(poll_once(handle), Poll::Ready(Ok(goal)));
    }
    assert_eq!(alive.count(), 0);
}

#[test]
fn cancel_join_and_detach_in_a_crowd() {
    const THREADS: usize = 4;
    let rounds = rounds(2_000);
    let scheduler = Scheduler::new();
    let alive = Alive::new();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let ticker = scope.spawn(|| ticking(&scheduler, &stop));
        let crowd: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (scheduler, alive) = (&scheduler, &alive);
                scope.spawn(move || {
                    for round in 0..rounds {
                        let (future, output) = (alive.token(), alive.token());
                        let mut handle = scheduler.spawn(async move {
                            for _ in 0..round % 3 {
                                yield_now().await;
                            }
                            drop(future);
                            output
                        });
                        let task = handle.task_ref();
                        match (round + thread) % 4 {
                            0 => drop(handle),
                            1 => {
                                task.cancel();
                                drop(handle);
                            }
                            2 => {
                                task.cancel();
                                while poll_once(&mut handle).is_pending() {
                                    thread::yield_now();
                                }
                            }
                            _ => {
                                while poll_once(&mut handle).is_pending() {
                                    thread::yield_now();
                                }
                            }
                        }
                        drop(scheduler.current_task());
                    }
                })
            })
            .collect();
        for member in crowd {
            member.join().unwrap();
        }
        stop.store(true, SeqCst);
        ticker.join().unwrap();
    });
    assert_eq!(alive.count(), 0);
}

#[test]
fn schedulers_that_end_in_a_crowd() {
    const THREADS: usize = 3;
    let alive = Alive::new();
    for _ in 0..rounds(200) {
        let scheduler = Scheduler::new();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let (scheduler, alive) = (scheduler.clone(), &alive);
                scope.spawn(move || {
                    for _ in 0..8 {
                        let token = alive.token();
                        drop(scheduler.spawn(async move {
                            yield_now().await;
                            drop(token);
                        }));
                        scheduler.tick();
                    }
                });
            }
            scheduler.close();
            drop(scheduler);
        });
        assert_eq!(alive.count(), 0);
    }
}
