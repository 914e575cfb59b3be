//! The system's lock of macOS.
#![cfg(all(not(loom), target_vendor = "apple"))]

use pintle_park::macos::UnfairLock;
use std::{mem, thread};

#[test]
fn it_excludes() {
    const ROUNDS: usize = 20_000;
    static LOCK: UnfairLock<(usize, usize)> = UnfairLock::new((0, 0));

    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let mut pair = LOCK.lock();
                    assert_eq!(pair.0, pair.1);
                    pair.0 += 1;
                    if pair.0 % 1000 == 0 {
                        thread::yield_now();
                    }
                    pair.1 += 1;
                }
            });
        }
    });
    assert_eq!(*LOCK.lock(), (4 * ROUNDS, 4 * ROUNDS));
}

#[test]
fn trying_does_not_wait() {
    let lock = UnfairLock::new(7);
    {
        let guard = lock.lock();
        lock.assert_owner();
        assert!(lock.try_lock().is_none());
        thread::scope(|scope| {
            scope.spawn(|| {
                lock.assert_not_owner();
                assert!(lock.try_lock().is_none());
                assert_eq!(format!("{lock:?}"), "UnfairLock { value: <locked>, .. }");
            });
        });
        assert_eq!(*guard, 7);
    }
    lock.assert_not_owner();
    assert_eq!(lock.try_lock().map(|guard| *guard), Some(7));
}

#[test]
fn a_leaked_guard_leaves_it_locked_where_it_goes() {
    let lock = UnfairLock::new(String::from("a"));
    mem::forget(lock.lock());
    let mut moved = Box::new(lock);
    assert!(moved.try_lock().is_none());
    moved.get_mut().push('b');
    assert_eq!(moved.into_inner(), "ab");
}
