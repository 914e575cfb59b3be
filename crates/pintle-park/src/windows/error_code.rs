use core::fmt;
use windows_sys::Win32::Foundation::GetLastError;

/// An error of the system's: what `GetLastError` says.
///
/// # Examples
///
/// ```
/// use pintle_park::windows::ErrorCode;
///
/// let denied = ErrorCode::from_raw(5);
/// assert_eq!(denied.raw(), 5);
/// assert_eq!(denied.to_string(), "Windows error 5");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(u32);

// === impl ErrorCode ===

impl ErrorCode {
    /// The error of this number.
    #[must_use]
    pub const fn from_raw(code: u32) -> Self {
        Self(code)
    }

    /// The number: `ERROR_ACCESS_DENIED` is 5, say.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// What the calling thread's last call has left behind.
    pub(super) fn last() -> Self {
        // SAFETY: has no precondition.
        Self(unsafe { GetLastError() })
    }

    /// `Ok` unless a call has returned `FALSE`.
    pub(super) fn check(succeeded: i32) -> Result<(), Self> {
        if succeeded != 0 {
            Ok(())
        } else {
            Err(Self::last())
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ErrorCode").field(&self.0).finish()
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Windows error {}", self.0)
    }
}

impl core::error::Error for ErrorCode {}

#[cfg(feature = "std")]
impl From<ErrorCode> for std::io::Error {
    fn from(code: ErrorCode) -> Self {
        Self::from_raw_os_error(code.0 as i32)
    }
}
