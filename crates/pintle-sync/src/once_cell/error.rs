use core::fmt;

/// Why [`OnceCell::set`](super::OnceCell::set) did not, with the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetError<T> {
    /// The cell has a value.
    AlreadyInitializedError(T),
    /// Somebody is making the value.
    InitializingError(T),
}

// === impl SetError ===

impl<T> SetError<T> {
    /// Whether the cell had a value.
    #[must_use]
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, Self::AlreadyInitializedError(_))
    }

    /// Whether somebody was making the value.
    #[must_use]
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, Self::InitializingError(_))
    }

    /// The value that was not set.
    #[must_use]
    pub fn into_inner(self) -> T {
        match self {
            Self::AlreadyInitializedError(value) | Self::InitializingError(value) => value,
        }
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyInitializedError(_) => "the cell has a value",
            Self::InitializingError(_) => "the cell's value is being made",
        })
    }
}

impl<T: fmt::Debug> core::error::Error for SetError<T> {}
