use super::{Errno, InitError};
use core::fmt;
use libc::c_int;

/// Why an [`RwLock`](super::RwLock) has not been locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RwLockError {
    /// It is locked. By the `try_` functions only.
    ///
    /// `EBUSY`.
    WouldBlock,
    /// The calling thread has it already, in a way that excludes this.
    ///
    /// `EDEADLK`, or the C library would have granted it.
    Deadlock,
    /// There are as many readers as the C library can count.
    ///
    /// `EAGAIN`.
    TooManyReaders,
    /// It has not been used before, and cannot be initialised.
    Init(InitError),
    /// An errno that POSIX does not document for it.
    Other(Errno),
}

// === impl RwLockError ===

impl RwLockError {
    #[cold]
    pub(super) fn new(errno: c_int) -> Self {
        match errno {
            libc::EBUSY => Self::WouldBlock,
            libc::EDEADLK => Self::Deadlock,
            libc::EAGAIN => Self::TooManyReaders,
            errno => Self::Other(Errno::from_raw(errno)),
        }
    }
}

impl From<InitError> for RwLockError {
    fn from(error: InitError) -> Self {
        Self::Init(error)
    }
}

impl fmt::Display for RwLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WouldBlock => "the lock is taken",
            Self::Deadlock => "the caller has the lock already",
            Self::TooManyReaders => "there are too many readers",
            Self::Init(error) => return error.fmt(f),
            Self::Other(errno) => return errno.fmt(f),
        })
    }
}

impl core::error::Error for RwLockError {}
