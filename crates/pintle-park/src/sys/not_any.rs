//! A system that waits for one word at a time: the table does it for several.

use crate::{AnyOutcome, Deadline, WaitFor};

#[inline]
pub(crate) fn wait_any(_words: &[WaitFor<'_>], _deadline: Deadline) -> Option<AnyOutcome> {
    None
}
