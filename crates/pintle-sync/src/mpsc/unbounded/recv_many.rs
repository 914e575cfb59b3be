use alloc::vec::Vec;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::UnboundedReceiver;
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// The future of [`UnboundedReceiver::recv_many`].
///
/// It holds nothing of its own: polled again after it has completed it receives up to as many again.
///
/// # Cancellation
///
/// Dropping it loses no value: the buffer is filled only by the poll that completes.
#[must_use = "futures do nothing unless polled"]
pub struct UnboundedRecvMany<'a, T, Lock: ScopedRawMutex = DefaultMutex> {
    receiver: &'a mut UnboundedReceiver<T, Lock>,
    buffer: &'a mut Vec<T>,
    limit: usize,
}

// === impl UnboundedReceiver ===

impl<T, Lock: ScopedRawMutex> UnboundedReceiver<T, Lock> {
    /// Receives up to `limit` values into `buffer`, waiting for the first. Gives their number.
    ///
    /// Zero says that nothing will come, or that `limit` is zero.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no value: `buffer` is filled only by the poll that completes.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::mpsc;
    ///
    /// let (tx, mut rx) = mpsc::unbounded_channel();
    /// (1..=3).for_each(|n| tx.send(n).unwrap());
    /// let mut buffer = Vec::new();
    /// assert_eq!(block_on(rx.recv_many(&mut buffer, 2)), 2);
    /// assert_eq!(block_on(rx.recv_many(&mut buffer, 2)), 1);
    /// assert_eq!(buffer, [1, 2, 3]);
    /// ```
    pub fn recv_many<'a>(
        &'a mut self,
        buffer: &'a mut Vec<T>,
        limit: usize,
    ) -> UnboundedRecvMany<'a, T, Lock> {
        UnboundedRecvMany {
            receiver: self,
            buffer,
            limit,
        }
    }

    /// [`recv_many`](Self::recv_many) by hand: receives what is there, up to `limit`, or registers the
    /// waker of `cx`.
    pub fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        if limit == 0 {
            return Poll::Ready(0);
        }
        let before = buffer.len();
        match self.poll_recv(cx) {
            Poll::Ready(Some(first)) => buffer.push(first),
            Poll::Ready(None) => return Poll::Ready(0),
            Poll::Pending => return Poll::Pending,
        }
        while buffer.len() - before < limit {
            let Some(value) = self.take() else { break };
            buffer.push(value);
        }
        Poll::Ready(buffer.len() - before)
    }
}

#[cfg(feature = "park")]
impl<T, Lock: ScopedRawMutex> UnboundedReceiver<T, Lock> {
    /// [`recv_many`](Self::recv_many); the thread sleeps while it waits for the first.
    ///
    /// Not for a task, an interrupt handler or a critical section. Allocates.
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        crate::util::block_on(self.recv_many(buffer, limit))
    }
}

impl<T, Lock: ScopedRawMutex> Future for UnboundedRecvMany<'_, T, Lock> {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        let Self {
            receiver,
            buffer,
            limit,
        } = &mut *self;
        receiver.poll_recv_many(cx, buffer, *limit)
    }
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for UnboundedRecvMany<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedRecvMany")
            .field("receiver", &self.receiver)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
