use super::{Errno, InitError, Kind, Recovery};
use core::fmt;
use libc::c_int;

/// Why a [`Mutex`](super::Mutex) has not been locked; or has been, after its owner's death.
#[non_exhaustive]
pub enum LockError<'a, T, K: Kind> {
    /// It is locked. By [`try_lock`](super::Mutex::try_lock) only.
    ///
    /// `EBUSY`.
    WouldBlock,
    /// The time has come first. By [`lock_until`](super::Mutex::lock_until) only.
    ///
    /// `ETIMEDOUT`.
    TimedOut,
    /// The calling thread has locked it already; or, with musl and priority inheritance, the wait
    /// would close a ring of threads that wait for each other. glibc 2.36 ends the process then, by
    /// an assertion of its own.
    ///
    /// `EDEADLK`. Of an [`ErrorCheck`](super::ErrorCheck) mutex.
    Deadlock,
    /// It **is** locked now: its owner, a thread or a whole process, has died with it, so that
    /// the value may be half changed. Of a [`robust`](super::MutexAttr::robust) mutex.
    ///
    /// `EOWNERDEAD`.
    OwnerDied(Recovery<'a, T, K>),
    /// A [`Recovery`] has been dropped instead of [made
    /// consistent](Recovery::mark_consistent): nobody can lock it any more.
    ///
    /// `ENOTRECOVERABLE`.
    NotRecoverable,
    /// The calling thread has locked it as often as the C library can count. Of a
    /// [`Recursive`](super::Recursive) mutex.
    ///
    /// `EAGAIN`.
    TooOften,
    /// It has not been used before, and cannot be initialised.
    Init(InitError),
    /// An errno that POSIX does not document for it.
    Other(Errno),
}

// === impl LockError ===

impl<T, K: Kind> LockError<'_, T, K> {
    #[cold]
    pub(super) fn new(errno: c_int) -> Self {
        match errno {
            libc::EBUSY => Self::WouldBlock,
            libc::ETIMEDOUT => Self::TimedOut,
            libc::EDEADLK => Self::Deadlock,
            libc::ENOTRECOVERABLE => Self::NotRecoverable,
            libc::EAGAIN => Self::TooOften,
            errno => Self::Other(Errno::from_raw(errno)),
        }
    }
}

impl<T, K: Kind> From<InitError> for LockError<'_, T, K> {
    fn from(error: InitError) -> Self {
        Self::Init(error)
    }
}

impl<T, K: Kind> fmt::Debug for LockError<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WouldBlock => f.write_str("WouldBlock"),
            Self::TimedOut => f.write_str("TimedOut"),
            Self::Deadlock => f.write_str("Deadlock"),
            Self::OwnerDied(_) => f.write_str("OwnerDied(..)"),
            Self::NotRecoverable => f.write_str("NotRecoverable"),
            Self::TooOften => f.write_str("TooOften"),
            Self::Init(error) => f.debug_tuple("Init").field(error).finish(),
            Self::Other(errno) => f.debug_tuple("Other").field(errno).finish(),
        }
    }
}

impl<T, K: Kind> fmt::Display for LockError<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WouldBlock => "the mutex is locked",
            Self::TimedOut => "the time came before the lock",
            Self::Deadlock => "the caller would wait for itself",
            Self::OwnerDied(_) => "the owner died with the mutex locked",
            Self::NotRecoverable => "nobody has repaired the value after the owner's death",
            Self::TooOften => "the caller has locked the mutex too often",
            Self::Init(error) => return error.fmt(f),
            Self::Other(errno) => return errno.fmt(f),
        })
    }
}

impl<T, K: Kind> core::error::Error for LockError<'_, T, K> {}
