//! `Condvar`, over pintle-park's model of a futex. A notification that is lost is a deadlock of the
//! model: its waits do not end by themselves.

use super::asleep::Sleeping;
use core::time::Duration;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};
use pintle_core::model;
use pintle_lock::blocking::Mutex;
use pintle_lock::os::Condvar;

/// A number of tokens, under a lock that blocks: the lock's own races have a model of their own.
struct Tokens {
    left: Mutex<usize, Sleeping>,
    changed: Condvar,
}

impl Tokens {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            left: Mutex::new_with_raw_mutex(0, Sleeping::new()),
            changed: Condvar::new(),
        })
    }

    fn take(&self) {
        let mut left = self.left.lock();
        self.changed.wait_while(&mut left, |left| *left == 0);
        *left -= 1;
    }

    fn put(&self, tokens: usize) {
        *self.left.lock() += tokens;
    }
}

fn taker(tokens: &Arc<Tokens>) -> JoinHandle<()> {
    let tokens = tokens.clone();
    thread::spawn(move || tokens.take())
}

#[test]
fn wait_and_notify_one() {
    model::check(|| {
        let tokens = Tokens::new();
        let taker = taker(&tokens);
        tokens.put(1);
        tokens.changed.notify_one();
        taker.join().unwrap();
    });
}

/// Also with the mutex locked.
#[test]
fn wait_and_notify_under_the_lock() {
    model::check(|| {
        let tokens = Tokens::new();
        let taker = taker(&tokens);
        let mut left = tokens.left.lock();
        *left += 1;
        tokens.changed.notify_one();
        drop(left);
        taker.join().unwrap();
    });
}

/// Each notification ends a wait: the second may meet a word that the first has left armed, or
/// disarms because it found nobody asleep.
#[test]
fn two_waits_and_two_notify_ones() {
    model::check(|| {
        let tokens = Tokens::new();
        let takers = [taker(&tokens), taker(&tokens)];
        for _ in 0..2 {
            tokens.put(1);
            tokens.changed.notify_one();
        }
        for taker in takers {
            taker.join().unwrap();
        }
    });
}

/// A waiter comes while a notification disarms the word that it meets.
#[test]
fn a_waiter_again_and_notify_one() {
    model::check(|| {
        let tokens = Tokens::new();
        let taker = thread::spawn({
            let tokens = tokens.clone();
            move || {
                tokens.take();
                tokens.take();
            }
        });
        for _ in 0..2 {
            tokens.put(1);
            tokens.changed.notify_one();
        }
        taker.join().unwrap();
    });
}

#[test]
fn wait_and_notify_all() {
    model::check(|| {
        let tokens = Tokens::new();
        let takers = [taker(&tokens), taker(&tokens)];
        tokens.put(2);
        tokens.changed.notify_all();
        for taker in takers {
            taker.join().unwrap();
        }
    });
}

/// A waiter whose time is up does not take a notification away from one that waits on.
#[test]
fn a_timeout_and_notify_one() {
    model::check(|| {
        let tokens = Tokens::new();
        let hurried = thread::spawn({
            let tokens = tokens.clone();
            move || {
                let mut left = tokens.left.lock();
                let _ =
                    tokens
                        .changed
                        .wait_timeout_while(&mut left, Duration::from_secs(1), |left| *left == 0);
                // It holds the lock and sees the truth, in time or not.
                let took = *left > 0;
                if took {
                    *left -= 1;
                }
                took
            }
        });
        tokens.put(1);
        tokens.changed.notify_one();
        let took = hurried.join().unwrap();
        assert_eq!(*tokens.left.lock(), usize::from(!took));
    });
}

/// One in a hurry and one that waits as long as it takes, and as many notifications as both need.
#[test]
fn a_timeout_beside_a_wait() {
    model::check(|| {
        let tokens = Tokens::new();
        let patient = taker(&tokens);
        let hurried = thread::spawn({
            let tokens = tokens.clone();
            move || {
                let mut left = tokens.left.lock();
                let _ = tokens
                    .changed
                    .wait_timeout(&mut left, Duration::from_secs(1));
            }
        });
        tokens.put(1);
        // One notification may be taken by the one that needs no token.
        tokens.changed.notify_one();
        tokens.changed.notify_one();
        patient.join().unwrap();
        hurried.join().unwrap();
    });
}
