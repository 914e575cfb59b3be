//! Locks with priority inheritance.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::time::Duration;
use linux_support::*;
use pintle_park::Deadline;
use pintle_park::linux::Tid;
use pintle_park::linux::futex::*;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::mpsc;
use std::{fs, time::Instant};

const NEVER: RealtimeDeadline = RealtimeDeadline::NEVER;

fn lock<S: Scope>(word: &Futex<S>, me: Tid) {
    if word
        .compare_exchange(0, me.get(), Acquire, Relaxed)
        .is_err()
    {
        word.lock_pi(NEVER).unwrap();
    }
}

fn unlock<S: Scope>(word: &Futex<S>, me: Tid) {
    if word
        .compare_exchange(me.get(), 0, Release, Relaxed)
        .is_err()
    {
        word.unlock_pi().unwrap();
    }
}

#[test]
fn the_word_says_who_owns_it() {
    let word = Futex::<Private>::new(0);
    let me = Tid::current();
    word.lock_pi(NEVER).unwrap();
    assert_eq!(word.pi_word(), PiWord::owned_by(me));
    assert_eq!(word.unlock_pi(), Ok(()));
    word.try_lock_pi().unwrap();
    assert_eq!(word.pi_word(), PiWord::owned_by(me));
    assert!(format!("{:?}", word.pi_word()).contains("waiters: false"));
    word.unlock_pi().unwrap();
    assert_eq!(word.pi_word(), PiWord::FREE);
    word.lock_pi2(Timeout::Never).unwrap();
    word.unlock_pi().unwrap();
    assert_eq!(word.into_inner(), 0);
}

/// As long as the kernel knows of the lock, `WAITERS` stands in the word, also when the next owner
/// was the last to wait: its unlock has to come by.
#[test]
fn the_last_waiter_unlocks_by_the_kernel() {
    let word = Futex::<Private>::new(0);
    word.lock_pi(NEVER).unwrap();
    scope(|scope| {
        let waiter = scope.spawn(|| {
            word.lock_pi(NEVER).unwrap();
            let handed = word.pi_word();
            word.unlock_pi().unwrap();
            (handed.bits(), Tid::current().get())
        });
        until(|| word.pi_word().has_waiters());
        word.unlock_pi().unwrap();
        let (handed, waiter) = waiter.join().unwrap();
        assert_eq!(handed, waiter | PiWord::WAITERS);
    });
    assert_eq!(word.pi_word(), PiWord::FREE);
}

#[test]
fn what_the_owner_cannot_do_and_the_others_cannot() {
    let word = Futex::<Shared>::new(0);
    assert_eq!(word.unlock_pi(), Err(UnlockPiError::NotOwner));
    word.lock_pi(NEVER).unwrap();
    assert_eq!(word.lock_pi(NEVER), Err(LockPiError::Deadlock));
    assert_eq!(word.lock_pi2(Timeout::Never), Err(LockPiError::Deadlock));
    assert_eq!(word.try_lock_pi(), Err(TryLockPiError::Deadlock));
    scope(|scope| {
        scope.spawn(|| {
            assert_eq!(word.unlock_pi(), Err(UnlockPiError::NotOwner));
            assert_eq!(word.try_lock_pi(), Err(TryLockPiError::WouldBlock));
        });
    });
    word.unlock_pi().unwrap();
}

#[test]
fn two_locks_in_a_circle_are_a_deadlock() {
    let (a, b) = (Futex::<Private>::new(0), Futex::<Private>::new(0));
    a.lock_pi(NEVER).unwrap();
    scope(|scope| {
        let (send, receive) = mpsc::channel();
        let (a, b) = (&a, &b);
        let other = scope.spawn(move || {
            b.lock_pi(NEVER).unwrap();
            send.send(Tid::current()).unwrap();
            a.lock_pi(NEVER).unwrap();
            a.unlock_pi().unwrap();
            b.unlock_pi().unwrap();
        });
        let thread = receive.recv().unwrap();
        // The bit comes a moment before the kernel knows of the wait: to go by it alone would
        // leave open which of the two closes the circle.
        until(|| a.pi_word().has_waiters() && is_asleep(thread));
        assert_eq!(b.lock_pi2(Timeout::Never), Err(LockPiError::Deadlock));
        a.unlock_pi().unwrap();
        other.join().unwrap();
    });
}

#[test]
fn an_owner_that_is_no_more_is_an_error() {
    let child = fork(|| true);
    let gone = Tid::new(child.pid() as u32).unwrap();
    child.join();
    let word = Futex::<Private>::new(gone.get());
    assert_eq!(word.lock_pi(NEVER), Err(LockPiError::NoOwner));
    assert_eq!(word.lock_pi2(Timeout::Never), Err(LockPiError::NoOwner));
    assert_eq!(word.try_lock_pi(), Err(TryLockPiError::NoOwner));
    assert_eq!(word.unlock_pi(), Err(UnlockPiError::NotOwner));
}

