use alloc::vec::Vec;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::Receiver;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

/// The future of [`Receiver::recv_many`].
///
/// It holds nothing of its own: polled again after it has completed it receives up to as many again.
///
/// # Cancellation
///
/// Dropping it loses no value: the buffer is filled only by the poll that completes.
#[must_use = "futures do nothing unless polled"]
pub struct RecvMany<'a, T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    receiver: &'a mut Receiver<T, S, Lock>,
    buffer: &'a mut Vec<T>,
    limit: usize,
}

// === impl RecvMany ===

impl<'a, T, S: Storage, Lock: ScopedRawMutex> RecvMany<'a, T, S, Lock> {
    pub(super) fn new(
        receiver: &'a mut Receiver<T, S, Lock>,
        buffer: &'a mut Vec<T>,
        limit: usize,
    ) -> Self {
        Self {
            receiver,
            buffer,
            limit,
        }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Future for RecvMany<'_, T, S, Lock> {
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

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for RecvMany<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvMany")
            .field("receiver", &self.receiver)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
