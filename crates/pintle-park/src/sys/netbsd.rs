//! NetBSD: `_lwp_park` and `_lwp_unpark`, over which every word is the parking table's.
//!
//! The system has a futex since version 10, for its emulation of Linux; the C library does not
//! declare it. Parking is what its own locks are made of. A waiter's node holds the number of its
//! light-weight process, by which it is woken.
//!
//! # What it does not give, and what is made of it
//!
//! - An unpark that comes first is kept, and the park then fails with `EALREADY`; a signal ends one
//!   (`EINTR`). Each is a reason to look again, and not told apart.
//! - A relative time is overwritten with what is left of it: we name a point on the monotonic clock.
//! - The kernel counts ticks in an `int`: when it says `ETIMEDOUT` our own clock decides.
//! - The number of a thread that has ended may be another's by now. Such an unpark is that thread's
//!   next token, which makes one park of its return early: they all look at their own state first.
//!
//! # References
//!
//! [`_lwp_park(2)`](https://man.netbsd.org/_lwp_park.2), [`_lwp_unpark(2)`](https://man.netbsd.org/_lwp_unpark.2)

use super::{Width, WordRef, sleeper_by_park, timespec};
use crate::{Deadline, WaitOutcome, WakeOutcome};
use core::{ptr, time::Duration};

pub(crate) use super::lock_by_pthread::Lock;
pub(crate) use super::no_requeue::requeue;
pub(crate) use super::not_any::wait_any;
pub(crate) use super::signals::uninterrupted;
pub(crate) use crate::sys::fences::{heavy, light, strategy};
pub(crate) type Sleeper = sleeper_by_park::Sleeper<Lwp>;

#[inline]
pub(crate) fn wait_word(_: WordRef<'_>, _: u64, _: Deadline) -> Option<WaitOutcome> {
    None
}

#[inline]
pub(crate) fn wake_word(_: *const (), _: Width, _: usize) -> Option<WakeOutcome> {
    None
}

/// Parking by light-weight process, which is what NetBSD calls a thread of the kernel's.
pub(crate) enum Lwp {}

// === impl Lwp ===

impl sleeper_by_park::NativePark for Lwp {
    type Thread = libc::lwpid_t;

    fn current() -> libc::lwpid_t {
        // SAFETY: has no precondition.
        unsafe { libc::_lwp_self() }
    }

    fn park(deadline: Deadline) {
        const NO_UNPARK: libc::lwpid_t = 0;
        let mut at = timespec::absolute(deadline);
        // SAFETY: `at` is null or ours; hints are addresses, and may be null.
        unsafe {
            libc::_lwp_park(
                libc::CLOCK_MONOTONIC,
                libc::TIMER_ABSTIME,
                at.as_mut().map_or(ptr::null_mut(), ptr::from_mut),
                NO_UNPARK,
                ptr::null(),
                ptr::null_mut(),
            )
        };
    }

    fn unpark(thread: &libc::lwpid_t) {
        // SAFETY: takes a number, which it looks up, and a hint, which may be null.
        unsafe { libc::_lwp_unpark(*thread, ptr::null()) };
    }
}

pub(crate) fn now() -> Duration {
    timespec::now_by(libc::CLOCK_MONOTONIC)
}
