//! Words of each width, on this machine: by the operating system, or in the parking table.
#![cfg(all(
    not(loom),
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_vendor = "apple",
        windows,
        feature = "std"
    )
))]

use core::time::Duration;
use pintle_park::sized::*;
use pintle_park::{Deadline, WaitOutcome, WakeOutcome};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU32, Ordering::*};
use std::{thread, time::Instant};

/// Runs the same tests for each type of word.
macro_rules! for_each_word {
    ($($name:ident, $Word:ty;)*) => { $(
        mod $name {
            use super::*;

            type Value = <$Word as Word>::Value;

            fn word(value: Value) -> $Word {
                <$Word>::new(value)
            }

            #[test]
            fn a_mismatch_does_not_sleep() {
                // The highest bits count, too.
                let word = word(Value::MAX);
                wait(&word, Value::MAX >> 1);
                let outcome = wait_timeout(&word, 0, Duration::MAX);
                assert_eq!(outcome, WaitOutcome::Mismatch);
                assert_eq!(wait_timeout(&word, 0, Duration::ZERO), WaitOutcome::Mismatch);
                assert_eq!(wait_until(&word, 0, Deadline::NEVER), WaitOutcome::Mismatch);
                assert_eq!(wait_until(&word, 0, Deadline::now()), WaitOutcome::Mismatch);
            }

            #[test]
            fn no_time_is_no_sleep() {
                let word = word(7);
                assert_eq!(wait_timeout(&word, 7, Duration::ZERO), WaitOutcome::TimedOut);
                while wait_until(&word, 7, Deadline::now()) != WaitOutcome::TimedOut {}
                let _ = wait_until(&word, 7, Deadline::after(Duration::ZERO));
            }

            #[test]
            fn a_thousand_timeouts_and_none_early() {
                let word = word(0);
                for round in 0..1000 {
                    let timeout = Duration::from_nanos(1 + round * 397);
                    let start = Instant::now();
                    let deadline = Deadline::after(timeout);
                    while wait_until(&word, 0, deadline) != WaitOutcome::TimedOut {}
                    assert!(start.elapsed() >= timeout, "{timeout:?} was early");
                }
            }

            #[test]
            fn the_longest_timeout_is_none() {
                let word = word(0);
                thread::scope(|scope| {
                    let waiter = scope.spawn(|| {
                        while word.load(Acquire) == 0 {
                            let outcome = wait_timeout(&word, 0, Duration::MAX);
                            assert_ne!(outcome, WaitOutcome::TimedOut);
                        }
                    });
                    thread::sleep(Duration::from_millis(2));
                    word.store(1, Release);
                    wake_all(&word);
                    waiter.join().unwrap();
                });
            }

            /// Two threads hand a turn to and fro; the word counts round and round.
            #[test]
            fn no_hand_over_is_lost() {
                let rounds = if pintle_core::model::full() { 5_000_000 } else { 50_000 };
                let turn = word(0);
                let side = |mine: Value| {
                    let mut next = mine;
                    for _ in 0..rounds {
                        loop {
                            let seen = turn.load(Acquire);
                            if seen == next {
                                break;
                            }
                            wait(&turn, seen);
                        }
                        turn.store(next.wrapping_add(1), Release);
                        wake_one(&turn);
                        next = next.wrapping_add(2);
                    }
                };
                thread::scope(|scope| {
                    scope.spawn(|| side(0));
                    scope.spawn(|| side(1));
                });
            }

            #[test]
            fn a_wake_ends_as_many_sleeps_as_it_says() {
                let word = word(0);
                thread::scope(|scope| {
                    let waiters: Vec<_> = (0..4).map(|_| scope.spawn(|| wait(&word, 0))).collect();
                    let mut woken = 0;
                    while woken < 4 && !waiters.iter().all(|waiter| waiter.is_finished()) {
                        assert!(matches!(wake(&word, 0), WakeOutcome::Count(0)));
                        match wake(&word, 3) {
                            WakeOutcome::Count(count) => {
                                assert!(count <= 3);
                                woken += count;
                            }
                            _ => thread::yield_now(),
                        }
                    }
                });
                assert!(matches!(wake(&word, 9), WakeOutcome::Count(0) | WakeOutcome::Unknown));
            }

            #[test]
            fn a_wake_takes_a_dangling_pointer() {
                let gone = Box::into_raw(Box::new(word(0)));
                // SAFETY: it comes from `Box::into_raw`, and nobody else has it.
                drop(unsafe { Box::from_raw(gone) });
                wake_one(gone);
                wake_all(gone);
                wake_all(core::ptr::null::<$Word>());
                let _ = wake(core::ptr::without_provenance::<$Word>(8), 1);
            }
        }
    )* };
}

for_each_word! {
    u8_words, AtomicU8;
    u16_words, AtomicU16;
    u32_words, AtomicU32;
}
#[cfg(target_has_atomic = "64")]
use std::sync::atomic::AtomicU64;
#[cfg(target_has_atomic = "64")]
for_each_word! {
    u64_words, AtomicU64;
}

/// Neighbours in memory, and more words than the table has buckets: a wake ends the sleep of those
/// that wait for its word, and of nobody else.
#[test]
fn a_wake_is_for_one_word_only() {
    const WORDS: usize = 200;
    let words = [const { AtomicU8::new(0) }; WORDS];
    let (words, returned) = (&words, &[const { AtomicBool::new(false) }; WORDS]);
    thread::scope(|scope| {
        for index in 0..WORDS {
            scope.spawn(move || {
                while words[index].load(Acquire) == 0 {
                    wait(&words[index], 0);
                }
                returned[index].store(true, Relaxed);
            });
        }
        // Every second one, while the others sleep in the same buckets.
        for half in [0, 1] {
            for index in (half..WORDS).step_by(2) {
                words[index].store(1, Release);
                wake_one(&words[index]);
                while !returned[index].load(Relaxed) {
                    thread::yield_now();
                }
            }
            if half == 0 {
                let odd = || returned.iter().skip(1).step_by(2);
                assert!(odd().all(|it| !it.load(Relaxed)));
            }
        }
    });
}
