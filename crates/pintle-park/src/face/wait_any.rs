//! Waiting for several words at once.

use super::sized::Word;
use super::{Deadline, table};
use crate::sys::{self, WordRef};
use core::{fmt, time::Duration};

/// How many words [`wait_any`] takes at most: as many as Linux does.
pub const WAIT_ANY_MAX: usize = 128;

/// A word to wait for, and what it holds while there is nothing to do: for [`wait_any`].
#[derive(Clone, Copy)]
pub struct WaitFor<'a> {
    word: WordRef<'a>,
    /// With zeroes in front.
    expected: u64,
}

/// Why a wait for several words ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "the outcome names the word that ended the wait"]
#[non_exhaustive]
pub enum AnyOutcome {
    /// A wake of the word with this index ended it, or nothing did: waits may end spuriously, so
    /// look at the words again.
    Woken(usize),
    /// The word with this index did not hold the expected value, so the thread did not sleep.
    ///
    /// If several did not it is any of them.
    Mismatch(usize),
    /// The deadline has passed.
    TimedOut,
}

/// So many words cannot be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitAnyError {
    /// There is no word.
    Empty,
    /// There are more than [`WAIT_ANY_MAX`].
    TooMany,
}

// === impl WaitFor ===

impl<'a> WaitFor<'a> {
    /// Waits while `word` holds `expected`.
    #[inline]
    pub fn new<W: Word>(word: &'a W, expected: W::Value) -> Self {
        Self {
            word: word.word_ref(),
            expected: expected.into(),
        }
    }

    #[inline]
    pub(crate) fn word(&self) -> WordRef<'a> {
        self.word
    }

    #[inline]
    pub(crate) fn expected(&self) -> u64 {
        self.expected
    }

    #[inline]
    pub(crate) fn address(&self) -> *const () {
        self.word.address()
    }

    /// Whether there is nothing to do, at the moment.
    #[inline]
    pub(crate) fn is_as_expected(&self) -> bool {
        self.word.load() == self.expected
    }
}

impl fmt::Debug for WaitFor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor")
            .field("word", &self.word)
            .field("expected", &self.expected)
            .finish()
    }
}

// === impl WaitAnyError ===

impl fmt::Display for WaitAnyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no word to wait for",
            Self::TooMany => "more than 128 words to wait for",
        })
    }
}

impl core::error::Error for WaitAnyError {}

/// Sleeps while each of `words` holds what is expected of it.
///
/// A wake of any of them, by the function for its type, ends it; [`AnyOutcome`] says of which.
///
/// **It may use up more than one wake.** If several words are woken before this thread runs, each of
/// these wakes may have been for it, and no other waiter of those words hears of them: by
/// `futex_waitv` it is so, while the table gives the second to another waiter. So look at all words
/// again, in a loop. And who leaves the loop for the sake of one word, where others wait for the
/// rest, wakes one of those others for each word that has changed.
///
/// Words of different widths may be mixed. It orders no memory. O(words), of which each is looked at
/// before the sleep. Where the operating system can wait for several words (Linux from 5.16, words
/// of 32 bits) it does; elsewhere the wait is kept in this crate's table, with one node per word on
/// the stack, which has to have 5 KiB for as many as there may be.
///
/// Blocks: not for an interrupt handler or a critical section.
///
/// # Errors
///
/// [`WaitAnyError`] if there is no word, or more than [`WAIT_ANY_MAX`].
///
/// # References
///
/// [`futex_waitv(2)`](https://docs.kernel.org/userspace-api/futex2.html)
///
/// # Examples
///
/// ```
/// use pintle_park::{WaitFor, sized, wait_any};
/// use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::*};
///
/// static WORK: AtomicU32 = AtomicU32::new(0);
/// static STOP: AtomicU8 = AtomicU8::new(0);
///
/// let worker = std::thread::spawn(|| {
///     while STOP.load(Acquire) == 0 {
///         let _ = wait_any(&[WaitFor::new(&WORK, 0), WaitFor::new(&STOP, 0)]).unwrap();
///         // ... do the work ...
///     }
/// });
/// STOP.store(1, Release);
/// sized::wake_all(&STOP);
/// worker.join().unwrap();
/// ```
pub fn wait_any(words: &[WaitFor<'_>]) -> Result<AnyOutcome, WaitAnyError> {
    wait_any_until(words, Deadline::NEVER)
}

/// Sleeps as [`wait_any`] does, for `timeout` at most.
///
/// It does not time out early. `Duration::ZERO` compares and returns, `Duration::MAX` is none.
///
/// # Errors
///
/// As [`wait_any`].
pub fn wait_any_timeout(
    words: &[WaitFor<'_>],
    timeout: Duration,
) -> Result<AnyOutcome, WaitAnyError> {
    wait_any_until(words, Deadline::after(timeout))
}

/// Sleeps as [`wait_any`] does, until `deadline` at the latest.
///
/// It does not time out early. A deadline that has passed compares and returns.
///
/// # Errors
///
/// As [`wait_any`].
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_park::{AnyOutcome, Deadline, WaitFor, wait_any_until};
/// use std::sync::atomic::{AtomicU16, AtomicU32};
///
/// let (a, b) = (AtomicU32::new(1), AtomicU16::new(2));
/// let soon = Deadline::after(Duration::from_millis(1));
///
/// let words = [WaitFor::new(&a, 1), WaitFor::new(&b, 3)];
/// assert_eq!(wait_any_until(&words, soon), Ok(AnyOutcome::Mismatch(1)));
/// ```
pub fn wait_any_until(
    words: &[WaitFor<'_>],
    deadline: impl Into<Deadline>,
) -> Result<AnyOutcome, WaitAnyError> {
    let deadline = deadline.into();
    match words.len() {
        0 => Err(WaitAnyError::Empty),
        1..=WAIT_ANY_MAX => {
            Ok(sys::wait_any(words, deadline).unwrap_or_else(|| table::wait_any(words, deadline)))
        }
        _ => Err(WaitAnyError::TooMany),
    }
}
