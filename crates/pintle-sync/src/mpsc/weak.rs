use alloc::sync::Weak;
use core::fmt;

use super::{Sender, shared::Shared, slot::Slot};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

/// A [`Sender`] that does not keep its channel open, from [`Sender::downgrade`].
///
/// Only a channel on the heap has them: nobody else's place stays theirs when all ends are gone. Clones
/// are of the same channel.
///
/// # Examples
///
/// ```
/// use pintle_sync::mpsc;
///
/// let (tx, mut rx) = mpsc::channel(4);
/// let weak = tx.downgrade();
/// weak.upgrade().unwrap().try_send(1).unwrap();
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// assert_eq!(rx.try_recv(), Ok(1));
/// assert_eq!(rx.try_recv(), Err(mpsc::TryRecvError::Disconnected));
/// ```
pub struct WeakSender<T, Lock: ScopedRawMutex = DefaultMutex> {
    shared: Weak<Shared<T, Lock, <Heap as Storage>::Row<Slot<T>>>>,
}

// === impl Sender ===

impl<T, Lock: ScopedRawMutex> Sender<T, Heap, Lock> {
    /// One that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T, Lock> {
        WeakSender {
            shared: alloc::sync::Arc::downgrade(&self.shared),
        }
    }
}

// === impl WeakSender ===

impl<T, Lock: ScopedRawMutex> WeakSender<T, Lock> {
    /// A sender more, unless the last one is gone. Lock-free.
    ///
    /// # Panics
    ///
    /// If there are too many; see [`storage`](crate::storage#overflow).
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T, Heap, Lock>> {
        let shared = self.shared.upgrade()?;
        shared.claims.try_add_sender().then(|| Sender::new(shared))
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.shared
            .upgrade()
            .map_or(0, |shared| shared.claims.senders())
    }
}

impl<T, Lock: ScopedRawMutex> Clone for WeakSender<T, Lock> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for WeakSender<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}
