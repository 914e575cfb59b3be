//! `WaitQueue` under threads: tokens are put down and taken, and none is forgotten.
#![cfg(not(loom))]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use futures::executor::block_on;
use pintle_sync::WaitQueue;
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    no_wake_up_is_lost_with_those_who_give_up,
    wake_all_reaches_everybody_each_time,
];

/// Producers put a token down and wake one. Consumers wait for one and take it. Others queue and give
/// up, and look at nothing: if they kept a wake-up to themselves a consumer would sleep beside a
/// token and the test would not end. Many short rounds, as a later wake-up makes up for a lost one.
fn no_wake_up_is_lost_with_those_who_give_up<L: Lock>() {
    const EACH: usize = 4;
    let rounds = if pintle_core::model::full() {
        4_000
    } else {
        1_000
    };
    for _ in 0..rounds {
        let shared = Arc::new((WaitQueue::<L>::default(), AtomicUsize::new(0)));
        let start = |role: fn(&WaitQueue<L>, &AtomicUsize)| {
            let shared = shared.clone();
            thread::spawn(move || role(&shared.0, &shared.1))
        };
        let give_up = |queue: &WaitQueue<L>, _: &AtomicUsize| {
            for _ in 0..2 * EACH {
                let mut wait = Box::pin(queue.wait());
                if poll(wait.as_mut(), &Probe::new()).is_ready() {
                    // It is this one's now, who has no use for it.
                    queue.wake();
                }
                // Long enough to be woken.
                thread::yield_now();
            }
        };
        let consume = |queue: &WaitQueue<L>, tokens: &AtomicUsize| {
            // Relaxed: the wake-up has to order it.
            let take = || {
                tokens
                    .fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1))
                    .ok()
            };
            for _ in 0..EACH {
                block_on(queue.wait_for_value(take)).expect("nobody closes it");
                // Tokens that came while nobody waited share one stored wake-up.
                if tokens.load(Relaxed) > 0 {
                    queue.wake();
                }
            }
        };
        let produce = |queue: &WaitQueue<L>, tokens: &AtomicUsize| {
            for _ in 0..2 * EACH {
                tokens.fetch_add(1, Relaxed);
                queue.wake();
                thread::yield_now();
            }
        };
        for thread in [
            start(give_up),
            start(consume),
            start(consume),
            start(produce),
        ] {
            thread.join().unwrap();
        }
        assert_eq!(shared.1.load(Relaxed), 0);
    }
}

/// Everybody counts the rounds; the next begins when all have seen the one before.
fn wake_all_reaches_everybody_each_time<L: Lock>() {
    const WAITERS: usize = 40;
    let rounds = if pintle_core::model::full() {
        3_000
    } else {
        300
    };
    let shared = Arc::new((
        WaitQueue::<L>::default(),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    ));
    let waiters: Vec<_> = (0..4)
        .map(|_| {
            let shared = shared.clone();
            thread::spawn(move || {
                let (queue, round, seen) = &*shared;
                let one = |_| async {
                    for n in 1..=rounds {
                        queue.wait_for(|| round.load(Relaxed) >= n).await.unwrap();
                        seen.fetch_add(1, Relaxed);
                    }
                };
                block_on(futures::future::join_all((0..WAITERS / 4).map(one)));
            })
        })
        .collect();
    for n in 1..=rounds {
        shared.1.store(n, Relaxed);
        shared.0.wake_all();
        while shared.2.load(Relaxed) < n * WAITERS {
            thread::yield_now();
        }
    }
    for waiter in waiters {
        waiter.join().unwrap();
    }
    assert!(shared.0.try_wait().is_pending());
}
