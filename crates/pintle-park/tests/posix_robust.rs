//! Robust mutexes, whose owner dies: a thread, and a process.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::{mem, pin::Pin, pin::pin, time::Duration};
use linux_support::*;
use pintle_park::posix::*;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::thread;

/// Locks in a thread that ends without unlocking.
fn dies<K: Kind>(mutex: Pin<&Mutex<u32, K>>) {
    thread::scope(|scope| {
        // Joined, and not only left by its closure, so that it is gone for the kernel, too.
        let owner = scope.spawn(|| mem::forget(mutex.lock().unwrap()));
        owner.join().unwrap();
    });
}

fn recovered<'a, K: Kind>(outcome: LockResult<'a, u32, K>) -> Recovery<'a, u32, K> {
    match outcome {
        Err(LockError::OwnerDied(recovery)) => recovery,
        other => panic!("{other:?}"),
    }
}

fn thread_dies<K: Kind>(attr: MutexAttr<K>) {
    let mutex = pin!(Mutex::with_attr(attr, 5));
    let mutex = mutex.as_ref();
    dies(mutex);
    let guard = recovered(mutex.lock()).mark_consistent();
    assert_eq!(*guard, 5);
    drop(guard);
    assert!(mutex.lock().is_ok(), "it is an ordinary one again");
    dies(mutex);
    drop(recovered(mutex.try_lock()).mark_consistent());
    dies(mutex);
    let soon = RealtimeDeadline::after(Duration::from_secs(1));
    drop(recovered(mutex.lock_until(soon)).mark_consistent());

    dies(mutex);
    drop(recovered(mutex.lock()));
    assert!(matches!(mutex.lock(), Err(LockError::NotRecoverable)));
    assert!(matches!(mutex.try_lock(), Err(LockError::NotRecoverable)));
    thread::scope(|scope| {
        scope.spawn(|| assert!(matches!(mutex.lock(), Err(LockError::NotRecoverable))));
    });
}

#[test]
fn a_thread_dies() {
    if no_robust_lists() {
        return;
    }
    let robust = robust(MutexAttr::new());
    thread_dies(robust);
    thread_dies(robust.error_check());
    thread_dies(robust.recursive());
    thread_dies(robust.process_shared());
    thread_dies(robust.inherit_priority());
}

/// Who waits already is told, too; and when it gives the mutex up, those who wait behind it.
#[test]
fn those_who_wait_are_told() {
    if no_robust_lists() {
        return;
    }
    let mutex = pin!(Mutex::with_attr(robust(MutexAttr::new()), 5));
    let mutex = mutex.as_ref();
    let (died, unusable) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        let (locked, lock) = std::sync::mpsc::channel();
        scope.spawn(move || {
            mem::forget(mutex.lock().unwrap());
            locked.send(()).unwrap();
            thread::sleep(Duration::from_millis(50));
        });
        lock.recv().unwrap();
        for _ in 0..3 {
            scope.spawn(|| match mutex.lock() {
                Err(LockError::OwnerDied(_)) => died.fetch_add(1, Relaxed),
                Err(LockError::NotRecoverable) => unusable.fetch_add(1, Relaxed),
                other => panic!("{other:?}"),
            });
        }
    });
    assert_eq!((died.into_inner(), unusable.into_inner()), (1, 2));
}

/// Without `robust` the mutex stays locked.
#[test]
fn nobody_is_told_of_an_ordinary_one() {
    let mutex = pin!(Mutex::new(5));
    dies(mutex.as_ref());
    let outcome = mutex.as_ref().try_lock();
    assert!(matches!(outcome, Err(LockError::WouldBlock)));
}

struct Shelf {
    mutex: Mutex<[u32; 2]>,
    locked: AtomicU32,
}