/// Without a robust list, but with a thread that waits: the kernel knows of the lock.
#[test]
fn a_waiter_inherits_from_a_dead_owner() {
    let words = Mapped::new([0, 0].map(Futex::<Shared>::new)).get();
    let [word, die] = words;
    let child = fork(|| {
        if word.lock_pi(NEVER).is_err() {
            return false;
        }
        while die.load(Acquire) == 0 {
            let _ = die.wait(0);
        }
        true
    });
    until(|| word.pi_word() != PiWord::FREE);
    scope(|scope| {
        let (send, receive) = mpsc::channel();
        let waiter = scope.spawn(move || {
            send.send(Tid::current()).unwrap();
            word.lock_pi(NEVER).unwrap();
            assert_eq!(word.pi_word().owner(), Some(Tid::current()));
            assert!(word.pi_word().owner_died() && word.pi_word().has_waiters());
            word.unlock_pi().unwrap();
        });
        let thread = receive.recv().unwrap();
        // The bit comes a moment before the kernel knows of the wait.
        until(|| word.pi_word().has_waiters() && is_asleep(thread));
        die.store(1, Release);
        Futex::wake(die, 1).unwrap();
        waiter.join().unwrap();
    });
    child.join();
}

#[test]
fn a_thread_of_the_kernel_is_no_owner() {
    let kernel = fs::read_to_string("/proc/2/comm").unwrap_or_default();
    if kernel.trim() != "kthreadd" {
        eprintln!("skipped: the kernel's threads are not in this PID namespace");
        return;
    }
    let word = Futex::<Private>::new(2);
    assert_eq!(word.lock_pi(NEVER), Err(LockPiError::NotAllowed));
    assert_eq!(word.try_lock_pi(), Err(TryLockPiError::NotAllowed));
}

#[test]
fn an_ordinary_waiter_makes_it_inconsistent() {
    let word = Futex::<Private>::new(0);
    scope(|scope| {
        scope.spawn(|| word.wait(0));
        until_asleep(&word, 1);
        assert_eq!(word.lock_pi(NEVER), Err(LockPiError::Inconsistent));
        assert_eq!(word.try_lock_pi(), Err(TryLockPiError::Inconsistent));
        word.store(Tid::current().get(), Relaxed);
        assert_eq!(word.unlock_pi(), Err(UnlockPiError::Inconsistent));
        assert_eq!(Futex::wake(&word, 1), Ok(1));
    });
}

#[test]
fn no_timeout_is_early_and_signals_do_not_end_it() {
    const TIMEOUT: Duration = Duration::from_millis(30);
    let word = Futex::<Private>::new(0);
    word.lock_pi(NEVER).unwrap();
    let lock_pi = |timeout| word.lock_pi(RealtimeDeadline::after(timeout));
    let monotonic = |timeout| word.lock_pi2(Deadline::after(timeout));
    let realtime = |timeout| word.lock_pi2(RealtimeDeadline::after(timeout));
    let ways: [&(dyn Fn(Duration) -> _ + Sync); 3] = [&lock_pi, &monotonic, &realtime];
    for way in ways {
        let start = Instant::now();
        let outcome = under_signals(|| way(TIMEOUT));
        assert_eq!(outcome, Err(LockPiError::TimedOut));
        assert!(start.elapsed() >= TIMEOUT);
        scope(|scope| {
            scope.spawn(|| {
                for round in 0..300 {
                    let timeout = Duration::from_nanos(round * 997);
                    let start = Instant::now();
                    assert_eq!(way(timeout), Err(LockPiError::TimedOut));
                    assert!(start.elapsed() >= timeout);
                }
            });
        });
    }
    scope(|scope| {
        scope.spawn(|| {
            let passed = RealtimeDeadline::from_epoch(Duration::ZERO);
            assert_eq!(word.lock_pi(passed), Err(LockPiError::TimedOut));
        });
    });
    word.unlock_pi().unwrap();
}

#[test]
fn times_beyond_the_clock_are_no_timeout() {
    for timeout in FAR {
        let word = Futex::<Private>::new(0);
        word.lock_pi(NEVER).unwrap();
        scope(|scope| {
            let word = &word;
            let locked = move |outcome: Result<(), LockPiError>| {
                assert_eq!(outcome, Ok(()), "{timeout:?}");
                word.unlock_pi().unwrap();
            };
            let far = RealtimeDeadline::from_epoch(timeout);
            let (send, receive) = mpsc::channel();
            let ways: [Box<dyn Fn() -> Result<(), LockPiError> + Send>; 4] = [
                Box::new(move || word.lock_pi(far)),
                Box::new(move || word.lock_pi(RealtimeDeadline::after(timeout))),
                Box::new(move || word.lock_pi2(far)),
                Box::new(move || word.lock_pi2(Deadline::after(timeout))),
            ];
            let waiters = ways.map(|way| {
                let send = send.clone();
                scope.spawn(move || {
                    send.send(Tid::current()).unwrap();
                    locked(way());
                })
            });
            for thread in receive.iter().take(waiters.len()) {
                until(|| is_asleep(thread));
            }
            word.unlock_pi().unwrap();
            for waiter in waiters {
                waiter.join().unwrap();
            }
        });
    }
}

