use core::fmt;

/// Why permits could not be taken without waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryAcquireError {
    /// The semaphore is closed: there will be none any more.
    Closed,
    /// There are not as many now, or others wait for theirs.
    InsufficientPermits,
}

/// The permits were not added: there would have been more than
/// [`MAX_PERMITS`](super::Semaphore::MAX_PERMITS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPermits(pub(super) ());

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the semaphore is closed",
            Self::InsufficientPermits => "there are not enough permits",
        })
    }
}

impl fmt::Display for TooManyPermits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the semaphore would have more than MAX_PERMITS permits")
    }
}

impl core::error::Error for TryAcquireError {}
impl core::error::Error for TooManyPermits {}
