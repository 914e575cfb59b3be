//! What differs between the systems: which attributes there are, and how a wait is timed.
//!
//! Everything returns an errno, as the C library does; what a system lacks is `ENOTSUP`.

use libc::{c_int, pthread_cond_t, pthread_condattr_t, pthread_mutex_t};
use libc::{pthread_mutexattr_t, pthread_rwlockattr_t};

/// Whether a robust mutex stays linked to its owner's list while it is locked: in memory that is
/// the mutex's own. Elsewhere the list leads through memory of the C library's.
pub(super) const ROBUST_IS_LINKED: bool = cfg!(target_os = "linux");

/// Whether every mutex that knows its owner is linked so: musl's do.
pub(super) const OWNED_IS_LINKED: bool = cfg!(all(target_os = "linux", not(target_env = "gnu")));

// === attributes ===

#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_vendor = "apple"
))]
mod shared {
    use super::*;

    /// libc lacks it for Android; it is the same number on all of these.
    const PROCESS_SHARED: c_int = 1;

    /// # Safety
    ///
    /// The attributes are initialised.
    pub(in super::super) unsafe fn share_mutex(attr: *mut pthread_mutexattr_t) -> c_int {
        // SAFETY: passed on to the caller.
        unsafe { libc::pthread_mutexattr_setpshared(attr, PROCESS_SHARED) }
    }

    /// # Safety
    ///
    /// The attributes are initialised.
    pub(in super::super) unsafe fn share_rwlock(attr: *mut pthread_rwlockattr_t) -> c_int {
        // SAFETY: passed on to the caller.
        unsafe { libc::pthread_rwlockattr_setpshared(attr, PROCESS_SHARED) }
    }

    /// # Safety
    ///
    /// The attributes are initialised.
    pub(in super::super) unsafe fn share_condvar(attr: *mut pthread_condattr_t) -> c_int {
        // SAFETY: passed on to the caller.
        unsafe { libc::pthread_condattr_setpshared(attr, PROCESS_SHARED) }
    }
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_vendor = "apple"
)))]
mod shared {
    use super::*;

    pub(in super::super) unsafe fn share_mutex(_: *mut pthread_mutexattr_t) -> c_int {
        libc::ENOTSUP
    }

    pub(in super::super) unsafe fn share_rwlock(_: *mut pthread_rwlockattr_t) -> c_int {
        libc::ENOTSUP
    }

    pub(in super::super) unsafe fn share_condvar(_: *mut pthread_condattr_t) -> c_int {
        libc::ENOTSUP
    }
}

pub(super) use self::shared::*;

/// # Safety
///
/// The attributes are initialised.
#[cfg(any(
    all(target_os = "linux", not(target_env = "ohos")),
    target_os = "freebsd",
    target_vendor = "apple"
))]
pub(super) unsafe fn inherit_priority(attr: *mut pthread_mutexattr_t) -> c_int {
    // libc has it for Linux only. POSIX gives the signature, and these systems the number.
    unsafe extern "C" {
        fn pthread_mutexattr_setprotocol(attr: *mut pthread_mutexattr_t, protocol: c_int) -> c_int;
    }
    const PRIO_INHERIT: c_int = 1;
    // SAFETY: passed on to the caller.
    unsafe { pthread_mutexattr_setprotocol(attr, PRIO_INHERIT) }
}

/// # Safety
///
/// None.
#[cfg(not(any(
    all(target_os = "linux", not(target_env = "ohos")),
    target_os = "freebsd",
    target_vendor = "apple"
)))]
pub(super) unsafe fn inherit_priority(_: *mut pthread_mutexattr_t) -> c_int {
    libc::ENOTSUP
}

#[cfg(any(
    all(target_os = "linux", not(target_env = "ohos")),
    target_os = "freebsd"
))]
mod robust {
    use super::*;

    /// # Safety
    ///
    /// The attributes are initialised.
    pub(in super::super) unsafe fn make_robust(attr: *mut pthread_mutexattr_t) -> c_int {
        // glibc does not ask, and then nobody is told of a death: in QEMU's emulation of Linux.
        #[cfg(target_os = "linux")]
        {
            use crate::linux::robust::{GetError, get};
            if get(None) == Err(GetError::Unsupported) {
                return libc::ENOTSUP;
            }
        }
        // SAFETY: passed on to the caller.
        unsafe { libc::pthread_mutexattr_setrobust(attr, libc::PTHREAD_MUTEX_ROBUST) }
    }

    /// # Safety
    ///
    /// The mutex is robust, and locked by the calling thread.
    pub(in super::super) unsafe fn make_consistent(mutex: *mut pthread_mutex_t) -> c_int {
        // SAFETY: passed on to the caller.
        unsafe { libc::pthread_mutex_consistent(mutex) }
    }
}

#[cfg(not(any(
    all(target_os = "linux", not(target_env = "ohos")),
    target_os = "freebsd"
)))]
mod robust {
    use super::*;

    pub(in super::super) unsafe fn make_robust(_: *mut pthread_mutexattr_t) -> c_int {
        libc::ENOTSUP
    }

    pub(in super::super) unsafe fn make_consistent(_: *mut pthread_mutex_t) -> c_int {
        libc::ENOTSUP
    }
}

pub(super) use self::robust::*;

/// # Safety
///
/// The attributes are initialised.
pub(super) unsafe fn use_monotonic_clock(attr: *mut pthread_condattr_t) -> c_int {
    #[cfg(not(target_vendor = "apple"))]
    // SAFETY: passed on to the caller.
    return unsafe { libc::pthread_condattr_setclock(attr, libc::CLOCK_MONOTONIC) };
    // Waits there are relative, and the system measures them by the monotonic clock.
    #[cfg(target_vendor = "apple")]
    {
        let _ = attr;
        0
    }
}

// === timed waits ===

/// Waits on a condition variable for the monotonic clock until about `deadline`. The caller looks
/// whether it has passed.
///
/// # Safety
///
/// As for `pthread_cond_timedwait`; the variable is one for the monotonic clock.
pub(super) unsafe fn wait_monotonic(
    condvar: *mut pthread_cond_t,
    mutex: *mut pthread_mutex_t,
    deadline: crate::Deadline,
) -> c_int {
    #[cfg(not(target_vendor = "apple"))]
    let time = super::time::after(libc::CLOCK_MONOTONIC, deadline.remaining());
    // Zero is for ever there, in older versions, and what is too long overflows. The caller looks at
    // the clock, and waits on.
    #[cfg(target_vendor = "apple")]
    let time = if deadline == crate::Deadline::NEVER {
        None
    } else {
        super::time::timespec(super::time::relative(deadline.remaining()))
    };
    let Some(time) = time else {
        // SAFETY: passed on to the caller.
        return unsafe { libc::pthread_cond_wait(condvar, mutex) };
    };
    #[cfg(not(target_vendor = "apple"))]
    // SAFETY: passed on to the caller; `time` is a valid time.
    return unsafe { libc::pthread_cond_timedwait(condvar, mutex, &raw const time) };
    #[cfg(target_vendor = "apple")]
    // SAFETY: passed on to the caller; `time` is a valid time.
    return unsafe { libc::pthread_cond_timedwait_relative_np(condvar, mutex, &raw const time) };
}
