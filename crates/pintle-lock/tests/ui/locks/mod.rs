//! Locks by their auto traits. Nothing here is run.

use pintle_lock::RawMutex;
use pintle_lock::blocking::{RawRwLock, RawRwLockDowngrade, RawRwLockUpgrade};
use std::cell::Cell;
use std::marker::PhantomData;

/// Has to be released on the thread that took it.
pub struct OnItsThread;

/// May be used by one thread only.
pub struct Unshared(#[allow(dead_code)] PhantomData<Cell<()>>);

/// May be used by every thread, and has to be dropped by its own.
#[allow(dead_code, reason = "not for every test")]
pub struct Anchored(PhantomData<std::sync::MutexGuard<'static, ()>>);

macro_rules! raw_mutex {
    ($($lock:ident: $marker:ty;)+) => {$(
        unsafe impl RawMutex for $lock {
            type GuardMarker = $marker;
            fn lock(&self) { unimplemented!() }
            fn try_lock(&self) -> bool { unimplemented!() }
            unsafe fn unlock(&self) { unimplemented!() }
            fn is_locked(&self) -> bool { unimplemented!() }
        }
    )+};
}

raw_mutex! {
    OnItsThread: *const ();
    Unshared: ();
    Anchored: ();
}

macro_rules! raw_rwlock {
    ($($lock:ident: $marker:ty;)+) => {$(
        unsafe impl RawRwLock for $lock {
            type GuardMarker = $marker;
            fn lock_shared(&self) { unimplemented!() }
            fn try_lock_shared(&self) -> bool { unimplemented!() }
            unsafe fn unlock_shared(&self) { unimplemented!() }
            fn lock_exclusive(&self) { unimplemented!() }
            fn try_lock_exclusive(&self) -> bool { unimplemented!() }
            unsafe fn unlock_exclusive(&self) { unimplemented!() }
            fn is_locked(&self) -> bool { unimplemented!() }
            fn is_locked_exclusive(&self) -> bool { unimplemented!() }
        }

        unsafe impl RawRwLockDowngrade for $lock {
            unsafe fn downgrade(&self) { unimplemented!() }
        }

        unsafe impl RawRwLockUpgrade for $lock {
            fn lock_upgradable(&self) { unimplemented!() }
            fn try_lock_upgradable(&self) -> bool { unimplemented!() }
            unsafe fn unlock_upgradable(&self) { unimplemented!() }
            unsafe fn upgrade(&self) { unimplemented!() }
            unsafe fn try_upgrade(&self) -> bool { unimplemented!() }
            unsafe fn downgrade_upgradable(&self) { unimplemented!() }
            unsafe fn downgrade_to_upgradable(&self) { unimplemented!() }
        }
    )+};
}

raw_rwlock! {
    OnItsThread: *const ();
    Unshared: ();
}
