use core::fmt;

/// Why a wait on a [`WaitMap`](super::WaitMap) gave no value.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitError {
    /// The map is closed. It stays closed.
    Closed,
    /// The future has given its value before.
    AlreadyConsumed,
    /// Not given by any function of this crate; kept for programs that match on it.
    NeverAdded,
    /// Another was waiting under an equal key when this one came. It stays so for this future; a new one may
    /// try again.
    Duplicate,
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::AlreadyConsumed => "the value has been taken already",
            Self::NeverAdded => "never added to the map",
            Self::Duplicate => "another waits under an equal key",
        })
    }
}

impl core::error::Error for WaitError {}
