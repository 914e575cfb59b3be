use core::fmt;

/// An [`InitOnce`](super::InitOnce) was not filled, because it is or is being; it gives the value
/// back.
pub struct TryInitError<T> {
    value: T,
    is_being: bool,
}

// === impl TryInitError ===

impl<T> TryInitError<T> {
    /// `is_being`: another thread fills it, and is not done.
    pub(super) fn new(value: T, is_being: bool) -> Self {
        Self { value, is_being }
    }

    /// Returns the value that was not put there.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    pub(super) fn message(&self) -> &'static str {
        if self.is_being {
            "another thread is initialising it"
        } else {
            "it is initialised already"
        }
    }
}

impl<T> fmt::Debug for TryInitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TryInitError")
            .field(&self.message())
            .finish()
    }
}

impl<T> fmt::Display for TryInitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl<T> core::error::Error for TryInitError<T> {}
