use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::Sender;
use crate::storage::{Heap, Storage};

/// The future of [`Sender::closed`].
///
/// Polled again after it has completed it completes again.
///
/// # Cancellation
///
/// Dropping it loses nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Closed<'a, T, S: Storage = Heap> {
    sender: &'a mut Sender<T, S>,
}

// === impl Closed ===

impl<'a, T, S: Storage> Closed<'a, T, S> {
    pub(super) fn new(sender: &'a mut Sender<T, S>) -> Self {
        Self { sender }
    }
}

impl<T, S: Storage> Drop for Closed<'_, T, S> {
    fn drop(&mut self) {
        self.sender.unregister();
    }
}

impl<T, S: Storage> Future for Closed<'_, T, S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.sender.poll_closed(cx)
    }
}
