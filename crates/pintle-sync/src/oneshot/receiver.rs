use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    RecvError, TryRecvError,
    shared::{Half, Shared},
    state::Found,
};
use crate::{
    storage::{Heap, Storage},
    wait_cell::PollWaitError,
};

/// Receives one value from a [`Sender`](super::Sender): a future.
///
/// It gives [`RecvError`] if the sender is dropped without having sent. Polled again after it has
/// completed it gives [`RecvError`].
///
/// # Cancellation
///
/// Dropping it closes the channel, and drops a value that has been sent. To give up a wait and keep
/// the receiver, poll `&mut receiver`: that loses nothing.
///
/// # Contexts
///
/// Everything may be done in an interrupt handler, a critical section and a `Drop`: there is no lock.
/// Closing and dropping call the sender's waker, if it waits for that.
#[must_use = "futures do nothing unless polled"]
pub struct Receiver<T, S: Storage = Heap> {
    shared: Half<T, S>,
}

// === impl Receiver ===

impl<T, S: Storage> Receiver<T, S> {
    /// It is the only receiver of a channel that has just been split.
    pub(super) fn new(shared: Half<T, S>) -> Self {
        Self { shared }
    }

    /// Receives the value if it is there.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`]; `Closed` also if it has been received already.
    #[inline]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        // SAFETY: this is the receiver.
        unsafe { self.shared.try_take() }
    }

    /// Refuses a value that is not sent yet. One that has been can still be received.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::oneshot;
    ///
    /// let mut channel = oneshot::Channel::new();
    /// let (tx, mut rx) = channel.split();
    /// rx.close();
    /// assert_eq!(tx.send(1), Err(1));
    /// assert!(rx.try_recv().is_err());
    /// ```
    pub fn close(&mut self) {
        let _ = self.shared.close();
    }

    /// Whether the value has been received, or none will come.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.shared.state.look().found() == Found::Nothing
    }

    /// Whether there is no value to receive now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared.state.look().found() != Found::Value
    }

    /// [`poll`](Future::poll), where nothing has been found.
    #[inline(never)]
    fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, RecvError>> {
        loop {
            // First registered, then looked: who sends after the look finds the waker.
            let registered = self.shared.receiver.poll_wait(cx);
            let found = self.shared.state.await_value();
            if found != Found::Empty {
                drop(self.shared.receiver.unregister());
                return Poll::Ready(self.try_recv().map_err(|_| RecvError));
            }
            match registered {
                Poll::Pending => return Poll::Pending,
                // A wake-up of before.
                Poll::Ready(Ok(()) | Err(PollWaitError::Closed)) => {}
                // Somebody is waking this receiver right now.
                Poll::Ready(Err(PollWaitError::Busy)) => {
                    pintle_core::hint::spin_loop();
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<T, S: Storage> Future for Receiver<T, S> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.try_recv() {
            Ok(value) => Poll::Ready(Ok(value)),
            Err(TryRecvError::Closed) => Poll::Ready(Err(RecvError)),
            Err(TryRecvError::Empty) => self.poll_empty(cx),
        }
    }
}

impl<T, S: Storage> Drop for Receiver<T, S> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this is the receiver, and it does nothing after this.
        unsafe { Shared::leave_receiver::<S>(&self.shared) };
    }
}

impl<T, S: Storage> fmt::Debug for Receiver<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("channel", &&*self.shared)
            .finish()
    }
}

// Pinning it does not pin what it refers to.
impl<T, S: Storage> Unpin for Receiver<T, S> {}
