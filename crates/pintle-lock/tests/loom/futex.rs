//! `FutexLock`, over pintle-park's model of a futex.

use super::excludes;
use core::time::Duration;
use loom::sync::Arc;
use loom::thread;
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::blocking::Mutex;
use pintle_lock::os::FutexLock;
use pintle_lock::{RawMutex, RawMutexTimed};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[test]
fn it_excludes_one_other() {
    excludes(PREEMPTIONS, FutexLock::new, 1);
}

/// Exclusion, and no lost wake-up: a sleeper that nobody wakes is a deadlock of the model.
#[test]
fn it_excludes_two_others() {
    excludes(three_threads(), FutexLock::new, 2);
}

/// One sleeps, one spins, one holds: each role is taken. More preemptions take hours.
#[test]
fn it_excludes_three_others() {
    excludes(if model::full() { 2 } else { 1 }, FutexLock::new, 3);
}

/// Who has left the lock takes it again before a waiter has fallen asleep, and so the wake-up came too
/// early.
#[test]
fn it_excludes_one_that_comes_back() {
    comes_back(FutexLock::new);
}

/// One of the waiters may give up while it is being woken: then the wake-up is not lost on it, and
/// the other one gets the lock.
#[test]
fn a_waiter_that_gives_up_passes_the_wake_on() {
    gives_up(three_threads(), FutexLock::new);
}

/// The bound for models of three threads: with two preemptions they take seconds, with three minutes.
fn three_threads() -> usize {
    if model::full() { PREEMPTIONS } else { 2 }
}

/// Two threads take the lock twice.
pub(crate) fn comes_back<L: RawMutex + Send + Sync + 'static>(new: fn() -> L) {
    model::check(move || {
        let mutex = Arc::new(Mutex::new_with_raw_mutex(0_usize, new()));
        let twice = {
            let mutex = mutex.clone();
            move || {
                *mutex.lock() += 1;
                *mutex.lock() += 1;
            }
        };
        let other = thread::spawn(twice.clone());
        twice();
        other.join().unwrap();
        assert_eq!(*mutex.lock(), 4);
    });
}

/// Two wait for the lock, and one of them not for ever.
pub(crate) fn gives_up<L>(preemptions: usize, new: fn() -> L)
where
    L: RawMutexTimed + Send + Sync + 'static,
{
    static GIVEN_UP: AtomicBool = AtomicBool::new(false);
    static TAKEN: AtomicBool = AtomicBool::new(false);
    model::check_bounded(preemptions, move || {
        let mutex = Arc::new(Mutex::new_with_raw_mutex(0_usize, new()));
        let held = mutex.lock();
        let patient = thread::spawn({
            let mutex = mutex.clone();
            move || *mutex.lock() += 1
        });
        let impatient = thread::spawn({
            let mutex = mutex.clone();
            move || match mutex.try_lock_for(Duration::from_secs(1)) {
                Some(mut count) => {
                    *count += 1;
                    true
                }
                None => false,
            }
        });
        drop(held);
        patient.join().unwrap();
        let taken = impatient.join().unwrap();
        if taken { &TAKEN } else { &GIVEN_UP }.store(true, Relaxed);
        assert_eq!(*mutex.try_lock().unwrap(), 1 + usize::from(taken));
    });
    assert!(GIVEN_UP.load(Relaxed), "nobody gave up");
    assert!(TAKEN.load(Relaxed), "nobody waited long enough");
}
