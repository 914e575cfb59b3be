//! Domains of threads in the child of a `fork`, which has one thread.
#![cfg(all(not(loom), unix, feature = "std"))]
#![allow(unsafe_code, reason = "forks")]

use core::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};
use pintle_rcu::{RcuCell, RcuDomain, Scope, global};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering::*};
use std::thread;
use std::time::Duration;

/// Runs `child` in a child, and says whether it has returned true. One that hangs is ended.
fn fork(child: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child runs nothing but `child`, which takes no lock that a thread of the parent may have.
    match unsafe { libc::fork() } {
        -1 => panic!("fork"),
        0 => in_child(child),
        pid => ends_well(pid),
    }
}

/// Ends this process, as one that has done well if `child` returns true in time.
fn in_child(child: impl FnOnce() -> bool) -> ! {
    const SECONDS: libc::c_uint = 30;

    // SAFETY: has no precondition. Ends the process, as nobody handles the signal.
    unsafe { libc::alarm(SECONDS) };
    let good = catch_unwind(AssertUnwindSafe(child)).unwrap_or(false);
    // SAFETY: has no precondition.
    unsafe { libc::_exit(i32::from(!good)) }
}

/// Waits for the end of a child.
fn ends_well(child: libc::pid_t) -> bool {
    let mut status = -1;
    // SAFETY: `status` is there to be written to.
    while unsafe { libc::waitpid(child, &raw mut status, 0) } != child {}
    status == 0
}

/// Runs `f` while another thread is in a section of `domain`.
fn beside_a_reader<S: Scope>(domain: RcuDomain<S>, f: impl FnOnce()) {
    let (inside, over) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            domain.run(|| {
                domain.run(|| {
                    inside.store(true, Release);
                    while !over.load(Acquire) {
                        thread::yield_now();
                    }
                });
            });
        });
        while !inside.load(Acquire) {
            thread::yield_now();
        }
        let result = catch_unwind(AssertUnwindSafe(f));
        over.store(true, Release);
        assert!(result.is_ok());
    });
}

#[test]
fn a_childs_writer_does_not_wait_for_the_parents_readers() {
    beside_a_reader(global(), || {
        assert!(fork(|| {
            let cell = RcuCell::new(1);
            let old = cell.replace(2).synchronize();
            old == 1 && global().run(|| !global().poll(global().start_poll()))
        }));
    });
}

#[test]
fn a_domain_of_ones_own_is_the_same() {
    pintle_rcu::domain! { struct Own; }

    const OWN: RcuDomain<Own> = RcuDomain::new();

    beside_a_reader(OWN, || {
        // This thread has no slot yet.
        assert!(fork(|| {
            OWN.synchronize_blocking();
            true
        }));
    });
}

/// A writer that sleeps is woken by a reader of the child, whoever was asleep in the parent.
#[test]
fn a_childs_writer_that_sleeps_is_woken() {
    pintle_rcu::domain! { struct Own; }

    const OWN: RcuDomain<Own> = RcuDomain::new();

    let asleep = || {
        let writer = thread::spawn(|| OWN.synchronize_blocking());
        // Long enough for it to spin, yield and sleep.
        thread::sleep(Duration::from_millis(20));
        assert!(!writer.is_finished());
        writer
    };
    let mut parents = None;
    beside_a_reader(OWN, || {
        parents = Some(asleep());
        assert!(fork(|| {
            let mut childs = None;
            beside_a_reader(OWN, || childs = Some(asleep()));
            childs.unwrap().join().is_ok()
        }));
    });
    parents.unwrap().join().unwrap();
}

