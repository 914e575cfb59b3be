//! DragonFly BSD: `umtx_sleep` and `umtx_wakeup`, for words of 32 bits.
//!
//! # What it does not give, and what is made of it
//!
//! - Its timeout is in microseconds, a second at most, of which 0 means for ever. So the time left is
//!   rounded up, and a wait is made of sleeps of a second.
//! - The kernel goes by the physical address. When it copies the page (the first write after a
//!   `fork`), who sleeps is left behind at the old one, and a wake does not reach him. So no sleep is
//!   for ever: a sleeper looks at its word once a second.
//! - A wake of more than one ends all sleeps, and does not tell how many there were.
//! - A wake of an address that is not mapped any more is an error, and a line in the kernel's log, which
//!   is nobody's loss.
//! - A timeout is `EWOULDBLOCK` from the kernel and `ETIMEDOUT` in the manual: the clock decides.
//!
//! # References
//!
//! [`umtx(2)`](https://man.dragonflybsd.org/?command=umtx&section=2)

use super::timespec;
use crate::{Deadline, WaitOutcome, WakeOutcome};
use core::time::Duration;
use libc::c_int;
use pintle_core::atomic::{AtomicU32, Ordering::Relaxed};

use super::microseconds::microseconds;

pub(crate) use super::lock_by_word::Lock;
pub(crate) use super::no_requeue::requeue;
pub(crate) use super::not_any::wait_any;
pub(crate) use super::only_u32::{wait_word, wake_word};
pub(crate) use super::signals::uninterrupted;
pub(crate) use super::sleeper_by_word::Sleeper;
pub(crate) use crate::sys::fences::{heavy, light, strategy};

pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
    loop {
        if word.load(Relaxed) != expected {
            return WaitOutcome::Mismatch;
        }
        let microseconds = microseconds(deadline.remaining());
        if microseconds == 0 {
            return WaitOutcome::TimedOut;
        }
        // SAFETY: the kernel reads the word, which is borrowed.
        let result =
            unsafe { libc::umtx_sleep(word.as_ptr().cast(), expected as c_int, microseconds) };
        if result == 0 {
            return WaitOutcome::Woken;
        }
        // A signal, the end of the time, or a word that has changed: the loop decides.
    }
}

pub(crate) fn wake(word: *const AtomicU32, count: usize) -> WakeOutcome {
    // Zero would mean all.
    let count = c_int::try_from(count).unwrap_or(c_int::MAX).max(1);
    // SAFETY: an address is all that is asked for; the kernel checks it.
    unsafe { libc::umtx_wakeup(word.cast(), count) };
    WakeOutcome::Unknown
}

pub(crate) fn now() -> Duration {
    timespec::now_by(libc::CLOCK_MONOTONIC)
}
