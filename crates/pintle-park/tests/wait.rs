//! The portable face of waiting, on this machine's back end.
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
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::{thread, time::Instant};

fn full() -> bool {
    pintle_core::model::full()
}

#[test]
fn a_mismatch_does_not_sleep() {
    let word = AtomicU32::new(1);
    wait(&word, 0);
    assert_eq!(wait_timeout(&word, 0, Duration::MAX), WaitOutcome::Mismatch);
    assert_eq!(
        wait_timeout(&word, 0, Duration::ZERO),
        WaitOutcome::Mismatch
    );
    assert_eq!(wait_until(&word, 0, Deadline::NEVER), WaitOutcome::Mismatch);
}

/// Waits are spurious at will, so a test has to wait like everybody else.
fn time_out(word: &AtomicU32, deadline: Deadline) {
    while wait_until(word, 0, deadline) != WaitOutcome::TimedOut {}
}

#[test]
fn a_thousand_timeouts_and_none_early() {
    let word = AtomicU32::new(0);
    for round in 0..1000 {
        let timeout = Duration::from_nanos(1 + round * 397);
        let start = Instant::now();
        time_out(&word, Deadline::after(timeout));
        assert!(start.elapsed() >= timeout, "{timeout:?} was early");
    }
}

#[test]
fn a_relative_timeout_is_not_early() {
    let word = AtomicU32::new(0);
    let start = Instant::now();
    if wait_timeout(&word, 0, Duration::from_millis(5)) == WaitOutcome::TimedOut {
        assert!(start.elapsed() >= Duration::from_millis(5));
    }
}

#[test]
fn no_time_is_no_sleep() {
    let word = AtomicU32::new(0);
    assert_eq!(
        wait_timeout(&word, 0, Duration::ZERO),
        WaitOutcome::TimedOut
    );
    time_out(&word, Deadline::now());
    time_out(&word, Deadline::after(Duration::ZERO));
}

#[test]
fn times_beyond_the_clock_are_no_timeout() {
    // The first is NEVER, the others are real times that no kernel can represent.
    for timeout in [
        Duration::MAX,
        Duration::from_secs(u64::MAX / 2),
        Duration::from_secs(i64::MAX as u64 - 1),
        Duration::from_secs(i32::MAX as u64 + 1),
    ] {
        let word = AtomicU32::new(0);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                while word.load(Acquire) == 0 {
                    let outcome = wait_timeout(&word, 0, timeout);
                    assert_ne!(outcome, WaitOutcome::TimedOut, "after {timeout:?}");
                }
            });
            thread::sleep(Duration::from_millis(2));
            word.store(1, Release);
            wake_all(&word);
            waiter.join().unwrap();
        });
    }
}

#[test]
fn deadlines_are_ordered_and_saturate() {
    let now = Deadline::now();
    assert!(now.has_passed());
    assert_eq!(now.remaining(), Duration::ZERO);
    assert_eq!(Deadline::after(Duration::MAX), Deadline::NEVER);
    assert_eq!(Deadline::NEVER.remaining(), Duration::MAX);
    assert!(!Deadline::NEVER.has_passed());
    assert_eq!(format!("{:?}", Deadline::NEVER), "Deadline::NEVER");
    let later = now.saturating_add(Duration::from_secs(3600));
    assert!(now < later && later < Deadline::NEVER && !later.has_passed());
}

#[cfg(feature = "std")]
#[test]
fn std_instants_are_deadlines() {
    let word = AtomicU32::new(0);
    let instant = Instant::now() + Duration::from_millis(3);
    while wait_until(&word, 0, instant) != WaitOutcome::TimedOut {}
    assert!(Instant::now() >= instant);
}

