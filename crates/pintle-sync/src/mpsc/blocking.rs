//! Threads at the ends of a channel, which sleep where a task would wait.

use super::{Receiver, SendError, Sender, TryRecvError, TrySendError};
use crate::{blocking::ScopedRawMutex, storage::Storage, util::block_on};

// === impl Sender ===

impl<T, S: Storage, Lock: ScopedRawMutex> Sender<T, S, Lock> {
    /// Sends a value; the thread sleeps while it waits for room, in line with the tasks.
    ///
    /// Not for a task, an interrupt handler or a critical section: the receiver might need this very
    /// thread to go on. Allocates if it has to wait.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::mpsc;
    ///
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let other = std::thread::spawn(move || (0..100).try_for_each(|n| tx.blocking_send(n)));
    /// for n in 0..100 {
    ///     assert_eq!(rx.blocking_recv(), Some(n));
    /// }
    /// assert_eq!(rx.blocking_recv(), None);
    /// other.join().unwrap().unwrap();
    /// ```
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        match self.try_send(value) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(value)) => block_on(self.send(value)),
            Err(TrySendError::Closed(value)) => Err(SendError(value)),
        }
    }
}

// === impl Receiver ===

impl<T, S: Storage, Lock: ScopedRawMutex> Receiver<T, S, Lock> {
    /// Receives a value; the thread sleeps while it waits for one.
    ///
    /// `None` says that nothing will come, as for [`recv`](Self::recv). Not for a task, an interrupt
    /// handler or a critical section. Allocates if it has to wait.
    pub fn blocking_recv(&mut self) -> Option<T> {
        match self.try_recv() {
            Ok(value) => Some(value),
            Err(TryRecvError::Empty) => block_on(self.recv()),
            Err(TryRecvError::Disconnected) => None,
        }
    }

    /// [`recv_many`](Self::recv_many); the thread sleeps while it waits for the first.
    ///
    /// Not for a task, an interrupt handler or a critical section. Allocates.
    pub fn blocking_recv_many(&mut self, buffer: &mut alloc::vec::Vec<T>, limit: usize) -> usize {
        block_on(self.recv_many(buffer, limit))
    }
}
