//! FreeBSD: `_umtx_op`, for words of 32 bits, and of 64 where a `long` has them.
//!
//! # What it does not give, and what is made of it
//!
//! - `UMTX_OP_WAIT` compares a `long`, so it serves 64-bit words on 64-bit machines, and no 32-bit
//!   words there: those are `UMTX_OP_WAIT_UINT`'s.
//! - Only the operations on 32-bit words have a private form, by which the kernel takes the address
//!   for the key. For 64-bit words it looks up the memory behind it: a wake of an address that is not
//!   mapped any more is an error there (`EFAULT`), which is nobody's loss. A wait and its wake are of
//!   the same kind, as the widths of the portable face are.
//! - A time is relative unless `UMTX_ABSTIME` is set and a clock is named: then it is a point on that
//!   clock, and a wait that a signal interrupts goes on with it.
//! - A wait does not tell a wake from a word that has changed: the word is looked at before it. And a
//!   wake does not tell how many sleeps it has ended.
//!
//! # References
//!
//! [`_umtx_op(2)`](https://man.freebsd.org/cgi/man.cgi?query=_umtx_op&sektion=2)

use super::{Width, WordRef, errno::errno, timespec};
use crate::{Deadline, WaitOutcome, WakeOutcome};
use core::{
    ptr::{self, without_provenance_mut},
    time::Duration,
};
use libc::{c_int, c_ulong};
use pintle_core::atomic::AtomicU32;

pub(crate) use super::lock_by_word::Lock;
pub(crate) use super::membarrier::{heavy, light, strategy};
pub(crate) use super::no_requeue::requeue;
pub(crate) use super::not_any::wait_any;
pub(crate) use super::signals::uninterrupted;
pub(crate) use super::sleeper_by_word::Sleeper;

/// The operations that wait for and wake a word of that width.
#[inline]
const fn operations(width: Width) -> Option<(c_int, c_int)> {
    match width {
        Width::U32 => Some((libc::UMTX_OP_WAIT_UINT_PRIVATE, libc::UMTX_OP_WAKE_PRIVATE)),
        #[cfg(target_pointer_width = "64")]
        Width::U64 => Some((libc::UMTX_OP_WAIT, libc::UMTX_OP_WAKE)),
        _ => None,
    }
}

#[inline]
pub(crate) fn wait_word(
    word: WordRef<'_>,
    expected: u64,
    deadline: Deadline,
) -> Option<WaitOutcome> {
    let (wait, _) = operations(word.width())?;
    if word.load() != expected {
        return Some(WaitOutcome::Mismatch);
    }
    Some(sleep(word.address(), wait, expected as c_ulong, deadline))
}

#[inline]
pub(crate) fn wake_word(address: *const (), width: Width, count: usize) -> Option<WakeOutcome> {
    let (_, wake) = operations(width)?;
    // The kernel counts in an `int`, and more threads than that it does not have.
    let count = count.min(c_int::MAX as usize) as c_ulong;
    // SAFETY: an address is all that is asked for; a wake does not follow it.
    unsafe {
        libc::_umtx_op(
            address.cast_mut().cast(),
            wake,
            count,
            ptr::null_mut(),
            ptr::null_mut(),
        )
    };
    Some(WakeOutcome::Unknown)
}

fn sleep(
    address: *const (),
    operation: c_int,
    expected: c_ulong,
    deadline: Deadline,
) -> WaitOutcome {
    let mut timeout = timespec::absolute(deadline).map(|at| libc::_umtx_time {
        _timeout: at,
        _flags: libc::UMTX_ABSTIME,
        _clockid: libc::CLOCK_MONOTONIC as u32,
    });
    // The size of the structure says which of two it is, and goes in the place of a pointer.
    let (size, timeout) = match &mut timeout {
        Some(timeout) => (size_of_val(timeout), ptr::from_mut(timeout).cast()),
        None => (0, ptr::null_mut()),
    };
    loop {
        // SAFETY: `address` is that of a word of the operation's width, which the caller's caller
        // borrows; the kernel reads it, and `timeout` is null or as long as `size` says.
        let result = unsafe {
            libc::_umtx_op(
                address.cast_mut().cast(),
                operation,
                expected,
                without_provenance_mut(size),
                timeout,
            )
        };
        if result == 0 {
            return WaitOutcome::Woken;
        }
        match errno() {
            // A signal. The deadline is absolute, so the time left is still right.
            libc::EINTR => {}
            // The kernel's clock ticks; ours may have a moment to go.
            libc::ETIMEDOUT if !deadline.has_passed() => {}
            _ if deadline.has_passed() => return WaitOutcome::TimedOut,
            // None is documented. The caller polls, which is slow and correct.
            _ => return WaitOutcome::Woken,
        }
    }
}

/// For the parts of the table.
pub(super) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
    sleep(
        ptr::from_ref(word).cast(),
        libc::UMTX_OP_WAIT_UINT_PRIVATE,
        expected.into(),
        deadline,
    )
}

/// For the parts of the table.
pub(super) fn wake(word: *const AtomicU32, count: usize) {
    wake_word(word.cast(), Width::U32, count);
}

pub(crate) fn now() -> Duration {
    timespec::now_by(libc::CLOCK_MONOTONIC)
}
