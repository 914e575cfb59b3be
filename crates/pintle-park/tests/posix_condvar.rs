//! Condition variables: notifications, timeouts on both clocks, and with which mutex.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::{cell::UnsafeCell, pin::Pin, pin::pin, time::Duration};
use linux_support::*;
use pintle_park::{Deadline, posix::*};
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::{sync::Arc, thread, time::Instant};

#[test]
fn no_timeout_is_early() {
    let mutex = pin!(Mutex::new(()));
    let mutex = mutex.as_ref();
    let monotonic = pin!(Condvar::new());
    let realtime = pin!(Condvar::realtime());
    let mut guard = mutex.lock().unwrap();
    let mut timeouts = 0;
    for round in 0..if full() { 1_000 } else { 100 } {
        let wait = Duration::from_micros(round % 100 * 20);
        let start = Instant::now();
        let deadline = Deadline::after(wait);
        let wakeup;
        (guard, wakeup) = monotonic.as_ref().wait_until(guard, deadline).unwrap();
        if wakeup == Wakeup::TimedOut {
            assert!(start.elapsed() >= wait);
            timeouts += 1;
        }

        let deadline = RealtimeDeadline::after(wait);
        let wakeup;
        (guard, wakeup) = realtime.as_ref().wait_until(guard, deadline).unwrap();
        if wakeup == Wakeup::TimedOut {
            assert!(deadline.has_passed());
            timeouts += 1;
        }
    }
    assert!(timeouts > 100, "spurious wake-ups are rare");
    drop(guard);
    assert!(mutex.try_lock().is_ok());
}

/// Waits for a time that does not come, until it is notified.
fn waits_for_ever<C: Clock>(condvar: Condvar<C>, deadline: C::At) {
    let condvar = pin!(condvar);
    let condvar = condvar.as_ref();
    let mutex = pin!(Mutex::new(false));
    let mutex = mutex.as_ref();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let mut guard = mutex.lock().unwrap();
            while !*guard {
                let wakeup;
                (guard, wakeup) = condvar.wait_until(guard, deadline).unwrap();
                assert_eq!(wakeup, Wakeup::Notified);
            }
        });
        thread::sleep(Duration::from_millis(20));
        assert!(!waiter.is_finished());
        *mutex.lock().unwrap() = true;
        condvar.notify_one();
    });
}

#[test]
fn times_that_do_not_come() {
    waits_for_ever(Condvar::new(), Deadline::NEVER);
    waits_for_ever(Condvar::new(), Deadline::after(Duration::MAX / 2));
    waits_for_ever(Condvar::realtime(), RealtimeDeadline::NEVER);
    let far = RealtimeDeadline::from_epoch(Duration::from_secs(i64::MAX as u64));
    waits_for_ever(Condvar::realtime(), far);
}

#[test]
fn a_signal_does_not_shorten_a_wait() {
    let mutex = pin!(Mutex::new(()));
    let mutex = mutex.as_ref();
    let condvar = pin!(Condvar::new());
    let condvar = condvar.as_ref();
    let wait = Duration::from_millis(200);
    let took = under_signals(|| {
        let start = Instant::now();
        let deadline = Deadline::after(wait);
        let mut guard = mutex.lock().unwrap();
        loop {
            let wakeup;
            (guard, wakeup) = condvar.wait_until(guard, deadline).unwrap();
            if wakeup == Wakeup::TimedOut {
                return start.elapsed();
            }
        }
    });
    assert!(took >= wait && took < Duration::from_secs(2), "{took:?}");
}

