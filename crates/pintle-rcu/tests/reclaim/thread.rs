//! The thread that drives.

use super::{Log, set_up};
use pintle_rcu::reclaim::Reclaimer;
use pintle_rcu::{RcuDomain, global};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};

#[test]
fn a_thread_drives() {
    let (reader, reclaimer) = set_up(8);
    let log = Log::default();
    let driver = reclaimer.spawn_thread().unwrap();
    let refused = reclaimer.spawn_thread().unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ResourceBusy);
    reclaimer.defer(log.object(0)).unwrap();
    reclaimer.barrier_blocking();
    assert_eq!(log.get(), [0]);
    // It survives a panic, and is held up by a section as long as that lasts.
    reclaimer.defer_fn(|| panic!("a callback")).unwrap();
    reader.run(|| {
        reclaimer.defer(log.object(1)).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert_eq!(log.get(), [0]);
    });
    reclaimer.barrier_blocking();
    assert_eq!(log.get(), [0, 1]);
    // What was deferred before it stops is reclaimed.
    reclaimer.defer(log.object(2)).unwrap();
    driver.stop();
    assert_eq!(log.get(), [0, 1, 2]);
    let again = reclaimer.spawn_thread().unwrap();
    again.stop();
}

/// What a callback panics with may panic when it is dropped.
#[test]
fn a_thread_survives_what_a_callback_panics_with() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any(Bomb);
        }
    }

    let (_, reclaimer) = set_up(8);
    let log = Log::default();
    let driver = reclaimer.spawn_thread().unwrap();
    reclaimer.defer_fn(|| std::panic::panic_any(Bomb)).unwrap();
    reclaimer.defer(log.object(0)).unwrap();
    // Not asleep: if the thread has gone, nobody would wake this one.
    while reclaimer.backlog() > 0 {
        assert!(reclaimer.drive().is_err(), "the thread has gone");
        std::thread::yield_now();
    }
    // As it stops, too.
    reclaimer.defer_fn(|| std::panic::panic_any(Bomb)).unwrap();
    reclaimer.defer(log.object(1)).unwrap();
    driver.stop();
    assert_eq!(log.get(), [0, 1]);
}

/// The thread would wait for the callback, which somebody else has called, and that for the thread.
#[test]
fn a_callback_that_stops_the_thread_panics() {
    let (_, reclaimer) = set_up(8);
    let driver = reclaimer.spawn_thread().unwrap();
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    reclaimer
        .defer_fn(move || {
            let stop = AssertUnwindSafe(|| driver.stop());
            let refusal = catch_unwind(stop).unwrap_err();
            assert!(refusal.downcast::<&str>().unwrap().contains("for itself"));
            count.fetch_add(1, Relaxed);
        })
        .ok()
        .unwrap();
    // Called by this thread or by the driver: it is the same.
    reclaimer.drain();
    assert_eq!(refused.load(Relaxed), 1);

    // In a section it would wait for that.
    static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::new(global());
    let driver = RECLAIMER.spawn_thread().unwrap();
    let section = global().enter();
    let refusal = catch_unwind(AssertUnwindSafe(|| driver.stop()));
    drop(section);
    assert!(refusal.is_err());
}
