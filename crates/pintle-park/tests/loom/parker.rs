//! One thread that parks.

use core::{future::poll_fn, task::Poll, time::Duration};
use loom::sync::Arc;
use pintle_core::atomic::{AtomicU32, Ordering::*};
use pintle_core::cell::UnsafeCell;
use pintle_core::model::check;
use pintle_core::thread;
use pintle_park::{ParkOutcome, Parker, Token, block_on};

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

/// The wake-up comes while the future is polled, between poll and park, or in the park: the poll after
/// it sees what was written before.
#[test]
fn block_on_what_another_thread_does() {
    check(|| {
        let done = Arc::new(AtomicU32::new(0));
        let mut other = None;
        let waits = poll_fn(|context| {
            other.get_or_insert_with(|| {
                let (done, waker) = (done.clone(), context.waker().clone());
                thread::spawn(move || {
                    done.store(1, Relaxed);
                    waker.wake();
                })
            });
            match done.load(Relaxed) {
                0 => Poll::Pending,
                done => Poll::Ready(done),
            }
        });
        assert_eq!(block_on(&Parker::new(), waits), 1);
        other.unwrap().join().unwrap();
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