/// A writer that sleeps forks in its hook, and its child goes on from there: it was one that sleeps only in the parent.
#[test]
fn a_hook_may_fork() {
    pintle_rcu::domain! { struct Own; }

    const OWN: RcuDomain<Own> = RcuDomain::new();
    /// What `fork` has returned.
    static FORK: AtomicI32 = AtomicI32::new(-1);

    // In the child, where no other thread sleeps.
    let is_woken = || {
        let mut writer = None;
        beside_a_reader(OWN, || {
            let cookie = OWN.start_poll();
            // Readers wake who waits for it, so that the thread does not nap.
            let mut task = pin!(OWN.grace_period_of(cookie));
            let mut context = Context::from_waker(Waker::noop());
            assert!(task.as_mut().poll(&mut context).is_pending());
            writer = Some(thread::spawn(move || OWN.wait(cookie)));
            // Long enough for it to spin, yield and sleep.
            thread::sleep(Duration::from_millis(20));
        });
        writer.unwrap().join().is_ok()
    };
    OWN.set_stall_hook(Some(|_| {
        OWN.set_stall_hook(None);
        // SAFETY: the child goes on with what takes no lock that a thread of the parent may have.
        FORK.store(unsafe { libc::fork() }, Release);
    }));
    let mut writer = None;
    beside_a_reader(OWN, || {
        writer = Some(thread::spawn(move || {
            OWN.synchronize_blocking();
            if FORK.load(Acquire) == 0 {
                in_child(is_woken);
            }
        }));
        while FORK.load(Acquire) == -1 {
            thread::yield_now();
        }
    });
    writer.unwrap().join().unwrap();
    assert!(ends_well(FORK.load(Acquire)));
}

/// The thread of a child has another number than the one that forked.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn the_childs_label_is_its_own() {
    pintle_rcu::domain! { struct Own; }

    const OWN: RcuDomain<Own> = RcuDomain::new();

    OWN.run(|| {});
    let before = Own::slot().label();
    assert!(fork(|| {
        let label = Own::slot().label();
        label != before && label == usize::try_from(std::process::id()).unwrap()
    }));
}

#[test]
fn the_section_in_which_a_thread_forks_goes_on() {
    // In which no other test's grace period is under way: the cookie is that of the one which this thread begins.
    pintle_rcu::domain! { struct Own; }

    const OWN: RcuDomain<Own> = RcuDomain::new();

    beside_a_reader(OWN, || {
        let guard = OWN.enter();
        let before = OWN.start_poll();
        assert!(!OWN.poll(before));
        assert!(fork(move || {
            let after = OWN.start_poll();
            let waits = !OWN.poll(before) && !OWN.poll(after);
            drop(guard);
            // The cookie of before the fork is as good.
            waits && OWN.poll(before) && OWN.poll(after)
        }));
    });
}

#[test]
fn new_threads_of_the_child_are_seen() {
    beside_a_reader(global(), || {
        assert!(fork(|| {
            let cell = RcuCell::new(0);
            beside_a_reader(global(), || {
                let cookie = global().start_poll();
                assert!(!global().poll(cookie));
            });
            global().synchronize_blocking();
            cell.replace(1).synchronize() == 0
        }));
    });
}

/// The other threads are anywhere: in a turn, joining, on their way to the list.
#[test]
fn a_fork_at_any_time_leaves_nothing_half_done() {
    let forks = if pintle_core::model::full() {
        2_000
    } else {
        100
    };
    let stop = AtomicBool::new(false);
    let turns = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                let _ = global().poll(global().start_poll());
                turns.fetch_add(1, Relaxed);
            }
        });
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                thread::scope(|scope| {
                    scope.spawn(|| global().run(|| {}));
                });
                global().run(|| {});
                global().quiesce();
            }
        });
        let mut good = true;
        for _ in 0..forks {
            let seen = turns.load(Relaxed);
            while turns.load(Relaxed) == seen {
                thread::yield_now();
            }
            good = fork(|| {
                global().synchronize_blocking();
                // The child's own section is found, whatever has become of the list.
                let guard = global().enter();
                let cookie = global().start_poll();
                let waits = !global().poll(cookie);
                drop(guard);
                waits && global().poll(cookie)
            });
            if !good {
                break;
            }
        }
        stop.store(true, Relaxed);
        assert!(good);
    });
}
