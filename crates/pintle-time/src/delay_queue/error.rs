//! [`Full`] and [`StaleKey`].

use core::error::Error;
use core::fmt;

/// The [queue](super::DelayQueue) has no room for the value, which is in here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Full<T>(pub(super) T);

// === impl Full ===

impl<T> Full<T> {
    /// The value that was not put in.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Full").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the delay queue is full")
    }
}

impl<T> Error for Full<T> {}

/// The key names no value of the [queue](super::DelayQueue): it has come out, or was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StaleKey;

// === impl StaleKey ===

impl fmt::Display for StaleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key names no value of this delay queue")
    }
}

impl Error for StaleKey {}
