//! Requeueing: exactly as many threads as asked for, by the old calls and by futex2.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use linux_support::*;
use pintle_park::linux::futex::*;
use std::thread;

/// Moves threads between words by `requeue(wake, requeue)`, and looks where they are.
fn moves_exactly<S: Scope>(requeue: impl Fn(&Futex<S>, u32, &Futex<S>, u32) -> Requeued) {
    const THREADS: u32 = 6;
    let (from, to) = (Futex::<S>::new(7), Futex::<S>::new(0));
    for wake in 0..=3 {
        for count in [0, 1, 2, 3, u32::MAX] {
            scope(|scope| {
                let waiters: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| from.wait(7))).collect();
                until_asleep(&from, THREADS);

                let expected = Requeued {
                    woken: wake,
                    requeued: count.min(THREADS - wake),
                };
                assert_eq!(requeue(&from, wake, &to, count), expected);
                assert_eq!(sleepers(&to), expected.requeued);
                let left = THREADS - wake - expected.requeued;
                assert_eq!(sleepers(&from), left);

                assert_eq!(Futex::wake(&to, u32::MAX), Ok(expected.requeued));
                assert_eq!(Futex::wake(&from, u32::MAX), Ok(left));
                for waiter in waiters {
                    assert_eq!(waiter.join().unwrap(), Ok(()));
                }
            });
        }
    }
}

#[test]
fn requeue_moves_exactly_as_many() {
    moves_exactly::<Private>(|from, wake, to, count| from.requeue(wake, to, count).unwrap());
}

#[test]
fn cmp_requeue_moves_exactly_as_many() {
    moves_exactly::<Shared>(|from, wake, to, count| from.cmp_requeue(7, wake, to, count).unwrap());
}

#[test]
fn requeue2_moves_exactly_as_many() {
    if !Size::U32.is_supported() {
        eprintln!("skipped: this kernel has no futex_requeue (Linux 6.7)");
    } else {
        moves_exactly::<Private>(|from, wake, to, count| {
            from.requeue2(7, wake, to, count).unwrap()
        });
        moves_exactly::<Shared>(|from, wake, to, count| from.requeue2(7, wake, to, count).unwrap());
    }
}

#[test]
fn a_mismatch_moves_nobody() {
    let (from, to) = (Futex::<Private>::new(7), Futex::new(0));
    scope(|scope| {
        scope.spawn(|| from.wait(7));
        until_asleep(&from, 1);
        let mismatch = Err(CmpRequeueError::Mismatch);
        assert_eq!(from.cmp_requeue(8, 1, &to, 1), mismatch);
        if Size::U32.is_supported() {
            assert_eq!(from.requeue2(8, 1, &to, 1), mismatch);
        }
        assert_eq!((sleepers(&from), sleepers(&to)), (1, 0));
        assert_eq!(Futex::wake(&from, 1), Ok(1));
    });
}

/// A thread that waits for a lock cannot be woken or moved like any other.
#[test]
fn a_waiter_for_a_lock_is_not_moved() {
    let (lock, other) = (Futex::<Private>::new(0), Futex::new(0));
    lock.lock_pi(RealtimeDeadline::NEVER).unwrap();
    scope(|scope| {
        let waiter = scope.spawn(|| {
            lock.lock_pi(RealtimeDeadline::NEVER).unwrap();
            lock.unlock_pi().unwrap();
        });
        while !lock.pi_word().has_waiters() {
            thread::yield_now();
        }
        let value = lock.pi_word().bits();
        // The bit is set a moment before the thread stands in the kernel's queue.
        while Futex::wake(&lock, 1) != Err(WakeError::Invalid) {}
        assert_eq!(lock.requeue(1, &other, 1), Err(RequeueError::Invalid));
        let outcome = lock.cmp_requeue(value, 1, &other, 1);
        assert_eq!(outcome, Err(CmpRequeueError::Invalid));
        lock.unlock_pi().unwrap();
        waiter.join().unwrap();
    });
}
