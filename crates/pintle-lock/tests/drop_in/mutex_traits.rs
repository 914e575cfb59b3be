//! A program as it is written for mutex-traits 1.0: only the name of the dependency has changed.
#![cfg(not(loom))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "it stands for programs that have other house rules"
)]

use mutex_traits::{ConstInit, RawMutex, ScopedRawMutex};
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicUsize, Ordering},
};

/// The operating system's lock, closures alone, as a crate with traits of its own would wrap it.
struct OsLock(Mutex<()>);

impl OsLock {
    fn held(&self) -> MutexGuard<'_, ()> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl ConstInit for OsLock {
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = OsLock(Mutex::new(()));
}

unsafe impl ScopedRawMutex for OsLock {
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        let _held = self.0.try_lock().ok()?;
        Some(f())
    }

    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        let _held = self.held();
        f()
    }

    fn is_locked(&self) -> bool {
        self.0.try_lock().is_err()
    }
}

/// A lock that counts how often it was taken.
struct Counted<R>(R, AtomicUsize);

unsafe impl<R: RawMutex> RawMutex for Counted<R> {
    type GuardMarker = R::GuardMarker;

    fn lock(&self) {
        self.0.lock();
        self.1.fetch_add(1, Ordering::Relaxed);
    }

    fn try_lock(&self) -> bool {
        self.0.try_lock() && self.1.fetch_add(1, Ordering::Relaxed) < usize::MAX
    }

    unsafe fn unlock(&self) {
        unsafe { self.0.unlock() }
    }

    fn is_locked(&self) -> bool {
        RawMutex::is_locked(&self.0)
    }
}

fn twice<L: ScopedRawMutex>(lock: &L) -> (bool, bool) {
    (lock.with_lock(|| lock.is_locked()), lock.is_locked())
}

#[test]
fn a_scoped_lock_of_the_programs_own() {
    static LOCK: OsLock = OsLock::INIT;
    assert_eq!(twice(&LOCK), (true, false));
    assert_eq!(LOCK.try_with_lock(|| 1), Some(1));
}

#[test]
fn a_lock_over_a_lock() {
    struct Flag(AtomicUsize);
    unsafe impl RawMutex for Flag {
        type GuardMarker = ();
        fn lock(&self) {
            while !self.try_lock() {}
        }
        fn try_lock(&self) -> bool {
            self.0.swap(1, Ordering::Acquire) == 0
        }
        unsafe fn unlock(&self) {
            self.0.store(0, Ordering::Release);
        }
        fn is_locked(&self) -> bool {
            self.0.load(Ordering::Relaxed) == 1
        }
    }

    let counted = Counted(Flag(AtomicUsize::new(0)), AtomicUsize::new(0));
    assert_eq!(twice(&counted), (true, false));
    assert_eq!(counted.try_with_lock(|| 2), Some(2));
    assert_eq!(counted.1.into_inner(), 2);
}
