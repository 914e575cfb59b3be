use core::{
    fmt,
    mem::ManuallyDrop,
    task::{Context, Poll},
};

use super::{
    Closed,
    shared::{Half, Shared},
};
use crate::{
    storage::{Heap, Storage},
    wait_cell::PollWaitError,
};

/// Sends one value to a [`Receiver`](super::Receiver).
///
/// Dropped without having sent it ends the receiver's wait with an error.
///
/// # Contexts
///
/// Everything may be done in an interrupt handler, a critical section and a `Drop`: there is no lock.
/// Sending and dropping call the receiver's waker.
pub struct Sender<T, S: Storage = Heap> {
    shared: Half<T, S>,
}

// === impl Sender ===

impl<T, S: Storage> Sender<T, S> {
    /// It is the only sender of a channel that has just been split.
    pub(super) fn new(shared: Half<T, S>) -> Self {
        Self { shared }
    }

    /// Sends the value. Never waits; wait-free.
    ///
    /// # Errors
    ///
    /// The value, if the receiver is gone or has closed the channel. That it is sent does not say that
    /// it will be received.
    #[inline]
    pub fn send(self, value: T) -> Result<(), T> {
        // What it holds needs no drop: the state says who frees it.
        let this = ManuallyDrop::new(self);
        // SAFETY: this is the sender, which is not dropped, and does nothing after this.
        unsafe { Shared::send::<S>(&this.shared, value) }
    }

    /// Waits until the receiver is gone or has closed the channel.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    pub fn closed(&mut self) -> Closed<'_, T, S> {
        Closed::new(self)
    }

    /// Whether the receiver is gone or has closed the channel, or else registers the waker of `cx` for
    /// that.
    ///
    /// The waker of the last call counts.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.is_closed() {
                return Poll::Ready(());
            }
            // Registered, then looked: who closes after the look finds the waker.
            match self.shared.sender.poll_wait(cx) {
                Poll::Pending if self.shared.state.await_closing() => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
                // A wake-up of before.
                Poll::Ready(Ok(()) | Err(PollWaitError::Closed)) => {}
                // Somebody is waking the sender right now.
                Poll::Ready(Err(PollWaitError::Busy)) => {
                    pintle_core::hint::spin_loop();
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    }

    /// Nobody waits for the closing any more.
    pub(super) fn unregister(&self) {
        drop(self.shared.sender.unregister());
    }

    /// Whether the receiver is gone or has closed the channel.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.state.is_closed()
    }
}

impl<T, S: Storage> Drop for Sender<T, S> {
    fn drop(&mut self) {
        // SAFETY: this is the sender, and it does nothing after this.
        unsafe { Shared::go::<S>(&self.shared) };
    }
}

impl<T, S: Storage> fmt::Debug for Sender<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("channel", &&*self.shared)
            .finish()
    }
}
