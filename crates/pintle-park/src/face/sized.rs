//! Waiting on words of 8, 16 and 64 bits, as well as of 32.
//!
//! The functions are those of the crate's root, for each [`Word`]. Where the operating system can
//! sleep on a word of that width it does; elsewhere a table in this crate keeps the waiters, by the
//! address of the word, in their own stack frames. Which one it is makes no difference to a caller
//! but in speed: through the table a wait takes a lock that it shares with words of the same hash
//! (and that lends nobody's priority to who holds it), and a wake without waiters is a fence and a
//! load, which is less than a system call.
//!
//! A thread is woken by a wake with the *same type* as its wait, at the same address. Threads must not
//! wait there with different types at the same time: a wake that is for one may be used up on
//! another. Words in memory that processes share are woken within a process only.
//!
//! # Examples
//!
//! A lock of one byte:
//!
//! ```
//! use pintle_park::sized;
//! use std::sync::atomic::{AtomicU8, Ordering::*};
//!
//! const FREE: u8 = 0;
//! const CONTENDED: u8 = 2;
//! static LOCK: AtomicU8 = AtomicU8::new(FREE);
//!
//! // lock
//! while LOCK.swap(CONTENDED, Acquire) != FREE {
//!     sized::wait(&LOCK, CONTENDED);
//! }
//! // unlock
//! if LOCK.swap(FREE, Release) == CONTENDED {
//!     sized::wake_one(&LOCK);
//! }
//! ```

use super::wait_any::WaitFor;
use super::{Deadline, WaitOutcome, WakeOutcome, table};
use crate::sys::{self, Width, WordRef};
use core::fmt;
use core::time::Duration;
use pintle_core::atomic::{AtomicU8, AtomicU16, AtomicU32};

/// An atomic integer that a thread can wait on: `AtomicU8`, `AtomicU16`, `AtomicU32`, and `AtomicU64`
/// where the target has it.
///
/// They are those of `core::sync::atomic` (in a loom model, loom's).
pub trait Word: sealed::Sealed {
    /// What the word holds.
    type Value: Copy + Eq + fmt::Debug + Into<u64>;
}

pub(super) mod sealed {
    use crate::sys::{Width, WordRef};

    pub trait Sealed: Sync {
        const WIDTH: Width;

        fn word_ref(&self) -> WordRef<'_>;
    }
}

macro_rules! words {
    ($($Atomic:ty, $Value:ty, $Width:ident;)*) => { $(
        impl Word for $Atomic {
            type Value = $Value;
        }

        impl sealed::Sealed for $Atomic {
            const WIDTH: Width = Width::$Width;

            #[inline]
            fn word_ref(&self) -> WordRef<'_> {
                WordRef::$Width(self)
            }
        }
    )* };
}

words! {
    AtomicU8, u8, U8;
    AtomicU16, u16, U16;
    AtomicU32, u32, U32;
}
pintle_core::not_loom! {
    #[cfg(target_has_atomic = "64")]
    words! { sys::AtomicU64, u64, U64; }
}
pintle_core::only_loom! {
    words! { sys::AtomicU64, u64, U64; }
}

/// Sleeps while `word` holds `expected`.
///
/// As [`wait`](crate::wait): it may return for no reason, orders no memory, and blocks.
///
/// # Examples
///
/// ```
/// use pintle_park::sized;
/// use std::sync::atomic::{AtomicU64, Ordering::*};
///
/// static EPOCH: AtomicU64 = AtomicU64::new(0);
///
/// let other = std::thread::spawn(|| {
///     while EPOCH.load(Acquire) == 0 {
///         sized::wait(&EPOCH, 0);
///     }
/// });
/// EPOCH.store(1 << 40, Release);
/// sized::wake_one(&EPOCH);
/// other.join().unwrap();
/// ```
#[inline]
pub fn wait<W: Word>(word: &W, expected: W::Value) {
    // Nothing is lost: the caller has to look at the word again whatever the outcome.
    let _ = sleep(WaitFor::new(word, expected), Deadline::NEVER);
}

/// Sleeps as [`wait`] does, for `timeout` at most.
///
/// As [`wait_timeout`](crate::wait_timeout): `Duration::ZERO` compares and returns at once,
/// `Duration::MAX` is none.
#[inline]
pub fn wait_timeout<W: Word>(word: &W, expected: W::Value, timeout: Duration) -> WaitOutcome {
    let wait = WaitFor::new(word, expected);
    if timeout.is_zero() {
        // No system call to learn that no time is left.
        return if wait.is_as_expected() {
            WaitOutcome::TimedOut
        } else {
            WaitOutcome::Mismatch
        };
    }
    sleep(wait, Deadline::after(timeout))
}

/// Sleeps as [`wait`] does, until `deadline` at the latest.
///
/// As [`wait_until`](crate::wait_until).
#[inline]
pub fn wait_until<W: Word>(
    word: &W,
    expected: W::Value,
    deadline: impl Into<Deadline>,
) -> WaitOutcome {
    sleep(WaitFor::new(word, expected), deadline.into())
}

/// Ends the sleep of one thread that waits on `word`, if there is one.
///
/// As [`wake_one`](crate::wake_one): the pointer is an address and may dangle, and a signal handler
/// may call it.
#[inline]
pub fn wake_one<W: Word>(word: *const W) {
    wake(word, 1);
}

/// Ends the sleep of every thread that waits on `word`.
///
/// As [`wake_one`] otherwise.
#[inline]
pub fn wake_all<W: Word>(word: *const W) {
    wake(word, usize::MAX);
}

/// Ends the sleep of up to `count` threads that wait on `word`, and says of how many.
///
/// As [`wake_one`] otherwise.
#[inline]
pub fn wake<W: Word>(word: *const W, count: usize) -> WakeOutcome {
    rouse(word.cast(), W::WIDTH, count)
}

/// Sleeps by the operating system, or in the table.
#[inline]
fn sleep(wait: WaitFor<'_>, deadline: Deadline) -> WaitOutcome {
    match sys::wait_word(wait.word(), wait.expected(), deadline) {
        Some(outcome) => outcome,
        None => table::wait(wait, deadline),
    }
}

/// Ends sleeps by the operating system, and in the table.
#[inline]
fn rouse(address: *const (), width: Width, count: usize) -> WakeOutcome {
    if count == 0 {
        return WakeOutcome::Count(0);
    }
    match sys::wake_word(address, width, count) {
        None => WakeOutcome::Count(table::wake(address, count)),
        // The table may have who waits for this word and others together.
        Some(WakeOutcome::Count(woken)) if woken < count => {
            WakeOutcome::Count(woken + table::wake(address, count - woken))
        }
        Some(WakeOutcome::Unknown) => {
            table::wake(address, count);
            WakeOutcome::Unknown
        }
        Some(all) => all,
    }
}

/// Ends the sleep of one thread, of those who wait for this word alone.
///
/// For a word of this crate's own, which is in nobody's [`wait_any`](crate::wait_any): where the
/// system serves it, its wake has no business in the table.
#[inline]
pub(super) fn wake_one_alone<W: Word>(word: *const W) {
    if sys::wake_word(word.cast(), W::WIDTH, 1).is_none() {
        table::wake(word.cast(), 1);
    }
}

/// Ends sleeps of those alone who wait for this word and others together, in the table.
pub(super) fn wake_in_table<W: Word>(word: *const W, count: usize) -> usize {
    if count == 0 {
        return 0;
    }
    table::wake(word.cast(), count)
}
