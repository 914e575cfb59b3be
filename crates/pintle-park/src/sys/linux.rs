//! Linux and Android: the futex system call.
//!
//! Every wait is a `FUTEX_WAIT_BITSET`, whose timeout is a point on `CLOCK_MONOTONIC`: a wait that
//! a signal interrupts goes on with the same deadline, so no time is lost. All futexes are private
//! to the process. 32-bit machines have two such system calls: see `linux/raw.rs`.

use crate::linux::{Errno, raw};
use crate::{Deadline, RequeueOutcome, WaitOutcome, WakeOutcome};
use core::{ptr, time::Duration};
use libc::c_int;
use pintle_core::atomic::AtomicU32;

#[cfg(not(target_os = "android"))]
pub(crate) use super::futex_waitv::wait_any;
pub(crate) use super::lock_by_word::Lock;
#[cfg(not(target_os = "android"))]
pub(crate) use super::membarrier::{heavy, light, strategy};
#[cfg(target_os = "android")]
pub(crate) use super::not_any::wait_any;
pub(crate) use super::only_u32::{wait_word, wake_word};
pub(crate) use super::signals::uninterrupted;
pub(crate) use super::sleeper_by_word::Sleeper;
#[cfg(target_os = "android")]
pub(crate) use crate::sys::fences::{heavy, light, strategy};

const WAIT: c_int = raw::WAIT_BITSET | raw::PRIVATE;
const WAKE: c_int = raw::WAKE | raw::PRIVATE;
const CMP_REQUEUE: c_int = raw::CMP_REQUEUE | raw::PRIVATE;

pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
    loop {
        let Err(errno) = futex(word, WAIT, expected, deadline.since_origin()) else {
            return WaitOutcome::Woken;
        };
        match errno.raw() {
            libc::EAGAIN => return WaitOutcome::Mismatch,
            libc::ETIMEDOUT => return WaitOutcome::TimedOut,
            // A signal. The deadline is absolute, so the time left is still right.
            libc::EINTR => {}
            // A kernel or a sandbox without futexes: the caller polls, which is slow and correct.
            _ if deadline.has_passed() => return WaitOutcome::TimedOut,
            _ => return WaitOutcome::Woken,
        }
    }
}

pub(crate) fn wake(word: *const AtomicU32, count: usize) -> WakeOutcome {
    if count == 0 {
        // The kernel counts after it has woken, and so wakes one.
        return WakeOutcome::Count(0);
    }
    match futex(word, WAKE, clamp(count), None) {
        Ok(woken) => WakeOutcome::Count(woken),
        // Only where the system call is refused altogether; then `wait` does not sleep either.
        Err(_) => WakeOutcome::Unknown,
    }
}

pub(crate) fn requeue(
    from: &AtomicU32,
    expected: u32,
    to: *const AtomicU32,
    wake: usize,
    requeue: usize,
) -> Option<RequeueOutcome> {
    let (wake, requeue) = (clamp(wake), clamp(requeue));
    // SAFETY: it reads the first word, and writes neither.
    let moved = unsafe { raw::futex_counts(from, CMP_REQUEUE, wake, requeue, to, expected) };
    match moved {
        // The kernel wakes first and moves then, and returns the sum.
        Ok(total) => {
            let woken = total.min(wake as usize);
            let requeued = total - woken;
            Some(RequeueOutcome::Count { woken, requeued })
        }
        Err(errno) if errno.raw() == libc::EAGAIN => Some(RequeueOutcome::Mismatch),
        // A sandbox.
        Err(_) => None,
    }
}

/// The kernel counts in an `int`, and more threads than that it does not have.
fn clamp(count: usize) -> u32 {
    u32::try_from(count)
        .unwrap_or(u32::MAX)
        .min(i32::MAX as u32)
}

pub(crate) fn now() -> Duration {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is a valid place for the result.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    debug_assert_eq!(result, 0, "every Linux has CLOCK_MONOTONIC");
    // The monotonic clock is not negative, and its nanoseconds are less than a second.
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// One futex system call; `Ok` with what it returned, or the errno.
fn futex(
    word: *const AtomicU32,
    operation: c_int,
    value: u32,
    timeout: Option<Duration>,
) -> Result<usize, Errno> {
    // SAFETY: neither operation writes memory.
    unsafe { raw::futex(word, operation, value, timeout, ptr::null(), raw::ANY) }
}
