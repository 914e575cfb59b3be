//! `SharedLock`: between processes, and when its owner dies.
#![cfg(all(not(any(loom, miri)), target_os = "linux", feature = "os"))]

use pintle_lock::blocking::Mutex;
use pintle_lock::os::{SharedLock, SharedLockError, SharedRecovery};
use pintle_lock::{Deadline, RawMutex};
use pintle_park::linux::robust::{GetError, get};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{mem, ptr, thread};

type Shared<T> = Mutex<T, SharedLock>;

fn new<T>(value: T) -> Shared<T> {
    // SAFETY: no test moves the mutex after its first use, or leaks more than a guard.
    Mutex::new_with_raw_mutex(value, unsafe { SharedLock::new() })
}

/// Memory for a value that children share; zeroes.
fn memory<T>() -> *mut T {
    // SAFETY: a new mapping, at an address of the kernel's choice.
    let place = unsafe {
        libc::mmap(
            ptr::null_mut(),
            mem::size_of::<T>(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    assert_ne!(place, libc::MAP_FAILED);
    place.cast()
}

/// A value in such memory, for as long as the process lives.
fn mapped<T>(value: T) -> &'static T {
    let place = memory::<T>();
    // SAFETY: large enough, aligned to a page, and nobody else's.
    unsafe { place.write(value) };
    // SAFETY: initialised just now, and it stays mapped.
    unsafe { &*place }
}

/// What a parent and its child tell each other by, and the mutex.
struct Shelf<T> {
    mutex: Shared<T>,
    step: AtomicU32,
}

impl<T> Shelf<T> {
    fn new(value: T) -> &'static Self {
        let shelf = mapped(Self {
            mutex: new(value),
            step: AtomicU32::new(0),
        });
        shelf.mutex.raw_mutex().init().unwrap();
        shelf
    }

    /// Waits for the other process to get there, for a minute at most: it may have failed.
    fn reaches(&self, step: u32) -> bool {
        let start = Instant::now();
        while self.step.load(Acquire) < step {
            if start.elapsed() > Duration::from_secs(60) {
                return false;
            }
            thread::sleep(Duration::from_micros(100));
        }
        true
    }
}

struct Child(libc::pid_t);

/// Runs `child` in a child process, which ends after a minute at the latest. It allocates nothing and
/// does not panic, as the parent has other threads.
fn fork(child: impl FnOnce() -> bool) -> Child {
    // SAFETY: the child does what may be done there, and ends.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork");
    if pid == 0 {
        // SAFETY: an integer; the signal ends the child.
        unsafe { libc::alarm(60) };
        let code = i32::from(!child());
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(code) };
    }
    Child(pid)
}

impl Child {
    fn status(self) -> libc::c_int {
        let mut status = 0;
        // SAFETY: `status` is a valid place.
        assert_eq!(unsafe { libc::waitpid(self.0, &mut status, 0) }, self.0);
        status
    }

    fn kill(self) {
        // SAFETY: a child that has not been waited for, so the number is its own.
        assert_eq!(unsafe { libc::kill(self.0, libc::SIGKILL) }, 0);
        assert_eq!(self.status(), libc::SIGKILL, "it was alive until then");
    }
}

/// Whether the kernel has no robust lists: QEMU's emulation of Linux, say.
fn not_robust() -> bool {
    let missing = get(None) == Err(GetError::Unsupported);
    if missing {
        eprintln!("skipped: this kernel has no robust lists");
    }
    missing
}

/// Ends a thread with the mutex locked.
fn dies<T: Send>(mutex: &Shared<T>) {
    thread::scope(|scope| {
        let owner = scope.spawn(|| mem::forget(mutex.lock()));
        owner.join().unwrap();
    });
}

