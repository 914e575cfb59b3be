//! What the locks promise whose waiters sleep, asked of each.
#![cfg(all(feature = "os", not(loom)))]

use core::time::Duration;
use pintle_lock::blocking::Mutex;
use pintle_lock::os::{FairLock, FutexLock};
use pintle_lock::{Deadline, RawMutexTimed};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

macro_rules! for_every_lock {
    ($($name:ident: $Lock:ty),+ $(,)?) => { $(
        mod $name {
            use super::*;

            #[test]
            fn it_is_as_large_as_a_futex() {
                assert_eq!(size_of::<Mutex<(), $Lock>>(), 4);
            }

            #[test]
            fn a_wait_ends_in_time_and_not_before() {
                super::a_wait_ends_in_time_and_not_before(<$Lock>::new());
            }

            #[test]
            fn a_waiter_gets_the_lock_before_its_deadline() {
                super::a_waiter_gets_the_lock_before_its_deadline(<$Lock>::new());
            }

            #[test]
            fn some_wait_and_some_give_up() {
                super::some_wait_and_some_give_up(<$Lock>::new());
            }
        }
    )+ };
}

for_every_lock! {
    fair_lock: FairLock,
    futex_lock: FutexLock,
}

fn a_wait_ends_in_time_and_not_before(lock: impl RawMutexTimed) {
    assert!(lock.try_lock_for(Duration::ZERO), "it is free");
    let (start, timeout) = (Instant::now(), Duration::from_millis(5));
    assert!(!lock.try_lock_for(timeout));
    assert!(start.elapsed() >= timeout);
    assert!(!lock.try_lock_for(Duration::ZERO));
    assert!(!lock.try_lock_until(Deadline::now()));
    // SAFETY: taken in the first line.
    unsafe { lock.unlock() };
    assert!(
        lock.try_lock_until(Deadline::now()),
        "nobody is left behind"
    );
}

fn a_waiter_gets_the_lock_before_its_deadline(lock: impl RawMutexTimed + Sync) {
    lock.lock();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| lock.try_lock_for(Duration::MAX));
        // Most of the time it is asleep by then; the test does not depend on it.
        thread::sleep(Duration::from_millis(5));
        // SAFETY: taken above, and not given away.
        unsafe { lock.unlock() };
        assert!(waiter.join().unwrap());
    });
    assert!(lock.is_locked());
}

/// Nothing is lost when waiters leave at the moment at which they are woken, and the last one to leave
/// leaves nothing behind. A lost wake-up hangs.
fn some_wait_and_some_give_up<L: RawMutexTimed + Send + Sync>(lock: L) {
    let rounds = if pintle_core::model::full() {
        200_000
    } else {
        2_000
    };
    const THREADS: u32 = 8;
    let mutex = Mutex::new_with_raw_mutex(0_u64, lock);
    let start = Barrier::new(THREADS as usize);
    let taken: u64 = thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|me| {
                let (mutex, start) = (&mutex, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut taken = 0;
                    for round in 0..rounds {
                        // Around the time that it takes to be woken.
                        let patience = Duration::from_micros(u64::from((round * 7 + me) % 64));
                        let guard = if me % 2 == 0 {
                            Some(mutex.lock())
                        } else {
                            mutex.try_lock_for(patience)
                        };
                        if let Some(mut count) = guard {
                            *count += 1;
                            taken += 1;
                            // Long enough for the others to fall asleep, now and then.
                            let hints = if round % 16 == 0 { 2_000 } else { 10 };
                            for _ in 0..hints {
                                std::hint::spin_loop();
                            }
                        }
                    }
                    taken
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    assert_eq!(*mutex.lock(), taken);
    assert!(taken >= u64::from(rounds * THREADS / 2));
}
