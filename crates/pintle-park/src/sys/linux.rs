//! Linux and Android: the futex system call.
//!
//! Every wait is a `FUTEX_WAIT_BITSET`, whose timeout is a point on `CLOCK_MONOTONIC`: a wait that
//! a signal interrupts goes on with the same deadline, so no time is lost. All futexes are private
//! to the process.
//!
//! # 32-bit machines
//!
//! They have two system calls: `futex`, whose times have 32-bit seconds, and since Linux 5.1
//! `futex_time64`. Monotonic seconds count from the start of the machine, so 32 bits of them last
//! 68 years and the old call does; it is also the one that every seccomp filter knows (Android
//! before 11 kills a process that tries the new one). Where the kernel has left the old call out
//! (`ENOSYS`) the new one is taken. riscv32 never had the old one.

use crate::{Deadline, WaitOutcome, WakeOutcome};
use core::{ptr, time::Duration};
use libc::{c_int, c_long};
use pintle_core::atomic::AtomicU32;

#[cfg(target_os = "android")]
pub(crate) use super::fences::{heavy, light, strategy};
#[cfg(not(target_os = "android"))]
pub(crate) use super::membarrier::{heavy, light, strategy};

const WAIT: c_int = libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG;
const WAKE: c_int = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
/// `FUTEX_BITSET_MATCH_ANY`: any wake is for us.
const ANY: u32 = u32::MAX;

pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
    loop {
        let Err(errno) = futex(word, WAIT, expected, deadline.since_origin()) else {
            return WaitOutcome::Woken;
        };
        match errno {
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
    // The kernel counts in an `int`, and more threads than that it does not have.
    let count = u32::try_from(count)
        .unwrap_or(u32::MAX)
        .min(i32::MAX as u32);
    match futex(word, WAKE, count, None) {
        Ok(woken) => WakeOutcome::Count(woken),
        // Only where the system call is refused altogether; then `wait` does not sleep either.
        Err(_) => WakeOutcome::Unknown,
    }
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
///
/// A `timeout` too large for the kernel is none.
#[cfg(any(target_pointer_width = "64", target_arch = "x86_64"))]
fn futex(
    word: *const AtomicU32,
    operation: c_int,
    value: u32,
    timeout: Option<Duration>,
) -> Result<usize, c_int> {
    call(
        libc::SYS_futex,
        word,
        operation,
        value,
        timespec64(timeout).as_ref(),
    )
}

/// One futex system call; `Ok` with what it returned, or the errno.
///
/// A `timeout` too large for the kernel is none.
#[cfg(not(any(target_pointer_width = "64", target_arch = "x86_64")))]
fn futex(
    word: *const AtomicU32,
    operation: c_int,
    value: u32,
    timeout: Option<Duration>,
) -> Result<usize, c_int> {
    /// The same number on every architecture, but for MIPS, whose numbers have an offset.
    const SYS_FUTEX_TIME64: c_long = if cfg!(any(target_arch = "mips", target_arch = "mips32r6")) {
        4422
    } else {
        422
    };

    #[cfg(not(target_arch = "riscv32"))]
    if libc::SYS_futex as c_long != SYS_FUTEX_TIME64 {
        let time = timespec32(timeout);
        let result = call(
            libc::SYS_futex as c_long,
            word,
            operation,
            value,
            time.as_ref(),
        );
        if result != Err(libc::ENOSYS) {
            return result;
        }
    }
    call(
        SYS_FUTEX_TIME64,
        word,
        operation,
        value,
        timespec64(timeout).as_ref(),
    )
}

/// `struct __kernel_timespec`: what `futex_time64`, and `futex` on a 64-bit kernel, read.
#[repr(C)]
struct Timespec64 {
    seconds: i64,
    nanoseconds: i64,
}

fn timespec64(time: Option<Duration>) -> Option<Timespec64> {
    let time = time?;
    Some(Timespec64 {
        seconds: i64::try_from(time.as_secs()).ok()?,
        nanoseconds: time.subsec_nanos().into(),
    })
}

/// `struct old_timespec32`: what `futex` reads on a 32-bit machine, whatever libc's `timespec` is.
#[cfg(not(any(
    target_pointer_width = "64",
    target_arch = "x86_64",
    target_arch = "riscv32"
)))]
#[repr(C)]
struct Timespec32 {
    seconds: i32,
    nanoseconds: i32,
}

#[cfg(not(any(
    target_pointer_width = "64",
    target_arch = "x86_64",
    target_arch = "riscv32"
)))]
fn timespec32(time: Option<Duration>) -> Option<Timespec32> {
    let time = time?;
    Some(Timespec32 {
        seconds: i32::try_from(time.as_secs()).ok()?,
        nanoseconds: time.subsec_nanos() as i32,
    })
}

fn call<T>(
    number: c_long,
    word: *const AtomicU32,
    operation: c_int,
    value: u32,
    timeout: Option<&T>,
) -> Result<usize, c_int> {
    let timeout = timeout.map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the kernel checks the address of the word itself and reads at most the 32 bits of
    // an atomic there; `timeout` is null or the time of the layout that `number` reads.
    let result = unsafe {
        libc::syscall(
            number,
            word,
            operation,
            value,
            timeout,
            ptr::null::<u32>(),
            ANY,
        )
    };
    usize::try_from(result).map_err(|_| errno())
}

pub(super) fn errno() -> c_int {
    #[cfg(target_os = "android")]
    // SAFETY: takes no argument and has no precondition.
    let place = unsafe { libc::__errno() };
    #[cfg(not(target_os = "android"))]
    // SAFETY: takes no argument and has no precondition.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: the C library keeps the calling thread's errno there.
    unsafe { *place }
}
