//! Locks and permits that tasks wait for.

use std::{hint::black_box, pin::pin, task::Poll};

use super::poll;
use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "mutex_uncontended",
        what: "Make the future that locks a free mutex, poll it, count up, unlock.",
        contenders: &[
            Contender::new("pintle", pintle::mutex),
            Contender::new("maitake-sync", maitake::mutex),
            Contender::new("tokio", tokio::mutex),
            Contender::new("async-lock", async_lock::mutex),
            Contender::new("futures", futures_mutex),
            Contender::new("futures-intrusive fair", futures_intrusive::mutex),
        ],
    },
    Op {
        name: "mutex_handoff",
        what: "Lock a mutex, poll a second future that locks it, unlock, poll the future, which is ready, unlock.",
        contenders: &[
            Contender::new("pintle", pintle::hand_over),
            Contender::new("maitake-sync", maitake::hand_over),
            Contender::new("tokio", tokio::hand_over),
            Contender::new("async-lock", async_lock::hand_over),
            Contender::new("futures-intrusive fair", futures_intrusive::hand_over),
        ],
    },
    Op {
        name: "rwlock_read",
        what: "Make the future that locks a free lock for reading, poll it, read, unlock.",
        contenders: &[
            Contender::new("pintle", pintle::read),
            Contender::new("maitake-sync", maitake::read),
            Contender::new("tokio", tokio::read),
            Contender::new("async-lock", async_lock::read),
        ],
    },
    Op {
        name: "semaphore_acquire",
        what: "Make the future that takes one of ten permits, poll it, give the permit back.",
        contenders: &[
            Contender::new("pintle", pintle::acquire),
            Contender::new("maitake-sync", maitake::acquire),
            Contender::new("tokio", tokio::acquire),
            Contender::new("async-lock", async_lock::acquire),
            Contender::new("futures-intrusive unfair", futures_intrusive::acquire),
        ],
    },
];

/// Gives what a future has ready. A macro, since a function would be given the future by a copy.
macro_rules! ready {
    ($future:expr) => {
        match poll(pin!($future)) {
            Poll::Ready(output) => output,
            Poll::Pending => unreachable!("nobody else has it"),
        }
    };
}

/// The operations of a crate whose mutex has `lock`.
macro_rules! mutex {
    ($new:expr) => {
        pub(super) fn mutex(n: usize) {
            let mutex = $new;
            let mutex = black_box(&mutex);
            for _ in 0..n {
                *ready!(mutex.lock()) += 1;
            }
        }

        pub(super) fn hand_over(n: usize) {
            let mutex = $new;
            let mutex = black_box(&mutex);
            for _ in 0..n {
                let first = ready!(mutex.lock());
                let mut second = pin!(mutex.lock());
                assert!(poll(second.as_mut()).is_pending());
                drop(first);
                assert!(poll(second).is_ready());
            }
        }
    };
}

/// The operations of a crate whose lock for readers and writers has `read`.
macro_rules! rwlock {
    ($new:expr) => {
        pub(super) fn read(n: usize) {
            let lock = $new;
            let lock = black_box(&lock);
            for _ in 0..n {
                black_box(*ready!(lock.read()));
            }
        }
    };
}

/// The operations of a crate whose semaphore gives a permit by `$acquire`.
macro_rules! semaphore {
    ($new:expr, |$semaphore:ident| $acquire:expr) => {
        pub(super) fn acquire(n: usize) {
            let semaphore = $new;
            let $semaphore = black_box(&semaphore);
            for _ in 0..n {
                drop(black_box(ready!($acquire)));
            }
        }
    };
}

mod pintle {
    use super::*;
    mutex!(pintle_sync::Mutex::new(0));
    rwlock!(pintle_sync::RwLock::new(0));
    semaphore!(pintle_sync::Semaphore::new(10), |it| it.acquire(1));
}

mod maitake {
    use super::*;
    mutex!(maitake_sync::Mutex::new(0));
    rwlock!(maitake_sync::RwLock::new(0));
    semaphore!(maitake_sync::Semaphore::new(10), |it| it.acquire(1));
}

mod tokio {
    use super::*;
    mutex!(::tokio::sync::Mutex::new(0));
    rwlock!(::tokio::sync::RwLock::new(0));
    semaphore!(::tokio::sync::Semaphore::new(10), |it| it.acquire());
}

mod async_lock {
    use super::*;
    mutex!(::async_lock::Mutex::new(0));
    rwlock!(::async_lock::RwLock::new(0));
    semaphore!(::async_lock::Semaphore::new(10), |it| it.acquire());
}

mod futures_intrusive {
    use super::*;
    mutex!(::futures_intrusive::sync::Mutex::new(0, true));
    semaphore!(::futures_intrusive::sync::Semaphore::new(false, 10), |it| {
        it.acquire(1)
    });
}

fn futures_mutex(n: usize) {
    let mutex = futures::lock::Mutex::new(0);
    let mutex = black_box(&mutex);
    for _ in 0..n {
        *ready!(mutex.lock()) += 1;
    }
}
