use super::{Failure, SharedRecovery};
use core::fmt;
use pintle_park::posix::{Errno, InitError};

/// Why a mutex over a [`SharedLock`](super::SharedLock) has not been locked; or has been, after its
/// owner's death.
#[non_exhaustive]
pub enum SharedLockError<'a, T: ?Sized> {
    /// It **is** locked now: an owner, a thread or a whole process, has died with it, so that the
    /// value may be half changed.
    OwnerDied(SharedRecovery<'a, T>),
    /// Somebody has [given it up](SharedRecovery::give_up): nobody can lock it any more.
    NotRecoverable,
    /// It is locked. By `try_lock_checked` only.
    WouldBlock,
    /// The time was up. By `lock_checked_until` only.
    TimedOut,
    /// The calling thread has locked it already.
    Deadlock,
    /// It has not been used before, and cannot be initialised.
    Init(InitError),
    /// An error that the C library does not document.
    Other(Errno),
}

// === impl SharedLockError ===

impl<T: ?Sized> From<Failure> for SharedLockError<'_, T> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::WouldBlock => Self::WouldBlock,
            Failure::TimedOut => Self::TimedOut,
            Failure::Deadlock => Self::Deadlock,
            Failure::NotRecoverable => Self::NotRecoverable,
            Failure::Init(error) => Self::Init(error),
            Failure::Other(errno) => Self::Other(errno),
        }
    }
}

impl<T: ?Sized> fmt::Debug for SharedLockError<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnerDied(_) => f.write_str("OwnerDied(..)"),
            Self::NotRecoverable => f.write_str("NotRecoverable"),
            Self::WouldBlock => f.write_str("WouldBlock"),
            Self::TimedOut => f.write_str("TimedOut"),
            Self::Deadlock => f.write_str("Deadlock"),
            Self::Init(error) => f.debug_tuple("Init").field(error).finish(),
            Self::Other(errno) => f.debug_tuple("Other").field(errno).finish(),
        }
    }
}

impl<T: ?Sized> fmt::Display for SharedLockError<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnerDied(_) => "the owner died with the mutex locked",
            Self::NotRecoverable => "the value was given up after an owner's death",
            Self::WouldBlock => "the mutex is locked",
            Self::TimedOut => "the time came before the lock",
            Self::Deadlock => "the caller has locked the mutex already",
            Self::Init(error) => return error.fmt(f),
            Self::Other(errno) => return errno.fmt(f),
        })
    }
}

impl<T: ?Sized> core::error::Error for SharedLockError<'_, T> {}
