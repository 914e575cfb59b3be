use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::Shared;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    mpsc::TryRecvError,
    wait_cell::PollWaitError,
};

/// Receives the values of an unbounded channel, in the order in which they were sent.
///
/// When it is dropped the channel is closed, and what is in it is dropped too.
pub struct UnboundedReceiver<T, Lock: ScopedRawMutex = DefaultMutex> {
    shared: Arc<Shared<T, Lock>>,
}

/// The future of [`UnboundedReceiver::recv`].
///
/// It holds nothing of its own: polled again after it has completed it receives the next value.
///
/// # Cancellation
///
/// Dropping it loses no value.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct UnboundedRecv<'a, T, Lock: ScopedRawMutex = DefaultMutex> {
    receiver: &'a mut UnboundedReceiver<T, Lock>,
}

// === impl UnboundedReceiver ===

impl<T, Lock: ScopedRawMutex> UnboundedReceiver<T, Lock> {
    /// The caller has counted it.
    pub(super) fn new(shared: Arc<Shared<T, Lock>>) -> Self {
        Self { shared }
    }

    /// Receives a value, waiting for one.
    ///
    /// `None` says that nothing will come: the channel is closed and empty. O(1).
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no value: one that has been sent stays in the channel.
    pub fn recv(&mut self) -> UnboundedRecv<'_, T, Lock> {
        UnboundedRecv { receiver: self }
    }

    /// Receives a value if there is one.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`]. A value whose sender is still putting it in counts as not there.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        if let Some(value) = self.take() {
            return Ok(value);
        }
        if self.shared.state.is_finished() {
            return Err(TryRecvError::Disconnected);
        }
        Err(TryRecvError::Empty)
    }

    /// Receives a value, or registers the waker of `cx` for the next.
    ///
    /// The waker of the last call counts.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match self.take() {
            Some(value) => Poll::Ready(Some(value)),
            None => self.poll_empty(cx),
        }
    }

    /// Closes the channel: nothing more can be sent. What is in it can still be received.
    pub fn close(&mut self) {
        self.shared.close();
    }

    /// Whether the channel is closed: by [`close`](Self::close), or because all senders are gone.
    ///
    /// There may still be something in it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.state.is_closed()
    }

    /// Whether nothing is in the channel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values are in the channel. One whose sender is still putting it in counts too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.state.count()
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_strong_count(&self) -> usize {
        self.shared.claims.senders()
    }

    pub(super) fn take(&mut self) -> Option<T> {
        // SAFETY: this is the receiver.
        unsafe { self.shared.take() }
    }

    /// [`poll_recv`](Self::poll_recv), where nothing has been found.
    fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        loop {
            // First registered and said so, then looked: who enqueues after the look wakes.
            let registered = self.shared.receiver.poll_wait(cx);
            self.shared.await_value();
            if let Some(value) = self.take() {
                return Poll::Ready(Some(value));
            }
            if self.shared.state.is_finished() {
                return Poll::Ready(None);
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

impl<T, Lock: ScopedRawMutex> Drop for UnboundedReceiver<T, Lock> {
    fn drop(&mut self) {
        // SAFETY: this is the receiver.
        unsafe { self.shared.leave_receiver() };
    }
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for UnboundedReceiver<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver")
            .field("channel", &self.shared)
            .finish()
    }
}

// === impl UnboundedRecv ===

impl<T, Lock: ScopedRawMutex> Future for UnboundedRecv<'_, T, Lock> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.receiver.poll_recv(cx)
    }
}
