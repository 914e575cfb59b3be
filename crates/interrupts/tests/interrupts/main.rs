//! Locks that interrupt handlers take, with signals for interrupts and a masked signal for the critical
//! section, as on a machine with one core.
//!
//! [`section`] is an implementation of `critical-section` at whose edges an interrupt comes, at the worst
//! moment each time: just before interrupts are masked and just after they are not. If the lock were held
//! at either, its handler would wait for ever for the code that it interrupted. So what is tried is
//! tried in a child process with an alarm. Two locks that are wrong on purpose show that the alarm
//! rings.
#![cfg(all(not(loom), target_os = "linux"))]

mod child;
mod section;

use child::{End, in_a_child};
use pintle_lock::blocking::DefaultMutex;
use pintle_lock::scoped::CriticalSectionLock;
use pintle_lock::spin::Spinlock;
use pintle_lock::{RawMutex, ScopedRawMutex};
use section::{Edge, interrupt};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};

/// Seconds, long after the slowest machine is done.
const TOO_LONG: u32 = 300;
/// For what never ends: it is shown to hang that long.
const SOON: u32 = 2;

/// What the program and its interrupt handler both count, under the lock and without atomics.
struct Count(Cell<usize>);

// SAFETY: it is touched under a lock, which is what is tested, and by one thread.
unsafe impl Sync for Count {}

/// The program takes the lock `rounds` times, and is interrupted before, within and after.
///
/// # Panics
///
/// If a count is lost.
fn program_and_handler<L: ScopedRawMutex + Sync>(
    lock: &'static L,
    count: &'static Count,
    rounds: usize,
) {
    section::on_interrupt(move || lock.with_lock(|| count.0.set(count.0.get() + 1)));
    for _ in 0..rounds {
        lock.with_lock(|| {
            let before = count.0.get();
            interrupt();
            count.0.set(before + 1);
        });
    }
    // The program's own, and before, within (it is held back) and after its section.
    assert_eq!(count.0.get(), rounds * 4);
}

static COUNT: Count = Count(Cell::new(0));

#[test]
fn a_critical_section_lock_may_be_taken_by_a_handler() {
    static LOCK: CriticalSectionLock = CriticalSectionLock::new();
    let end = in_a_child(
        "a_critical_section_lock_may_be_taken_by_a_handler",
        TOO_LONG,
        || {
            program_and_handler(&LOCK, &COUNT, 1_000);
        },
    );
    assert_eq!(end, End::Passed);
}

#[test]
fn the_default_mutex_may_be_taken_by_a_handler() {
    static LOCK: DefaultMutex = DefaultMutex::new();
    let end = in_a_child(
        "the_default_mutex_may_be_taken_by_a_handler",
        TOO_LONG,
        || {
            program_and_handler(&LOCK, &COUNT, 1_000);
        },
    );
    assert_eq!(end, End::Passed);
}

/// Takes the lock before it enters the section.
struct LockedOutside(Spinlock);

// SAFETY: the spin lock excludes.
unsafe impl ScopedRawMutex for LockedOutside {
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        self.0.with_lock(|| critical_section::with(|_| f()))
    }

    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        self.0.try_with_lock(|| critical_section::with(|_| f()))
    }

    fn is_locked(&self) -> bool {
        RawMutex::is_locked(&self.0)
    }
}

#[test]
fn a_lock_taken_outside_the_section_hangs() {
    static LOCK: LockedOutside = LockedOutside(Spinlock::new());
    let end = in_a_child("a_lock_taken_outside_the_section_hangs", SOON, || {
        program_and_handler(&LOCK, &COUNT, 1);
    });
    assert_eq!(end, End::Alarm);
}

/// Leaves the section before it releases the lock.
struct ReleasedOutside(Spinlock);

// SAFETY: the spin lock excludes.
unsafe impl ScopedRawMutex for ReleasedOutside {
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        let result = critical_section::with(|_| {
            self.0.lock();
            f()
        });
        // SAFETY: locked above.
        unsafe { self.0.unlock() };
        result
    }

    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        Some(self.with_lock(f))
    }

    fn is_locked(&self) -> bool {
        RawMutex::is_locked(&self.0)
    }
}