/// `count` threads take one ticket each; returns when all wait.
fn waiters<'scope, 'env>(
    scope: &'scope thread::Scope<'scope, 'env>,
    mutex: Pin<&'env Mutex<u32>>,
    condvar: Pin<&'env Condvar>,
    count: u32,
) -> Arc<AtomicU32> {
    let (served, asleep) = (Arc::<AtomicU32>::default(), Arc::<AtomicU32>::default());
    for _ in 0..count {
        let (served, asleep) = (served.clone(), asleep.clone());
        scope.spawn(move || {
            let mut tickets = mutex.lock().unwrap();
            asleep.fetch_add(1, Relaxed);
            while *tickets == 0 {
                tickets = condvar.wait(tickets).unwrap();
            }
            *tickets -= 1;
            served.fetch_add(1, Relaxed);
        });
    }
    until(|| {
        // With the mutex locked, whoever has counted itself waits.
        let _guard = mutex.lock().unwrap();
        asleep.load(Relaxed) == count
    });
    served
}

#[test]
fn one_and_all() {
    let mutex = pin!(Mutex::new(0));
    let mutex = mutex.as_ref();
    let condvar = pin!(Condvar::new());
    let condvar = condvar.as_ref();
    condvar.notify_one();
    condvar.notify_all();
    thread::scope(|scope| {
        let served = waiters(scope, mutex, condvar, 8);
        for expected in 1..=3 {
            *mutex.lock().unwrap() += 1;
            condvar.notify_one();
            until(|| served.load(Relaxed) == expected);
        }
        // Without a ticket it is as good as spurious.
        condvar.notify_all();
        thread::sleep(Duration::from_millis(10));
        assert_eq!(served.load(Relaxed), 3);
        *mutex.lock().unwrap() += 5;
        condvar.notify_all();
        until(|| served.load(Relaxed) == 8);
    });
    assert_eq!(*mutex.lock().unwrap(), 0);
}

/// The second mutex is refused as long as somebody waits with the first, and its guard comes back.
#[test]
fn another_mutex() {
    let (first, second) = (pin!(Mutex::new(0)), pin!(Mutex::new(5)));
    let (first, second) = (first.as_ref(), second.as_ref());
    let condvar = pin!(Condvar::new());
    let condvar = condvar.as_ref();
    for _ in 0..3 {
        thread::scope(|scope| {
            let served = waiters(scope, first, condvar, 2);
            let guard = second.lock().unwrap();
            let guard = match condvar.wait(guard) {
                Err(WaitError::OtherMutex(guard)) => guard,
                other => panic!("{other:?}"),
            };
            assert_eq!(*guard, 5);
            assert!(matches!(second.try_lock(), Err(LockError::WouldBlock)));
            drop(guard);

            *first.lock().unwrap() += 1;
            condvar.notify_one();
            until(|| served.load(Relaxed) == 1);
            let guard = second.lock().unwrap();
            let outcome = condvar.wait_until(guard, Deadline::now());
            assert!(matches!(outcome, Err(WaitError::OtherMutex(_))));
            drop(outcome);

            *first.lock().unwrap() += 1;
            condvar.notify_one();
        });
        // Nobody waits: the condition variable is free.
        let guard = second.lock().unwrap();
        let soon = Deadline::after(Duration::from_millis(1));
        drop(condvar.wait_until(guard, soon).unwrap());
    }
}

/// Two mutexes at once, again and again: each wait is either refused or ended.
#[test]
fn a_race_of_two_mutexes() {
    let mutexes = [pin!(Mutex::new(0_u32)), pin!(Mutex::new(0_u32))];
    let condvar = pin!(Condvar::new());
    let condvar = condvar.as_ref();
    let (waited, refused) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        for mutex in &mutexes {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..if full() { 100_000 } else { 1_000 } {
                        let mut guard = mutex.as_ref().lock().unwrap();
                        *guard += 1;
                        let soon = Deadline::after(Duration::from_micros(20));
                        let mut guard = match condvar.wait_until(guard, soon) {
                            Ok((guard, _)) => {
                                waited.fetch_add(1, Relaxed);
                                guard
                            }
                            Err(WaitError::OtherMutex(guard)) => {
                                refused.fetch_add(1, Relaxed);
                                guard
                            }
                            Err(other) => panic!("{other:?}"),
                        };
                        *guard -= 1;
                        drop(guard);
                        condvar.notify_one();
                    }
                });
            }
        }
    });
    assert!(waited.into_inner() > 0);
    for mutex in mutexes {
        assert_eq!(*mutex.as_ref().lock().unwrap(), 0);
        let guard = mutex.as_ref().lock().unwrap();
        drop(condvar.wait_until(guard, Deadline::now()).unwrap());
    }
}

