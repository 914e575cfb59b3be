//! `Condvar` and `Barrier` on the machine.
#![cfg(all(not(loom), feature = "os"))]

use pintle_lock::Deadline;
use pintle_lock::blocking::Mutex;
use pintle_lock::os::{Barrier, Condvar, FutexLock};
use pintle_lock::spin::Spinlock;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::thread;
use std::time::{Duration, Instant};

type Locked<T> = Mutex<T, FutexLock>;

const LONG: Duration = Duration::from_secs(600);

fn rounds() -> usize {
    if pintle_core::model::full() {
        1_000_000
    } else if cfg!(miri) {
        80
    } else {
        20_000
    }
}

#[test]
fn sizes() {
    assert_eq!(size_of::<Condvar>(), 4);
    assert_eq!(size_of::<Barrier>(), 16);
}

/// Every item goes through a queue of one place, with several threads on both sides: a
/// notification that is lost leaves the test hanging.
#[test]
fn a_queue_of_one_place() {
    let place: Locked<Option<usize>> = Mutex::const_init(None);
    let (filled, emptied) = (Condvar::new(), Condvar::new());
    let (sum, each) = (AtomicUsize::new(0), rounds() / 4);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for item in 1..=each {
                    let mut place = place.lock();
                    emptied.wait_while(&mut place, |place| place.is_some());
                    *place = Some(item);
                    drop(place);
                    filled.notify_one();
                }
            });
            scope.spawn(|| {
                for _ in 0..each {
                    let mut place = place.lock();
                    filled.wait_while(&mut place, |place| place.is_none());
                    sum.fetch_add(place.take().unwrap(), Relaxed);
                    // Here with the mutex locked.
                    emptied.notify_one();
                }
            });
        }
    });
    assert_eq!(sum.into_inner(), each * (each + 1));
}

/// All that wait are woken by one notification, over and over.
#[test]
fn notify_all_wakes_all() {
    let waiters = 4;
    let step: Locked<(usize, usize)> = Mutex::const_init((0, 0));
    let (next, done) = (Condvar::new(), Condvar::new());
    let steps = rounds() / 20;
    thread::scope(|scope| {
        for _ in 0..waiters {
            scope.spawn(|| {
                for mine in 1..=steps {
                    let mut step = step.lock();
                    next.wait_while(&mut step, |step| step.0 < mine);
                    step.1 += 1;
                    if step.1 == waiters {
                        done.notify_one();
                    }
                }
            });
        }
        for _ in 0..steps {
            let mut step = step.lock();
            *step = (step.0 + 1, 0);
            next.notify_all();
            done.wait_while(&mut step, |step| step.1 < waiters);
        }
    });
}

#[test]
fn a_timeout_is_not_early_and_the_mutex_is_locked_again() {
    let (mutex, never) = (Locked::from(false), Condvar::new());
    let timeout = Duration::from_millis(20);
    let mut guard = mutex.lock();

    let start = Instant::now();
    while !never.wait_timeout(&mut guard, timeout).timed_out() {}
    assert!(start.elapsed() >= timeout);
    assert!(mutex.is_locked());

    let deadline = Instant::now() + timeout;
    while !never.wait_until(&mut guard, deadline).timed_out() {}
    assert!(Instant::now() >= deadline);

    let mut looks = 0;
    let outcome = never.wait_until_while(&mut guard, Deadline::after(timeout), |_| {
        looks += 1;
        true
    });
    assert!(outcome.timed_out() && looks >= 2);
    assert!(mutex.is_locked());
    drop(guard);
    assert!(!mutex.is_locked());
}

/// What comes true while the time runs out is seen.
#[test]
fn the_last_look_comes_after_the_time() {
    let (mutex, never) = (Locked::from(0), Condvar::new());
    let mut guard = mutex.lock();
    let outcome = never.wait_timeout_while(&mut guard, Duration::ZERO, |looks| {
        *looks += 1;
        *looks < 2
    });
    assert!(!outcome.timed_out());
    assert_eq!(*guard, 2);
}

#[test]
fn a_notification_in_time_is_no_timeout() {
    let (mutex, changed) = (Locked::from(false), Condvar::new());
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let mut guard = mutex.lock();
            changed.wait_timeout_while(&mut guard, LONG, |ready| !*ready)
        });
        *mutex.lock() = true;
        changed.notify_all();
        assert!(!waiter.join().unwrap().timed_out());
    });
}

/// Any lock that has guards will do, and two at once are harmless.
#[test]
fn two_mutexes_of_two_kinds() {
    let (futex, spin) = (Locked::from(false), Mutex::<_, Spinlock>::from(false));
    let changed = Condvar::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut guard = futex.lock();
            changed.wait_while(&mut guard, |ready| !*ready);
            assert!(futex.is_locked());
        });
        scope.spawn(|| {
            let mut guard = spin.lock();
            changed.wait_while(&mut guard, |ready| !*ready);
            assert!(spin.is_locked());
        });
        *futex.lock() = true;
        *spin.lock() = true;
        changed.notify_all();
    });
    assert!(!futex.is_locked() && !spin.is_locked());
}

