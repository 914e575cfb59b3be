//! Kinds of mutexes, their timeouts and their initialisation.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::{cell::Cell, pin::pin, time::Duration};
use linux_support::*;
use pintle_park::{Deadline, posix::*};
use std::sync::{Arc, Barrier, mpsc};
use std::{fs, thread, time::Instant};

/// Counts to the sum by several threads, with reads and writes that a race would lose.
fn counts<K: Kind + 'static>(attr: MutexAttr<K>) {
    const THREADS: usize = 4;
    let rounds = if full() { 2_500_000 } else { 25_000 };
    let mutex = Arc::pin(Mutex::with_attr(attr, Cell::new(0)));
    let start = Arc::new(Barrier::new(THREADS));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (mutex, start) = (mutex.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                for _ in 0..rounds {
                    let guard = mutex.as_ref().lock().unwrap();
                    guard.set(guard.get() + 1);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let guard = mutex.as_ref().lock().unwrap();
    assert_eq!(guard.get(), THREADS * rounds);
}

#[test]
fn exclusion() {
    counts(MutexAttr::new());
    counts(MutexAttr::new().error_check());
    counts(MutexAttr::new().recursive());
    counts(robust(MutexAttr::new()));
    counts(MutexAttr::new().process_shared());
    counts(robust(MutexAttr::new().error_check().process_shared()));
}

#[test]
fn exclusion_with_priority_inheritance() {
    // Each contended lock is two system calls.
    if full() || cfg!(not(debug_assertions)) {
        counts(MutexAttr::new().inherit_priority());
    }
    let attr = MutexAttr::new().inherit_priority();
    let mutex = pin!(Mutex::with_attr(attr, 0));
    let mutex = mutex.as_ref();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    *mutex.lock().unwrap() += 1;
                }
            });
        }
    });
    assert_eq!(*mutex.lock().unwrap(), 4_000);
}

/// Two threads hand a token to and fro, each waiting for its turn: no hand-over is lost.
#[test]
fn hand_over() {
    let rounds = if full() { 10_000_000 } else { 20_000 };
    let mutex = pin!(Mutex::new(0));
    let mutex = mutex.as_ref();
    let turned = pin!(Condvar::new());
    let turned = turned.as_ref();
    thread::scope(|scope| {
        for parity in 0..2 {
            scope.spawn(move || {
                for _ in 0..rounds / 2 {
                    let mut turn = mutex.lock().unwrap();
                    while *turn % 2 != parity {
                        turn = turned.wait(turn).unwrap();
                    }
                    *turn += 1;
                    turned.notify_one();
                }
            });
        }
    });
    assert_eq!(*mutex.lock().unwrap(), rounds);
}

#[test]
fn error_check() {
    let mutex = pin!(Mutex::with_attr(MutexAttr::new().error_check(), 1));
    let mutex = mutex.as_ref();
    let mut guard = mutex.lock().unwrap();
    *guard += 1;
    assert!(matches!(mutex.lock(), Err(LockError::Deadlock)));
    assert!(matches!(mutex.try_lock(), Err(LockError::WouldBlock)));
    let later = RealtimeDeadline::after(Duration::from_secs(60));
    assert!(matches!(mutex.lock_until(later), Err(LockError::Deadlock)));
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(matches!(mutex.try_lock(), Err(LockError::WouldBlock)));
            // SAFETY: it is checked that this thread has not locked it.
            assert_eq!(unsafe { mutex.force_unlock() }, Err(UnlockError::NotOwner));
        });
    });
    assert_eq!(*guard, 2);
    drop(guard);
    // SAFETY: as above; nobody has.
    assert_eq!(unsafe { mutex.force_unlock() }, Err(UnlockError::NotOwner));
    core::mem::forget(mutex.lock().unwrap());
    // SAFETY: this thread has, and has leaked the guard.
    assert_eq!(unsafe { mutex.force_unlock() }, Ok(()));
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn nothing_to_unlock() {
    let mutex = pin!(Mutex::with_attr(MutexAttr::new().error_check(), ()));
    // SAFETY: it is checked that nobody has locked it.
    let outcome = unsafe { mutex.as_ref().force_unlock() };
    assert_eq!(outcome, Err(UnlockError::NotOwner));
}

#[test]
fn recursion() {
    let mutex = pin!(Mutex::with_attr(MutexAttr::new().recursive(), Cell::new(0)));
    let mutex = mutex.as_ref();
    let elsewhere = |free: bool| {
        thread::scope(|scope| {
            let other = scope.spawn(|| mutex.try_lock().is_ok());
            assert_eq!(other.join().unwrap(), free);
        });
    };
    let mut guards: Vec<_> = (0..100).map(|_| mutex.lock().unwrap()).collect();
    guards.push(mutex.try_lock().unwrap());
    for guard in &guards {
        guard.set(guard.get() + 1);
    }
    // In the order of the locks, which is not the opposite one.
    for guard in guards {
        assert_eq!(guard.get(), 101);
        elsewhere(false);
    }
    elsewhere(true);
}

