use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    wait_queue::Wait,
};

pin_project! {
    /// The future of [`UnboundedSender::closed`](super::UnboundedSender::closed).
    ///
    /// It is part of the channel while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has completed it completes again.
    ///
    /// # Cancellation
    ///
    /// Dropping it loses nothing.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct UnboundedClosed<'a, Lock: ScopedRawMutex = DefaultMutex> {
        #[pin]
        wait: Wait<'a, Lock>,
    }
}

// === impl UnboundedClosed ===

impl<'a, Lock: ScopedRawMutex> UnboundedClosed<'a, Lock> {
    /// The queue is never woken but by its closing.
    pub(super) fn new(wait: Wait<'a, Lock>) -> Self {
        Self { wait }
    }
}

impl<Lock: ScopedRawMutex> Future for UnboundedClosed<'_, Lock> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll(cx).map(|_| ())
    }
}
