//! A panic leaves nothing locked: under each way of holding each lock.
#![cfg(not(loom))]

use pintle_lock::blocking::{DefaultMutex, Mutex, MutexGuard};
use pintle_lock::scoped::LocalLock;
use pintle_lock::spin::{Spinlock, TicketLock};
use pintle_lock::{ConstInit, RawMutex, ScopedRawMutex};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// `hold` panics, and the mutex is free after it, to be locked and unlocked again.
fn leaves_it_free<L: ScopedRawMutex>(mutex: &Mutex<u8, L>, hold: impl FnOnce(&Mutex<u8, L>)) {
    let payload = catch_unwind(AssertUnwindSafe(|| hold(mutex))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"on purpose"));
    assert!(!mutex.is_locked());
    assert_eq!(mutex.try_with_lock(|value| *value), Some(7));
}

fn closures<L: ScopedRawMutex>(mutex: &Mutex<u8, L>) {
    leaves_it_free(mutex, |mutex| mutex.with_lock(|_| panic!("on purpose")));
    leaves_it_free(mutex, |mutex| {
        mutex.try_with_lock(|_| panic!("on purpose"));
    });
    // And the raw lock's own.
    leaves_it_free(mutex, |mutex| {
        mutex.raw_mutex().with_lock(|| panic!("on purpose"));
    });
    leaves_it_free(mutex, |mutex| {
        let _ = mutex.raw_mutex().try_with_lock(|| panic!("on purpose"));
    });
    // While a panic is on its way already, in a destructor.
    leaves_it_free(mutex, |mutex| {
        struct Locks<'a, L: ScopedRawMutex>(&'a Mutex<u8, L>);

        impl<L: ScopedRawMutex> Drop for Locks<'_, L> {
            fn drop(&mut self) {
                self.0.with_lock(|value| assert_eq!(*value, 7));
            }
        }

        let _locks = Locks(mutex);
        panic!("on purpose");
    });
}

fn guards<L: RawMutex>(mutex: &Mutex<u8, L>) {
    leaves_it_free(mutex, |mutex| {
        let _guard = mutex.lock();
        panic!("on purpose");
    });
    leaves_it_free(mutex, |mutex| {
        let _guard = mutex.try_lock();
        panic!("on purpose");
    });
    leaves_it_free(mutex, |mutex| {
        let _guard = MutexGuard::map(mutex.lock(), |value| value);
        panic!("on purpose");
    });
    leaves_it_free(mutex, |mutex| {
        let _ = MutexGuard::map(mutex.lock(), |_| -> &mut u8 { panic!("on purpose") });
    });
}

#[cfg(feature = "os")]
fn conditions<L: RawMutex>(mutex: &Mutex<u8, L>) {
    use core::time::Duration;
    use pintle_lock::os::Condvar;

    let never = Condvar::new();
    leaves_it_free(mutex, |mutex| {
        never.wait_while(&mut mutex.lock(), |_| panic!("on purpose"));
    });
    leaves_it_free(mutex, |mutex| {
        let short = Duration::from_millis(1);
        let mut looks = 0;
        // After a sleep, too.
        let _ = never.wait_timeout_while(&mut mutex.lock(), short, |_| {
            looks += 1;
            if looks == 2 {
                panic!("on purpose");
            }
            true
        });
        unreachable!("the second look panics");
    });
}

fn scoped<L: ScopedRawMutex + ConstInit>() {
    closures(&Mutex::<u8, L>::const_init(7));
}

fn raw<L: RawMutex + ConstInit>() {
    let mutex = Mutex::<u8, L>::const_init(7);
    closures(&mutex);
    guards(&mutex);
    #[cfg(feature = "os")]
    conditions(&mutex);
}

#[test]
fn locks_that_run_closures() {
    scoped::<DefaultMutex>();
    scoped::<LocalLock>();
    #[cfg(feature = "impl-critical-section")]
    scoped::<pintle_lock::scoped::CriticalSectionLock>();
}

#[test]
fn locks_that_spin() {
    raw::<Spinlock>();
    raw::<TicketLock>();
}

#[test]
#[cfg(feature = "os")]
fn locks_that_sleep() {
    raw::<pintle_lock::os::FutexLock>();
    raw::<pintle_lock::os::FairLock>();
}

#[test]
#[cfg(all(feature = "os", target_os = "linux"))]
#[cfg_attr(miri, ignore = "priority inheritance")]
fn the_lock_with_priority_inheritance() {
    raw::<pintle_lock::os::PiLock>();
}

#[test]
#[cfg(all(feature = "os", target_os = "linux"))]
#[cfg_attr(miri, ignore = "the C library's robust mutex")]
fn the_lock_between_processes() {
    // SAFETY: not moved, and no guard is leaked.
    let lock = unsafe { pintle_lock::os::SharedLock::new() };
    let mutex = Mutex::new_with_raw_mutex(7, lock);
    if mutex.raw_mutex().init().is_err() {
        eprintln!("skipped: this kernel has no robust lists, as QEMU's emulation of Linux");
        return;
    }
    closures(&mutex);
    guards(&mutex);
    conditions(&mutex);
    assert!(mutex.lock_checked().is_ok(), "a panic is no death");
}
