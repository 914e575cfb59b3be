//! Sleeps that end before their time, as nearly all timeouts do.

use std::{
    collections::BTreeMap,
    hint::black_box,
    pin::pin,
    task::Waker,
    time::{Duration, Instant},
};

use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};
use tokio_util::time::DelayQueue;

use super::{Numbers, TICKS, poll, timer, waiting};
use crate::stopwatch::measured;

/// Tests of whether it runs need no million.
pub(super) const fn sleeps(wanted: usize) -> usize {
    if cfg!(test) { wanted / 1000 } else { wanted }
}

pub(super) fn pintle<Lock: ScopedRawMutex>(lock: Lock, pending: usize, n: usize) {
    let timer = timer(lock);
    let mut numbers = Numbers::new();
    let _pending = waiting(sleeps(pending), || timer.sleep(numbers.duration()));
    measured(|| {
        for _ in 0..n {
            let mut sleep = pin!(timer.sleep(numbers.duration()));
            black_box(poll(sleep.as_mut()).is_pending());
        }
    });
}

pub(super) fn pintle_in_ticks<Lock: ScopedRawMutex>(lock: Lock, pending: usize, n: usize) {
    let timer = timer(lock);
    let mut numbers = Numbers::new();
    let mut ticks = || 1 + numbers.below(TICKS);
    let _pending = waiting(sleeps(pending), || timer.sleep_ticks(ticks()));
    measured(|| {
        for _ in 0..n {
            let mut sleep = pin!(timer.sleep_ticks(ticks()));
            black_box(poll(sleep.as_mut()).is_pending());
        }
    });
}

pub(super) fn pintle_delay_queue(pending: usize, n: usize) {
    let timer = timer(DefaultMutex::new());
    let mut numbers = Numbers::new();
    let mut queue = pintle_time::DelayQueue::growing(&timer);
    queue.reserve(sleeps(pending) + 1);
    for i in 0..sleeps(pending) {
        queue.insert(i, numbers.duration());
    }
    measured(|| {
        for i in 0..n {
            let key = queue.insert(i, numbers.duration());
            black_box(queue.remove(&key));
        }
    });
}

pub(super) fn tokio(pending: usize, n: usize) {
    in_tokio(async {
        // Its sleeps are told their end, so that it need not read the system's clock. An hour, for
        // the pending ones must not end while they are being made.
        let start = tokio::time::Instant::now() + Duration::from_secs(3600);
        let mut numbers = Numbers::new();
        let mut sleep = || tokio::time::sleep_until(start + numbers.duration());
        let _pending = waiting(sleeps(pending), &mut sleep);
        measured(|| {
            for _ in 0..n {
                let mut sleep = pin!(sleep());
                black_box(poll(sleep.as_mut()).is_pending());
            }
        });
    });
}

pub(super) fn delay_queue(pending: usize, n: usize) {
    in_tokio(async {
        let start = tokio::time::Instant::now() + Duration::from_secs(3600);
        let mut numbers = Numbers::new();
        let mut queue = DelayQueue::with_capacity(sleeps(pending) + 1);
        for i in 0..sleeps(pending) {
            queue.insert_at(i, start + numbers.duration());
        }
        measured(|| {
            for i in 0..n {
                let key = queue.insert_at(i, start + numbers.duration());
                black_box(queue.remove(&key));
            }
        });
    });
}

pub(super) fn in_tokio(operations: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime needs nothing of the system")
        .block_on(operations);
}

pub(super) fn nexus_timer(pending: usize, n: usize) {
    let mut numbers = Numbers::new();
    let start = Instant::now();
    let mut wheel = nexus_timer::Wheel::unbounded(4096, start);
    for _ in 0..sleeps(pending) {
        wheel.schedule_forget(start + numbers.duration(), Waker::noop().clone());
    }
    measured(|| {
        for _ in 0..n {
            let handle = wheel.schedule(start + numbers.duration(), Waker::noop().clone());
            black_box(wheel.cancel(handle).is_some());
        }
    });
}

pub(super) fn btree_map(pending: usize, n: usize) {
    let mut numbers = Numbers::new();
    let mut map = BTreeMap::new();
    // The second number tells those that end together apart.
    for i in 0..sleeps(pending) {
        map.insert((1 + numbers.below(TICKS), i), Waker::noop().clone());
    }
    measured(|| {
        for i in 0..n {
            let key = (1 + numbers.below(TICKS), sleeps(pending) + i);
            map.insert(key, Waker::noop().clone());
            black_box(map.remove(&key).is_some());
        }
    });
}