impl Shelf {
    fn new() -> &'static Self {
        let attr = robust(MutexAttr::new()).process_shared();
        Mapped::new(Self {
            mutex: Mutex::with_attr(attr, [0; 2]),
            locked: AtomicU32::new(0),
        })
        .get()
    }

    fn mutex(&'static self) -> Pin<&'static Mutex<[u32; 2]>> {
        Pin::static_ref(&self.mutex)
    }
}

/// Killed in the middle of a change, while another process and a thread wait for the mutex.
#[test]
fn a_process_is_killed() {
    if no_robust_lists() {
        return;
    }
    let shelf = Shelf::new();
    shelf.mutex().init().unwrap();
    let child = fork(|| {
        let Ok(mut guard) = shelf.mutex().lock() else {
            return false;
        };
        guard[0] += 1;
        shelf.locked.store(1, Release);
        loop {
            // SAFETY: has no precondition.
            unsafe { libc::pause() };
        }
    });
    until(|| shelf.locked.load(Acquire) == 1);
    let waits = fork(|| match shelf.mutex().lock() {
        Err(LockError::OwnerDied(mut recovery)) => {
            recovery[1] = recovery[0];
            drop(recovery.mark_consistent());
            true
        }
        Ok(guard) => *guard == [1, 1],
        Err(_) => false,
    });
    thread::scope(|scope| {
        scope.spawn(|| match shelf.mutex().lock() {
            Err(LockError::OwnerDied(mut recovery)) => {
                recovery[1] = recovery[0];
                drop(recovery.mark_consistent());
            }
            other => assert_eq!(*other.unwrap(), [1, 1]),
        });
        thread::sleep(Duration::from_millis(20));
        // SAFETY: the child has not been waited for.
        assert_eq!(unsafe { libc::kill(child.pid(), libc::SIGKILL) }, 0);
        assert!(libc::WIFSIGNALED(child.status()));
    });
    waits.join();
    assert_eq!(*shelf.mutex().lock().unwrap(), [1, 1]);
}

#[test]
fn a_process_gives_it_up() {
    if no_robust_lists() {
        return;
    }
    let shelf = Shelf::new();
    shelf.mutex().init().unwrap();
    fork(|| {
        let outcome = shelf.mutex().lock();
        let good = outcome.is_ok();
        mem::forget(outcome);
        good
    })
    .join();
    fork(|| matches!(shelf.mutex().lock(), Err(LockError::OwnerDied(_)))).join();
    assert!(matches!(
        shelf.mutex().lock(),
        Err(LockError::NotRecoverable)
    ));
}

/// Processes that are killed again and again, at any moment: no lock is lost.
#[test]
fn processes_that_die_at_random() {
    if no_robust_lists() {
        return;
    }
    let shelf = Shelf::new();
    shelf.mutex().init().unwrap();
    let rounds = if full() { 2_000 } else { 60 };
    for round in 0..rounds {
        let child = fork(|| {
            loop {
                let mut guard = match shelf.mutex().lock() {
                    Ok(guard) => guard,
                    Err(LockError::OwnerDied(mut recovery)) => {
                        recovery[1] = recovery[0];
                        recovery.mark_consistent()
                    }
                    Err(_) => return false,
                };
                if guard[0] != guard[1] {
                    return false;
                }
                guard[0] = guard[0].wrapping_add(1);
                guard[1] = guard[1].wrapping_add(1);
                shelf.locked.fetch_add(1, Relaxed);
            }
        });
        until(|| shelf.locked.load(Relaxed) > 0);
        thread::sleep(Duration::from_micros(round * 7));
        // SAFETY: the child has not been waited for.
        assert_eq!(unsafe { libc::kill(child.pid(), libc::SIGKILL) }, 0);
        assert!(libc::WIFSIGNALED(child.status()), "the child found a fault");
        shelf.locked.store(0, Relaxed);
    }
    match shelf.mutex().lock() {
        Err(LockError::OwnerDied(recovery)) => drop(recovery.mark_consistent()),
        other => drop(other.unwrap()),
    };
    assert!(shelf.mutex().lock().is_ok());
}
