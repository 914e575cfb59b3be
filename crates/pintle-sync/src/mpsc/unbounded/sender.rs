use alloc::sync::Arc;
use core::fmt;

use super::{Shared, UnboundedClosed};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    mpsc::SendError,
};

/// Sends values into an unbounded channel. Clones send into the same one.
///
/// When the last one is dropped the receiver gets what is in the channel, and then `None`.
///
/// # Contexts
///
/// Sending allocates, so it may be called where the allocator may; it takes no lock of its own and may
/// call the receiver's waker.
pub struct UnboundedSender<T, Lock: ScopedRawMutex = DefaultMutex> {
    pub(super) shared: Arc<Shared<T, Lock>>,
}

// === impl UnboundedSender ===

impl<T, Lock: ScopedRawMutex> UnboundedSender<T, Lock> {
    /// The caller has counted it.
    pub(super) fn new(shared: Arc<Shared<T, Lock>>) -> Self {
        Self { shared }
    }

    /// Sends a value. Never waits. O(1).
    ///
    /// # Errors
    ///
    /// [`SendError`], with the value, if the receiver is gone or has closed the channel. That it is
    /// sent does not say that it will be received.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.shared.send(value).map_err(SendError)
    }

    /// Waits until the receiver is gone or has closed the channel.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    pub fn closed(&self) -> UnboundedClosed<'_, Lock> {
        UnboundedClosed::new(self.shared.closed.wait())
    }

    /// Whether the receiver is gone or has closed the channel.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.state.is_closed()
    }

    /// Whether both send into the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.shared.claims.senders()
    }
}

impl<T, Lock: ScopedRawMutex> Clone for UnboundedSender<T, Lock> {
    /// # Panics
    ///
    /// If there are too many; see [`storage`](crate::storage#overflow).
    fn clone(&self) -> Self {
        self.shared.claims.add_sender();
        Self::new(self.shared.clone())
    }
}

impl<T, Lock: ScopedRawMutex> Drop for UnboundedSender<T, Lock> {
    fn drop(&mut self) {
        self.shared.leave_sender();
    }
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for UnboundedSender<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedSender")
            .field("channel", &self.shared)
            .finish()
    }
}
