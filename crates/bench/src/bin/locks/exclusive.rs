//! Locks that one thread holds at a time.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use pintle_core::CachePadded;
use pintle_lock::os::{FairLock, FutexLock};
use pintle_lock::spin::{Spinlock, TicketLock};

use crate::round::{Counted, Guarded, Round, round};
use crate::series::Contender;

/// Who is compared, ours first.
pub(crate) const ALL: &[Contender] = &[
    contender::<pintle_lock::blocking::Mutex<Guarded, FutexLock>>("pintle FutexLock"),
    contender::<pintle_lock::blocking::Mutex<Guarded, FairLock>>("pintle FairLock"),
    contender::<pintle_lock::blocking::Mutex<Guarded, Spinlock>>("pintle Spinlock"),
    contender::<pintle_lock::blocking::Mutex<Guarded, TicketLock>>("pintle TicketLock"),
    contender::<std::sync::Mutex<Guarded>>("std"),
    contender::<parking_lot::Mutex<Guarded>>("parking_lot"),
    contender::<usync::Mutex<Guarded>>("usync"),
    contender::<spin::Mutex<Guarded>>("spin"),
];

/// A lock with the value that it guards.
pub(crate) trait Exclusive: Send + Sync + 'static {
    fn new(guarded: Guarded) -> Self;
    fn with<R>(&self, f: impl FnOnce(&mut Guarded) -> R) -> R;
}

/// Everything about one kind of lock that a series needs.
pub(crate) const fn contender<L: Exclusive>(name: &'static str) -> Contender {
    Contender {
        name,
        throughput: |threads, time| {
            let lock = CachePadded::new(L::new(Guarded::new()));
            let worked = round(threads, time, |me, stop| count(&*lock, me, stop));
            Round::new(&worked, lock.with(|guarded| guarded.changes()))
        },
        longest_wait: |threads, time| {
            let lock = CachePadded::new(L::new(Guarded::new()));
            let waits = round(threads, time, |me, stop| longest_wait(&*lock, me, stop));
            waits.results.into_iter().max().unwrap_or_default()
        },
    }
}

/// Takes the lock as often as it can, once at least.
fn count<L: Exclusive>(lock: &L, me: usize, stop: &AtomicBool) -> Counted {
    let mut count = 0;
    loop {
        lock.with(|guarded| guarded.visit(me));
        count += 1;
        if stop.load(Relaxed) {
            return count;
        }
    }
}

/// The longest time from the wish to the lock, while all take it as often as they can.
fn longest_wait<L: Exclusive>(lock: &L, me: usize, stop: &AtomicBool) -> Duration {
    let mut longest = Duration::ZERO;
    let mut start = Instant::now();
    loop {
        let (now, waited) = lock.with(|guarded| {
            guarded.visit(me);
            let now = Instant::now();
            (now, now - start)
        });
        longest = longest.max(waited);
        if stop.load(Relaxed) {
            return longest;
        }
        start = now;
    }
}

impl<L> Exclusive for pintle_lock::blocking::Mutex<Guarded, L>
where
    L: pintle_lock::ScopedRawMutex + Default + Send + Sync + 'static,
{
    fn new(guarded: Guarded) -> Self {
        Self::new_with_raw_mutex(guarded, L::default())
    }

    fn with<R>(&self, f: impl FnOnce(&mut Guarded) -> R) -> R {
        self.with_lock(f)
    }
}

impl Exclusive for std::sync::Mutex<Guarded> {
    fn new(guarded: Guarded) -> Self {
        Self::new(guarded)
    }

    fn with<R>(&self, f: impl FnOnce(&mut Guarded) -> R) -> R {
        f(&mut self.lock().expect("nobody panics"))
    }
}

macro_rules! by_guards {
    ($($Lock:ty),+ $(,)?) => { $(
        impl Exclusive for $Lock {
            fn new(guarded: Guarded) -> Self {
                Self::new(guarded)
            }

            fn with<R>(&self, f: impl FnOnce(&mut Guarded) -> R) -> R {
                f(&mut self.lock())
            }
        }
    )+ };
}

by_guards! {
    parking_lot::Mutex<Guarded>,
    usync::Mutex<Guarded>,
    spin::Mutex<Guarded>,
}
