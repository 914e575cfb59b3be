//! Waiting for several words, on this machine: by the operating system, or in the parking table.
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
use pintle_park::*;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering::*};
use std::{thread, time::Instant};

/// Two sets of words: the system may serve the first, and the second is the table's on Linux.
macro_rules! for_both {
    ($($name:ident, $Word:ty;)*) => { $(
        mod $name {
            use super::*;

            type Value = <$Word as sized::Word>::Value;

            /// Whether the system may serve them.
            const SYSTEM: bool = cfg!(target_os = "linux") && Value::BITS == 32;

            fn words<const N: usize>() -> [$Word; N] {
                [const { <$Word>::new(0) }; N]
            }

            fn all(words: &[$Word], expected: Value) -> Vec<WaitFor<'_>> {
                words.iter().map(|word| WaitFor::new(word, expected)).collect()
            }

            #[test]
            fn names_the_word_that_does_not_match() {
                let words = words::<5>();
                words[3].store(1, Relaxed);
                assert_eq!(wait_any(&all(&words, 0)), Ok(AnyOutcome::Mismatch(3)));
                assert_eq!(
                    wait_any_timeout(&all(&words, 0), Duration::ZERO),
                    Ok(AnyOutcome::Mismatch(3))
                );
            }

            #[test]
            fn names_the_word_that_was_woken() {
                let words = words::<7>();
                for index in [0, 6, 3] {
                    thread::scope(|scope| {
                        let waiter = scope.spawn(|| wait_any(&all(&words, 0)).unwrap());
                        // Nothing is changed, so it returns for a wake only, and has to be asleep
                        // for that.
                        while !waiter.is_finished() {
                            sized::wake_one(&words[index]);
                            thread::yield_now();
                        }
                        assert_eq!(waiter.join().unwrap(), AnyOutcome::Woken(index));
                    });
                }
            }

            #[test]
            fn takes_as_many_as_it_says_and_no_more() {
                let words = words::<{ WAIT_ANY_MAX + 1 }>();
                assert_eq!(wait_any(&[]), Err(WaitAnyError::Empty));
                assert_eq!(wait_any(&all(&words, 0)), Err(WaitAnyError::TooMany));
                let most = all(&words[..WAIT_ANY_MAX], 0);
                let soon = Duration::from_millis(1);
                while wait_any_timeout(&most, soon) != Ok(AnyOutcome::TimedOut) {}
                words[WAIT_ANY_MAX - 1].store(1, Relaxed);
                assert_eq!(wait_any(&most), Ok(AnyOutcome::Mismatch(WAIT_ANY_MAX - 1)));
            }

            #[test]
            fn times_out_and_not_early() {
                let words = words::<3>();
                for round in 0..200 {
                    let timeout = Duration::from_nanos(1 + round * 3970);
                    let start = Instant::now();
                    let deadline = Deadline::after(timeout);
                    let wait = || wait_any_until(&all(&words, 0), deadline);
                    while wait() != Ok(AnyOutcome::TimedOut) {}
                    assert!(start.elapsed() >= timeout, "{timeout:?} was early");
                }
            }

            #[test]
            fn the_same_word_may_stand_twice() {
                let words = words::<1>();
                thread::scope(|scope| {
                    let waiter = scope.spawn(|| {
                        let twice = [WaitFor::new(&words[0], 0), WaitFor::new(&words[0], 0)];
                        wait_any(&twice).unwrap()
                    });
                    while !waiter.is_finished() {
                        if let WakeOutcome::Count(count) = sized::wake(&words[0], 5) {
                            // Linux counts it twice.
                            assert!(count <= 2);
                        }
                        thread::yield_now();
                    }
                    let _ = waiter.join().unwrap();
                });
            }

            /// Two wakes of two words, before the one thread that waits for both has run. The table
            /// gives it one of them. Linux may use up both on it.
            #[test]
            fn several_wakes_may_go_to_one_wait() {
                let words = words::<2>();
                for _ in 0..30 {
                    let woken = AtomicU32::new(0);
                    thread::scope(|scope| {
                        let waiter = scope.spawn(|| wait_any(&all(&words, 0)).unwrap());
                        while !waiter.is_finished() {
                            for word in &words {
                                if let WakeOutcome::Count(count) = sized::wake(word, 1) {
                                    woken.fetch_add(count as u32, Relaxed);
                                }
                            }
                            thread::yield_now();
                        }
                        assert!(matches!(waiter.join().unwrap(), AnyOutcome::Woken(0 | 1)));
                    });
                    let most = if SYSTEM { 2 } else { 1 };
                    assert!(woken.into_inner() <= most);
                }
            }

            /// Three words go round, each written by a thread of its own; one thread waits for all
            /// three, and none of the writers goes on before it has seen the last change.
            #[test]
            fn no_hand_over_is_lost() {
                let rounds: u32 = if pintle_core::model::full() { 300_000 } else { 5_000 };
                let words = words::<3>();
                let seen = AtomicU32::new(0);
                thread::scope(|scope| {
                    for index in 0..3u32 {
                        let (word, seen) = (&words[index as usize], &seen);
                        scope.spawn(move || {
                            for round in 0..rounds {
                                let mine = 3 * round + index;
                                loop {
                                    let now = seen.load(Acquire);
                                    if now == mine {
                                        break;
                                    }
                                    wait(seen, now);
                                }
                                word.fetch_add(1, Release);
                                sized::wake_one(word);
                            }
                        });
                    }
                    let mut expected: [Value; 3] = [0; 3];
                    for count in 1..=3 * rounds {
                        let changed = loop {
                            let change = |i: &usize| words[*i].load(Acquire) != expected[*i];
                            if let Some(index) = (0..3).find(change) {
                                break index;
                            }
                            let wait: [_; 3] = core::array::from_fn(|index| {
                                WaitFor::new(&words[index], expected[index])
                            });
                            let _ = wait_any(&wait).unwrap();
                        };
                        expected[changed] = expected[changed].wrapping_add(1);
                        seen.store(count, Release);
                        wake_all(&seen);
                    }
                });
            }
        }
    )* };
}

