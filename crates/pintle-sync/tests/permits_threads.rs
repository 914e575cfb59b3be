//! `Mutex`, `RwLock` and `Semaphore` under threads, with tasks that give up: nobody is alone where
//! others are, and nobody is left behind (or the test would not end).
#![cfg(not(loom))]

mod support;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Barrier,
        atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use futures::executor::block_on;
use pintle_sync::{Mutex, RwLock, RwLockWriteGuard, Semaphore};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    a_mutex_is_had_by_one,
    a_lock_is_had_by_readers_or_a_writer,
    a_semaphore_gives_what_it_has,
];

const THREADS: usize = 4;

fn rounds() -> usize {
    if pintle_core::model::full() {
        30_000
    } else {
        2_000
    }
}

/// Starts the threads together.
fn run(role: impl Fn(usize) + Sync) {
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for n in 0..THREADS {
            let (role, barrier) = (&role, &barrier);
            scope.spawn(move || {
                barrier.wait();
                role(n);
            });
        }
    });
}

/// Polls once or twice, with different tasks, and gives up.
fn give_up<F: Future>(future: F, n: usize) {
    let mut future: Pin<Box<F>> = Box::pin(future);
    for _ in 0..1 + n % 2 {
        if poll(future.as_mut(), &Probe::new()).is_ready() {
            return;
        }
        // Long enough to be served.
        thread::yield_now();
    }
}

fn a_mutex_is_had_by_one<L: Lock>() {
    let mutex = Mutex::<usize, L>::default();
    let rounds = rounds();
    run(|thread| {
        for n in 0..rounds {
            if (n + thread) % 4 == 0 {
                give_up(mutex.lock(), n);
            }
            let mut guard = block_on(mutex.lock());
            let seen = *guard;
            if n % 64 == 0 {
                thread::yield_now();
            }
            *guard = seen + 1;
        }
    });
    assert_eq!(mutex.into_inner(), THREADS * rounds);
}

fn a_lock_is_had_by_readers_or_a_writer<L: Lock>() {
    let lock = RwLock::<[usize; 2], L>::default();
    let rounds = rounds();
    run(|thread| {
        for n in 0..rounds {
            match (n + thread) % 4 {
                0 => give_up(lock.write(), n),
                1 => give_up(lock.read(), n),
                2 => {
                    let mut guard = block_on(lock.write());
                    guard[0] += 1;
                    if n % 64 == 0 {
                        thread::yield_now();
                    }
                    guard[1] += 1;
                    let guard = RwLockWriteGuard::downgrade(guard);
                    assert_eq!(guard[0], guard[1]);
                }
                _ => {
                    let guard = block_on(lock.read());
                    assert_eq!(guard[0], guard[1]);
                }
            }
        }
    });
    assert_eq!(lock.into_inner(), [THREADS * rounds / 4; 2]);
}

fn a_semaphore_gives_what_it_has<L: Lock>() {
    const PERMITS: usize = 5;
    let semaphore = Semaphore::<L>::new_with_raw_mutex(PERMITS, L::default());
    let (left, waits) = (AtomicIsize::new(PERMITS as isize), AtomicUsize::new(0));
    let rounds = rounds();
    run(|thread| {
        for n in 0..rounds {
            let need = 1 + (n + thread) % PERMITS;
            if n % 3 == 0 {
                give_up(semaphore.acquire(need), n);
            }
            if semaphore.available_permits() < need {
                waits.fetch_add(1, Relaxed);
            }
            let mut permit = block_on(semaphore.acquire(need)).expect("nobody closes it");
            let before = left.fetch_sub(need as isize, Relaxed);
            assert!(before >= need as isize, "more than there are");
            if n % 64 == 0 {
                thread::yield_now();
            }
            // Before they are given, so that who gets them finds them.
            left.fetch_add(need as isize, Relaxed);
            drop(permit.split(need / 2));
        }
    });
    assert_eq!(semaphore.available_permits(), PERMITS);
    assert!(waits.into_inner() > 0, "the threads did not meet");
}

#[cfg(feature = "park")]
mod blocking {
    use std::sync::Arc;

    use super::*;

    for_each_lock![threads_and_tasks_stand_in_one_line, closing_wakes_a_thread];

    fn threads_and_tasks_stand_in_one_line<L: Lock>() {
        let mutex = Arc::new(Mutex::<usize, L>::default());
        let lock = Arc::new(RwLock::<usize, L>::default());
        let semaphore = Arc::new(Semaphore::<L>::new_with_raw_mutex(2, L::default()));
        let rounds = rounds() / 2;
        run(|thread| {
            for n in 0..rounds {
                match (n + thread) % 3 {
                    0 => {
                        *mutex.blocking_lock() += 1;
                        *lock.blocking_write() += 1;
                        drop(lock.blocking_read());
                        drop(semaphore.blocking_acquire(2).expect("nobody closes it"));
                    }
                    1 => {
                        *mutex.clone().blocking_lock_owned() += 1;
                        *lock.blocking_write_owned() += 1;
                        drop(lock.blocking_read_owned());
                        drop(
                            semaphore
                                .blocking_acquire_owned(1)
                                .expect("nobody closes it"),
                        );
                    }
                    _ => block_on(async {
                        *mutex.lock().await += 1;
                        *lock.write().await += 1;
                        drop(semaphore.acquire(2).await.expect("nobody closes it"));
                    }),
                }
            }
        });
        assert_eq!(*mutex.blocking_lock(), THREADS * rounds);
        assert_eq!(*lock.blocking_read(), THREADS * rounds);
        assert_eq!(semaphore.available_permits(), 2);
    }

    fn closing_wakes_a_thread<L: Lock>() {
        let semaphore = Semaphore::<L>::default();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| semaphore.blocking_acquire(1).is_err());
            semaphore.close();
            assert!(waiting.join().unwrap());
        });
        assert!(semaphore.blocking_acquire(1).is_err());
    }
}
