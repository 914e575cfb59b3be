//! The known defects of the crates that this one replaces, each by its number in their list.
//!
//! The one without a number, a lock that is taken before its critical section is entered, needs a
//! critical section of its own: `crates/interrupts`.
#![cfg(not(loom))]

use pintle_lock::blocking::{self, DefaultMutex, LazyLock, OnceLock};
use pintle_lock::spin::{InitOnce, Lazy, Spinlock};
use pintle_lock::{BlockingMutex, ScopedRawMutex};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// 6: `init` called twice reached `unreachable_unchecked`. It panics, says why, and the first value
/// stays.
#[test]
fn d06_init_twice_is_a_clean_panic() {
    let once = InitOnce::uninitialized();
    assert_eq!(once.init(1), &1);
    let panic = catch_unwind(AssertUnwindSafe(|| once.init(2))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert_eq!(
        message,
        "InitOnce<i32> cannot be initialised: it is initialised already"
    );
    assert_eq!(once.get(), &1);
}

/// 6: it was reached by showing the error, which any caller of `try_init` may do.
#[test]
fn d06_the_error_can_be_shown() {
    let once = InitOnce::uninitialized();
    once.init(1);
    let error = once.try_init(2).unwrap_err();
    assert_eq!(
        format!("{error:?}, {error}"),
        "TryInitError(\"it is initialised already\"), it is initialised already"
    );
    assert_eq!(error.into_inner(), 2);
}

/// 7: `Lazy` was `Sync` without `T: Send`. What does not compile is in tests/ui/once_not_send.rs;
/// this is what the bound must not forbid.
#[test]
fn d07_what_may_be_shared_is_shared() {
    fn shared<T: Sync>(_: &T) {}
    shared(&Lazy::<u8, _>::new(|| 1));
    shared(&InitOnce::<u8>::uninitialized());
    let not_sent = Lazy::new(|| Rc::new(1));
    assert_eq!(**not_sent, 1);
}

/// 23: an initialiser that panicked left later callers spinning for ever.
#[test]
fn d23_a_panicking_initialiser_leaves_it_retryable() {
    fn first_panics<T>(get: impl Fn(&dyn Fn() -> i32) -> T) -> T {
        let calls = std::cell::Cell::new(0);
        let make = || {
            calls.set(calls.get() + 1);
            assert!(calls.get() > 1, "on purpose");
            calls.get()
        };
        assert!(catch_unwind(AssertUnwindSafe(|| get(&make))).is_err());
        get(&make)
    }
    let (init_once, once_lock) = (InitOnce::uninitialized(), OnceLock::new());
    assert_eq!(first_panics(|make| *init_once.get_or_else(make)), 2);
    assert_eq!(first_panics(|make| *once_lock.get_or_init(make)), 2);

    let calls = std::cell::Cell::new(0);
    let make = || {
        calls.set(calls.get() + 1);
        assert!(calls.get() % 2 == 0, "on purpose");
        calls.get()
    };
    let (lazy, lazy_lock) = (Lazy::new(make), LazyLock::new(make));
    assert!(catch_unwind(AssertUnwindSafe(|| *lazy)).is_err());
    assert_eq!(*lazy, 2);
    assert!(catch_unwind(AssertUnwindSafe(|| *lazy_lock)).is_err());
    assert_eq!(*lazy_lock, 4);
}

/// 23: `InitOnce` and `Lazy` leaked their value.
#[test]
fn d23_the_contents_are_dropped() {
    let value = Rc::new(());
    let once = InitOnce::uninitialized();
    once.init(value.clone());
    let lazy = Lazy::new(|| value.clone());
    lazy.init();
    assert_eq!(Rc::strong_count(&value), 3);
    drop(once);
    assert_eq!(Rc::strong_count(&value), 2);
    drop(lazy);
    assert_eq!(Rc::strong_count(&value), 1);
}

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
