use super::ErrorCode;
use core::fmt;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND, ERROR_INVALID_HANDLE,
};

/// Why a kernel object could not be created or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectError {
    /// There is no object of that name to open.
    NotFound,
    /// Its creator's security does not grant this access to this user.
    AccessDenied,
    /// The name belongs to an object of another kind: all kinds share their names.
    OtherKind,
    /// Any other error: out of memory, a name with a backslash in the wrong place.
    Other(ErrorCode),
}

// === impl ObjectError ===

impl ObjectError {
    pub(super) fn last() -> Self {
        let code = ErrorCode::last();
        match code.raw() {
            ERROR_FILE_NOT_FOUND => Self::NotFound,
            ERROR_ACCESS_DENIED => Self::AccessDenied,
            ERROR_INVALID_HANDLE => Self::OtherKind,
            _ => Self::Other(code),
        }
    }

    /// The system's number of this error.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::from_raw(ERROR_FILE_NOT_FOUND),
            Self::AccessDenied => ErrorCode::from_raw(ERROR_ACCESS_DENIED),
            Self::OtherKind => ErrorCode::from_raw(ERROR_INVALID_HANDLE),
            Self::Other(code) => code,
        }
    }
}

impl fmt::Display for ObjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no object of that name"),
            Self::AccessDenied => f.write_str("the object's security denies the access"),
            Self::OtherKind => f.write_str("the name belongs to an object of another kind"),
            Self::Other(code) => fmt::Display::fmt(code, f),
        }
    }
}

impl core::error::Error for ObjectError {}

#[cfg(feature = "std")]
impl From<ObjectError> for std::io::Error {
    fn from(error: ObjectError) -> Self {
        error.code().into()
    }
}
