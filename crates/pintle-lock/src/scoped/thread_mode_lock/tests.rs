extern crate std;

use super::*;
use crate::sys::as_interrupt;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn it_is_given_in_thread_mode() {
    let lock = ThreadModeLock::new();
    assert!(lock.with_lock(|| lock.is_locked()));
    assert_eq!(lock.try_with_lock(|| 3), Some(3));
    assert!(!lock.is_locked());
}

/// The reference asserts instead of giving None.
#[test]
fn taken_already_is_none() {
    let lock = ThreadModeLock::new();
    lock.with_lock(|| assert_eq!(lock.try_with_lock(|| ()), None));
    assert!(!lock.is_locked());
}

#[test]
fn an_interrupt_is_refused_whether_it_is_taken_or_not() {
    let lock = ThreadModeLock::new();
    as_interrupt(|| assert_eq!(lock.try_with_lock(|| ()), None));
    lock.with_lock(|| as_interrupt(|| assert_eq!(lock.try_with_lock(|| ()), None)));
    assert_eq!(lock.try_with_lock(|| 1), Some(1));
}

#[test]
fn with_lock_says_why_it_panics() {
    fn message(f: impl FnOnce()) -> std::string::String {
        let payload = catch_unwind(AssertUnwindSafe(f)).unwrap_err();
        std::string::String::from(*payload.downcast_ref::<&str>().unwrap())
    }
    let lock = ThreadModeLock::new();
    let nested = message(|| lock.with_lock(|| lock.with_lock(|| ())));
    assert!(nested.contains("Deadlocked"), "{nested}");
    let handler = message(|| as_interrupt(|| lock.with_lock(|| ())));
    assert!(handler.contains("interrupt handler"), "{handler}");
    assert!(!lock.is_locked(), "a panic has to release it");
}
