//! Waits and wakes of `linux::futex`, between threads and between processes.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::{num::NonZeroU32, ptr, time::Duration};
use linux_support::*;
use pintle_park::Deadline;
use pintle_park::linux::futex::*;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::{sync::mpsc, thread, time::Instant};

const ANY: NonZeroU32 = NonZeroU32::MAX;

#[test]
fn a_futex_is_its_word() {
    assert_eq!(size_of::<Futex<Shared>>(), 4);
    let word = AtomicU32::new(7);
    let futex = Futex::<Private>::from_atomic(&word);
    futex.store(8, Relaxed);
    assert_eq!(word.load(Relaxed), 8);
    assert!(ptr::eq(futex.as_atomic(), &word));
    assert_eq!(format!("{futex:?}"), "Futex<Private>(8)");
    let shared: &Futex<Shared> = (&word).into();
    assert_eq!(shared.wait(7), Err(WaitError::Mismatch));
}

fn a_mismatch_does_not_sleep<S: Scope>() {
    let word = Futex::<S>::new(1);
    assert_eq!(word.wait(0), Err(WaitError::Mismatch));
    for timeout in [Duration::ZERO, Duration::MAX] {
        assert_eq!(word.wait_timeout(0, timeout), Err(WaitError::Mismatch));
    }
    let never = word.wait_bitset(0, ANY, Timeout::Never);
    assert_eq!(never, Err(WaitError::Mismatch));
    let passed = word.wait_bitset(0, ANY, Deadline::now());
    assert_eq!(passed, Err(WaitError::Mismatch));
}

#[test]
fn a_mismatch_does_not_sleep_in_either_scope() {
    a_mismatch_does_not_sleep::<Private>();
    a_mismatch_does_not_sleep::<Shared>();
}

#[test]
fn no_time_is_no_sleep() {
    let word = Futex::<Private>::new(0);
    let zero = Duration::ZERO;
    assert_eq!(word.wait_timeout(0, zero), Err(WaitError::TimedOut));
    for timeout in [
        Timeout::from(Deadline::now()),
        RealtimeDeadline::now().into(),
        RealtimeDeadline::from_epoch(zero).into(),
    ] {
        let outcome = word.wait_bitset(0, ANY, timeout);
        assert_eq!(outcome, Err(WaitError::TimedOut));
    }
}

#[test]
fn times_beyond_the_clock_are_no_timeout() {
    let word = Futex::<Private>::new(0);
    for timeout in FAR {
        scope(|scope| {
            let word = &word;
            let waiters = [
                scope.spawn(move || word.wait_timeout(0, timeout)),
                scope.spawn(move || word.wait_bitset(0, ANY, Deadline::after(timeout))),
                scope.spawn(move || word.wait_bitset(0, ANY, RealtimeDeadline::after(timeout))),
                scope
                    .spawn(move || word.wait_bitset(0, ANY, RealtimeDeadline::from_epoch(timeout))),
            ];
            until_asleep(word, 4);
            assert_eq!(Futex::wake(word, u32::MAX), Ok(4));
            for waiter in waiters {
                assert_eq!(waiter.join().unwrap(), Ok(()), "{timeout:?}");
            }
        });
    }
}

/// Four threads at once, each on both clocks and by a relative time.
#[test]
fn a_thousand_timeouts_and_none_early() {
    scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let word = Futex::<Private>::new(0);
                for round in 0..250_u64 {
                    let timeout = Duration::from_nanos(1 + (4 * round + thread) * 797);
                    let start = Instant::now();
                    let outcome = word.wait_timeout(0, timeout);
                    assert_eq!(outcome, Err(WaitError::TimedOut));
                    assert!(start.elapsed() >= timeout, "{timeout:?} was early");

                    let monotonic = Deadline::after(timeout);
                    let outcome = word.wait_bitset(0, ANY, monotonic);
                    assert_eq!(outcome, Err(WaitError::TimedOut));
                    assert!(monotonic.has_passed(), "{timeout:?} was early");

                    let realtime = RealtimeDeadline::after(timeout);
                    let outcome = word.wait_bitset(0, ANY, realtime);
                    assert_eq!(outcome, Err(WaitError::TimedOut));
                    assert!(realtime.has_passed(), "{timeout:?} was early");
                }
            });
        }
    });
}

