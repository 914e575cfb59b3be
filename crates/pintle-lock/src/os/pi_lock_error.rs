use core::fmt;
use pintle_park::linux::futex::LockPiError;

/// Why a [`PiLock`](super::PiLock) has not been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PiLockError {
    /// The calling thread has it already, or its wait would close a circle of threads that wait for
    /// each other. `EDEADLK`.
    Deadlock,
    /// A thread has ended with it locked: nobody gets it any more. `ESRCH`, `EINVAL`, or the kernel's
    /// mark in the word.
    OwnerDied,
    /// The time was up.
    TimedOut,
    /// What else the kernel says: it has no memory for it, say, or a sandbox forbids the call.
    Kernel(LockPiError),
}

// === impl PiLockError ===

impl fmt::Display for PiLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadlock => "the caller has the lock, or waiting for it would be a deadlock",
            Self::OwnerDied => "a thread has ended with the lock",
            Self::TimedOut => "the time came before the lock",
            Self::Kernel(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for PiLockError {}
