use core::fmt;

/// A value could not be sent, because there is no receiver. It gives the value back.
///
/// There may be one again: see [`Sender::subscribe`](super::Sender::subscribe).
#[derive(Copy, Clone, PartialEq, Eq)]
pub struct SendError<T>(
    /// What was to be sent.
    pub T,
);

/// Why no value was received.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum RecvError {
    /// All senders are gone, and everything has been received.
    Closed,
    /// This many values have been overwritten before this receiver came to them. The next receive
    /// gives the oldest that is kept.
    Lagged(u64),
}

/// What an item of a `BroadcastStream` is, if it is no value.
#[cfg(feature = "stream")]
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum BroadcastStreamRecvError {
    /// This many values have been overwritten before the stream came to them. The next item is the oldest
    /// that is kept.
    Lagged(u64),
}

/// Why nothing could be received at once.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// There is nothing new now.
    Empty,
    /// All senders are gone, and everything has been received.
    Closed,
    /// This many values have been overwritten before this receiver came to them. The next receive
    /// gives the oldest that is kept.
    Lagged(u64),
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

// === impl RecvError ===

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("channel closed"),
            Self::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl core::error::Error for RecvError {}

// === impl TryRecvError ===

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("channel empty"),
            Self::Closed => f.write_str("channel closed"),
            Self::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl core::error::Error for TryRecvError {}

#[cfg(feature = "stream")]
impl fmt::Display for BroadcastStreamRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Lagged(missed) = *self;
        RecvError::Lagged(missed).fmt(f)
    }
}

#[cfg(feature = "stream")]
impl core::error::Error for BroadcastStreamRecvError {}
