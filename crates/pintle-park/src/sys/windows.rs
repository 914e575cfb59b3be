//! Windows 8 and later: `WaitOnAddress`, for words of every width.
//!
//! # What it does not give, and what is made of it
//!
//! - Its timeout is in milliseconds, of which `u32::MAX` means for ever, and counts from a coarse
//!   clock. So the time left is rounded up, long waits are made of several, and it is this file's
//!   own clock that says whether the deadline has come: not early, and late by a tick of the
//!   system's (up to 16 ms) as a rule. Time that the machine is suspended for counts for the
//!   deadline, but ends no wait: a wait times out late by what was left of it.
//! - It does not tell a wake from a word that has changed, and ends spuriously: the word is looked
//!   at before it.
//! - A wake ends one sleep or all, and does not tell how many there were. For several, one is woken
//!   that often.
//! - It is for the threads of one process. `windows::Event` goes further.
//!
//! # The clock
//!
//! `QueryPerformanceCounter`: it is the only one that is both fine (100 ns, where `GetTickCount64`
//! and the interrupt time move by up to 16 ms) and what `std::time::Instant` reads, against which
//! users measure whether a wait was early.
//!
//! # References
//!
//! [`WaitOnAddress`](https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitonaddress),
//! [`QueryPerformanceCounter`](https://learn.microsoft.com/windows/win32/api/profileapi/nf-profileapi-queryperformancecounter)

use super::{Width, WordRef};
use crate::{Deadline, WaitOutcome, WakeOutcome};
use core::{ptr, time::Duration};
use pintle_core::atomic::AtomicU32;
use windows_sys::Win32::Foundation::{ERROR_TIMEOUT, GetLastError};
use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::Threading::{
    INFINITE, WaitOnAddress, WakeByAddressAll, WakeByAddressSingle,
};

pub(crate) use super::flush_process_write_buffers::{heavy, light, strategy};
pub(crate) use super::lock_by_word::Lock;
pub(crate) use super::no_requeue::requeue;
pub(crate) use super::no_signals::uninterrupted;
pub(crate) use super::not_any::wait_any;
pub(crate) use super::sleeper_by_word::Sleeper;

#[inline]
pub(crate) fn wait_word(
    word: WordRef<'_>,
    expected: u64,
    deadline: Deadline,
) -> Option<WaitOutcome> {
    let width = match word {
        WordRef::U8(_) => 1,
        WordRef::U16(_) => 2,
        WordRef::U32(_) => 4,
        #[cfg(target_has_atomic = "64")]
        WordRef::U64(_) => 8,
    };
    if word.load() != expected {
        return Some(WaitOutcome::Mismatch);
    }
    Some(sleep(word.address(), width, expected, deadline))
}

/// Sleeps while the `width` bytes at `address` are the low ones of `expected`.
fn sleep(address: *const (), width: usize, expected: u64, deadline: Deadline) -> WaitOutcome {
    // The low bytes of a value come first in memory, on every machine that Windows runs on.
    const { assert!(cfg!(target_endian = "little")) };
    loop {
        let milliseconds = milliseconds(deadline.remaining());
        if milliseconds == 0 {
            return WaitOutcome::TimedOut;
        }
        // SAFETY: `address` is that of an atomic of this width, which the caller's caller borrows,
        // and `expected` has as many bytes at least.
        let ended = unsafe {
            WaitOnAddress(
                address.cast(),
                (&raw const expected).cast(),
                width,
                milliseconds,
            )
        };
        if ended != 0 {
            return WaitOutcome::Woken;
        }
        // SAFETY: has no precondition.
        let error = unsafe { GetLastError() };
        // What has timed out is the system's clock; ours may have a moment to go.
        if error != ERROR_TIMEOUT && !deadline.has_passed() {
            // None is documented. The caller polls, which is slow and correct.
            return WaitOutcome::Woken;
        }
    }
}

#[inline]
pub(crate) fn wake_word(address: *const (), _: Width, count: usize) -> Option<WakeOutcome> {
    /// Past this a wake of several wakes all: the surplus is spurious to who gets it.
    const MANY: usize = 1024;

    if count > MANY {
        // SAFETY: an address is all that is asked for; it is not followed.
        unsafe { WakeByAddressAll(address.cast()) };
    } else {
        for _ in 0..count {
            // SAFETY: as above.
            unsafe { WakeByAddressSingle(address.cast()) };
        }
    }
    Some(WakeOutcome::Unknown)
}

/// For the parts of the table.
pub(super) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
    sleep(ptr::from_ref(word).cast(), 4, expected.into(), deadline)
}

/// For the parts of the table.
pub(super) fn wake(word: *const AtomicU32, count: usize) {
    wake_word(word.cast(), Width::U32, count);
}

pub(crate) fn now() -> Duration {
    const NANOSECONDS: u64 = 1_000_000_000;

    let mut frequency = 0;
    // SAFETY: `frequency` is a place for the result.
    unsafe { QueryPerformanceFrequency(&raw mut frequency) };
    let mut ticks = 0;
    // SAFETY: `ticks` is a place for the result.
    unsafe { QueryPerformanceCounter(&raw mut ticks) };
    // Neither fails from Windows XP on. The counter starts at zero with the machine and is not
    // negative, the frequency (10 MHz as a rule) is at most that of a processor: so nothing below
    // overflows.
    let (ticks, frequency) = (ticks as u64, (frequency as u64).max(1));
    let nanoseconds = ticks % frequency * NANOSECONDS / frequency;
    Duration::new(ticks / frequency, nanoseconds as u32)
}

/// A timeout for the system: rounded up, so that it is not early; what is too long is cut, but for
/// `Duration::MAX`, which is for ever.
pub(crate) fn milliseconds(timeout: Duration) -> u32 {
    const LONGEST: u32 = INFINITE - 1;

    if timeout == Duration::MAX {
        return INFINITE;
    }
    let milliseconds = timeout.as_nanos().div_ceil(1_000_000);
    u32::try_from(milliseconds).map_or(LONGEST, |milliseconds| milliseconds.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_rounded_up_and_cut() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(milliseconds(Duration::from_millis(7)), 7);
        assert_eq!(milliseconds(Duration::from_nanos(7_000_001)), 8);
        // The longest that is none for the system, and beyond.
        for long in [u64::from(INFINITE) - 1, INFINITE.into(), u64::MAX] {
            assert_eq!(milliseconds(Duration::from_millis(long)), INFINITE - 1);
        }
        assert_eq!(milliseconds(Duration::from_secs(u64::MAX)), INFINITE - 1);
        assert_eq!(milliseconds(Duration::MAX), INFINITE);
    }

    #[test]
    fn the_clock_goes_with_std() {
        let (start, instant) = (now(), std::time::Instant::now());
        std::thread::sleep(Duration::from_millis(30));
        let (end, elapsed) = (now(), instant.elapsed());
        assert!(end - start >= Duration::from_millis(30));
        assert!((end - start).abs_diff(elapsed) < Duration::from_millis(10));
    }
}