/// All of them come before anybody has initialised it.
#[test]
fn threads_that_come_first_together() {
    for _ in 0..if full() { 20_000 } else { 500 } {
        let mutex = Arc::pin(Mutex::with_attr(MutexAttr::new().recursive(), Cell::new(0)));
        let start = Arc::new(Barrier::new(3));
        let threads = [(); 3].map(|()| {
            let (mutex, start) = (mutex.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                let guard = mutex.as_ref().lock().unwrap();
                guard.set(guard.get() + 1);
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(mutex.as_ref().lock().unwrap().get(), 3);
    }
}

#[test]
fn no_timeout_is_early() {
    let attributes = [MutexAttr::new(), MutexAttr::new().inherit_priority()];
    for attr in attributes {
        let mutex = pin!(Mutex::with_attr(attr, ()));
        let mutex = mutex.as_ref();
        let _guard = mutex.lock().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0..100 {
                    let wait = Duration::from_micros(round * 20);
                    // The deadline is made after the look at the clock.
                    let (start, from) = (Instant::now(), RealtimeDeadline::now());
                    let outcome = match round % 2 {
                        0 => mutex.lock_until(Deadline::after(wait)),
                        _ => mutex.lock_until(RealtimeDeadline::after(wait)),
                    };
                    assert!(matches!(outcome, Err(LockError::TimedOut)));
                    match round % 2 {
                        0 => assert!(start.elapsed() >= wait),
                        _ => assert!(from.saturating_add(wait).has_passed()),
                    }
                }
            });
        });
    }
}

/// A time that has passed, or never comes, locks a mutex that is free, or gets free.
#[test]
fn times_at_the_edge() {
    let mutex = pin!(Mutex::new(()));
    let mutex = mutex.as_ref();
    let timeouts = [
        Timeout::Never,
        Deadline::now().into(),
        Deadline::NEVER.into(),
        Deadline::after(Duration::MAX / 2).into(),
        RealtimeDeadline::from_epoch(Duration::ZERO).into(),
        RealtimeDeadline::NEVER.into(),
        RealtimeDeadline::from_epoch(Duration::MAX - Duration::from_nanos(1)).into(),
        RealtimeDeadline::from_epoch(Duration::from_secs(i64::MAX as u64)).into(),
    ];
    for timeout in timeouts {
        drop(mutex.lock_until(timeout).unwrap());
    }
    let past = [
        Timeout::from(Deadline::now()),
        RealtimeDeadline::from_epoch(Duration::ZERO).into(),
    ];
    thread::scope(|scope| {
        let guard = mutex.lock().unwrap();
        let waiter = scope.spawn(move || {
            for timeout in past {
                let outcome = mutex.lock_until(timeout);
                assert!(matches!(outcome, Err(LockError::TimedOut)));
            }
            for timeout in &timeouts[2..4] {
                drop(mutex.lock_until(*timeout).unwrap());
            }
            for timeout in &timeouts[5..] {
                drop(mutex.lock_until(*timeout).unwrap());
            }
        });
        thread::sleep(Duration::from_millis(20));
        drop(guard);
        waiter.join().unwrap();
    });
}

#[test]
fn a_signal_does_not_shorten_a_wait() {
    let mutex = pin!(Mutex::new(()));
    let mutex = mutex.as_ref();
    let _guard = mutex.lock().unwrap();
    let wait = Duration::from_millis(200);
    let took = under_signals(|| {
        let start = Instant::now();
        let outcome = mutex.lock_until(Deadline::after(wait));
        assert!(matches!(outcome, Err(LockError::TimedOut)));
        start.elapsed()
    });
    assert!(took >= wait && took < Duration::from_secs(2), "{took:?}");
}

/// What the kernel says of this thread's priority now: -1 - n is real-time priority n.
fn priority() -> i64 {
    let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
    // The name may contain anything, also blanks and parentheses.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().nth(15).unwrap().parse().unwrap()
}

fn become_fifo(priority: libc::c_int) -> bool {
    let parameter = libc::sched_param {
        sched_priority: priority,
    };
    // SAFETY: `parameter` is initialised.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &parameter) == 0 }
}

#[test]
fn a_waiter_boosts_the_owner() {
    const PRIORITY: libc::c_int = 7;
    const BOOSTED: i64 = -1 - PRIORITY as i64;

    for (attr, boosts) in [
        (MutexAttr::new(), false),
        (MutexAttr::new().inherit_priority(), true),
        (robust(MutexAttr::new().inherit_priority()), true),
        (MutexAttr::new().inherit_priority().process_shared(), true),
    ] {
        let mutex = pin!(Mutex::with_attr(attr, ()));
        let mutex = mutex.as_ref();
        thread::scope(|scope| {
            let guard = mutex.lock().unwrap();
            let before = priority();
            let (send, receive) = mpsc::channel();
            let waiter = scope.spawn(move || {
                send.send(become_fifo(PRIORITY)).unwrap();
                mutex.lock().map(drop).unwrap();
            });
            if !receive.recv().unwrap() {
                eprintln!(
                    "skipped: SCHED_FIFO is refused (it needs CAP_SYS_NICE or RLIMIT_RTPRIO)"
                );
            } else if boosts {
                until(|| priority() == BOOSTED);
            } else {
                thread::sleep(Duration::from_millis(20));
                assert_eq!(priority(), before);
            }
            drop(guard);
            assert_eq!(priority(), before);
            waiter.join().unwrap();
        });
    }
}

#[test]
fn what_is_send_and_sync() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}

    send::<Mutex<Cell<u8>>>();
    sync::<Mutex<Cell<u8>>>();
    sync::<Mutex<Cell<u8>, Recursive>>();
    sync::<Guard<'_, u8>>();
    send::<RwLock<Cell<u8>>>();
    sync::<RwLock<u8>>();
    sync::<ReadGuard<'_, u8>>();
    sync::<WriteGuard<'_, u8>>();
    send::<Condvar>();
    sync::<Condvar<Realtime>>();
}
