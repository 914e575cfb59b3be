use core::fmt;

/// Why [`WaitCell::poll_wait`](super::WaitCell::poll_wait) did not wait.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum PollWaitError {
    /// The cell is closed. It stays closed.
    Closed,
    /// Another task was registering, or a wake-up was taking the waker out. Nothing was registered;
    /// polling again will find the slot free.
    Busy,
}

impl fmt::Display for PollWaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Busy => "another task is using the cell",
        })
    }
}

impl core::error::Error for PollWaitError {}
