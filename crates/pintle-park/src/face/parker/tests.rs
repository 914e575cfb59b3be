#![cfg(not(loom))]

extern crate std;

use super::*;
use crate::Unpark;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{format, task::Waker, thread, time::Instant};

#[test]
fn a_token_that_came_first_is_taken_without_sleeping() {
    let token = Token::new();
    let parker = Parker::claim(&token).unwrap();
    parker.unparker().unpark();
    parker.park();
    assert_eq!(parker.park_timeout(Duration::ZERO), ParkOutcome::TimedOut);
}

#[test]
fn two_tokens_count_as_one() {
    let token = Token::new();
    let parker = Parker::claim(&token).unwrap();
    token.unpark();
    token.unpark();
    assert_eq!(parker.park_timeout(Duration::ZERO), ParkOutcome::Unparked);
    assert_eq!(parker.park_timeout(Duration::ZERO), ParkOutcome::TimedOut);
}

#[test]
fn timeouts_are_never_early_and_leave_the_token_usable() {
    let token = Token::new();
    let parker = Parker::claim(&token).unwrap();
    let start = Instant::now();
    assert_eq!(
        parker.park_timeout(Duration::from_millis(3)),
        ParkOutcome::TimedOut
    );
    assert!(start.elapsed() >= Duration::from_millis(3));

    let deadline = Deadline::after(Duration::from_millis(3));
    assert_eq!(parker.park_deadline(deadline), ParkOutcome::TimedOut);
    assert!(deadline.has_passed());
    // It has passed: nothing sleeps, and a token is taken all the same.
    assert_eq!(parker.park_deadline(deadline), ParkOutcome::TimedOut);
    token.unpark();
    assert_eq!(parker.park_deadline(deadline), ParkOutcome::Unparked);
}

#[test]
fn the_longest_timeout_is_none() {
    let token = Token::new();
    let parker = Parker::claim(&token).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| token.unpark());
        assert_eq!(parker.park_timeout(Duration::MAX), ParkOutcome::Unparked);
    });
}

/// The conversion into a deadline is the caller's code, which may panic, or park.
#[test]
fn a_deadline_that_panics_leaves_the_token_usable() {
    struct Panics;
    impl From<Panics> for Deadline {
        fn from(_: Panics) -> Self {
            panic!("no deadline")
        }
    }
    let token = Token::new();
    let parker = Parker::claim(&token).unwrap();
    let park = std::panic::AssertUnwindSafe(|| parker.park_deadline(Panics));
    assert!(std::panic::catch_unwind(park).is_err());
    assert_eq!(
        format!("{token:?}"),
        "Token { state: empty, claimed: true }"
    );
    assert_eq!(parker.park_timeout(Duration::ZERO), ParkOutcome::TimedOut);
    token.unpark();
    parker.park();
}

#[test]
fn a_deadline_may_park_on_the_same_token() {
    struct Parks<'a>(&'a Parker<&'a Token>);
    impl From<Parks<'_>> for Deadline {
        fn from(Parks(parker): Parks<'_>) -> Self {
            assert_eq!(parker.park_timeout(Duration::ZERO), ParkOutcome::TimedOut);
            Self::now()
        }
    }
    let token = Token::new();
    let parker = Parker::claim(&token).unwrap();
    assert_eq!(parker.park_deadline(Parks(&parker)), ParkOutcome::TimedOut);
}

#[test]
fn one_parker_at_a_time() {
    let token = Token::new();
    let first = Parker::claim(&token).unwrap();
    let error = Parker::claim(&token).unwrap_err();
    assert!(core::ptr::eq(error.0, &token));
    assert_eq!(format!("{error}"), "another parker has claimed the token");
    drop(first);
    assert!(Parker::claim(&token).is_ok());
}

#[test]
fn what_was_written_before_the_unpark_is_seen() {
    static TOKENS: [Token; 2] = [Token::new(), Token::new()];
    let rounds = if pintle_core::model::full() {
        500_000
    } else {
        20_000
    };
    let value = AtomicUsize::new(0);
    let ping = Parker::claim(&TOKENS[0]).unwrap();
    let pong = Parker::claim(&TOKENS[1]).unwrap();
    let value = &value;
    thread::scope(|scope| {
        scope.spawn(move || {
            for round in 0..rounds {
                ping.park();
                assert_eq!(value.load(Relaxed), 2 * round + 1);
                value.store(2 * round + 2, Relaxed);
                TOKENS[1].unpark();
            }
        });
        scope.spawn(move || {
            for round in 0..rounds {
                value.store(2 * round + 1, Relaxed);
                TOKENS[0].unpark();
                pong.park();
                assert_eq!(value.load(Relaxed), 2 * round + 2);
            }
        });
    });
}

#[test]
fn a_static_token_makes_a_waker() {
    static TOKEN: Token = Token::new();
    let parker = Parker::claim(&TOKEN).unwrap();
    let waker = Waker::from(parker.unparker());
    let twin = waker.clone();
    assert!(waker.will_wake(&twin));
    twin.wake_by_ref();
    parker.park();
    drop(twin);
    thread::spawn(move || waker.wake());
    parker.park();
}

#[cfg(feature = "alloc")]
#[test]
fn a_parker_of_its_own_makes_a_waker() {
    let parker = Parker::new();
    let unparker: Unparker = parker.unparker();
    let waker = Waker::from(unparker.clone());
    thread::spawn(move || waker.wake());
    parker.park();
    // An unparker may outlive its parker.
    drop(parker);
    unparker.unpark();
    assert_eq!(
        format!("{unparker:?}"),
        "Unparker(Token { state: notified, claimed: false })"
    );
}

#[test]
fn handles_cross_threads() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<Parker<&'static Token>>();
    send::<Unparker<&'static Token>>();
    sync::<Unparker<&'static Token>>();
    sync::<Token>();
}

/// What an executor sees of a parker: the trait.
#[test]
fn a_parker_is_a_park() {
    fn idle<P: ParkUntil<Deadline = Deadline>>(park: &P) -> ParkOutcome
    where
        P::Unparker: Into<Waker>,
    {
        let waker: Waker = park.unparker().into();
        thread::spawn(move || waker.wake());
        park.park();
        park.unparker().unpark();
        let _ = park.park_until(Deadline::now());
        park.park_until(Deadline::after(Duration::from_millis(1)))
    }
    static TOKEN: Token = Token::new();
    let parker = Parker::claim(&TOKEN).unwrap();
    assert_eq!(idle(&parker), ParkOutcome::TimedOut);
    assert_eq!(idle(&&parker), ParkOutcome::TimedOut);
}
