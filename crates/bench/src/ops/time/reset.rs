//! Sleeps that are given another end: the idle time-out of a connection that is busy.

use std::{
    collections::BTreeMap,
    hint::black_box,
    pin::pin,
    task::Waker,
    time::{Duration, Instant},
};

use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};
use tokio_util::time::DelayQueue;

use super::{
    Numbers, TICKS,
    churn::{in_tokio, sleeps},
    poll, timer, waiting,
};
use crate::stopwatch::measured;

pub(super) fn pintle<Lock: ScopedRawMutex>(lock: Lock, pending: usize, n: usize) {
    let timer = timer(lock);
    let mut numbers = Numbers::new();
    let _pending = waiting(sleeps(pending), || timer.sleep(numbers.duration()));
    let mut sleep = pin!(timer.sleep(numbers.duration()));
    assert!(poll(sleep.as_mut()).is_pending());
    measured(|| {
        for _ in 0..n {
            sleep.as_mut().reset_after(numbers.duration());
        }
    });
    assert!(!sleep.is_elapsed());
}

pub(super) fn pintle_delay_queue(pending: usize, n: usize) {
    let timer = timer(DefaultMutex::new());
    let mut numbers = Numbers::new();
    let mut queue = pintle_time::DelayQueue::growing(&timer);
    for i in 0..sleeps(pending) {
        queue.insert(i, numbers.duration());
    }
    let key = queue.insert(0, numbers.duration());
    measured(|| {
        for _ in 0..n {
            queue.reset(&key, numbers.duration());
        }
    });
}

pub(super) fn tokio(pending: usize, n: usize) {
    in_tokio(async {
        // An hour on, for the pending ones must not end while they are being made.
        let start = tokio::time::Instant::now() + Duration::from_secs(3600);
        let mut numbers = Numbers::new();
        let _pending = waiting(sleeps(pending), || {
            tokio::time::sleep_until(start + numbers.duration())
        });
        let mut sleep = pin!(tokio::time::sleep_until(start + numbers.duration()));
        assert!(poll(sleep.as_mut()).is_pending());
        measured(|| {
            for _ in 0..n {
                sleep.as_mut().reset(start + numbers.duration());
            }
        });
        assert!(!sleep.is_elapsed());
    });
}

pub(super) fn delay_queue(pending: usize, n: usize) {
    in_tokio(async {
        let start = tokio::time::Instant::now() + Duration::from_secs(3600);
        let mut numbers = Numbers::new();
        let mut queue = DelayQueue::new();
        for i in 0..sleeps(pending) {
            queue.insert_at(i, start + numbers.duration());
        }
        let key = queue.insert_at(0, start + numbers.duration());
        measured(|| {
            for _ in 0..n {
                queue.reset_at(&key, start + numbers.duration());
            }
        });
    });
}

pub(super) fn nexus_timer(pending: usize, n: usize) {
    let mut numbers = Numbers::new();
    let start = Instant::now();
    let mut wheel = nexus_timer::Wheel::unbounded(4096, start);
    for _ in 0..sleeps(pending) {
        wheel.schedule_forget(start + numbers.duration(), Waker::noop().clone());
    }
    let mut handle = Some(wheel.schedule(start + numbers.duration(), Waker::noop().clone()));
    measured(|| {
        for _ in 0..n {
            let end = start + numbers.duration();
            handle = handle.take().map(|handle| wheel.reschedule(handle, end));
        }
    });
    handle.map(|handle| wheel.cancel(handle));
}

pub(super) fn btree_map(pending: usize, n: usize) {
    let mut numbers = Numbers::new();
    let mut map = BTreeMap::new();
    // The second number tells those that end together apart.
    for i in 0..sleeps(pending) {
        map.insert((1 + numbers.below(TICKS), i), Waker::noop().clone());
    }
    let mut key = (1 + numbers.below(TICKS), usize::MAX);
    map.insert(key, Waker::noop().clone());
    measured(|| {
        for _ in 0..n {
            let waker = map.remove(&key);
            key.0 = 1 + numbers.below(TICKS);
            map.extend(waker.map(|waker| (key, waker)));
        }
    });
    black_box(map.len());
}
