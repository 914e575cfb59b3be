use core::fmt;

/// A value could not be sent, because the channel is closed. It gives the value back.
#[derive(Copy, Clone, PartialEq, Eq)]
pub struct SendError<T>(
    /// What was to be sent.
    pub T,
);

/// Why a value could not be sent at once. It gives the value back.
#[derive(Copy, Clone, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// There is no room in the channel now, or others wait for it.
    Full(T),
    /// The receiver is gone, or has closed the channel.
    Closed(T),
}

/// Why nothing could be received at once.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// There is nothing in the channel now.
    Empty,
    /// There is nothing in the channel, and nothing will come.
    Disconnected,
}

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

// === impl TrySendError ===

impl<T> TrySendError<T> {
    /// What was to be sent.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(value) | Self::Closed(value) => value,
        }
    }
}

impl<T> From<SendError<T>> for TrySendError<T> {
    fn from(SendError(value): SendError<T>) -> Self {
        Self::Closed(value)
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "no available capacity",
            Self::Closed(_) => "channel closed",
        })
    }
}

impl<T> core::error::Error for TrySendError<T> {}

// === impl TryRecvError ===

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "receiving on an empty channel",
            Self::Disconnected => "receiving on a closed channel",
        })
    }
}

impl core::error::Error for TryRecvError {}
