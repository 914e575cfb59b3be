//! Models of the locks that enter a critical section, over a section for several cores: the one that
//! pintle-lock's documentation shows, made of its `Spinlock`.
#![cfg(loom)]

use loom::sync::Arc;
use loom::thread;
use pintle_core::model;
use pintle_lock::blocking::Mutex;
use pintle_lock::scoped::CriticalSectionLock;
use pintle_lock::spin::Spinlock;
use pintle_lock::{RawMutex, ScopedRawMutex};
use std::cell::Cell;

loom::lazy_static! {
    static ref SECTION: Spinlock = Spinlock::new();
}

loom::thread_local! {
    static INSIDE: Cell<bool> = Cell::new(false);
}

struct Cores;

critical_section::set_impl!(Cores);

// SAFETY: the outermost section of each core holds the spin lock.
unsafe impl critical_section::Impl for Cores {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        let outermost = !INSIDE.with(Cell::get);
        if outermost {
            SECTION.lock();
            INSIDE.with(|inside| inside.set(true));
        }
        outermost
    }

    unsafe fn release(outermost: critical_section::RawRestoreState) {
        if outermost {
            INSIDE.with(|inside| inside.set(false));
            // SAFETY: the `acquire` that this belongs to has locked.
            unsafe { SECTION.unlock() };
        }
    }
}

/// loom's cell reports an overlap, or a write that the next holder does not see.
#[test]
fn a_critical_section_lock_excludes_another_core() {
    model::check(|| {
        let mutex = Arc::new(Mutex::new_with_raw_mutex(
            0_usize,
            CriticalSectionLock::new(),
        ));
        let other = thread::spawn({
            let mutex = mutex.clone();
            move || mutex.with_lock(|count| *count += 1)
        });
        mutex.with_lock(|count| *count += 1);
        other.join().unwrap();
        assert_eq!(mutex.with_lock(|count| *count), 2);
    });
}

/// Two locks nest on one core while another takes one of them: sections nest, and no core waits for
/// the other within its own.
#[test]
fn two_of_them_nest() {
    model::check(|| {
        let locks = Arc::new((CriticalSectionLock::new(), CriticalSectionLock::new()));
        let other = thread::spawn({
            let locks = locks.clone();
            move || locks.1.with_lock(|| locks.0.with_lock(|| ()))
        });
        locks.0.with_lock(|| {
            assert!(
                locks.0.try_with_lock(|| ()).is_none(),
                "its own holder got it"
            );
            locks.1.with_lock(|| ());
        });
        other.join().unwrap();
        assert!(!locks.0.is_locked() && !locks.1.is_locked());
    });
}
