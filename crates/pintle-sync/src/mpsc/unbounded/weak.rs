use alloc::sync::Weak;
use core::fmt;

use super::{Shared, UnboundedSender};
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// An [`UnboundedSender`] that does not keep its channel open, from [`UnboundedSender::downgrade`].
///
/// Clones are of the same channel.
///
/// # Examples
///
/// ```
/// use pintle_sync::mpsc;
///
/// let (tx, mut rx) = mpsc::unbounded_channel();
/// let weak = tx.downgrade();
/// weak.upgrade().unwrap().send(1).unwrap();
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// assert_eq!(rx.try_recv(), Ok(1));
/// assert_eq!(rx.try_recv(), Err(mpsc::TryRecvError::Disconnected));
/// ```
pub struct WeakUnboundedSender<T, Lock: ScopedRawMutex = DefaultMutex> {
    shared: Weak<Shared<T, Lock>>,
}

// === impl UnboundedSender ===

impl<T, Lock: ScopedRawMutex> UnboundedSender<T, Lock> {
    /// One that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakUnboundedSender<T, Lock> {
        WeakUnboundedSender {
            shared: alloc::sync::Arc::downgrade(&self.shared),
        }
    }
}

// === impl WeakUnboundedSender ===

impl<T, Lock: ScopedRawMutex> WeakUnboundedSender<T, Lock> {
    /// A sender more, unless the last one is gone. Lock-free.
    ///
    /// # Panics
    ///
    /// If there are too many; see [`storage`](crate::storage#overflow).
    #[must_use]
    pub fn upgrade(&self) -> Option<UnboundedSender<T, Lock>> {
        let shared = self.shared.upgrade()?;
        shared
            .claims
            .try_add_sender()
            .then(|| UnboundedSender::new(shared))
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.shared
            .upgrade()
            .map_or(0, |shared| shared.claims.senders())
    }
}

impl<T, Lock: ScopedRawMutex> Clone for WeakUnboundedSender<T, Lock> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for WeakUnboundedSender<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakUnboundedSender")
            .finish_non_exhaustive()
    }
}
