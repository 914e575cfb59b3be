//! Requeueing to a lock with priority inheritance.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::{cell::Cell, time::Duration};
use linux_support::*;
use pintle_park::Deadline;
use pintle_park::linux::Tid;
use pintle_park::linux::futex::*;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};
use std::sync::mpsc;

const NEVER: RealtimeDeadline = RealtimeDeadline::NEVER;

/// A condition variable: each of those that wait comes back with the lock.
fn condition<S: Scope>(threads: u32, requeue: u32) {
    let (condition, lock) = (Futex::<S>::new(0), Futex::<S>::new(0));
    let inside = AtomicU32::new(0);
    let back = AtomicU32::new(0);
    scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                condition.wait_requeue_pi(0, &lock, Timeout::Never).unwrap();
                assert_eq!(lock.pi_word().owner(), Some(Tid::current()));
                assert_eq!(inside.fetch_add(1, Relaxed), 0, "two owners");
                back.fetch_add(1, Relaxed);
                inside.fetch_sub(1, Relaxed);
                lock.unlock_pi().unwrap();
            });
        }
        // Sleepers of this kind cannot be counted: that would be a requeue of the wrong kind.
        let mut left = threads;
        while left > 0 {
            lock.lock_pi(NEVER).unwrap();
            let moved = condition.cmp_requeue_pi(0, &lock, requeue).unwrap();
            assert!(moved <= requeue.saturating_add(1).min(left), "{moved}");
            left -= moved;
            lock.unlock_pi().unwrap();
        }
        assert_eq!(condition.cmp_requeue_pi(0, &lock, u32::MAX), Ok(0));
    });
    assert_eq!(back.into_inner(), threads);
    assert_eq!(lock.pi_word(), PiWord::FREE);
}

#[test]
fn those_that_are_requeued_come_back_with_the_lock() {
    for _ in 0..if full() { 1000 } else { 20 } {
        condition::<Private>(4, u32::MAX);
        condition::<Shared>(4, 1);
        condition::<Private>(3, 0);
    }
}

#[test]
fn errors_of_requeueing_to_a_lock() {
    let (condition, lock) = (Futex::<Private>::new(1), Futex::<Private>::new(0));
    let mismatch = condition.wait_requeue_pi(0, &lock, Timeout::Never);
    assert_eq!(mismatch, Err(WaitRequeuePiError::Mismatch));
    let same = condition.wait_requeue_pi(1, &condition, Timeout::Never);
    assert_eq!(same, Err(WaitRequeuePiError::Invalid));
    let mismatch = condition.cmp_requeue_pi(0, &lock, 1);
    assert_eq!(mismatch, Err(CmpRequeuePiError::Mismatch));
    let same = condition.cmp_requeue_pi(1, &condition, 1);
    assert_eq!(same, Err(CmpRequeuePiError::Invalid));

    // A thread that waits by another operation.
    scope(|scope| {
        scope.spawn(|| condition.wait(1));
        until_asleep(&condition, 1);
        let ordinary = condition.cmp_requeue_pi(1, &lock, 1);
        assert_eq!(ordinary, Err(CmpRequeuePiError::Invalid));
        assert_eq!(Futex::wake(&condition, 1), Ok(1));
    });
    assert_eq!(lock.pi_word(), PiWord::FREE);
}

#[test]
fn no_timeout_is_early_and_signals_do_not_end_it() {
    let (condition, lock) = (Futex::<Private>::new(1), Futex::<Private>::new(0));
    let monotonic = |timeout| {
        let deadline = Deadline::after(timeout);
        let outcome = condition.wait_requeue_pi(1, &lock, deadline);
        (outcome, deadline.has_passed())
    };
    let realtime = |timeout| {
        let deadline = RealtimeDeadline::after(timeout);
        let outcome = condition.wait_requeue_pi(1, &lock, deadline);
        (outcome, deadline.has_passed())
    };
    let ways: [&(dyn Fn(Duration) -> _ + Sync); 2] = [&monotonic, &realtime];
    for way in ways {
        let outcome = under_signals(|| way(Duration::from_millis(30)));
        assert_eq!(outcome, (Err(WaitRequeuePiError::TimedOut), true));
        for round in 0..300 {
            let outcome = way(Duration::from_nanos(round * 997));
            assert_eq!(outcome, (Err(WaitRequeuePiError::TimedOut), true));
        }
    }
    let passed = RealtimeDeadline::from_epoch(Duration::ZERO);
    let outcome = condition.wait_requeue_pi(1, &lock, passed);
    assert_eq!(outcome, Err(WaitRequeuePiError::TimedOut));
    assert_eq!(lock.pi_word(), PiWord::FREE);
}

