use super::{Receiver, RecvError};
use crate::{storage::Storage, util::block_on};

// === impl Receiver ===

impl<T, S: Storage> Receiver<T, S> {
    /// Receives the value; the thread sleeps while it waits for it.
    ///
    /// Not for a task, an interrupt handler or a critical section: the sender might need this very
    /// thread to go on. Allocates.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if the sender is dropped without having sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::oneshot;
    ///
    /// let (tx, rx) = oneshot::channel();
    /// std::thread::spawn(move || tx.send(5));
    /// assert_eq!(rx.blocking_recv(), Ok(5));
    /// ```
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        block_on(self)
    }
}
