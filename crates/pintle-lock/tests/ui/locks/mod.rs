//! Locks by their auto traits. Nothing here is run.

use pintle_lock::RawMutex;
use std::cell::Cell;
use std::marker::PhantomData;

/// Has to be released on the thread that took it.
pub struct OnItsThread;

/// May be used by one thread only.
pub struct Unshared(#[allow(dead_code)] PhantomData<Cell<()>>);

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
}
