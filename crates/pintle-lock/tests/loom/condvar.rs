//! `Condvar`, over pintle-park's model of a futex. A notification that is lost is a deadlock of the
//! model: its waits do not end by themselves.

use super::asleep::Sleeping;
use core::time::Duration;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::blocking::Mutex;
use pintle_lock::os::Condvar;
use std::io::Write;
use std::panic;
use std::sync::Once;

/// A model that fails within a wait ends the process, as any panic there does, and libtest's record
/// of what was said goes with it. So it is said past libtest.
fn check(f: impl Fn() + Send + Sync + 'static) {
    check_bounded(PREEMPTIONS, f);
}

fn check_bounded(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    static LOUD: Once = Once::new();

    LOUD.call_once(|| {
        let quiet = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let thread = std::thread::current();
            // libtest names its threads by the tests; loom's have none of their own.
            if let Some(test) = thread.name().filter(|name| name.starts_with("condvar::")) {
                let _ = writeln!(std::io::stderr(), "{test}: {panic}");
            }
            quiet(panic);
        }));
    });
    model::check_bounded(preemptions, f);
}

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
    check(|| {
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
    check(|| {
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
    check(|| {
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
    check(|| {
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
    check(|| {
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
    check(|| {
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
    check(|| {
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

/// Waiters of different steps, under one mutex.
struct Steps {
    step: Mutex<usize, Sleeping>,
    changed: Condvar,
}

impl Steps {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            step: Mutex::new_with_raw_mutex(0, Sleeping::new()),
            changed: Condvar::new(),
        })
    }

    fn reaches(&self, step: usize) {
        let mut now = self.step.lock();
        self.changed.wait_while(&mut now, |now| *now < step);
    }

    fn go_to(&self, step: usize) {
        *self.step.lock() = step;
    }
}

/// One is about to sleep and is notified, and another arms the word again before it does: it is not
/// the word that the first one knows.
#[test]
fn another_waiter_after_the_notification() {
    check(|| {
        let steps = Steps::new();
        let [first, second] = [1, 2].map(|step| {
            let steps = steps.clone();
            thread::spawn(move || steps.reaches(step))
        });
        steps.go_to(1);
        steps.changed.notify_all();
        first.join().unwrap();
        steps.go_to(2);
        steps.changed.notify_all();
        second.join().unwrap();
    });
}

/// Who wakes all finds the word changed by one who has woken one, and still wakes the others.
#[test]
fn notify_all_beside_notify_one() {
    // Of four threads; one preemption is enough to come in between.
    check_bounded(PREEMPTIONS - 1, || {
        let tokens = Tokens::new();
        let takers = [taker(&tokens), taker(&tokens)];
        let one = thread::spawn({
            let tokens = tokens.clone();
            move || tokens.changed.notify_one()
        });
        tokens.put(2);
        tokens.changed.notify_all();
        one.join().unwrap();
        for taker in takers {
            taker.join().unwrap();
        }
    });
}

/// Who wakes all has looked at the word long before he changes it: it does not go back to a count
/// that a waiter still knows.
#[test]
fn an_old_look_at_the_word() {
    check(|| {
        let steps = Steps::new();
        // Armed, by one whose time is up.
        let _ = steps
            .changed
            .wait_timeout(&mut steps.step.lock(), Duration::from_secs(1));
        let late = thread::spawn({
            let steps = steps.clone();
            move || steps.changed.notify_all()
        });
        let waiter = thread::spawn({
            let steps = steps.clone();
            move || {
                steps.reaches(1);
                steps.go_to(2);
                steps.changed.notify_all();
            }
        });
        steps.changed.notify_one();
        steps.go_to(1);
        steps.changed.notify_one();
        late.join().unwrap();
        // Arms the word again.
        steps.reaches(2);
        waiter.join().unwrap();
    });
}
