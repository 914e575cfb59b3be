use super::Errno;
use core::fmt;
use libc::c_int;

/// Why the C library has not made an object.
///
/// The object stays uninitialised, and the next operation tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InitError {
    /// The system lacks an attribute, or this combination of them.
    ///
    /// `ENOTSUP`, `EINVAL` or `ENOSYS`.
    Unsupported,
    /// There is not enough memory.
    ///
    /// `ENOMEM`. glibc and musl allocate nothing for these objects; the BSDs' libraries do.
    NoMemory,
    /// There are not enough resources other than memory.
    ///
    /// `EAGAIN`.
    NoResources,
    /// The caller does not have the privilege.
    ///
    /// `EPERM`.
    NotAllowed,
    /// An errno that POSIX does not document for it.
    Other(Errno),
}

// === impl InitError ===

impl InitError {
    #[cold]
    pub(super) fn new(errno: c_int) -> Self {
        match errno {
            libc::ENOTSUP | libc::EINVAL | libc::ENOSYS => Self::Unsupported,
            libc::ENOMEM => Self::NoMemory,
            libc::EAGAIN => Self::NoResources,
            libc::EPERM => Self::NotAllowed,
            errno => Self::Other(Errno::from_raw(errno)),
        }
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => "the system lacks these attributes",
            Self::NoMemory => "not enough memory",
            Self::NoResources => "not enough resources",
            Self::NotAllowed => "not allowed",
            Self::Other(errno) => return errno.fmt(f),
        })
    }
}

impl core::error::Error for InitError {}
