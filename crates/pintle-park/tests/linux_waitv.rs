//! Waiting on several words.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::time::Duration;
use linux_support::*;
use pintle_park::Deadline;
use pintle_park::linux::futex::*;
use std::sync::atomic::Ordering::*;
use std::time::Instant;

/// Whether there is nothing to test.
fn missing() -> bool {
    let word = Futex::<Private>::new(1);
    let outcome = waitv(&[Waiter::new(&word, 0)], Timeout::Never);
    let missing = outcome == Err(WaitvError::Unsupported);
    if missing {
        eprintln!("skipped: this kernel has no futex_waitv (Linux 5.16)");
    } else {
        assert_eq!(outcome, Err(WaitvError::Mismatch));
    }
    missing
}

#[test]
fn it_takes_1_to_128_words() {
    let words: Vec<_> = (0..=WAITV_MAX).map(|_| Futex::<Private>::new(0)).collect();
    let all: Vec<_> = words.iter().map(|word| Waiter::new(word, 0)).collect();
    for waiters in [&all[..0], &all] {
        let outcome = waitv(waiters, Timeout::Never);
        assert_eq!(outcome, Err(WaitvError::Count));
    }
    assert_eq!(WaitvError::Count.errno().raw(), libc::EINVAL);
    if missing() {
        return;
    }
    for count in [1, 2, 127, 128] {
        let outcome = waitv(&all[..count], Deadline::now());
        assert_eq!(outcome, Err(WaitvError::TimedOut), "{count} words");
    }
}

#[test]
fn it_names_the_word_that_was_woken() {
    if missing() {
        return;
    }
    let mine: Vec<_> = (0..64).map(|_| Futex::<Private>::new(0)).collect();
    let theirs: Vec<_> = (0..64).map(|_| Futex::<Shared>::new(0)).collect();
    scope(|scope| {
        for index in 0..WAITV_MAX {
            let waiter = scope.spawn(|| {
                let mine = mine.iter().map(|word| Waiter::new(word, 0));
                let theirs = theirs.iter().map(|word| Waiter::new(word, 0));
                let waiters: Vec<_> = mine.chain(theirs).collect();
                waitv(&waiters, Timeout::Never)
            });
            // The last word is queued last.
            until_asleep(&theirs[63], 1);
            let woken = if index < 64 {
                Futex::wake(&mine[index], 1)
            } else {
                Futex::wake(&theirs[index - 64], 1)
            };
            assert_eq!(woken, Ok(1));
            assert_eq!(waiter.join().unwrap(), Ok(index));
        }
    });
}

#[test]
fn one_mismatch_is_enough() {
    if missing() {
        return;
    }
    let words = [0, 0, 9].map(Futex::<Private>::new);
    let waiters = words.each_ref().map(|word| Waiter::new(word, 0));
    assert_eq!(waitv(&waiters, Timeout::Never), Err(WaitvError::Mismatch));
    assert!(words.iter().all(|word| sleepers(word) == 0));
    assert!(format!("{:?}", waiters[0]).contains("expected: 0"));
}

#[test]
fn no_timeout_is_early_and_signals_do_not_end_it() {
    if missing() {
        return;
    }
    const TIMEOUT: Duration = Duration::from_millis(30);
    let words = [0, 0].map(Futex::<Private>::new);
    let waiters = words.each_ref().map(|word| Waiter::new(word, 0));
    let timeouts: [fn() -> Timeout; 2] = [
        || Deadline::after(TIMEOUT).into(),
        || RealtimeDeadline::after(TIMEOUT).into(),
    ];
    for timeout in timeouts {
        let start = Instant::now();
        let outcome = under_signals(|| waitv(&waiters, timeout()));
        assert_eq!(outcome, Err(WaitvError::TimedOut));
        assert!(start.elapsed() >= TIMEOUT);
    }
    for timeout in [
        Timeout::from(RealtimeDeadline::from_epoch(Duration::ZERO)),
        Deadline::now().into(),
    ] {
        assert_eq!(waitv(&waiters, timeout), Err(WaitvError::TimedOut));
    }
    for round in 0..if full() { 1000 } else { 200 } {
        let deadline = Deadline::after(Duration::from_nanos(round * 991));
        assert_eq!(waitv(&waiters, deadline), Err(WaitvError::TimedOut));
        assert!(deadline.has_passed());
    }
}

#[test]
fn times_beyond_the_clock_are_no_timeout() {
    if missing() {
        return;
    }
    let word = &Futex::<Private>::new(0);
    for timeout in FAR {
        let waits: [Timeout; 3] = [
            Deadline::after(timeout).into(),
            RealtimeDeadline::after(timeout).into(),
            RealtimeDeadline::from_epoch(timeout).into(),
        ];
        scope(|scope| {
            let waiters =
                waits.map(|timeout| scope.spawn(move || waitv(&[Waiter::new(word, 0)], timeout)));
            until_asleep(word, 3);
            assert_eq!(Futex::wake(word, u32::MAX), Ok(3));
            for waiter in waiters {
                assert_eq!(waiter.join().unwrap(), Ok(0), "{timeout:?}");
            }
        });
    }
}

/// One process waits for two others, on a word of each.
#[test]
fn it_waits_between_processes() {
    if missing() {
        return;
    }
    let words = Mapped::new([0, 0].map(Futex::<Shared>::new)).get();
    let children = [0, 1].map(|child| {
        fork(move || {
            for round in 1..=100 {
                words[child].store(round, Release);
                if Futex::wake(&words[child], 1).is_err() {
                    return false;
                }
            }
            true
        })
    });
    loop {
        let seen = words.each_ref().map(|word| word.load(Acquire));
        if seen == [100, 100] {
            break;
        }
        let waiters = [
            Waiter::new(&words[0], seen[0]),
            Waiter::new(&words[1], seen[1]),
        ];
        match waitv(&waiters, Timeout::Never) {
            Ok(index) => assert!(index < 2),
            Err(error) => assert_eq!(error, WaitvError::Mismatch),
        }
    }
    children.into_iter().for_each(Child::join);
}
