#![cfg(not(loom))]

extern crate std;

use super::*;
use core::time::Duration;
use pintle_core::atomic::{AtomicU8, AtomicU16, Ordering::Relaxed};
use std::sync::Mutex;
use std::{thread, vec::Vec};

fn address(word: &AtomicU8) -> *const () {
    core::ptr::from_ref(word).cast()
}

/// Returns when `count` waiters of the word stand in the table.
fn until_asleep(word: &AtomicU8, count: usize) {
    while Bucket::of(address(word)).waiters(address(word)) != count {
        thread::yield_now();
    }
}

/// Also where a wake has passed over the waiters, on its way to those of another word of the bucket.
#[test]
fn first_come_first_served() {
    const WAITERS: usize = 12;
    let bytes = [const { AtomicU8::new(0) }; 1000];
    let of = |byte| core::ptr::from_ref(Bucket::of(address(byte)));
    let word = &bytes[0];
    let mut others = bytes[1..].iter().filter(|&byte| of(byte) == of(word));
    let other = others.next().expect("there are fewer buckets than bytes");
    let order = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for waiter in 0..WAITERS {
            let order = &order;
            scope.spawn(move || {
                assert_eq!(
                    wait(WaitFor::new(word, 0), Deadline::NEVER),
                    WaitOutcome::Woken
                );
                order.lock().unwrap().push(waiter);
            });
            until_asleep(word, waiter + 1);
        }
        scope.spawn(|| wait(WaitFor::new(other, 0), Deadline::NEVER));
        until_asleep(other, 1);
        assert_eq!(wake(address(other), 5), 1);
        for woken in 1..=WAITERS {
            assert_eq!(wake(address(word), 1), 1);
            while order.lock().unwrap().len() < woken {
                thread::yield_now();
            }
        }
    });
    assert!(order.into_inner().unwrap().into_iter().eq(0..WAITERS));
}

/// A timeout takes out the waiter in the middle; the others stay, in their order, and are counted.
#[test]
fn a_timeout_leaves_the_others_in_their_places() {
    let word = AtomicU8::new(0);
    let order = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for waiter in 0..3 {
            let (word, order) = (&word, &order);
            let deadline = match waiter {
                1 => Deadline::after(Duration::from_millis(30)),
                _ => Deadline::NEVER,
            };
            scope.spawn(move || {
                let outcome = wait(WaitFor::new(word, 0), deadline);
                order.lock().unwrap().push((waiter, outcome));
            });
            // The second may be gone again before it is seen.
            while Bucket::of(address(word)).waiters(address(word)) < (waiter + 1).min(2)
                && order.lock().unwrap().is_empty()
            {
                thread::yield_now();
            }
        }
        while order.lock().unwrap().is_empty() {
            thread::yield_now();
        }
        until_asleep(&word, 2);
        for woken in 2..=3 {
            assert_eq!(wake(address(&word), 1), 1);
            while order.lock().unwrap().len() < woken {
                thread::yield_now();
            }
        }
        assert_eq!(wake(address(&word), 1), 0);
    });
    let order = order.into_inner().unwrap();
    assert_eq!(order[0], (1, WaitOutcome::TimedOut));
    assert!(order[1..].iter().all(|(_, it)| *it == WaitOutcome::Woken));
}

/// One wake of many counts all of them, and leaves nobody.
#[test]
fn a_wake_of_all_is_exact() {
    const WAITERS: usize = 40;
    let word = AtomicU8::new(0);
    thread::scope(|scope| {
        for _ in 0..WAITERS {
            scope.spawn(|| wait(WaitFor::new(&word, 0), Deadline::NEVER));
        }
        until_asleep(&word, WAITERS);
        assert_eq!(wake(address(&word), 7), 7);
        until_asleep(&word, WAITERS - 7);
        assert_eq!(wake(address(&word), usize::MAX), WAITERS - 7);
        assert_eq!(wake(address(&word), usize::MAX), 0);
    });
}

/// Who waits for several words is gone from all of their queues afterwards, whatever ended the wait.
#[test]
fn a_wait_for_several_leaves_nothing_behind() {
    let bytes = [const { AtomicU8::new(0) }; 100];
    let other = AtomicU16::new(0);
    let mut words: Vec<_> = bytes.iter().map(|byte| WaitFor::new(byte, 0)).collect();
    words.push(WaitFor::new(&other, 0));
    let nobody = || {
        bytes
            .iter()
            .all(|byte| Bucket::of(address(byte)).waiters(address(byte)) == 0)
    };

    let soon = Deadline::after(Duration::from_millis(2));
    assert_eq!(wait_any(&words, soon), AnyOutcome::TimedOut);
    assert!(nobody());
    thread::scope(|scope| {
        let waiter = scope.spawn(|| wait_any(&words, Deadline::NEVER));
        until_asleep(&bytes[99], 1);
        assert_eq!(wake(address(&bytes[42]), 1), 1);
        assert_eq!(waiter.join().unwrap(), AnyOutcome::Woken(42));
    });
    assert!(nobody());
    other.store(1, Relaxed);
    assert_eq!(wait_any(&words, Deadline::NEVER), AnyOutcome::Mismatch(100));
    assert!(nobody());
    // Nor are they counted any more, or all later wakes would take the lock. Waiters of the tests
    // beside this one leave in the end.
    let empty = |byte| Bucket::of(address(byte)).is_empty();
    let soon = Deadline::after(Duration::from_secs(30));
    while !bytes.iter().all(empty) {
        assert!(
            !soon.has_passed(),
            "a bucket counts waiters that it has not"
        );
        thread::yield_now();
    }
}

/// A handler may wake: so none runs while its own thread has the lock of a bucket.
#[cfg(unix)]
#[test]
fn signals_are_held_back_under_the_lock() {
    fn held_back() -> bool {
        // SAFETY: all zeroes is a valid set.
        let mut held_back: libc::sigset_t = unsafe { core::mem::zeroed() };
        // SAFETY: no new mask, and there is a place for the one that holds.
        let result = unsafe {
            libc::pthread_sigmask(libc::SIG_BLOCK, core::ptr::null(), &raw mut held_back)
        };
        assert_eq!(result, 0);
        // SAFETY: the set is filled in.
        unsafe { libc::sigismember(&raw const held_back, libc::SIGUSR1) == 1 }
    }

    let word = AtomicU8::new(0);
    let bucket = Bucket::of(address(&word));
    assert!(!held_back());
    assert!(bucket.with(|_| held_back()));
    assert!(!held_back());
}