for_both! {
    u32_words, AtomicU32;
    u16_words, AtomicU16;
}

/// Words of two widths are together in the table, though the system has its own place for waiters
/// of the one: each wake has to look in both.
#[test]
fn words_of_two_widths_may_be_mixed() {
    let (wide, narrow) = (AtomicU32::new(0), AtomicU8::new(0));
    let mixed = [WaitFor::new(&wide, 0), WaitFor::new(&narrow, 0)];
    thread::scope(|scope| {
        let waiter = scope.spawn(|| wait_any(&mixed).unwrap());
        while !waiter.is_finished() {
            wake_one(&wide);
            thread::yield_now();
        }
        assert_eq!(waiter.join().unwrap(), AnyOutcome::Woken(0));
        let waiter = scope.spawn(|| wait_any(&mixed).unwrap());
        while !waiter.is_finished() {
            sized::wake_one(&narrow);
            thread::yield_now();
        }
        assert_eq!(waiter.join().unwrap(), AnyOutcome::Woken(1));
    });
}

/// In the table, each wake that is counted has ended one wait, and no other wait says that it was
/// woken; whatever of the three (a wake, another wake, the time) comes first.
#[test]
fn as_many_are_woken_as_are_counted() {
    const WORDS: usize = 5;
    let rounds = if pintle_core::model::full() {
        300_000
    } else {
        10_000
    };
    let words = [const { AtomicU8::new(0) }; WORDS];
    let system = sized::wake(&words[0], 1) == WakeOutcome::Unknown;
    if system {
        // It does not count.
        return;
    }
    let (counted, woken) = (AtomicU32::new(0), AtomicU32::new(0));
    let waiting = AtomicU32::new(3);
    thread::scope(|scope| {
        for waiter in 0..3 {
            let (words, woken, waiting) = (&words, &woken, &waiting);
            scope.spawn(move || {
                for round in 0..rounds {
                    // Three of the five, in changing orders, for 0 to 30 µs.
                    let word = |nth: usize| &words[(round * (waiter + 1) + 2 * nth) % WORDS];
                    let wait: [_; 3] = core::array::from_fn(|nth| WaitFor::new(word(nth), 0));
                    let timeout = Duration::from_nanos((round % 64 * 500) as u64);
                    match wait_any_timeout(&wait, timeout).unwrap() {
                        AnyOutcome::Woken(_) => _ = woken.fetch_add(1, Relaxed),
                        outcome => assert_eq!(outcome, AnyOutcome::TimedOut),
                    }
                }
                waiting.fetch_sub(1, Release);
            });
        }
        for waker in 0..2 {
            let (words, counted, waiting) = (&words, &counted, &waiting);
            scope.spawn(move || {
                let mut word = waker;
                // Acquire pairs with the Release of the waiters as they leave.
                while waiting.load(Acquire) != 0 {
                    word = (word + 1 + waker) % WORDS;
                    if let WakeOutcome::Count(count) = sized::wake(&words[word], 1 + word % 3) {
                        counted.fetch_add(count as u32, Relaxed);
                    }
                }
            });
        }
    });
    assert_ne!(woken.load(Relaxed), 0);
    assert_eq!(counted.into_inner(), woken.into_inner());
}

/// One wake ends one sleep, whether that is for one word or for several.
#[test]
fn a_wake_counts_waiters_of_both_kinds() {
    let (wide, narrow) = (AtomicU32::new(0), AtomicU8::new(0));
    let ended = AtomicU32::new(0);
    thread::scope(|scope| {
        for mixed in [true, false, true, false] {
            let (wide, narrow, ended) = (&wide, &narrow, &ended);
            scope.spawn(move || {
                let both = [WaitFor::new(wide, 0), WaitFor::new(narrow, 0)];
                let words = if mixed { &both[..] } else { &both[..1] };
                let _ = wait_any(words).unwrap();
                ended.fetch_add(1, Relaxed);
            });
        }
        let mut woken = 0;
        while ended.load(Relaxed) < 4 {
            match wake(&wide, 1) {
                WakeOutcome::Count(count) => woken += count,
                _ => thread::yield_now(),
            }
            assert!(woken <= 4);
        }
    });
}
