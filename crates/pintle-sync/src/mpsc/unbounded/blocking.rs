use super::UnboundedReceiver;
use crate::{blocking::ScopedRawMutex, mpsc::TryRecvError, util::block_on};

// === impl UnboundedReceiver ===

impl<T, Lock: ScopedRawMutex> UnboundedReceiver<T, Lock> {
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
}
