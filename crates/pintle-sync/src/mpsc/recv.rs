use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::Receiver;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

/// The future of [`Receiver::recv`].
///
/// It holds nothing of its own: polled again after it has completed it receives the next value.
///
/// # Cancellation
///
/// Dropping it loses no value.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Recv<'a, T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    receiver: &'a mut Receiver<T, S, Lock>,
}

// === impl Recv ===

impl<'a, T, S: Storage, Lock: ScopedRawMutex> Recv<'a, T, S, Lock> {
    #[inline]
    pub(super) fn new(receiver: &'a mut Receiver<T, S, Lock>) -> Self {
        Self { receiver }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Future for Recv<'_, T, S, Lock> {
    type Output = Option<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.receiver.poll_recv(cx)
    }
}
