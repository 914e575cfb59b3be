//! OpenBSD: the futex system call, for words of 32 bits.
//!
//! # What it does not give, and what is made of it
//!
//! - Its timeout is relative. A wait that a signal interrupts (`EINTR`; or `ECANCELED`, where the
//!   handler asks for system calls to be restarted) goes on with what is left of it.
//! - Until about version 6.6 it returned an error's number, and since sets `errno`: both are
//!   understood.
//! - `FUTEX_REQUEUE` does not compare. The portable [`requeue`](crate::requeue) promises that, so
//!   there it wakes; [`openbsd::requeue`](crate::openbsd::requeue) is the system's own.
//!
//! Ours are all private to the process (`FUTEX_PRIVATE_FLAG`): the system knows shared ones, too.
//!
//! # References
//!
//! [`futex(2)`](https://man.openbsd.org/futex.2)

use super::{errno::errno, timespec};
use crate::{Deadline, WaitOutcome, WakeOutcome};
use core::{ptr, time::Duration};
use libc::c_int;
use pintle_core::atomic::{AtomicU32, Ordering::Relaxed};

pub(crate) use super::lock_by_word::Lock;
pub(crate) use super::no_requeue::requeue;
pub(crate) use super::not_any::wait_any;
pub(crate) use super::only_u32::{wait_word, wake_word};
pub(crate) use super::requeued::woken;
pub(crate) use super::signals::uninterrupted;
pub(crate) use super::sleeper_by_word::Sleeper;
pub(crate) use crate::sys::fences::{heavy, light, strategy};

const WAIT: c_int = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
const WAKE: c_int = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;

pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
    loop {
        if word.load(Relaxed) != expected {
            return WaitOutcome::Mismatch;
        }
        let left = timespec::left(deadline);
        if left == Some(Duration::ZERO) {
            return WaitOutcome::TimedOut;
        }
        // A day at most, so it is never `None` for want of room.
        let timeout = left.and_then(timespec::timespec_of);
        // SAFETY: the kernel reads the word, which is borrowed, and the timeout, which is null or ours.
        let result = unsafe {
            libc::futex(
                word.as_ptr(),
                WAIT,
                expected as c_int,
                timeout.as_ref().map_or(ptr::null(), ptr::from_ref),
                ptr::null_mut(),
            )
        };
        let error = match result {
            0 => return WaitOutcome::Woken,
            -1 => errno(),
            error => error,
        };
        match error {
            libc::EAGAIN => return WaitOutcome::Mismatch,
            // The loop decides: by our clock, and with what is left.
            libc::EINTR | libc::ECANCELED | libc::ETIMEDOUT => {}
            // None is documented. The caller polls, which is slow and correct.
            _ => return WaitOutcome::Woken,
        }
    }
}

pub(crate) fn wake(word: *const AtomicU32, count: usize) -> WakeOutcome {
    // SAFETY: an address is all that is asked for; a wake does not follow it.
    let woken = unsafe {
        libc::futex(
            word.cast_mut().cast(),
            WAKE,
            clamp(count),
            ptr::null(),
            ptr::null_mut(),
        )
    };
    usize::try_from(woken).map_or(WakeOutcome::Unknown, WakeOutcome::Count)
}

/// The kernel counts in an `int`, and more threads than that it does not have.
pub(crate) fn clamp(count: usize) -> c_int {
    c_int::try_from(count).unwrap_or(c_int::MAX)
}

pub(crate) fn now() -> Duration {
    timespec::now_by(libc::CLOCK_MONOTONIC)
}
