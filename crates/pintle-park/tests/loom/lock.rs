//! The lock of a bucket, which in the models of the table is another one.

use crate::sys::lock_by_word::Lock;
use loom::sync::Arc;
use pintle_core::model::{check, check_bounded, full};
use pintle_core::thread;

/// loom watches the cell inside: two holders at once would be a race.
#[test]
fn two_threads_exclude_each_other() {
    check(|| {
        let lock = Arc::new(Lock::new(0));
        let other = thread::spawn({
            let lock = lock.clone();
            move || lock.with(|value| *value += 1)
        });
        lock.with(|value| *value += 1);
        other.join().unwrap();
        assert_eq!(lock.with(|value| *value), 2);
    });
}

/// Two sleepers: the one that is woken has to wake the other.
#[test]
fn three_threads_all_come_in() {
    check_bounded(if full() { 3 } else { 2 }, || {
        let lock = Arc::new(Lock::new(0));
        let others = [(); 2].map(|()| {
            let lock = lock.clone();
            thread::spawn(move || lock.with(|value| *value += 1))
        });
        lock.with(|value| *value += 1);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(lock.with(|value| *value), 3);
    });
}