/// `threads` hand a turn round; each waits until the word says it is its own.
fn hand_over(threads: u32, rounds: u32) {
    let turn = AtomicU32::new(0);
    thread::scope(|scope| {
        for thread in 0..threads {
            let turn = &turn;
            scope.spawn(move || {
                for round in 0..rounds {
                    let mine = round * threads + thread;
                    loop {
                        let seen = turn.load(Acquire);
                        if seen == mine {
                            break;
                        }
                        wait(turn, seen);
                    }
                    turn.store(mine + 1, Release);
                    if threads == 2 {
                        wake_one(turn);
                    } else {
                        wake_all(turn);
                    }
                }
            });
        }
    });
    assert_eq!(turn.into_inner(), threads * rounds);
}

#[test]
fn no_hand_over_is_lost_between_two() {
    hand_over(2, if full() { 5_000_000 } else { 50_000 });
}

#[test]
fn no_hand_over_is_lost_among_many() {
    hand_over(5, if full() { 200_000 } else { 1_000 });
}

#[test]
fn a_wake_ends_as_many_sleeps_as_it_says() {
    let word = AtomicU32::new(0);
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..4).map(|_| scope.spawn(|| wait(&word, 0))).collect();
        let mut woken = 0;
        while woken < 4 && !waiters.iter().all(|waiter| waiter.is_finished()) {
            match wake(&word, 3) {
                WakeOutcome::Count(count) => {
                    assert!(count <= 3);
                    woken += count;
                }
                _ => thread::yield_now(),
            }
        }
    });
}

/// Linux itself wakes one where it is asked for none.
#[test]
fn a_wake_of_none_wakes_none() {
    let word = AtomicU32::new(0);
    let woken = thread::scope(|scope| {
        scope.spawn(|| {
            while word.load(Acquire) == 0 {
                wait(&word, 0);
            }
        });
        // The waiter falls asleep in the first of these, as a rule.
        let woken = (0..30).any(|_| {
            thread::sleep(Duration::from_millis(1));
            !matches!(wake(&word, 0), WakeOutcome::Count(0) | WakeOutcome::Unknown)
        });
        word.store(1, Release);
        wake_all(&word);
        woken
    });
    assert!(!woken);
}

#[test]
fn a_wake_takes_a_dangling_pointer() {
    let gone = Box::into_raw(Box::new(AtomicU32::new(0)));
    // SAFETY: it comes from `Box::into_raw`, and nobody else has it.
    drop(unsafe { Box::from_raw(gone) });
    wake_one(gone);
    wake_all(gone);
    wake_all(core::ptr::null());
    let _ = wake(core::ptr::without_provenance(8), 1);
}

/// Of five, one is woken and up to three are moved; each of them is accounted for.
#[test]
fn a_requeue_wakes_and_moves_as_many_as_it_says() {
    const WAITERS: usize = 5;
    let (from, to) = (AtomicU32::new(7), AtomicU32::new(0));
    let returned = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..WAITERS {
            scope.spawn(|| {
                wait(&from, 7);
                returned.fetch_add(1, Relaxed);
            });
        }
        assert_eq!(requeue(&from, 6, &to, 1, 3), RequeueOutcome::Mismatch);
        // Nothing tells that all are asleep, so time has to do.
        thread::sleep(Duration::from_millis(50));
        match requeue(&from, 7, &to, 1, 3) {
            RequeueOutcome::Count { woken, requeued } => {
                assert!(woken + requeued <= 4);
                assert!(
                    woken <= 1 || requeued == 0,
                    "woken instead of moved, if at all"
                );
                if cfg!(target_os = "linux") {
                    assert_eq!(wake(&to, 1), WakeOutcome::Count(requeued.min(1)));
                }
            }
            outcome => assert_eq!(outcome, RequeueOutcome::Unknown),
        }
        from.store(8, Relaxed);
        while returned.load(Relaxed) < WAITERS as u32 {
            wake_all(&from);
            wake_all(&to);
            thread::yield_now();
        }
    });
    assert_ne!(
        requeue(&from, 8, core::ptr::null(), 1, 1),
        RequeueOutcome::Mismatch
    );
}
