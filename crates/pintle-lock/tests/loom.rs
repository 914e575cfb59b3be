//! Exclusion and publication of each lock, in every interleaving.
#![cfg(loom)]

use loom::sync::Arc;
use loom::thread;
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::ScopedRawMutex;
use pintle_lock::blocking::{DefaultMutex, Mutex};
use pintle_lock::spin::Spinlock;

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

#[test]
fn a_spinlock_excludes_one_other() {
    excludes(PREEMPTIONS, Spinlock::new, 1);
}

/// With two preemptions three threads that spin do not come to an end within minutes.
#[test]
fn a_spinlock_excludes_two_others() {
    excludes(1, Spinlock::new, 2);
}

#[test]
#[cfg(feature = "std")]
fn a_futex_lock_excludes_one_other() {
    excludes(PREEMPTIONS, pintle_lock::os::FutexLock::new, 1);
}

/// Exclusion, and no lost wake-up: a sleeper that nobody wakes is a deadlock of the model.
#[test]
#[cfg(feature = "std")]
fn a_futex_lock_excludes_two_others() {
    excludes(PREEMPTIONS, pintle_lock::os::FutexLock::new, 2);
}

#[test]
fn the_default_mutex_excludes() {
    excludes(PREEMPTIONS, DefaultMutex::new, 2);
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

/// A lock whose unlock forgets to publish: the model above has to be able to fail.
mod broken {
    use super::*;
    use pintle_core::atomic::{AtomicBool, Ordering::*};

    struct Unpublished(AtomicBool);

    // SAFETY: none: the missing Release is what loom has to find.
    unsafe impl pintle_lock::RawMutex for Unpublished {
        type GuardMarker = ();

        fn lock(&self) {
            while self.0.swap(true, Acquire) {
                pintle_core::hint::spin_loop();
            }
        }

        fn try_lock(&self) -> bool {
            !self.0.swap(true, Acquire)
        }

        unsafe fn unlock(&self) {
            self.0.store(false, Relaxed);
        }

        fn is_locked(&self) -> bool {
            self.0.load(Relaxed)
        }
    }

    #[test]
    #[should_panic = "Causality violation"]
    fn a_relaxed_unlock_is_caught() {
        excludes(PREEMPTIONS, || Unpublished(AtomicBool::new(false)), 1);
    }
}
