use super::Errno;
use core::fmt;
use libc::c_int;

/// Why [`Mutex::force_unlock`](super::Mutex::force_unlock) has not unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnlockError {
    /// The calling thread has not locked it.
    ///
    /// `EPERM`.
    NotOwner,
    /// Another errno.
    Other(Errno),
}

// === impl UnlockError ===

impl UnlockError {
    #[cold]
    pub(super) fn new(errno: c_int) -> Self {
        match errno {
            libc::EPERM => Self::NotOwner,
            errno => Self::Other(Errno::from_raw(errno)),
        }
    }
}

impl fmt::Display for UnlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOwner => f.write_str("the caller has not locked the mutex"),
            Self::Other(errno) => errno.fmt(f),
        }
    }
}

impl core::error::Error for UnlockError {}
