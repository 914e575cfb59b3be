use core::fmt;
use libc::c_int;

/// An error number of the system's, as it is.
///
/// What an operation's error enum has no variant for is carried in one of these.
///
/// # Examples
///
/// ```
/// use pintle_park::posix::Errno;
///
/// let errno = Errno::from_raw(libc::EINVAL);
/// assert_eq!(errno.raw(), libc::EINVAL);
/// assert_eq!(errno.to_string(), format!("errno {}", libc::EINVAL));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Errno(c_int);

// === impl Errno ===

impl Errno {
    /// The error of this number.
    #[must_use]
    pub const fn from_raw(number: c_int) -> Self {
        Self(number)
    }

    /// The number: `libc::EINVAL`, say.
    #[must_use]
    pub const fn raw(self) -> c_int {
        self.0
    }

    /// The number that the calling thread's last system call has left behind.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn last() -> Self {
        #[cfg(target_os = "android")]
        // SAFETY: takes no argument and has no precondition.
        let place = unsafe { libc::__errno() };
        #[cfg(not(target_os = "android"))]
        // SAFETY: takes no argument and has no precondition.
        let place = unsafe { libc::__errno_location() };
        // SAFETY: the C library keeps the calling thread's errno there.
        Self(unsafe { *place })
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Errno").field(&self.0).finish()
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "errno {}", self.0)
    }
}

impl core::error::Error for Errno {}

#[cfg(feature = "std")]
impl From<Errno> for std::io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.0)
    }
}
