use core::{error::Error, fmt};

/// Why [`MpscQueue::try_dequeue`](super::MpscQueue::try_dequeue) has nothing to give.
// Exhaustive, as programs written for cordyceps match on it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryDequeueError {
    /// There is no element in the queue.
    Empty,
    /// A producer is in the middle of [`enqueue`](super::MpscQueue::enqueue): there is an element,
    /// but it cannot be reached before that producer has taken its last step.
    Inconsistent,
    /// Another consumer holds the queue.
    Busy,
}

// === impl TryDequeueError ===

impl fmt::Display for TryDequeueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the queue is empty",
            Self::Inconsistent => "a producer is in the middle of an enqueue",
            Self::Busy => "another consumer holds the queue",
        })
    }
}

impl Error for TryDequeueError {}
