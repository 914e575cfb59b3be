//! Models of the races of parking, and of the barrier.
#![cfg(loom)]

use core::time::Duration;
use loom::sync::Arc;
use pintle_core::atomic::{AtomicU32, Ordering::*, compiler_fence};
use pintle_core::cell::UnsafeCell;
use pintle_core::model::check;
use pintle_core::thread;
use pintle_park::{
    ParkOutcome, Parker, Token, WaitOutcome, WakeOutcome, barrier, wait, wait_timeout, wake,
    wake_all, wake_one,
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

#[test]
fn park_and_unpark() {
    check(|| {
        let parker = Parker::new();
        let unparker = parker.unparker();
        let data = Arc::new(UnsafeCell::new(0));
        let other = thread::spawn({
            let data = data.clone();
            move || {
                // SAFETY: the parker reads only after it has taken the token that comes next.
                data.with_mut(|data| unsafe { *data = 1 });
                unparker.unpark();
            }
        });
        parker.park();
        // SAFETY: the only writer has written before it handed us the token.
        assert_eq!(data.with(|data| unsafe { *data }), 1);
        other.join().unwrap();
    });
}

/// Both writes are seen, though the two `unpark`s leave only one token between them (if the second
/// comes before the park) or two.
#[test]
fn park_and_two_unparks() {
    check(|| {
        let parker = Parker::new();
        let hits = Arc::new(AtomicU32::new(0));
        let unpark = || {
            let (unparker, hits) = (parker.unparker(), hits.clone());
            thread::spawn(move || {
                hits.fetch_add(1, Relaxed);
                unparker.unpark();
            })
        };
        let others = [unpark(), unpark()];
        while hits.load(Relaxed) < 2 {
            parker.park();
        }
        for other in others {
            other.join().unwrap();
        }
    });
}

/// A token is either taken by the timed park or still there afterwards.
#[test]
fn park_timeout_and_unpark() {
    check(|| {
        let parker = Parker::new();
        let unparker = parker.unparker();
        let other = thread::spawn(move || unparker.unpark());
        let first = parker.park_timeout(Duration::from_secs(1));
        other.join().unwrap();
        let second = parker.park_timeout(Duration::ZERO);
        assert_ne!(
            first == ParkOutcome::Unparked,
            second == ParkOutcome::Unparked
        );
    });
}

/// A token that comes in the last moment brings what was written before it, as any other does.
#[test]
fn a_timeout_that_finds_a_token_sees_what_was_written() {
    static FOUND: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    check(|| {
        let parker = Parker::new();
        let unparker = parker.unparker();
        let data = Arc::new(UnsafeCell::new(0));
        let other = thread::spawn({
            let data = data.clone();
            move || {
                // SAFETY: the parker reads only after it has taken the token that comes next.
                data.with_mut(|data| unsafe { *data = 1 });
                unparker.unpark();
            }
        });
        if parker.park_timeout(Duration::ZERO) == ParkOutcome::Unparked {
            FOUND.store(true, Relaxed);
            // SAFETY: the only writer has written before it handed us the token.
            assert_eq!(data.with(|data| unsafe { *data }), 1);
        }
        other.join().unwrap();
    });
    assert!(FOUND.load(Relaxed));
}

/// Two threads want to park on one token: at most one at a time can, and all that the first has done
/// comes before the second.
#[test]
fn the_claim_passes_from_one_parker_to_the_next() {
    check(|| {
        let token = Arc::new(Token::new());
        let claimant = Arc::new(UnsafeCell::new(0));
        let park = {
            let (token, claimant) = (token.clone(), claimant.clone());
            move || {
                if let Ok(parker) = Parker::claim(&*token) {
                    // SAFETY: that nobody else has the claim meanwhile is what the model checks.
                    claimant.with_mut(|times| unsafe { *times += 1 });
                    parker.park();
                    drop(parker);
                    token.unpark();
                }
            }
        };
        token.unpark();
        let other = thread::spawn(park.clone());
        park();
        other.join().unwrap();
        // SAFETY: the other thread has ended.
        assert_ne!(claimant.with(|times| unsafe { *times }), 0);
    });
}

/// Dekker's store buffering with the given barriers; true if both sides can miss the other.
fn store_buffering(light: fn(), heavy: fn()) {
    check(move || {
        let x = Arc::new(AtomicU32::new(0));
        let y = Arc::new(AtomicU32::new(0));
        let frequent = thread::spawn({
            let (x, y) = (x.clone(), y.clone());
            move || {
                x.store(1, Relaxed);
                light();
                y.load(Relaxed)
            }
        });
        y.store(1, Relaxed);
        heavy();
        let rare = x.load(Relaxed);
        let frequent = frequent.join().unwrap();
        assert!(rare == 1 || frequent == 1, "both sides missed the other");
    });
}

#[test]
fn light_and_heavy_order_store_buffering() {
    store_buffering(barrier::light, barrier::heavy);
}

#[test]
fn heavy_and_heavy_order_store_buffering() {
    store_buffering(barrier::heavy, barrier::heavy);
}

#[test]
#[should_panic(expected = "both sides missed the other")]
fn store_buffering_without_a_barrier_is_caught() {
    store_buffering(|| compiler_fence(SeqCst), barrier::heavy);
}
