//! Waiting on a word of 32 bits, over the model of a futex.

use core::time::Duration;
use loom::sync::Arc;
use pintle_core::atomic::{AtomicU32, Ordering::*};
use pintle_core::model::check;
use pintle_core::thread;
use pintle_park::{
    RequeueOutcome, WaitOutcome, WakeOutcome, requeue, wait, wait_timeout, wake, wake_all, wake_one,
};

/// A waiter that looks at the word in between does not miss the wake.
#[test]
fn wait_and_wake() {
    check(|| {
        let word = Arc::new(AtomicU32::new(0));
        let other = thread::spawn({
            let word = word.clone();
            move || {
                word.store(1, Release);
                wake_one(&*word);
            }
        });
        while word.load(Acquire) == 0 {
            wait(&word, 0);
        }
        other.join().unwrap();
    });
}

#[test]
fn two_waits_and_wake_all() {
    check(|| {
        let word = Arc::new(AtomicU32::new(0));
        let waiter = || {
            let word = word.clone();
            thread::spawn(move || {
                while word.load(Acquire) == 0 {
                    wait(&word, 0);
                }
            })
        };
        let waiters = [waiter(), waiter()];
        word.store(1, Release);
        wake_all(&*word);
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

/// Two waits of which each passes the wake on when it is done: one wake serves both.
#[test]
fn two_waits_hand_one_wake_on() {
    check(|| {
        let word = Arc::new(AtomicU32::new(0));
        let waiter = || {
            let word = word.clone();
            thread::spawn(move || {
                while word.load(Acquire) == 0 {
                    wait(&word, 0);
                }
                wake_one(&*word);
            })
        };
        let waiters = [waiter(), waiter()];
        word.store(1, Release);
        wake_one(&*word);
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

/// A wait that times out has not swallowed a wake: a wake that counted one did end a wait. Both
/// ends are explored.
#[test]
fn timeout_and_wake() {
    static WOKEN: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    static TIMED_OUT: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    check(|| {
        let word = Arc::new(AtomicU32::new(0));
        let other = thread::spawn({
            let word = word.clone();
            move || wait_timeout(&word, 0, Duration::from_secs(1))
        });
        let woken = wake(&*word, 1);
        match other.join().unwrap() {
            WaitOutcome::Woken => {
                assert_eq!(woken, WakeOutcome::Count(1));
                WOKEN.store(true, Relaxed);
            }
            WaitOutcome::TimedOut => {
                assert_eq!(woken, WakeOutcome::Count(0));
                TIMED_OUT.store(true, Relaxed);
            }
            outcome => panic!("the word does not change: {outcome:?}"),
        }
    });
    assert!(WOKEN.load(Relaxed) && TIMED_OUT.load(Relaxed));
}

/// Waking without changing the word first is the classic mistake, and the model shows it.
#[test]
#[should_panic(expected = "deadlock")]
fn a_wake_without_a_change_is_caught() {
    check(|| {
        // Leaked: loom cannot drop its own objects while it unwinds out of a deadlock.
        let word: &AtomicU32 = Box::leak(Box::new(AtomicU32::new(0)));
        let other = thread::spawn(move || wake_one(word));
        wait(word, 0);
        other.join().unwrap();
    });
}

/// A condition variable in short: one is woken, the other is moved to the lock and woken there. Who
/// is moved is not woken by its old word any more, nor is a wake of the new one lost on it.
#[test]
fn a_requeued_waiter_is_woken_by_the_other_word() {
    static MOVED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    check(|| {
        let words = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
        let waiters = [(); 2].map(|()| {
            let words = words.clone();
            thread::spawn(move || wait(&words.0, 0))
        });
        words.0.store(1, Release);
        match requeue(&words.0, 1, &words.1, 1, usize::MAX) {
            RequeueOutcome::Count { woken, requeued } => {
                assert!(woken <= 1 && requeued <= 1);
                assert_eq!(wake(&words.0, 9), WakeOutcome::Count(0));
                assert_eq!(wake(&words.1, 9), WakeOutcome::Count(requeued));
                if requeued == 1 {
                    MOVED.store(true, Relaxed);
                }
            }
            outcome => panic!("nobody else changes the word: {outcome:?}"),
        }
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
    assert!(MOVED.load(Relaxed));
}

/// The comparison and the move are one step: who waits for a newer value than the one that was
/// compared is not moved.
#[test]
fn a_requeue_compares() {
    static MOVED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    check(|| {
        let words = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
        let wait = |value, before: fn(&AtomicU32)| {
            let words = words.clone();
            thread::spawn(move || {
                before(&words.0);
                wait_timeout(&words.0, value, Duration::from_secs(1))
            })
        };
        let old = wait(0, |_| ());
        let new = wait(1, |word| word.store(1, Relaxed));
        match requeue(&words.0, 0, &words.1, 0, 2) {
            RequeueOutcome::Mismatch => assert_eq!(words.0.load(Relaxed), 1),
            RequeueOutcome::Count { requeued, .. } => {
                assert!(requeued <= 1, "who waits for the new value was moved");
                if requeued == 1 {
                    MOVED.store(true, Relaxed);
                }
            }
            outcome => panic!("the model counts: {outcome:?}"),
        }
        for waiter in [old, new] {
            let _ = waiter.join().unwrap();
        }
    });
    assert!(MOVED.load(Relaxed));
}