#[test]
fn a_condition_that_panics_leaves_nothing_locked() {
    let (mutex, changed) = (Locked::from(0), Condvar::new());
    let panics = |wait: &dyn Fn()| {
        catch_unwind(AssertUnwindSafe(wait)).unwrap_err();
        assert!(!mutex.is_locked());
    };
    panics(&|| changed.wait_while(&mut mutex.lock(), |_| panic!("on purpose")));
    panics(&|| {
        let _ = changed.wait_timeout_while(&mut mutex.lock(), LONG, |_| panic!("on purpose"));
    });

    // And after a sleep.
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let mut guard = mutex.lock();
            changed.wait_while(&mut guard, |value| {
                assert_eq!(*value, 0, "on purpose");
                true
            });
        });
        *mutex.lock() = 1;
        changed.notify_one();
        waiter.join().unwrap_err();
    });
    assert!(!mutex.is_locked());
    *mutex.lock() = 0;
    changed.notify_all();
}

/// A guard whose mutex cannot be locked again must not be seen by anybody.
#[test]
fn a_lock_that_is_not_got_back_ends_the_process() {
    use pintle_lock::RawMutex;
    use std::process::Command;

    struct OnlyOnce(AtomicUsize);

    // SAFETY: it lets one caller in, ever.
    unsafe impl RawMutex for OnlyOnce {
        type GuardMarker = ();

        fn lock(&self) {
            assert!(self.try_lock(), "on purpose");
        }

        fn try_lock(&self) -> bool {
            self.0.fetch_add(1, Acquire) == 0
        }

        unsafe fn unlock(&self) {}

        fn is_locked(&self) -> bool {
            true
        }
    }

    const CHILD: &str = "PINTLE_LOCK_ABORTS";
    if std::env::var_os(CHILD).is_some() {
        let mutex = Mutex::new_with_raw_mutex((), OnlyOnce(AtomicUsize::new(0)));
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let _ = Condvar::new().wait_timeout(&mut mutex.lock(), Duration::ZERO);
        }));
        // Not reached; the parent would take it for a success.
        std::process::exit(0);
    }
    if cfg!(miri) {
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_lock_that_is_not_got_back_ends_the_process"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(!output.status.success(), "{output:?}");
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        assert!(output.status.signal().is_some(), "{output:?}");
    }
}

/// What each has written before the barrier all see after it, and each generation has one leader.
#[test]
fn a_barrier_holds_in_each_generation() {
    const THREADS: usize = 4;
    let generations = rounds() / 10;
    let barrier = Barrier::new(THREADS);
    let written = [(); THREADS].map(|()| AtomicUsize::new(0));
    let led = AtomicUsize::new(0);
    thread::scope(|scope| {
        for mine in &written {
            scope.spawn(|| {
                for generation in 1..=generations {
                    mine.store(generation, Relaxed);
                    if barrier.wait().is_leader() {
                        led.fetch_add(1, Relaxed);
                    }
                    for other in &written {
                        assert_eq!(other.load(Relaxed), generation);
                    }
                    barrier.wait();
                }
            });
        }
    });
    assert_eq!(led.into_inner(), generations);
}

/// More threads than it is for: they pass in groups, and nobody is let through alone.
#[test]
fn a_barrier_with_more_threads() {
    // As many arrivals as fill the last group: a thread that is alone at the end would wait for ever.
    let (threads, group, arrivals) = (6, 2, 2 * (rounds() / 4));
    let (barrier, tickets) = (Barrier::new(group), AtomicUsize::new(0));
    let (arrived, passed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let led = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while tickets.fetch_add(1, Relaxed) < arrivals {
                    arrived.fetch_add(1, SeqCst);
                    if barrier.wait().is_leader() {
                        led.fetch_add(1, Relaxed);
                    }
                    let passed = passed.fetch_add(1, SeqCst) + 1;
                    let arrived = arrived.load(SeqCst);
                    assert!(arrived >= passed.next_multiple_of(group));
                }
            });
        }
    });
    assert_eq!(led.into_inner() * group, arrivals);
}

#[test]
fn nobody_waits_at_a_barrier_for_one_or_none() {
    for threads in [0, 1] {
        let barrier = Barrier::new(threads);
        assert!(barrier.wait().is_leader());
        assert!(barrier.wait().is_leader());
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
#[should_panic = "32 bits"]
fn a_barrier_for_too_many() {
    let _ = Barrier::new(u32::MAX as usize + 1);
}
