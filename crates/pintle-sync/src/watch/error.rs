use core::fmt;

/// A value could not be sent, because there is no receiver. It gives the value back.
#[derive(Copy, Clone, PartialEq, Eq)]
pub struct SendError<T>(
    /// What was to be sent.
    pub T,
);

/// All senders are gone: the value will not change any more.
#[derive(Copy, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecvError;

// === impl SendError ===

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T> core::error::Error for SendError<T> {}

// === impl RecvError ===

impl fmt::Debug for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecvError")
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl core::error::Error for RecvError {}
