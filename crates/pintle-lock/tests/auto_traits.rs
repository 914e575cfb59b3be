//! What each lock is and is not, in every feature set: asked of the compiler.
#![cfg(not(loom))]

use pintle_lock::blocking::{self, DefaultMutex};
use pintle_lock::scoped::LocalLock;
use pintle_lock::spin::{Spinlock, TicketLock};
use pintle_lock::{BlockingMutex, ConstInit, RawMutex, ScopedRawMutex};

/// Does not compile if the type has the trait: then two impls fit, and none is chosen.
macro_rules! has_not {
    ($Type:ty: $Trait:path) => {
        const _: () = {
            trait AmbiguousIf<Which> {
                fn it_has() {}
            }
            impl<T: ?Sized> AmbiguousIf<()> for T {}
            impl<T: ?Sized + $Trait> AmbiguousIf<u8> for T {}
            const _: fn() = <$Type as AmbiguousIf<_>>::it_has;
        };
    };
}

fn shared<T: Send + Sync>() {}
fn sent<T: Send>() {}
fn scoped<T: ScopedRawMutex + ConstInit>() {}
fn raw<T: RawMutex + ConstInit>() {}

// Else code that takes a guard in one build fails in the next, where another crate has turned on
// `critical-section`.
has_not!(DefaultMutex: RawMutex);
has_not!(LocalLock: RawMutex);
has_not!(LocalLock: Sync);
has_not!(BlockingMutex<LocalLock, u8>: Sync);
has_not!(blocking::Mutex<u8, LocalLock>: Sync);
#[cfg(feature = "impl-critical-section")]
has_not!(pintle_lock::scoped::CriticalSectionLock: RawMutex);

#[test]
fn what_they_are() {
    scoped::<DefaultMutex>();
    shared::<DefaultMutex>();
    scoped::<LocalLock>();
    sent::<BlockingMutex<LocalLock, u8>>();
    raw::<Spinlock>();
    raw::<TicketLock>();
    shared::<BlockingMutex<TicketLock, std::cell::Cell<u8>>>();
    sent::<pintle_lock::MutexGuard<'static, TicketLock, std::cell::Cell<u8>>>();
}