#[test]
fn a_lock_released_outside_the_section_hangs() {
    static LOCK: ReleasedOutside = ReleasedOutside(Spinlock::new());
    let end = in_a_child("a_lock_released_outside_the_section_hangs", SOON, || {
        program_and_handler(&LOCK, &COUNT, 1);
    });
    assert_eq!(end, End::Alarm);
}

/// Signals from another thread, between any two instructions.
fn storm<L: ScopedRawMutex + Sync>(lock: &'static L) {
    static DONE: AtomicBool = AtomicBool::new(false);
    static HANDLED: AtomicUsize = AtomicUsize::new(0);

    let rounds = if pintle_core::model::full() {
        5_000_000
    } else {
        200_000
    };
    section::on_signal(move || {
        lock.with_lock(|| COUNT.0.set(COUNT.0.get() + 1));
        HANDLED.fetch_add(1, Relaxed);
    });
    // SAFETY: has no precondition.
    let program = unsafe { libc::pthread_self() };
    let storm = std::thread::spawn(move || {
        while !DONE.load(Relaxed) {
            // SAFETY: the program's thread waits for this one before it ends.
            let sent = unsafe { libc::pthread_kill(program, section::SIGNAL) };
            assert_eq!(sent, 0);
        }
    });
    let mut own = 0;
    // Until there were interrupts enough to matter, however the two threads are scheduled.
    while own < rounds || HANDLED.load(Relaxed) < 1_000 {
        lock.with_lock(|| COUNT.0.set(COUNT.0.get() + 1));
        own += 1;
    }
    DONE.store(true, Relaxed);
    storm.join().unwrap();
    assert_eq!(COUNT.0.get(), own + HANDLED.load(Relaxed));
}

#[test]
fn a_storm_of_interrupts_on_a_critical_section_lock() {
    static LOCK: CriticalSectionLock = CriticalSectionLock::new();
    let end = in_a_child(
        "a_storm_of_interrupts_on_a_critical_section_lock",
        TOO_LONG,
        || {
            storm(&LOCK);
        },
    );
    assert_eq!(end, End::Passed);
}

#[test]
fn a_storm_of_interrupts_on_the_default_mutex() {
    static LOCK: DefaultMutex = DefaultMutex::new();
    let end = in_a_child(
        "a_storm_of_interrupts_on_the_default_mutex",
        TOO_LONG,
        || {
            storm(&LOCK);
        },
    );
    assert_eq!(end, End::Passed);
}

/// What is locked when the section is entered and left, and in between.
fn recorded<L: ScopedRawMutex + Sync>(lock: &'static L) {
    static LOG: Mutex<Vec<(&str, bool)>> = Mutex::new(Vec::new());

    section::at_edges(move |edge| {
        let edge = match edge {
            Edge::Enter => "enter",
            Edge::Leave => "leave",
        };
        LOG.lock().unwrap().push((edge, lock.is_locked()));
    });
    let once = [("enter", false), ("closure", true), ("leave", false)];
    lock.with_lock(|| LOG.lock().unwrap().push(("closure", lock.is_locked())));
    assert_eq!(std::mem::take(&mut *LOG.lock().unwrap()), once);
    let got = lock.try_with_lock(|| LOG.lock().unwrap().push(("closure", lock.is_locked())));
    assert_eq!(got, Some(()));
    assert_eq!(std::mem::take(&mut *LOG.lock().unwrap()), once);
    // A panic leaves in the same order.
    let panic = catch_unwind(AssertUnwindSafe(|| lock.with_lock(|| panic!("on purpose"))));
    assert!(panic.is_err());
    assert_eq!(*LOG.lock().unwrap(), [("enter", false), ("leave", false)]);
}

#[test]
fn a_critical_section_lock_is_held_within_the_section_alone() {
    static LOCK: CriticalSectionLock = CriticalSectionLock::new();
    let end = in_a_child(
        "a_critical_section_lock_is_held_within_the_section_alone",
        TOO_LONG,
        || recorded(&LOCK),
    );
    assert_eq!(end, End::Passed);
}

#[test]
fn the_default_mutex_is_held_within_the_section_alone() {
    static LOCK: DefaultMutex = DefaultMutex::new();
    let end = in_a_child(
        "the_default_mutex_is_held_within_the_section_alone",
        TOO_LONG,
        || {
            recorded(&LOCK);
        },
    );
    assert_eq!(end, End::Passed);
}
