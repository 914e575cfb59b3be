//! The parking table, which serves words of 8 bits in a model. It has one bucket there, so all words
//! collide.

use core::time::Duration;
use loom::sync::Arc;
use pintle_core::atomic::{AtomicU8, AtomicU32, Ordering::*};
use pintle_core::model::check;
use pintle_core::thread;
use pintle_park::sized::{wait, wait_timeout, wake, wake_all, wake_one};
use pintle_park::{AnyOutcome, WaitFor, WaitOutcome, WakeOutcome, wait_any, wait_any_timeout};
use std::sync::atomic::AtomicBool;

/// A relaxed change and a wake, which may find nobody: that is Dekker's race, between the count of
/// the waiters and the word.
#[test]
fn wait_and_wake() {
    check(|| {
        let word = Arc::new(AtomicU8::new(0));
        let other = thread::spawn({
            let word = word.clone();
            move || {
                word.store(1, Relaxed);
                wake_one(&*word);
            }
        });
        while word.load(Relaxed) == 0 {
            wait(&*word, 0);
        }
        other.join().unwrap();
    });
}

/// The change is one thread's and the wake another's, which has been told of the change.
#[test]
fn one_changes_and_another_wakes() {
    check(|| {
        let word = Arc::new(AtomicU8::new(0));
        let told = Arc::new(AtomicU32::new(0));
        let changes = thread::spawn({
            let (word, told) = (word.clone(), told.clone());
            move || {
                word.store(1, Relaxed);
                told.store(1, Release);
            }
        });
        let wakes = thread::spawn({
            let (word, told) = (word.clone(), told.clone());
            move || {
                while told.load(Acquire) == 0 {
                    thread::yield_now();
                }
                wake_one(&*word);
            }
        });
        while word.load(Relaxed) == 0 {
            wait(&*word, 0);
        }
        changes.join().unwrap();
        wakes.join().unwrap();
    });
}

/// Two words with one bucket: each wake reaches its own waiter, not the other that stands first.
#[test]
fn two_words_in_one_bucket() {
    check(|| {
        let words = Arc::new([AtomicU8::new(0), AtomicU8::new(0)]);
        let waiters = [0, 1].map(|index| {
            let words = words.clone();
            thread::spawn(move || {
                while words[index].load(Relaxed) == 0 {
                    wait(&words[index], 0);
                }
            })
        });
        for word in words.iter() {
            word.store(1, Relaxed);
            wake_one(word);
        }
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

#[test]
fn two_waits_and_wake_all() {
    check(|| {
        let word = Arc::new(AtomicU8::new(0));
        let waiters = [(); 2].map(|()| {
            let word = word.clone();
            thread::spawn(move || {
                while word.load(Relaxed) == 0 {
                    wait(&*word, 0);
                }
            })
        });
        word.store(1, Relaxed);
        wake_all(&*word);
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

/// A wake that counts one has ended one wait, and a wait that times out has taken no wake.
#[test]
fn timeout_and_wake() {
    static WOKEN: AtomicBool = AtomicBool::new(false);
    static TIMED_OUT: AtomicBool = AtomicBool::new(false);
    check(|| {
        let word = Arc::new(AtomicU8::new(0));
        let other = thread::spawn({
            let word = word.clone();
            move || wait_timeout(&*word, 0, Duration::from_secs(1))
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
        assert_eq!(wake(&*word, 1), WakeOutcome::Count(0));
    });
    assert!(WOKEN.load(Relaxed) && TIMED_OUT.load(Relaxed));
}

/// Of two that may time out, `wake(1)` ends the sleep of one at most, and of exactly as many as it
/// says.
#[test]
fn a_wake_of_one_is_exact() {
    static ONE: AtomicBool = AtomicBool::new(false);
    check(|| {
        let word = Arc::new(AtomicU8::new(0));
        let waiters = [(); 2].map(|()| {
            let word = word.clone();
            thread::spawn(move || wait_timeout(&*word, 0, Duration::from_secs(1)))
        });
        let WakeOutcome::Count(counted) = wake(&*word, 1) else {
            panic!("the table counts")
        };
        let outcomes = waiters.map(|waiter| waiter.join().unwrap());
        let woken = outcomes
            .iter()
            .filter(|&&it| it == WaitOutcome::Woken)
            .count();
        assert!(counted == woken && counted <= 1);
        if woken == 1 {
            ONE.store(true, Relaxed);
        }
    });
    assert!(ONE.load(Relaxed));
}

/// Two wakers of two words, one waiter for both: it is claimed once, and names a word of which a
/// wake has counted it.
#[test]
fn wait_for_two_words_and_two_wakes() {
    static BY: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];
    check(|| {
        let words = Arc::new([AtomicU8::new(0), AtomicU8::new(0)]);
        let waiter = thread::spawn({
            let words = words.clone();
            move || {
                let both = [WaitFor::new(&words[0], 0), WaitFor::new(&words[1], 0)];
                wait_any_timeout(&both, Duration::from_secs(1)).unwrap()
            }
        });
        let first = thread::spawn({
            let words = words.clone();
            move || wake(&words[0], 1)
        });
        let counts = [wake(&words[1], 1), first.join().unwrap()];
        let [second, first] = counts.map(|count| count == WakeOutcome::Count(1));
        match waiter.join().unwrap() {
            AnyOutcome::Woken(index) => {
                assert_eq!((first, second), (index == 0, index == 1));
                BY[index].store(true, Relaxed);
            }
            AnyOutcome::TimedOut => assert!(!first && !second),
            outcome => panic!("the words do not change: {outcome:?}"),
        }
    });
    assert!(BY.iter().all(|it| it.load(Relaxed)));
}

/// A word that the system serves, among others: its wakes look into the table, too.
#[test]
fn wait_for_two_widths() {
    check(|| {
        let words = Arc::new((AtomicU32::new(0), AtomicU8::new(0)));
        let other = thread::spawn({
            let words = words.clone();
            move || {
                words.0.store(1, Relaxed);
                pintle_park::wake_one(&words.0);
            }
        });
        while words.0.load(Relaxed) == 0 {
            let both = [WaitFor::new(&words.0, 0), WaitFor::new(&words.1, 0)];
            let _ = wait_any(&both).unwrap();
        }
        other.join().unwrap();
    });
}
