use super::{Errno, Guard, InitError, Kind, Recovery};
use core::fmt;

/// Why a wait for a [`Condvar`](super::Condvar) has failed. What comes with a guard leaves the
/// mutex locked.
#[non_exhaustive]
pub enum WaitError<'a, T, K: Kind> {
    /// Others wait with another mutex, and so nothing was waited for.
    OtherMutex(Guard<'a, T, K>),
    /// The mutex's owner has died with it meanwhile. Of a robust mutex.
    ///
    /// `EOWNERDEAD`.
    OwnerDied(Recovery<'a, T, K>),
    /// The mutex has become unusable meanwhile, and is not locked. Of a robust mutex.
    ///
    /// `ENOTRECOVERABLE`.
    NotRecoverable,
    /// The wait has ended, but the mutex could not be locked again, and is not: with musl, if with
    /// priority inheritance that would close a ring of threads that wait for each other (`EDEADLK`).
    ///
    /// The condition variable stays with that mutex.
    NotLocked(Errno),
    /// The condition variable has not been used before, and cannot be initialised.
    Init(InitError, Guard<'a, T, K>),
    /// An errno that POSIX does not document for it.
    Other(Errno, Guard<'a, T, K>),
}

// === impl WaitError ===

impl<T, K: Kind> fmt::Debug for WaitError<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherMutex(_) => f.write_str("OtherMutex(..)"),
            Self::OwnerDied(_) => f.write_str("OwnerDied(..)"),
            Self::NotRecoverable => f.write_str("NotRecoverable"),
            Self::NotLocked(errno) => f.debug_tuple("NotLocked").field(errno).finish(),
            Self::Init(error, _) => f.debug_tuple("Init").field(error).finish_non_exhaustive(),
            Self::Other(errno, _) => f.debug_tuple("Other").field(errno).finish_non_exhaustive(),
        }
    }
}

impl<T, K: Kind> fmt::Display for WaitError<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherMutex(_) => "others wait with another mutex",
            Self::OwnerDied(_) => "the mutex's owner died with it locked",
            Self::NotRecoverable => "nobody has repaired the value after the owner's death",
            Self::NotLocked(errno) => return errno.fmt(f),
            Self::Init(error, _) => return error.fmt(f),
            Self::Other(errno, _) => return errno.fmt(f),
        })
    }
}

impl<T, K: Kind> core::error::Error for WaitError<'_, T, K> {}
