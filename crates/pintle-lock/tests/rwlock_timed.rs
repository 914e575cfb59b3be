//! Readers-writer locks whose waiters give up.
#![cfg(all(not(loom), feature = "os"))]

use pintle_lock::Deadline;
use pintle_lock::blocking::RwLock;
use pintle_lock::os::FutexRwLock;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(5);

fn new(data: u32) -> RwLock<u32, FutexRwLock> {
    RwLock::new_with_raw_rwlock(data, FutexRwLock::new())
}

/// Gives up, and not early.
fn gives_up<T>(attempt: impl FnOnce() -> Option<T>) {
    let start = Instant::now();
    assert!(attempt().is_none());
    assert!(start.elapsed() >= SHORT);
}

#[test]
fn who_waits_too_long_gives_up_and_leaves_no_mark() {
    let lock = new(0);
    let reader = lock.read();
    gives_up(|| lock.try_write_for(SHORT));
    gives_up(|| lock.try_write_until(Deadline::after(SHORT)));
    // The door is open again.
    assert!(lock.try_read().is_some());
    assert!(lock.try_upgradable_read().is_some());
    assert!(lock.try_write().is_none());
    drop(reader);
    let writer = lock.write();
    gives_up(|| lock.try_read_for(SHORT));
    gives_up(|| lock.try_read_until(Deadline::after(SHORT)));
    gives_up(|| lock.try_write_for(SHORT));
    drop(writer);
    assert!(lock.try_read().is_some());
    assert!(lock.try_upgradable_read().is_some());
    assert!(lock.try_write().is_some());
}

#[test]
fn what_is_free_is_taken_whatever_the_time() {
    let lock = new(0);
    let past = Deadline::after(Duration::ZERO);
    assert!(lock.try_read_until(past).is_some());
    assert!(lock.try_write_until(past).is_some());
    assert!(lock.try_read_for(Duration::ZERO).is_some());
    assert!(lock.try_write_for(Duration::ZERO).is_some());
    let _writer = lock.write();
    assert!(lock.try_read_until(past).is_none());
    assert!(lock.try_write_for(Duration::ZERO).is_none());
}

#[test]
fn who_waits_long_enough_is_woken() {
    let lock = Arc::new(new(0));
    let writer = lock.write();
    let others: Vec<_> = (0..2)
        .map(|me| {
            let lock = lock.clone();
            thread::spawn(move || match me {
                0 => *lock.try_write_for(Duration::MAX).unwrap() += 1,
                _ => drop(lock.try_read_for(Duration::MAX).unwrap()),
            })
        })
        .collect();
    thread::sleep(SHORT);
    drop(writer);
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(*lock.read(), 1);
}
