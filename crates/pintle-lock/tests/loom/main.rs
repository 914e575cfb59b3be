//! Models of the locks, one module per lock: exclusion, publication, no lost wake-up.
#![cfg(loom)]

#[cfg(feature = "os")]
mod asleep;
#[cfg(feature = "os")]
mod barrier;
mod broken;
mod broken_rw;
#[cfg(feature = "os")]
mod condvar;
mod default_mutex;
#[cfg(feature = "os")]
mod fair;
#[cfg(feature = "os")]
mod futex;
#[cfg(feature = "os")]
mod futex_rw;
mod once;
mod rw;
mod rw_spinlock;
mod spinlock;
mod ticket_lock;

use loom::sync::Arc;
use loom::thread;
use pintle_core::model;
use pintle_lock::ScopedRawMutex;
use pintle_lock::blocking::Mutex;

/// The main thread and `others` increment without atomics: loom's cell reports an overlap, and
/// the sum a lost write.
fn excludes<L>(preemptions: usize, new: fn() -> L, others: usize)
where
    L: ScopedRawMutex + Send + Sync + 'static,
{
    model::check_bounded(preemptions, move || {
        let mutex = Arc::new(Mutex::new_with_raw_mutex(0_usize, new()));
        let threads: Vec<_> = (0..others)
            .map(|_| {
                let mutex = mutex.clone();
                thread::spawn(move || mutex.with_lock(|count| *count += 1))
            })
            .collect();
        mutex.with_lock(|count| *count += 1);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(mutex.with_lock(|count| *count), others + 1);
    });
}
