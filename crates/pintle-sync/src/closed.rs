use core::fmt;

/// What was waited on is closed: the wake-up will not come.
///
/// Closing is final, so whoever gets this once gets it again.
#[derive(Copy, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed;

/// How a wait ends: woken with a value, or [`Closed`].
pub type WaitResult<T> = Result<T, Closed>;

impl fmt::Debug for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed")
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed")
    }
}

impl core::error::Error for Closed {}
