//! Locks whose waiters the operating system puts to sleep, and what is built on such sleep.

mod barrier;
mod condvar;
mod fair_lock;
mod futex_lock;
mod futex_rwlock;

pub use self::barrier::{Barrier, BarrierWaitResult};
pub use self::condvar::{Condvar, WaitTimeoutResult};
pub use self::fair_lock::FairLock;
pub use self::futex_lock::FutexLock;
pub use self::futex_rwlock::FutexRwLock;

// What one kernel, or C library, has and no model can show.
pintle_core::not_loom! {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    mod own_tid;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    mod pi_lock;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    mod pi_lock_error;
    #[cfg(unix)]
    mod shared_lock;

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub use self::pi_lock::PiLock;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub use self::pi_lock_error::PiLockError;
    #[cfg(unix)]
    pub use self::shared_lock::{SharedLock, SharedLockError, SharedRecovery};
}

// rustfmt does not look into macros, and finds the files of the modules above by these lines.
#[cfg(any())]
mod own_tid;
#[cfg(any())]
mod pi_lock;
#[cfg(any())]
mod pi_lock_error;
#[cfg(any())]
mod shared_lock;
