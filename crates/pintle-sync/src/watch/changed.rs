use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{RecvError, shared::Shared, version::Version};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    waiters::{Stage, Waiter},
};

pin_project! {
    /// The future of [`Receiver::changed`](super::Receiver::changed).
    ///
    /// It is part of the channel while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has completed it gives the same result.
    ///
    /// # Cancellation
    ///
    /// Dropping it loses nothing: a value counts as seen only when the future has completed.
    #[must_use = "futures do nothing unless polled"]
    pub struct Changed<'a, T, Lock: ScopedRawMutex = DefaultMutex> {
        shared: &'a Shared<T, Lock>,
        seen: &'a mut Version,
        #[pin]
        waiter: Waiter,
    }

    impl<T, Lock: ScopedRawMutex> PinnedDrop for Changed<'_, T, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.shared.leave_changes(this.waiter.as_ref());
        }
    }
}

// === impl Changed ===

impl<'a, T, Lock: ScopedRawMutex> Changed<'a, T, Lock> {
    #[inline]
    pub(super) fn new(shared: &'a Shared<T, Lock>, seen: &'a mut Version) -> Self {
        Self {
            shared,
            seen,
            waiter: Waiter::new(0, ()),
        }
    }
}

impl<T, Lock: ScopedRawMutex> Future for Changed<'_, T, Lock> {
    type Output = Result<(), RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let waiter = this.waiter.as_ref();
        // SAFETY: the waiter is this future's, is used here only, and leaves when the future is dropped.
        match unsafe { this.shared.poll_changes(waiter, this.seen, cx.waker()) } {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Stage::Closed) => Poll::Ready(Err(RecvError)),
            Poll::Ready(_) => Poll::Ready(Ok(())),
        }
    }
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for Changed<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changed")
            .field("seen", &self.seen)
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}
