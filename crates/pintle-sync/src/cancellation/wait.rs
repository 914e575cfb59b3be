use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::Node;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    waiters::Waiter,
};

pin_project! {
    /// The future of [`CancellationToken::cancelled`](super::CancellationToken::cancelled).
    ///
    /// It is part of the token's line while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has completed it completes again.
    ///
    /// # Cancellation
    ///
    /// Dropping it changes nothing.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFuture<'a, Lock: ScopedRawMutex = DefaultMutex> {
        node: &'a Node<Lock>,
        #[pin]
        waiter: Waiter,
    }

    impl<Lock: ScopedRawMutex> PinnedDrop for WaitForCancellationFuture<'_, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.node.leave(this.waiter.as_ref());
        }
    }
}

pin_project! {
    /// The future of [`CancellationToken::cancelled_owned`](super::CancellationToken::cancelled_owned), which
    /// holds the token.
    ///
    /// It is part of the token's line while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has completed it completes again.
    ///
    /// # Cancellation
    ///
    /// Dropping it drops the token.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFutureOwned<Lock: ScopedRawMutex = DefaultMutex> {
        node: Arc<Node<Lock>>,
        #[pin]
        waiter: Waiter,
    }

    impl<Lock: ScopedRawMutex> PinnedDrop for WaitForCancellationFutureOwned<Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.node.leave(this.waiter.as_ref());
        }
    }
}

// === impl WaitForCancellationFuture ===

impl<'a, Lock: ScopedRawMutex> WaitForCancellationFuture<'a, Lock> {
    pub(super) fn new(node: &'a Node<Lock>) -> Self {
        Self {
            node,
            waiter: Waiter::new(0, ()),
        }
    }
}

impl<Lock: ScopedRawMutex> Future for WaitForCancellationFuture<'_, Lock> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.node.poll(this.waiter.as_ref(), cx.waker())
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for WaitForCancellationFuture<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFuture")
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}

// === impl WaitForCancellationFutureOwned ===

impl<Lock: ScopedRawMutex> WaitForCancellationFutureOwned<Lock> {
    pub(super) fn new(node: Arc<Node<Lock>>) -> Self {
        Self {
            node,
            waiter: Waiter::new(0, ()),
        }
    }
}

impl<Lock: ScopedRawMutex> Future for WaitForCancellationFutureOwned<Lock> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.node.poll(this.waiter.as_ref(), cx.waker())
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for WaitForCancellationFutureOwned<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFutureOwned")
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}
