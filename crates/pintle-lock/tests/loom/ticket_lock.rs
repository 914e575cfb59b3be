//! `TicketLock`.

use super::excludes;
use loom::sync::Arc;
use loom::thread;
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::blocking::Mutex;
use pintle_lock::spin::TicketLock;

#[test]
fn it_excludes_one_other() {
    excludes(PREEMPTIONS, TicketLock::new, 1);
}

/// With two preemptions three threads that spin do not come to an end within minutes.
#[test]
fn it_excludes_two_others() {
    excludes(1, TicketLock::new, 2);
}

#[test]
fn try_lock_takes_it_once() {
    model::check(|| {
        let mutex = Arc::new(Mutex::new_with_raw_mutex(0_usize, TicketLock::new()));
        let other = thread::spawn({
            let mutex = mutex.clone();
            move || mutex.try_lock().map(|mut count| *count += 1).is_some()
        });
        let mine = mutex.try_lock().map(|mut count| *count += 1).is_some();
        let others = other.join().unwrap();
        assert!(mine || others, "a free lock was refused to both");
        assert_eq!(
            mutex.with_lock(|count| *count),
            usize::from(mine) + usize::from(others)
        );
    });
}

/// Who tries never gets into the line, so that who waits is served and the lock is free in the end.
#[test]
fn try_lock_beside_lock() {
    model::check(|| {
        let mutex = Arc::new(Mutex::new_with_raw_mutex(0_usize, TicketLock::new()));
        let other = thread::spawn({
            let mutex = mutex.clone();
            move || *mutex.lock() += 1
        });
        let mine = mutex.try_lock().map(|mut count| *count += 1).is_some();
        other.join().unwrap();
        assert_eq!(
            mutex.try_lock().map(|count| *count),
            Some(1 + usize::from(mine))
        );
    });
}

/// Whoever sees it free sees it so at some moment of the call: after its own locking of it, what was
/// written under it is there.
#[test]
fn is_locked_is_false_before_and_after_and_true_within() {
    use pintle_lock::{RawMutex, ScopedRawMutex};

    model::check(|| {
        let lock = Arc::new(TicketLock::new());
        let other = thread::spawn({
            let lock = lock.clone();
            move || lock.with_lock(|| assert!(RawMutex::is_locked(&*lock)))
        });
        lock.with_lock(|| assert!(RawMutex::is_locked(&*lock)));
        other.join().unwrap();
        assert!(!RawMutex::is_locked(&*lock));
    });
}
