//! `PiLock`: what can go wrong, and that urgency is inherited.
#![cfg(all(not(any(loom, miri)), target_os = "linux", feature = "os"))]

use pintle_lock::blocking::{Mutex, MutexGuard};
use pintle_lock::os::{Condvar, PiLock, PiLockError};
use pintle_lock::{Deadline, RawMutex, RawMutexTimed};
use pintle_park::linux::Tid;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, mem, thread};

/// What the kernel says of a thread, from its state on.
fn stat(thread: Tid) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().map(str::to_owned).collect()
}

/// Waits for what has to come, and ends the process if it does not: threads may sleep for ever then.
fn until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        if start.elapsed() > Duration::from_secs(60) {
            std::process::abort();
        }
        thread::sleep(Duration::from_micros(200));
    }
}

fn asleep(thread: Tid) -> bool {
    stat(thread)[0] == "S"
}

/// Ends a thread with the mutex locked.
fn dies<T: Send>(mutex: &Mutex<T, PiLock>) {
    thread::scope(|scope| {
        let owner = scope.spawn(|| mem::forget(mutex.lock()));
        owner.join().unwrap();
    });
}

#[test]
fn size() {
    assert_eq!(size_of::<PiLock>(), 8);
}

#[test]
fn its_owner_is_told_of_the_deadlock() {
    let mutex = Mutex::<_, PiLock>::from(1);
    let guard = mutex.lock_checked().unwrap();
    assert_eq!(mutex.lock_checked().err(), Some(PiLockError::Deadlock));
    assert!(mutex.try_lock().is_none());
    catch_unwind(AssertUnwindSafe(|| mutex.lock())).unwrap_err();
    assert!(mutex.is_locked());
    drop(guard);
    assert!(mutex.lock_checked().is_ok());
}

#[test]
fn nobody_waits_and_the_owner_ends() {
    let mutex = Mutex::<_, PiLock>::from(1);
    dies(&mutex);
    assert!(mutex.try_lock().is_none());
    // If the number was given to this very thread meanwhile it would be a deadlock; it lives since.
    assert_eq!(mutex.lock_checked().err(), Some(PiLockError::OwnerDied));
    assert!(mutex.raw_mutex().is_dead());
    catch_unwind(AssertUnwindSafe(|| mutex.lock())).unwrap_err();
    assert!(mutex.try_lock().is_none());
}

/// The kernel hands the lock to who waits; a reference that the dead owner leaked may live on, so
/// none of them gets it, nor who comes later.
#[test]
fn others_wait_and_the_owner_ends() {
    let mutex = Mutex::<_, PiLock>::from(1);
    thread::scope(|scope| {
        let (locked, is_locked) = mpsc::channel();
        let (end, ends) = mpsc::channel::<()>();
        let mutex = &mutex;
        scope.spawn(move || {
            mem::forget(mutex.lock());
            locked.send(()).unwrap();
            ends.recv().unwrap();
        });
        is_locked.recv().unwrap();
        let (send, waiting) = mpsc::channel();
        let waiters = [(); 3].map(|()| {
            let send = send.clone();
            scope.spawn(move || {
                send.send(Tid::current()).unwrap();
                mutex.lock_checked().err()
            })
        });
        for _ in 0..3 {
            let waiter = waiting.recv().unwrap();
            until(|| asleep(waiter));
        }
        end.send(()).unwrap();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Some(PiLockError::OwnerDied));
        }
    });
    assert!(mutex.raw_mutex().is_dead());
    assert_eq!(mutex.lock_checked().err(), Some(PiLockError::OwnerDied));
    assert!(mutex.try_lock().is_none());
}

/// Between an owner's end and the moment when who waited has written that it is his, the kernel tells
/// those who come that its state and the word do not agree.
#[test]
fn others_come_while_the_owner_ends() {
    let rounds = if pintle_core::model::full() {
        10_000
    } else {
        100
    };
    for _ in 0..rounds {
        let mutex = Mutex::<_, PiLock>::from(1);
        thread::scope(|scope| {
            let (locked, is_locked) = mpsc::channel();
            let mutex = &mutex;
            scope.spawn(move || {
                mem::forget(mutex.lock());
                locked.send(()).unwrap();
                thread::sleep(Duration::from_micros(300));
            });
            is_locked.recv().unwrap();
            let waits = scope.spawn(|| mutex.lock_checked().err());
            let come = [(); 2].map(|()| {
                // Again and again, as one that sleeps does not ask.
                scope.spawn(|| {
                    loop {
                        let soon = Deadline::after(Duration::from_micros(3));
                        match mutex.raw_mutex().acquire_until(soon) {
                            Err(PiLockError::TimedOut) => {}
                            outcome => break outcome.err(),
                        }
                    }
                })
            });
            assert_eq!(waits.join().unwrap(), Some(PiLockError::OwnerDied));
            for comes in come {
                assert_eq!(comes.join().unwrap(), Some(PiLockError::OwnerDied));
            }
        });
    }
}

