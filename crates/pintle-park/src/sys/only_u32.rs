//! The words of a system that serves those of 32 bits alone.

use super::chosen::{wait, wake};
use super::{Width, WordRef};
use crate::{Deadline, WaitOutcome, WakeOutcome};

#[inline]
pub(crate) fn wait_word(
    word: WordRef<'_>,
    expected: u64,
    deadline: Deadline,
) -> Option<WaitOutcome> {
    match word {
        // The value was widened from these 32 bits.
        WordRef::U32(word) => Some(wait(word, expected as u32, deadline)),
        _ => None,
    }
}

#[inline]
pub(crate) fn wake_word(address: *const (), width: Width, count: usize) -> Option<WakeOutcome> {
    (width == Width::U32).then(|| wake(address.cast(), count))
}
