//! Waiting while a 32-bit word holds a value.

use super::{Deadline, WaitOutcome, WakeOutcome, sized};
use core::time::Duration;
use pintle_core::atomic::AtomicU32;

/// Sleeps while `word` holds `expected`.
///
/// Returns at once if `word` holds something else. The comparison and falling asleep are one
/// step for a waker: one that first changes the word and then calls [`wake_one`] or
/// [`wake_all`] on it cannot slip in between. **It may also return for no reason**, so call it
/// in a loop that looks at the word.
///
/// It orders no memory: read what the waker has written after an `Acquire` load of the word that
/// sees the waker's `Release` store.
///
/// Blocks: not for an interrupt handler or a critical section.
///
/// # References
///
/// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html), `FUTEX_WAIT_BITSET`
/// (private).
///
/// # Examples
///
/// ```
/// use pintle_park::{wait, wake_one};
/// use std::sync::atomic::{AtomicU32, Ordering::*};
///
/// static READY: AtomicU32 = AtomicU32::new(0);
///
/// let other = std::thread::spawn(|| {
///     while READY.load(Acquire) == 0 {
///         wait(&READY, 0);
///     }
/// });
/// READY.store(1, Release);
/// wake_one(&READY);
/// other.join().unwrap();
/// ```
#[inline]
pub fn wait(word: &AtomicU32, expected: u32) {
    sized::wait(word, expected);
}

/// Sleeps as [`wait`] does, for `timeout` at most.
///
/// It does not time out early. `Duration::ZERO` compares and returns at once, a timeout that is
/// beyond the clock (`Duration::MAX`) is none. In a loop use [`wait_until`], or every spurious
/// wake-up starts the time again.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_park::{WaitOutcome, wait_timeout};
/// use std::sync::atomic::AtomicU32;
///
/// let word = AtomicU32::new(1);
/// assert_eq!(wait_timeout(&word, 0, Duration::MAX), WaitOutcome::Mismatch);
/// assert_eq!(wait_timeout(&word, 1, Duration::ZERO), WaitOutcome::TimedOut);
/// ```
pub fn wait_timeout(word: &AtomicU32, expected: u32, timeout: Duration) -> WaitOutcome {
    sized::wait_timeout(word, expected, timeout)
}

/// Sleeps as [`wait`] does, until `deadline` at the latest.
///
/// It does not time out early. A deadline that has passed compares and returns.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_park::{Deadline, WaitOutcome, wait_until};
/// use std::sync::atomic::{AtomicU32, Ordering::Acquire};
///
/// let word = AtomicU32::new(0);
/// let deadline = Deadline::after(Duration::from_millis(2));
/// let came_in_time = loop {
///     if word.load(Acquire) != 0 {
///         break true;
///     }
///     if wait_until(&word, 0, deadline) == WaitOutcome::TimedOut {
///         break false;
///     }
/// };
/// assert!(!came_in_time);
/// ```
pub fn wait_until(word: &AtomicU32, expected: u32, deadline: impl Into<Deadline>) -> WaitOutcome {
    sized::wait_until(word, expected, deadline)
}

/// Ends the sleep of one thread that waits on `word`, if there is one.
///
/// Change the word first. The pointer is an address and is not followed: the word may be gone by
/// now, as when the thread that it was to wake has seen the change by itself and freed it. A wake
/// of whoever waits at that address then is spurious to him, which he has to expect.
///
/// A signal handler may call it, with [few exceptions](crate#where-it-may-be-called). In a process
/// in which threads sleep by [`wait_any`](crate::wait_any) it may have to wait for another thread to
/// leave a short critical section.
///
/// # References
///
/// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html), `FUTEX_WAKE` (private).
#[inline]
pub fn wake_one(word: *const AtomicU32) {
    sized::wake_one(word);
}

/// Ends the sleep of every thread that waits on `word`.
///
/// As [`wake_one`] otherwise.
#[inline]
pub fn wake_all(word: *const AtomicU32) {
    sized::wake_all(word);
}

/// Ends the sleep of up to `count` threads that wait on `word`, and says of how many.
///
/// As [`wake_one`] otherwise.
///
/// # Examples
///
/// ```
/// use pintle_park::{WakeOutcome, wake};
/// use std::sync::atomic::AtomicU32;
///
/// let word = AtomicU32::new(0);
/// // Nobody waits.
/// assert!(matches!(wake(&word, 3), WakeOutcome::Count(0) | WakeOutcome::Unknown));
/// ```
#[inline]
pub fn wake(word: *const AtomicU32, count: usize) -> WakeOutcome {
    sized::wake(word, count)
}
