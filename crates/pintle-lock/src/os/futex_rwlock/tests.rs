//! The ends of the reader count, which no test reaches by taking locks.
#![cfg(not(loom))]

extern crate std;

use super::*;
use std::panic::catch_unwind;

/// As many readers as the docs promise, and one less.
const MOST: u32 = (u32::MAX >> 6) - 1;

fn nearly_full() -> FutexRwLock {
    FutexRwLock {
        state: State::with_readers(MOST - 1),
        turn: AtomicU32::new(0),
    }
}

#[test]
fn the_reader_count_does_not_overflow() {
    let lock = nearly_full();
    assert!(lock.try_lock_shared());
    assert_eq!(lock.reader_count(), MOST as usize);
    assert!(!lock.try_lock_shared());
    assert!(!lock.try_lock_exclusive());
    assert!(lock.is_locked() && !lock.is_locked_exclusive());
    // SAFETY: it was shared above.
    unsafe { lock.unlock_shared() };
    assert!(lock.try_lock_shared());
}

#[test]
fn one_reader_too_many_panics_and_counts_nothing() {
    let panic = catch_unwind(|| {
        let lock = nearly_full();
        lock.lock_shared();
        lock.lock_shared();
    })
    .unwrap_err();
    let message = panic.downcast_ref::<&str>().unwrap();
    assert!(message.contains("more readers"), "{message}");
}

/// The upgradable holder becomes a reader without asking: its place is kept, for one.
#[test]
fn an_upgradable_holder_has_a_place_among_the_readers() {
    let lock = nearly_full();
    assert!(lock.try_lock_upgradable());
    assert!(lock.try_lock_shared());
    assert!(!lock.try_lock_shared());
    // SAFETY: it was taken upgradably above.
    unsafe { lock.downgrade_upgradable() };
    assert_eq!(lock.reader_count(), MOST as usize + 1);
    // The word is full to the brim: nobody else gets in to downgrade.
    assert!(!lock.try_lock_shared() && !lock.try_lock_upgradable());
    assert!(lock.is_locked() && !lock.is_locked_exclusive());
}

#[test]
#[should_panic = "more readers"]
fn one_upgradable_holder_too_many_panics() {
    let lock = nearly_full();
    lock.lock_shared();
    lock.lock_upgradable();
}
