use super::{RealtimeDeadline, sys, time};
use crate::Deadline;
use libc::{c_int, pthread_cond_t, pthread_condattr_t, pthread_mutex_t};

mod sealed {
    use super::*;

    pub trait Sealed {
        type Deadline: Copy;

        /// Sets the clock of a condition variable. An errno.
        unsafe fn choose(attr: *mut pthread_condattr_t) -> c_int;

        /// Waits until about the deadline. An errno.
        unsafe fn wait(
            condvar: *mut pthread_cond_t,
            mutex: *mut pthread_mutex_t,
            deadline: Self::Deadline,
        ) -> c_int;

        fn has_passed(deadline: Self::Deadline) -> bool;
    }
}
pub(super) use self::sealed::Sealed;

/// The clock by which a [`Condvar`](super::Condvar) measures its timeouts: [`Monotonic`] or
/// [`Realtime`].
pub trait Clock: Sealed<Deadline = Self::At> {
    /// A point in time on it.
    type At: Copy + Send + Sync;
}

/// `CLOCK_MONOTONIC`, which nobody sets.
#[derive(Debug)]
pub enum Monotonic {}

/// `CLOCK_REALTIME`, what the wall's clock shows.
#[derive(Debug)]
pub enum Realtime {}

// === impl Monotonic ===

impl Clock for Monotonic {
    type At = Deadline;
}

impl Sealed for Monotonic {
    type Deadline = Deadline;

    unsafe fn choose(attr: *mut pthread_condattr_t) -> c_int {
        // SAFETY: passed on to the caller.
        unsafe { sys::use_monotonic_clock(attr) }
    }

    unsafe fn wait(
        condvar: *mut pthread_cond_t,
        mutex: *mut pthread_mutex_t,
        deadline: Deadline,
    ) -> c_int {
        // SAFETY: passed on to the caller.
        unsafe { sys::wait_monotonic(condvar, mutex, deadline) }
    }

    fn has_passed(deadline: Deadline) -> bool {
        deadline.has_passed()
    }
}

// === impl Realtime ===

impl Clock for Realtime {
    type At = RealtimeDeadline;
}

impl Sealed for Realtime {
    type Deadline = RealtimeDeadline;

    unsafe fn choose(_: *mut pthread_condattr_t) -> c_int {
        // It is the default.
        0
    }

    unsafe fn wait(
        condvar: *mut pthread_cond_t,
        mutex: *mut pthread_mutex_t,
        deadline: RealtimeDeadline,
    ) -> c_int {
        match deadline.since_epoch().and_then(time::timespec) {
            // SAFETY: passed on to the caller; the time is a valid one.
            Some(time) => unsafe { libc::pthread_cond_timedwait(condvar, mutex, &raw const time) },
            // SAFETY: passed on to the caller.
            None => unsafe { libc::pthread_cond_wait(condvar, mutex) },
        }
    }

    fn has_passed(deadline: RealtimeDeadline) -> bool {
        deadline.has_passed()
    }
}