/// The owner dies while another thread waits: its wait returns with the recovery.
#[test]
fn an_owner_that_dies_meanwhile() {
    if no_robust_lists() {
        return;
    }
    for give_up in [false, true] {
        let mutex = pin!(Mutex::with_attr(robust(MutexAttr::new()), 0));
        let mutex = mutex.as_ref();
        let condvar = pin!(Condvar::new());
        let condvar = condvar.as_ref();
        let waiting = AtomicU32::new(0);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                let guard = mutex.lock().unwrap();
                waiting.store(1, Relaxed);
                match condvar.wait(guard) {
                    Err(WaitError::OwnerDied(recovery)) if give_up => drop(recovery),
                    Err(WaitError::OwnerDied(recovery)) => drop(recovery.mark_consistent()),
                    other => panic!("{other:?}"),
                }
            });
            until(|| waiting.load(Relaxed) == 1);
            scope.spawn(|| {
                let guard = mutex.lock().unwrap();
                condvar.notify_all();
                core::mem::forget(guard);
            });
            waiter.join().unwrap();
        });
        match mutex.lock() {
            Ok(_) => assert!(!give_up),
            Err(LockError::NotRecoverable) => assert!(give_up),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn with_every_mutex_that_fits() {
    fn check<K: Exclusive>(attr: MutexAttr<K>) {
        let mutex = pin!(Mutex::with_attr(attr, 0));
        let mutex = mutex.as_ref();
        let condvar = pin!(Condvar::new());
        let condvar = condvar.as_ref();
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut guard = mutex.lock().unwrap();
                while *guard < 100 {
                    guard = condvar.wait(guard).unwrap();
                }
            });
            for _ in 0..100 {
                *mutex.lock().unwrap() += 1;
                condvar.notify_one();
            }
        });
    }
    check(MutexAttr::new());
    check(MutexAttr::new().error_check());
    check(robust(MutexAttr::new()));
    check(MutexAttr::new().inherit_priority());
    check(robust(MutexAttr::new().inherit_priority().error_check()));
}

struct Shelf {
    mutex: Mutex<bool>,
    condvar: UnsafeCell<Condvar>,
}

// SAFETY: `condvar` is dropped when nobody uses it any more.
unsafe impl Sync for Shelf {}

/// A process that is killed in its wait is a waiter for good; a drop does not wait for it.
#[test]
fn a_waiter_that_is_killed() {
    let shelf = Mapped::new(Shelf {
        mutex: Mutex::with_attr(MutexAttr::new().process_shared(), false),
        condvar: UnsafeCell::new(Condvar::new().process_shared()),
    })
    .get();
    let mutex = Pin::static_ref(&shelf.mutex);
    mutex.init().unwrap();
    let child = fork(|| {
        // SAFETY: it is dropped when this process is gone.
        let condvar = Pin::static_ref(unsafe { &*shelf.condvar.get() });
        let Ok(mut guard) = mutex.lock() else {
            return false;
        };
        *guard = true;
        condvar.wait(guard).is_ok()
    });
    until(|| *mutex.lock().unwrap());
    thread::sleep(Duration::from_millis(20));
    // SAFETY: the child has not been waited for.
    assert_eq!(unsafe { libc::kill(child.pid(), libc::SIGKILL) }, 0);
    assert!(libc::WIFSIGNALED(child.status()));
    fork(|| {
        // SAFETY: has no precondition; ends this child if the drop does not end.
        unsafe { libc::alarm(5) };
        // SAFETY: nobody uses it any more.
        unsafe { shelf.condvar.get().drop_in_place() };
        true
    })
    .join();
}
