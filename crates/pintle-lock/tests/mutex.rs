//! What every lock promises, asked of each.
#![cfg(not(loom))]

use pintle_lock::blocking::{DefaultMutex, Mutex};
use pintle_lock::scoped::LocalLock;
use pintle_lock::spin::{Spinlock, TicketLock};
use pintle_lock::{ConstInit, ScopedRawMutex};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier};

macro_rules! for_every_lock {
    ($($name:ident: $lock:ty),+ $(,)?) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a lock may be named by its full path")]
            use super::*;

            #[test]
            fn excludes() {
                super::excludes::<$lock>();
            }

            #[test]
            fn is_locked_tells_the_truth() {
                super::is_locked_tells_the_truth::<$lock>();
            }

            #[test]
            fn a_panic_releases() {
                super::a_panic_releases::<$lock>();
            }
        }
    )+};
}

for_every_lock! {
    spinlock: Spinlock,
    ticket_lock: TicketLock,
    default_mutex: DefaultMutex,
}

#[cfg(feature = "impl-critical-section")]
for_every_lock! {
    critical_section_lock: pintle_lock::scoped::CriticalSectionLock,
}

#[cfg(feature = "impl-lock_api-0_4")]
for_every_lock! {
    lock_api_0_4_there_and_back: pintle_lock::lock_api_0_4::FromLockApi<
        pintle_lock::lock_api_0_4::IntoLockApi<Spinlock>,
    >,
}

#[cfg(feature = "impl-lock_api-0_5")]
for_every_lock! {
    lock_api_0_5_there_and_back: pintle_lock::lock_api_0_5::FromLockApi<
        pintle_lock::lock_api_0_5::IntoLockApi<Spinlock>,
    >,
}

#[cfg(feature = "os")]
for_every_lock! {
    fair_lock: pintle_lock::os::FairLock,
    futex_lock: pintle_lock::os::FutexLock,
}

#[cfg(all(feature = "os", target_os = "linux", not(miri)))]
for_every_lock! {
    pi_lock: pintle_lock::os::PiLock,
}

fn excludes<L: ScopedRawMutex + ConstInit + Send + Sync + 'static>() {
    // A ticket lock that cannot yield waits for a time slice at almost each hand-over.
    let rounds = if pintle_core::model::full() {
        50_000
    } else {
        5_000
    };
    let threads = 4;
    let mutex = Arc::new(Mutex::new_with_raw_mutex(0_u64, L::INIT));
    let start = Arc::new(Barrier::new(threads));
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let (mutex, start) = (mutex.clone(), start.clone());
            std::thread::spawn(move || {
                start.wait();
                for _ in 0..rounds {
                    // A read and a write apart: an unlocked overlap loses an increment.
                    mutex.with_lock(|count| {
                        let before = *count;
                        std::hint::black_box(&before);
                        *count = before + 1;
                    });
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    assert_eq!(mutex.with_lock(|count| *count), threads as u64 * rounds);
}

fn is_locked_tells_the_truth<L: ScopedRawMutex + ConstInit>() {
    let lock = L::INIT;
    assert!(!lock.is_locked());
    lock.with_lock(|| assert!(lock.is_locked()));
    assert!(!lock.is_locked());
    assert!(lock.try_with_lock(|| lock.is_locked()).unwrap());
    assert!(!lock.is_locked());
}

fn a_panic_releases<L: ScopedRawMutex + ConstInit>() {
    let mutex = Mutex::new_with_raw_mutex(1, L::INIT);
    catch_unwind(AssertUnwindSafe(|| {
        mutex.with_lock(|_| panic!("on purpose"))
    }))
    .unwrap_err();
    assert_eq!(mutex.try_with_lock(|value| *value), Some(1));
    catch_unwind(AssertUnwindSafe(|| {
        mutex.try_with_lock(|_| panic!("on purpose"))
    }))
    .unwrap_err();
    assert_eq!(mutex.try_with_lock(|value| *value), Some(1));
}

#[test]
fn try_with_lock_does_not_wait() {
    let mutex = Mutex::new_with_raw_mutex(5, Spinlock::new());
    let guard = mutex.lock();
    assert_eq!(mutex.try_with_lock(|value| *value), None);
    assert!(mutex.try_lock().is_none());
    drop(guard);
    assert_eq!(mutex.try_with_lock(|value| *value), Some(5));
}

#[test]
fn guards_release_and_give_access() {
    let mutex = Mutex::new_with_raw_mutex(String::from("a"), Spinlock::new());
    let mut guard = mutex.lock();
    guard.push('b');
    AsMut::<str>::as_mut(&mut guard).make_ascii_uppercase();
    assert_eq!(AsRef::<str>::as_ref(&guard), "AB");
    assert_eq!(format!("{guard} {guard:?}"), "AB \"AB\"");
    assert_eq!(format!("{mutex:?}"), "Mutex { data: <locked> }");
    drop(guard);
    assert_eq!(format!("{mutex:?}"), "Mutex { data: \"AB\" }");
    assert_eq!(mutex.into_inner(), "AB");
}

#[test]
fn a_forgotten_guard_can_be_released_by_force() {
    let mut mutex = Mutex::new_with_raw_mutex(1, Spinlock::new());
    std::mem::forget(mutex.lock());
    assert!(mutex.try_lock().is_none());
    // SAFETY: the guard that held the lock was forgotten in the line above.
    unsafe { mutex.force_unlock() };
    *mutex.try_lock().unwrap() += 1;
    assert_eq!(*mutex.get_mut(), 2);
}

#[test]
fn a_mutex_holds_unsized_values() {
    let mutex: &Mutex<[u8], Spinlock> = &Mutex::new_with_raw_mutex([1, 2, 3], Spinlock::new());
    mutex.lock()[0] = 9;
    assert_eq!(mutex.with_lock(|bytes| bytes.iter().sum::<u8>()), 14);
}

#[test]
fn sizes() {
    assert_eq!(size_of::<Mutex<(), Spinlock>>(), 1);
    assert_eq!(size_of::<Mutex<(), TicketLock>>(), 8);
    assert_eq!(size_of::<Mutex<(), LocalLock>>(), 1);
    assert_eq!(
        size_of::<Mutex<()>>(),
        if cfg!(feature = "os") { 4 } else { 1 }
    );
}

/// A critical section is entered before the lock is taken, or an interrupt between the two
/// would spin for ever.
#[test]
#[cfg(all(feature = "critical-section", not(feature = "os")))]
fn the_default_lock_is_taken_inside_a_critical_section() {
    // critical-section's std implementation is one process-wide lock: while this thread is
    // inside, nobody else gets into a section, so nobody holds the lock either.
    static LOCK: DefaultMutex = DefaultMutex::new();
    let contender = critical_section::with(|_| {
        let contender = std::thread::spawn(|| LOCK.with_lock(|| ()));
        for _ in 0..1_000 {
            assert!(!LOCK.is_locked(), "the lock was taken outside the section");
            std::thread::yield_now();
        }
        contender
    });
    contender.join().unwrap();
}

/// Within a section nobody else can be the holder: an interrupt handler would be masked for ever, so its
/// holder is told.
#[test]
#[cfg(all(feature = "critical-section", not(feature = "os")))]
#[should_panic(expected = "Deadlocked")]
fn the_default_lock_of_a_critical_section_is_not_locked_twice() {
    let lock = DefaultMutex::new();
    lock.with_lock(|| {
        assert_eq!(lock.try_with_lock(|| ()), None);
        lock.with_lock(|| ());
    });
}
