use super::{Receiver, RecvError};
use crate::{blocking::ScopedRawMutex, storage::Storage, util::block_on};

// === impl Receiver ===

impl<T, S: Storage, Lock: ScopedRawMutex> Receiver<T, S, Lock> {
    /// [`changed`](Self::changed); the thread sleeps while it waits.
    ///
    /// Not for a task, an interrupt handler or a critical section: the sender might need this very thread to
    /// go on. Allocates.
    ///
    /// # Errors
    ///
    /// As for [`changed`](Self::changed).
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::watch;
    ///
    /// let (tx, mut rx) = watch::channel(0);
    /// std::thread::spawn(move || tx.send(5));
    /// assert!(rx.blocking_changed().is_ok());
    /// assert_eq!(*rx.borrow(), 5);
    /// ```
    pub fn blocking_changed(&mut self) -> Result<(), RecvError> {
        block_on(self.changed())
    }
}