#[test]
fn signals_do_not_end_a_wait_nor_its_time() {
    // Long beside the time between two signals, also on a busy machine.
    const TIMEOUT: Duration = Duration::from_millis(150);
    let word = Futex::<Private>::new(0);
    let timed = |wait: &(dyn Fn() -> Result<(), WaitError> + Sync)| {
        let start = Instant::now();
        let outcome = under_signals(wait);
        assert_eq!(outcome, Err(WaitError::TimedOut));
        let elapsed = start.elapsed();
        assert!(elapsed >= TIMEOUT, "early: {elapsed:?}");
        // The kernel would start a relative time again at each signal, and never end it here.
        assert!(elapsed < Duration::from_millis(2500), "late: {elapsed:?}");
    };
    timed(&|| word.wait_timeout(0, TIMEOUT));
    timed(&|| word.wait_bitset(0, ANY, Deadline::after(TIMEOUT)));
    timed(&|| word.wait_bitset(0, ANY, RealtimeDeadline::after(TIMEOUT)));

    // Without a timeout: until the wake.
    scope(|scope| {
        let waiter = scope.spawn(|| under_signals(|| word.wait(0)));
        thread::sleep(Duration::from_millis(10));
        assert!(!waiter.is_finished(), "a signal has ended it");
        while Futex::wake(&word, 1) == Ok(0) {}
        assert_eq!(waiter.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_wake_ends_as_many_sleeps_as_it_says() {
    let word = Futex::<Shared>::new(0);
    scope(|scope| {
        let waiters: Vec<_> = (0..4).map(|_| scope.spawn(|| word.wait(0))).collect();
        until_asleep(&word, 4);
        // The kernel itself wakes one where it is asked for none.
        assert_eq!(Futex::wake(&word, 0), Ok(0));
        assert_eq!(sleepers(&word), 4);
        assert_eq!(Futex::wake(&word, 3), Ok(3));
        assert_eq!(sleepers(&word), 1);
        assert_eq!(Futex::wake(&word, u32::MAX), Ok(1));
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Ok(()));
        }
    });
}

#[test]
fn a_bitset_wakes_those_that_it_meets() {
    let word = Futex::<Private>::new(0);
    let bits = |bits| NonZeroU32::new(bits).unwrap();
    scope(|scope| {
        let (word, bits) = (&word, &bits);
        for mask in [0b001, 0b010, 0b110] {
            scope.spawn(move || word.wait_bitset(0, bits(mask), Timeout::Never));
        }
        until_asleep(word, 3);
        assert_eq!(Futex::wake_bitset(word, u32::MAX, bits(0b1000)), Ok(0));
        assert_eq!(Futex::wake_bitset(word, u32::MAX, bits(0b0100)), Ok(1));
        assert_eq!(Futex::wake_bitset(word, u32::MAX, bits(0b1010)), Ok(1));
        assert_eq!(Futex::wake_bitset(word, 0, bits(1)), Ok(0));
        assert_eq!(sleepers(word), 1);
        assert_eq!(Futex::wake(word, u32::MAX), Ok(1), "a wake has all bits");
    });
}

#[test]
fn the_scopes_do_not_meet() {
    let word = AtomicU32::new(0);
    let private = Futex::<Private>::from_atomic(&word);
    let shared = Futex::<Shared>::from_atomic(&word);
    scope(|scope| {
        scope.spawn(|| private.wait(0));
        until_asleep(private, 1);
        assert_eq!(Futex::wake(shared, u32::MAX), Ok(0));
        assert_eq!(Futex::wake(private, u32::MAX), Ok(1));
    });
}

#[test]
fn a_wake_takes_a_dangling_pointer() {
    let private = Futex::<Private>::wake;
    let shared = Futex::<Shared>::wake;
    assert_eq!(private(ptr::without_provenance(4096), 1), Ok(0));
    assert_eq!(
        shared(ptr::without_provenance(4096), 1),
        Err(WakeError::Fault)
    );
    assert_eq!(private(ptr::null(), 1), Ok(0));
    assert_eq!(shared(ptr::null(), 1), Err(WakeError::Fault));
    let odd = ptr::without_provenance(4098);
    assert_eq!(private(odd, 1), Err(WakeError::Invalid));
    // A 64-bit kernel keeps none of a 32-bit process's addresses for itself.
    if cfg!(target_pointer_width = "64") {
        let kernel = ptr::without_provenance(usize::MAX & !3);
        assert_eq!(private(kernel, 1), Err(WakeError::Fault));
    }
}

/// A page whose memory is taken away: the wait has a word, and the kernel has none.
#[test]
fn a_wait_on_a_page_cut_off_is_an_error() {
    let word = Mapped::new(Futex::<Shared>::new(0)).get();
    let page: *const Futex<Shared> = word;
    // SAFETY: the page is this test's own; nobody else accesses it.
    let result = unsafe { libc::mprotect(page.cast_mut().cast(), 4096, libc::PROT_NONE) };
    assert_eq!(result, 0);
    assert_eq!(word.wait(0), Err(WaitError::Fault));
}

/// `me` and its partner change a word in turns, of which none must be lost.
fn ping_pong<S: Scope>(turn: &Futex<S>, me: u32, rounds: u32) -> bool {
    for round in 0..rounds {
        let mine = (2 * round).wrapping_add(me);
        loop {
            let seen = turn.load(Acquire);
            if seen == mine {
                break;
            }
            if let Err(error) = turn.wait(seen) {
                if error != WaitError::Mismatch {
                    return false;
                }
            }
        }
        turn.store(mine + 1, Release);
        if Futex::wake(turn, 1).is_err() {
            return false;
        }
    }
    true
}

fn rounds() -> u32 {
    if full() { 5_000_000 } else { 50_000 }
}

#[test]
fn no_hand_over_is_lost_between_threads() {
    let turn = Futex::<Private>::new(0);
    scope(|scope| {
        let other = scope.spawn(|| ping_pong(&turn, 1, rounds()));
        assert!(ping_pong(&turn, 0, rounds()));
        assert!(other.join().unwrap());
    });
    assert_eq!(turn.into_inner(), 2 * rounds());
}

#[test]
fn no_hand_over_is_lost_between_processes() {
    let turn = Mapped::new(Futex::<Shared>::new(0)).get();
    let rounds = rounds();
    let child = fork(|| ping_pong(turn, 1, rounds));
    assert!(ping_pong(turn, 0, rounds));
    child.join();
    assert_eq!(turn.load(Relaxed), 2 * rounds);
}

/// Of the tests themselves: one that fails leaves no process behind that waits for ever.
#[test]
fn a_child_ends_with_the_thread_that_made_it() {
    let (send, receive) = mpsc::channel();
    let maker = thread::spawn(move || {
        let begun = Mapped::new(Futex::<Shared>::new(0)).get();
        let child = fork(|| {
            begun.store(1, Relaxed);
            loop {
                let _ = begun.wait(1);
            }
        });
        // The child is told only of an end that comes after it has asked to be.
        while begun.load(Relaxed) == 0 {
            thread::yield_now();
        }
        send.send(child).unwrap();
    });
    maker.join().unwrap();
    let child = receive.recv().unwrap();
    let status = child.status();
    assert!(libc::WIFSIGNALED(status), "it was not killed");
    assert_eq!(
        libc::WTERMSIG(status),
        libc::SIGKILL,
        "only the alarm ended it"
    );
}