fn count_up<S: Scope>(word: &Futex<S>, count: &AtomicU32, rounds: u32) {
    let me = Tid::current();
    for _ in 0..rounds {
        lock(word, me);
        // Not one operation: the lock makes it one.
        count.store(count.load(Relaxed) + 1, Relaxed);
        unlock(word, me);
    }
}

#[test]
fn it_excludes_threads() {
    let rounds = if full() { 500_000 } else { 5_000 };
    let (word, count) = (Futex::<Private>::new(0), AtomicU32::new(0));
    scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| count_up(&word, &count, rounds));
        }
    });
    assert_eq!(count.into_inner(), 4 * rounds);
    assert_eq!(word.pi_word(), PiWord::FREE);
}

#[test]
fn it_excludes_processes() {
    let rounds = if full() { 500_000 } else { 5_000 };
    let shared = Mapped::new((Futex::<Shared>::new(0), AtomicU32::new(0))).get();
    let (word, count) = shared;
    // A panic would not come through, the exit code does.
    let children = [0, 1].map(|_| {
        fork(|| {
            let me = Tid::current().get();
            for _ in 0..rounds {
                if word.compare_exchange(0, me, Acquire, Relaxed).is_err()
                    && word.lock_pi(NEVER).is_err()
                {
                    return false;
                }
                count.store(count.load(Relaxed) + 1, Relaxed);
                if word.compare_exchange(me, 0, Release, Relaxed).is_err()
                    && word.unlock_pi().is_err()
                {
                    return false;
                }
            }
            true
        })
    });
    count_up(word, count, rounds);
    children.into_iter().for_each(Child::join);
    assert_eq!(count.load(Relaxed), 3 * rounds);
}

/// Makes the calling thread a real-time one; false where that is refused.
fn become_fifo(priority: libc::c_int) -> bool {
    // SAFETY: all zeroes is a valid parameter.
    let mut parameter: libc::sched_param = unsafe { core::mem::zeroed() };
    parameter.sched_priority = priority;
    // SAFETY: `parameter` is initialised.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &parameter) == 0 }
}

/// The priority that the kernel schedules a thread by now: 0 and up is ordinary, `-1 - n` is
/// real-time priority n.
fn priority(thread: Tid) -> i64 {
    stat(thread)[15].parse().unwrap()
}

/// An ordinary thread owns a lock that an ordinary one waits for, which owns one that a real-time
/// thread waits for: both run with its priority, until they unlock.
#[test]
fn a_waiter_boosts_the_owner_and_whom_that_one_waits_for() {
    const PRIORITY: libc::c_int = 10;
    const BOOSTED: i64 = -1 - PRIORITY as i64;

    let (first, second) = (Futex::<Private>::new(0), Futex::<Private>::new(0));
    first.lock_pi(NEVER).unwrap();
    let owner = Tid::current();
    let before = priority(owner);
    assert!(before >= 0, "the test runs as an ordinary thread");

    let (first, second) = (&first, &second);
    scope(|scope| {
        let (send, receive) = mpsc::channel();
        let middle = scope.spawn(move || {
            let me = Tid::current();
            second.lock_pi(NEVER).unwrap();
            send.send(me).unwrap();
            first.lock_pi(NEVER).unwrap();
            // It has the first one by now, and the most urgent thread still waits for the second.
            let while_waited_for = priority(me);
            second.unlock_pi().unwrap();
            let after = priority(me);
            first.unlock_pi().unwrap();
            (while_waited_for, after)
        });
        let middle_tid = receive.recv().unwrap();
        until(|| first.pi_word().has_waiters());
        assert_eq!(priority(owner), before, "an ordinary waiter boosts nobody");

        let (send, receive) = mpsc::channel();
        let urgent = scope.spawn(move || {
            let fifo = become_fifo(PRIORITY);
            send.send(fifo).unwrap();
            second.lock_pi(NEVER).unwrap();
            second.unlock_pi().unwrap();
        });
        let fifo = receive.recv().unwrap();
        if fifo {
            until(|| priority(owner) == BOOSTED);
            assert_eq!(priority(middle_tid), BOOSTED);
        } else {
            eprintln!("skipped: SCHED_FIFO is refused (it needs CAP_SYS_NICE or RLIMIT_RTPRIO)");
        }
        first.unlock_pi().unwrap();
        assert_eq!(priority(owner), before);
        let (while_waited_for, after) = middle.join().unwrap();
        if fifo {
            assert_eq!((while_waited_for, after), (BOOSTED, before));
        }
        urgent.join().unwrap();
    });
}
