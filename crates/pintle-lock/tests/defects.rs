//! The known defects of the crates that this one replaces, each by its number in their list.
//!
//! The one without a number, a lock that is taken before its critical section is entered, needs a
//! critical section of its own: `crates/interrupts`.
#![cfg(not(loom))]

use pintle_lock::blocking::{self, DefaultMutex};
use pintle_lock::spin::Spinlock;
use pintle_lock::{BlockingMutex, ScopedRawMutex};

/// 30: `is_locked` of the default lock was inverted with `std`.
#[test]
fn d30_the_default_mutex_says_that_it_is_locked_when_it_is() {
    let lock = DefaultMutex::new();
    assert!(!lock.is_locked());
    assert_eq!(format!("{lock:?}"), "DefaultMutex { locked: false }");
    lock.with_lock(|| {
        assert!(lock.is_locked());
        assert_eq!(format!("{lock:?}"), "DefaultMutex { locked: true }");
    });
    assert_eq!(lock.try_with_lock(|| lock.is_locked()), Some(true));
    assert!(!lock.is_locked());
}

/// 30, seen from another thread, for which the lock is somebody else's.
#[test]
fn d30_another_thread_is_told_the_same() {
    let lock = DefaultMutex::new();
    let told = || std::thread::scope(|scope| scope.spawn(|| lock.is_locked()).join().unwrap());
    assert!(!told());
    assert!(lock.with_lock(told));
    assert!(!told());
}

/// 34: with the feature `fmt` the crate did not compile: guards and mutexes are shown, with it and
/// without.
#[test]
fn d34_guards_and_mutexes_are_shown() {
    let mutex: BlockingMutex<Spinlock, u8> = BlockingMutex::new(7);
    assert_eq!(format!("{mutex:?}"), "Mutex { data: 7 }");
    let guard: pintle_lock::MutexGuard<'_, Spinlock, u8> = mutex.lock();
    assert_eq!(format!("{guard}, {guard:?}"), "7, 7");
    assert_eq!(format!("{mutex:?}"), "Mutex { data: <locked> }");
    drop(guard);

    let mutex: blocking::Mutex<u8> = blocking::Mutex::new(7);
    assert_eq!(format!("{mutex:?}"), "Mutex { data: 7 }");
}