// The kernel, and the C library, let the thread alone unlock that has locked.
#[cfg(all(feature = "os", target_os = "linux"))]
has_not!(blocking::MutexGuard<'static, u8, pintle_lock::os::PiLock>: Send);
#[cfg(all(feature = "os", unix))]
has_not!(blocking::MutexGuard<'static, u8, pintle_lock::os::SharedLock>: Send);

/// But another thread may look at the value through the guard.
#[cfg(all(feature = "os", target_os = "linux"))]
#[test]
fn locks_of_the_system() {
    use pintle_lock::os::{PiLock, SharedLock};

    fn looked_at<T: Sync>() {}

    raw::<PiLock>();
    shared::<blocking::Mutex<std::cell::Cell<u8>, PiLock>>();
    looked_at::<blocking::MutexGuard<'static, u8, PiLock>>();
    shared::<blocking::Mutex<std::cell::Cell<u8>, SharedLock>>();
    looked_at::<blocking::MutexGuard<'static, u8, SharedLock>>();
}

#[cfg(feature = "impl-critical-section")]
#[test]
fn a_critical_section_lock_is_shared() {
    scoped::<pintle_lock::scoped::CriticalSectionLock>();
    shared::<pintle_lock::scoped::CriticalSectionLock>();
}

/// The adaptors are shared if the lock inside is, and its guards go where that one's would.
#[cfg(feature = "impl-lock_api-0_5")]
mod lock_api_0_5 {
    use super::*;
    use pintle_lock::lock_api_0_5::{FromLockApi, IntoLockApi};
    use std::cell::Cell;
    use std::marker::PhantomData;

    /// A lock of one thread, whose state must stay on it.
    struct OneThread(PhantomData<Cell<()>>);
    struct State(PhantomData<*const ()>);

    // SAFETY: none of it is run.
    unsafe impl ::lock_api_0_5::RawMutex for OneThread {
        const INIT: Self = OneThread(PhantomData);
        type Guard = State;
        fn lock(&self) -> State {
            unreachable!("not run")
        }
        fn try_lock(&self) -> Option<State> {
            unreachable!("not run")
        }
        unsafe fn unlock(&self, _: State) {
            unreachable!("not run")
        }
        fn is_locked(&self) -> bool {
            unreachable!("not run")
        }
    }

    has_not!(FromLockApi<OneThread>: Sync);
    has_not!(blocking::MutexGuard<'static, u8, FromLockApi<OneThread>>: Send);

    #[test]
    fn what_they_are() {
        sent::<FromLockApi<OneThread>>();
        shared::<FromLockApi<IntoLockApi<Spinlock>>>();
        sent::<blocking::MutexGuard<'static, u8, FromLockApi<IntoLockApi<Spinlock>>>>();
    }
}

/// A lock whose holder has to release it on its own thread keeps its guards there, whichever way and
/// however often it goes through the adaptors.
#[cfg(any(feature = "impl-lock_api-0_4", feature = "impl-lock_api-0_5"))]
mod on_its_thread {
    use super::*;
    use pintle_lock::blocking::RawRwLock;

    struct OnItsThread;

    impl ConstInit for OnItsThread {
        const INIT: Self = OnItsThread;
    }

    // SAFETY: none of it is run.
    unsafe impl RawMutex for OnItsThread {
        type GuardMarker = *const ();
        fn lock(&self) {
            unreachable!("not run")
        }
        fn try_lock(&self) -> bool {
            unreachable!("not run")
        }
        unsafe fn unlock(&self) {
            unreachable!("not run")
        }
        fn is_locked(&self) -> bool {
            unreachable!("not run")
        }
    }

    // SAFETY: none of it is run.
    unsafe impl RawRwLock for OnItsThread {
        type GuardMarker = *const ();
        fn lock_shared(&self) {
            unreachable!("not run")
        }
        fn try_lock_shared(&self) -> bool {
            unreachable!("not run")
        }
        unsafe fn unlock_shared(&self) {
            unreachable!("not run")
        }
        fn lock_exclusive(&self) {
            unreachable!("not run")
        }
        fn try_lock_exclusive(&self) -> bool {
            unreachable!("not run")
        }
        unsafe fn unlock_exclusive(&self) {
            unreachable!("not run")
        }
        fn is_locked(&self) -> bool {
            unreachable!("not run")
        }
        fn is_locked_exclusive(&self) -> bool {
            unreachable!("not run")
        }
    }

    macro_rules! there_and_back {
        ($major:ident: $FromLockApi:ty) => {
            mod $major {
                use super::*;
                use ::$major::{MutexGuard, RwLockReadGuard, RwLockWriteGuard};
                use pintle_lock::$major::IntoLockApi;

                type There = IntoLockApi<OnItsThread>;

                has_not!(MutexGuard<'static, There, u8>: Send);
                has_not!(RwLockReadGuard<'static, There, u8>: Send);
                has_not!(RwLockWriteGuard<'static, There, u8>: Send);
                has_not!(blocking::MutexGuard<'static, u8, $FromLockApi>: Send);

                #[test]
                fn the_locks_are_shared() {
                    shared::<::$major::Mutex<There, u8>>();
                    shared::<::$major::RwLock<There, u8>>();
                    shared::<blocking::Mutex<u8, $FromLockApi>>();
                }
            }
        };
    }

    #[cfg(feature = "impl-lock_api-0_4")]
    there_and_back!(lock_api_0_4: pintle_lock::lock_api_0_4::FromLockApi<There>);
    #[cfg(feature = "impl-lock_api-0_5")]
    there_and_back!(lock_api_0_5: pintle_lock::lock_api_0_5::FromLockApi<There>);

    #[cfg(feature = "impl-lock_api-0_4")]
    type Back =
        pintle_lock::lock_api_0_4::FromLockApi<pintle_lock::lock_api_0_4::IntoLockApi<OnItsThread>>;
    #[cfg(feature = "impl-lock_api-0_4")]
    has_not!(blocking::RwLockReadGuard<'static, u8, Back>: Send);
    #[cfg(feature = "impl-lock_api-0_4")]
    has_not!(blocking::RwLockWriteGuard<'static, u8, Back>: Send);
}