#[test]
fn times_beyond_the_clock_are_no_timeout() {
    for timeout in FAR {
        let (condition, lock) = (&Futex::<Private>::new(0), &Futex::<Private>::new(0));
        let waits: [Timeout; 3] = [
            Deadline::after(timeout).into(),
            RealtimeDeadline::after(timeout).into(),
            RealtimeDeadline::from_epoch(timeout).into(),
        ];
        scope(|scope| {
            let waiters = waits.map(|timeout| {
                scope.spawn(move || {
                    condition.wait_requeue_pi(0, lock, timeout).unwrap();
                    lock.unlock_pi().unwrap();
                })
            });
            let left = Cell::new(3);
            until(|| {
                lock.lock_pi(NEVER).unwrap();
                let moved = condition.cmp_requeue_pi(0, lock, u32::MAX).unwrap();
                left.set(left.get() - moved);
                lock.unlock_pi().unwrap();
                left.get() == 0
            });
            for waiter in waiters {
                waiter.join().unwrap();
            }
        });
    }
}

/// The lock is free: the first of those that wait has it at once, the others wait for it.
#[test]
fn a_free_lock_is_given() {
    let (condition, lock) = (Futex::<Shared>::new(0), Futex::<Shared>::new(0));
    scope(|scope| {
        let waiter = scope.spawn(|| {
            condition.wait_requeue_pi(0, &lock, Timeout::Never).unwrap();
            let owner = lock.pi_word().owner();
            lock.unlock_pi().unwrap();
            assert_eq!(owner, Some(Tid::current()));
        });
        until(|| condition.cmp_requeue_pi(0, &lock, u32::MAX).unwrap() == 1);
        waiter.join().unwrap();
    });
    assert_eq!(lock.pi_word(), PiWord::FREE);
}

/// An error means that the caller does not have the lock: after the move the time may still run
/// out, and a handler ends the wait.
#[test]
fn what_ends_a_wait_after_the_move_leaves_it_without_the_lock() {
    let (condition, lock) = (Futex::<Private>::new(0), Futex::<Private>::new(0));
    lock.lock_pi(NEVER).unwrap();
    let owner = Some(Tid::current());

    let moved = AtomicBool::new(false);
    scope(|scope| {
        let waiter = scope.spawn(|| {
            loop {
                let soon = Deadline::after(Duration::from_millis(20));
                let outcome = condition.wait_requeue_pi(0, &lock, soon);
                assert_eq!(outcome, Err(WaitRequeuePiError::TimedOut));
                if moved.load(Relaxed) {
                    break;
                }
            }
        });
        until(|| condition.cmp_requeue_pi(0, &lock, 0).unwrap() == 1);
        moved.store(true, Relaxed);
        waiter.join().unwrap();
        assert_eq!(lock.pi_word().owner(), owner);
    });

    count_signals(libc::SIGUSR2);
    scope(|scope| {
        let (send, receive) = mpsc::channel();
        let (condition, lock) = (&condition, &lock);
        let waiter = scope.spawn(move || {
            // SAFETY: has no precondition.
            send.send(unsafe { libc::pthread_self() }).unwrap();
            condition.wait_requeue_pi(0, lock, Timeout::Never)
        });
        let id = receive.recv().unwrap();
        until(|| condition.cmp_requeue_pi(0, lock, 0).unwrap() == 1);
        until(|| {
            // SAFETY: the thread has not been joined, so its id is valid.
            unsafe { libc::pthread_kill(id, libc::SIGUSR2) };
            waiter.is_finished()
        });
        assert_eq!(waiter.join().unwrap(), Err(WaitRequeuePiError::Mismatch));
        assert_eq!(lock.pi_word().owner(), owner);
    });

    lock.unlock_pi().unwrap();
    assert_eq!(lock.pi_word(), PiWord::FREE);
}

/// One that waits for its own lock, and one that would wait for a thread that is no more.
#[test]
fn a_move_to_a_lock_that_cannot_be_waited_for_is_an_error() {
    let child = fork(|| true);
    let gone = child.pid() as u32;
    child.join();

    let (condition, lock) = (Futex::<Private>::new(0), Futex::<Private>::new(0));
    let done = AtomicBool::new(false);
    scope(|scope| {
        let waiter = scope.spawn(|| {
            lock.lock_pi(NEVER).unwrap();
            while !done.load(Relaxed) {
                let soon = Deadline::after(Duration::from_millis(20));
                let outcome = condition.wait_requeue_pi(0, &lock, soon);
                assert_eq!(outcome, Err(WaitRequeuePiError::TimedOut));
            }
        });
        until(|| lock.pi_word() != PiWord::FREE);
        let word = lock.load(Relaxed);
        for (word, error) in [
            (word, CmpRequeuePiError::Deadlock),
            (gone, CmpRequeuePiError::NoOwner),
        ] {
            lock.store(word, Relaxed);
            until(|| match condition.cmp_requeue_pi(0, &lock, 1) {
                Ok(0) => false,
                outcome => {
                    assert_eq!(outcome, Err(error));
                    true
                }
            });
        }
        lock.store(word, Relaxed);
        done.store(true, Relaxed);
        waiter.join().unwrap();
    });
}