#[test]
fn no_timeout_is_early() {
    let lock = PiLock::new();
    lock.lock();
    thread::scope(|scope| {
        scope.spawn(|| {
            let timeout = Duration::from_millis(20);
            let start = Instant::now();
            assert!(!lock.try_lock_for(timeout));
            assert!(start.elapsed() >= timeout);
            assert!(!lock.try_lock_until(Deadline::now()));
        });
    });
    // SAFETY: locked above.
    unsafe { lock.unlock() };
    assert!(lock.try_lock_until(Deadline::now()));
    assert!(RawMutex::is_locked(&lock));
}

#[test]
fn a_lock_in_time() {
    let mutex = Mutex::<_, PiLock>::from(1);
    let guard = mutex.lock();
    thread::scope(|scope| {
        let (send, waiting) = mpsc::channel();
        let mutex = &mutex;
        let waiter = scope.spawn(move || {
            send.send(Tid::current()).unwrap();
            mutex
                .try_lock_for(Duration::from_secs(600))
                .map(|value| *value)
        });
        let thread = waiting.recv().unwrap();
        until(|| asleep(thread));
        drop(guard);
        assert_eq!(waiter.join().unwrap(), Some(1));
    });
}

#[test]
fn a_condition_variable_over_it() {
    let (mutex, changed) = (Mutex::<_, PiLock>::from(0), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut value = mutex.lock();
            changed.wait_while(&mut value, |value| *value == 0);
            *value += 1;
            changed.notify_one();
        });
        let mut value = mutex.lock();
        *value = 1;
        changed.notify_one();
        changed.wait_while(&mut value, |value| *value < 2);
        let value = MutexGuard::map(value, |value| value);
        assert_eq!(*value, 2);
    });
    assert!(!mutex.is_locked());
}

/// The child's thread has another number than the one that forked, and one that is remembered
/// would let it take a lock in the parent's name.
#[test]
fn a_child_has_a_number_of_its_own() {
    let lock = PiLock::new();
    lock.lock();
    // SAFETY: taken above.
    unsafe { lock.unlock() };
    // SAFETY: the child takes a lock of its own, by futex calls alone, and ends.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let right = lock.acquire().is_ok()
            // The kernel compares the word with the thread that asks.
            && lock.acquire() == Err(PiLockError::Deadlock);
        // SAFETY: ends the child.
        unsafe { libc::_exit(i32::from(!right)) };
    }
    assert!(child > 0);
    let mut status = 0;
    // SAFETY: `status` is a valid place.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0, "the child went by the parent's number");
}

/// Makes the calling thread a real-time one; false where that is refused.
fn become_fifo(priority: libc::c_int) -> bool {
    // SAFETY: all zeroes is a valid parameter.
    let mut parameter: libc::sched_param = unsafe { mem::zeroed() };
    parameter.sched_priority = priority;
    // SAFETY: `parameter` is initialised.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &parameter) == 0 }
}

/// The priority that the kernel schedules a thread by now: 0 and up is ordinary, `-1 - n` is
/// real-time priority n.
fn priority(thread: Tid) -> i64 {
    stat(thread)[15].parse().unwrap()
}

#[test]
fn an_urgent_waiter_makes_the_owner_urgent() {
    const PRIORITY: libc::c_int = 7;

    let mutex = Mutex::<_, PiLock>::from(0);
    let guard = mutex.lock();
    let owner = Tid::current();
    let before = priority(owner);
    assert!(before >= 0, "the test runs as an ordinary thread");
    thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        let mutex = &mutex;
        let urgent = scope.spawn(move || {
            send.send(become_fifo(PRIORITY)).unwrap();
            *mutex.lock() += 1;
        });
        if receive.recv().unwrap() {
            until(|| priority(owner) == -1 - i64::from(PRIORITY));
        } else {
            eprintln!("skipped: SCHED_FIFO is refused (it needs CAP_SYS_NICE or RLIMIT_RTPRIO)");
        }
        drop(guard);
        assert_eq!(priority(owner), before, "it ends with the lock");
        urgent.join().unwrap();
    });
    assert_eq!(mutex.into_inner(), 1);
}