#[track_caller]
fn died<T>(outcome: Result<impl Sized, SharedLockError<'_, T>>) -> SharedRecovery<'_, T> {
    match outcome {
        Err(SharedLockError::OwnerDied(recovery)) => recovery,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("nobody was told"),
    }
}

#[test]
fn it_excludes_processes() {
    if not_robust() {
        return;
    }
    let rounds = if pintle_core::model::full() {
        500_000
    } else {
        5_000
    };
    let shelf = Shelf::new(0_u64);
    let count = || {
        for _ in 0..rounds {
            shelf.mutex.with_lock(|count| {
                let before = *count;
                std::hint::black_box(&before);
                *count = before + 1;
            });
        }
    };
    let children = [(); 2].map(|()| {
        fork(|| {
            count();
            true
        })
    });
    count();
    for child in children {
        assert_eq!(child.status(), 0);
    }
    assert_eq!(*shelf.mutex.lock(), 3 * rounds);
}

#[test]
fn a_process_is_killed_while_it_changes_the_value() {
    if not_robust() {
        return;
    }
    let shelf = Shelf::new([0_u32, 0]);
    let child = fork(|| {
        let mut halves = shelf.mutex.lock();
        halves[0] = 1;
        shelf.step.store(1, Release);
        // Until it is killed.
        shelf.reaches(2)
    });
    assert!(shelf.reaches(1));
    assert!(shelf.mutex.raw_mutex().is_locked());
    assert!(shelf.mutex.try_lock().is_none());
    let soon = Deadline::after(Duration::from_millis(1));
    assert!(matches!(
        shelf.mutex.lock_checked_until(soon),
        Err(SharedLockError::TimedOut)
    ));
    assert!(matches!(
        shelf.mutex.try_lock_checked(),
        Err(SharedLockError::WouldBlock)
    ));

    thread::scope(|scope| {
        let (send, waiting) = mpsc::channel();
        let waiter = scope.spawn(move || {
            send.send(()).unwrap();
            let mut recovery = died(shelf.mutex.lock_checked());
            assert_eq!(*recovery, [1, 0], "what the dead one left");
            recovery[1] = recovery[0];
            drop(recovery.mark_consistent());
        });
        waiting.recv().unwrap();
        child.kill();
        waiter.join().unwrap();
    });
    assert_eq!(*shelf.mutex.lock(), [1, 1], "an ordinary one again");
}

/// Until somebody says that the value is sound, each one is told, and who cannot be told does not
/// get in.
#[test]
fn a_death_is_not_forgotten() {
    if not_robust() {
        return;
    }
    let mutex = new(5);
    dies(&mutex);
    for _ in 0..2 {
        catch_unwind(AssertUnwindSafe(|| mutex.lock())).unwrap_err();
        catch_unwind(AssertUnwindSafe(|| mutex.with_lock(|_| ()))).unwrap_err();
        catch_unwind(AssertUnwindSafe(|| mutex.try_lock_until(Deadline::now()))).unwrap_err();
        assert!(mutex.try_lock().is_none());
        assert!(!mutex.is_locked(), "they have left it unlocked");
    }
    drop(died(mutex.lock_checked()));
    drop(died(mutex.try_lock_checked()));
    catch_unwind(AssertUnwindSafe(|| {
        let _recovery = died(mutex.lock_checked());
        panic!("on purpose");
    }))
    .unwrap_err();

    // The one who repairs it dies, too.
    thread::scope(|scope| {
        let repairer = scope.spawn(|| mem::forget(died(mutex.lock_checked())));
        repairer.join().unwrap();
    });
    let recovery = died(mutex.lock_checked_until(Deadline::NEVER));
    assert_eq!(format!("{recovery:?}"), "SharedRecovery(5)");
    let mut guard = recovery.mark_consistent();
    *guard += 1;
    drop(guard);
    assert_eq!(*mutex.lock(), 6);

    dies(&mutex);
    drop(died(mutex.lock_checked()).mark_consistent());
}

/// Those who wait are told of both, and none is left asleep.
#[test]
fn what_is_given_up_is_nobodys() {
    if not_robust() {
        return;
    }
    let mutex = new(5);
    let (died, given_up) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        let (locked, is_locked) = mpsc::channel();
        let mutex = &mutex;
        scope.spawn(move || {
            mem::forget(mutex.lock());
            locked.send(()).unwrap();
            // So that the others sleep, as a rule.
            thread::sleep(Duration::from_millis(20));
        });
        is_locked.recv().unwrap();
        for _ in 0..4 {
            scope.spawn(|| match mutex.lock_checked() {
                Err(SharedLockError::OwnerDied(recovery)) => {
                    died.fetch_add(1, Relaxed);
                    recovery.give_up();
                }
                Err(SharedLockError::NotRecoverable) => {
                    given_up.fetch_add(1, Relaxed);
                }
                other => panic!("{other:?}"),
            });
        }
    });
    assert_eq!((died.into_inner(), given_up.into_inner()), (1, 3));
    assert!(matches!(
        mutex.try_lock_checked(),
        Err(SharedLockError::NotRecoverable)
    ));
    assert!(mutex.try_lock().is_none());
    catch_unwind(AssertUnwindSafe(|| mutex.lock())).unwrap_err();
}

#[test]
fn its_owner_is_told_of_the_deadlock() {
    if not_robust() {
        return;
    }
    let mutex = new(1);
    let guard = mutex.lock_checked().unwrap();
    assert!(matches!(
        mutex.lock_checked(),
        Err(SharedLockError::Deadlock)
    ));
    catch_unwind(AssertUnwindSafe(|| mutex.lock())).unwrap_err();
    assert!(mutex.is_locked());
    drop(guard);
    assert!(mutex.lock_checked().is_ok());
}

#[test]
fn a_panic_releases() {
    if not_robust() {
        return;
    }
    let mutex = new(1);
    catch_unwind(AssertUnwindSafe(|| {
        mutex.with_lock(|_| panic!("on purpose"))
    }))
    .unwrap_err();
    catch_unwind(AssertUnwindSafe(|| {
        let _guard = mutex.lock();
        panic!("on purpose");
    }))
    .unwrap_err();
    assert!(!mutex.is_locked());
    assert!(mutex.try_lock_for(Duration::ZERO).is_some());
    assert!(mutex.lock_checked().is_ok(), "a panic is no death");
}

#[test]
fn another_process_finds_it_once_it_is_there() {
    if not_robust() {
        return;
    }
    let place = memory::<Shared<u32>>();
    // SAFETY: zeroes.
    assert!(unsafe { Mutex::attach(place) }.is_none());
    // SAFETY: large enough, aligned to a page, and nobody else's.
    unsafe { place.write(new(3)) };
    // SAFETY: written, but not initialised.
    assert!(unsafe { Mutex::attach(place) }.is_none());
    // SAFETY: written just now, and it stays mapped.
    let here = unsafe { &*place };
    here.raw_mutex().init().unwrap();
    // SAFETY: initialised.
    let there = unsafe { Mutex::attach(place) }.unwrap();
    let guard = here.lock();
    assert!(there.try_lock().is_none());
    drop(guard);
    assert_eq!(*there.lock(), 3);
}
