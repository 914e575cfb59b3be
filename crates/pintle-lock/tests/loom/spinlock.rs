//! `Spinlock`.

use super::excludes;
use loom::sync::Arc;
use loom::thread;
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::blocking::Mutex;
use pintle_lock::spin::Spinlock;

#[test]
fn it_excludes_one_other() {
    excludes(PREEMPTIONS, Spinlock::new, 1);
}

/// With two preemptions three threads that spin do not come to an end within minutes.
#[test]
fn it_excludes_two_others() {
    excludes(1, Spinlock::new, 2);
}

#[test]
fn try_lock_takes_it_once() {
    model::check(|| {
        let mutex = Arc::new(Mutex::new_with_raw_mutex(0_usize, Spinlock::new()));
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
