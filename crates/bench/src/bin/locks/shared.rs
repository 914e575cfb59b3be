//! Locks that many readers hold, or one writer.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use pintle_core::CachePadded;

use crate::round::{Counted, Guarded, Round, round};
use crate::series::Contender;

/// One visit in so many is a writer's.
pub(crate) const WRITE_EVERY: u64 = 100;

/// Who is compared, ours first.
pub(crate) const ALL: &[Contender] = &[
    contender::<pintle_lock::blocking::RwLock<Guarded, pintle_lock::os::FutexRwLock>>(
        "pintle FutexRwLock",
    ),
    contender::<pintle_lock::blocking::RwLock<Guarded, pintle_lock::spin::RwSpinlock>>(
        "pintle RwSpinlock",
    ),
    contender::<std::sync::RwLock<Guarded>>("std"),
    contender::<parking_lot::RwLock<Guarded>>("parking_lot"),
    contender::<usync::RwLock<Guarded>>("usync"),
];

/// A lock with the value that it guards.
pub(crate) trait Shared: Send + Sync + 'static {
    fn new(guarded: Guarded) -> Self;
    fn read<R>(&self, f: impl FnOnce(&Guarded) -> R) -> R;
    fn write<R>(&self, f: impl FnOnce(&mut Guarded) -> R) -> R;
}

/// Everything about one kind of lock that a series needs.
pub(crate) const fn contender<L: Shared>(name: &'static str) -> Contender {
    Contender {
        name,
        throughput: |threads, time| {
            let lock = CachePadded::new(L::new(Guarded::new()));
            let worked = round(threads, time, |me, stop| count(&*lock, me, stop));
            Round::new(&worked, lock.write(|guarded| guarded.changes()))
        },
        longest_wait: |threads, time| {
            let lock = CachePadded::new(L::new(Guarded::new()));
            let waits = round(threads, time, |me, stop| longest_wait(&*lock, me, stop));
            waits.results.into_iter().max().unwrap_or_default()
        },
    }
}

/// Takes the lock as often as it can, once at least, [one time in a hundred](WRITE_EVERY) to write.
fn count<L: Shared>(lock: &L, me: usize, stop: &AtomicBool) -> Counted {
    let mut count = 0;
    // Not all write at the same time.
    let mut until_write = me as u64 % WRITE_EVERY;
    loop {
        if until_write == 0 {
            until_write = WRITE_EVERY;
            lock.write(|guarded| guarded.visit(me));
        } else {
            lock.read(|guarded| std::hint::black_box(guarded.changes()));
        }
        until_write -= 1;
        count += 1;
        if stop.load(Relaxed) {
            return count;
        }
    }
}

/// The longest time from a writer's wish to the lock, while all take it as often as they can.
fn longest_wait<L: Shared>(lock: &L, me: usize, stop: &AtomicBool) -> Duration {
    let mut longest = Duration::ZERO;
    let mut until_write = me as u64 % WRITE_EVERY;
    while !stop.load(Relaxed) {
        if until_write == 0 {
            until_write = WRITE_EVERY;
            let start = Instant::now();
            let waited = lock.write(|guarded| {
                guarded.visit(me);
                start.elapsed()
            });
            longest = longest.max(waited);
        } else {
            lock.read(|guarded| std::hint::black_box(guarded.changes()));
        }
        until_write -= 1;
    }
    longest
}

impl<L> Shared for pintle_lock::blocking::RwLock<Guarded, L>
where
    L: pintle_lock::blocking::RawRwLock + Default + Send + Sync + 'static,
{
    fn new(guarded: Guarded) -> Self {
        Self::new_with_raw_rwlock(guarded, L::default())
    }

    fn read<R>(&self, f: impl FnOnce(&Guarded) -> R) -> R {
        f(&self.read())
    }

    fn write<R>(&self, f: impl FnOnce(&mut Guarded) -> R) -> R {
        f(&mut self.write())
    }
}

impl Shared for std::sync::RwLock<Guarded> {
    fn new(guarded: Guarded) -> Self {
        Self::new(guarded)
    }

    fn read<R>(&self, f: impl FnOnce(&Guarded) -> R) -> R {
        f(&self.read().expect("nobody panics"))
    }

    fn write<R>(&self, f: impl FnOnce(&mut Guarded) -> R) -> R {
        f(&mut self.write().expect("nobody panics"))
    }
}

macro_rules! by_guards {
    ($($Lock:ty),+ $(,)?) => { $(
        impl Shared for $Lock {
            fn new(guarded: Guarded) -> Self {
                Self::new(guarded)
            }

            fn read<R>(&self, f: impl FnOnce(&Guarded) -> R) -> R {
                f(&self.read())
            }

            fn write<R>(&self, f: impl FnOnce(&mut Guarded) -> R) -> R {
                f(&mut self.write())
            }
        }
    )+ };
}

by_guards! {
    parking_lot::RwLock<Guarded>,
    usync::RwLock<Guarded>,
}
