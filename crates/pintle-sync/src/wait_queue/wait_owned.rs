use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    ptr,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{WaitQueue, waiting};
use crate::{
    Closed,
    blocking::{DefaultMutex, ScopedRawMutex},
    waiters::Waiter,
};

pin_project! {
    /// The future of [`WaitQueue::wait_owned`]: a place in a queue that it keeps alive.
    ///
    /// It is part of the queue while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has completed it gives the same result.
    ///
    /// # Cancellation
    ///
    /// As for [`Wait`](super::Wait).
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitOwned<Lock: ScopedRawMutex = DefaultMutex> {
        queue: Arc<WaitQueue<Lock>>,
        #[pin]
        waiter: Waiter,
    }

    impl<Lock: ScopedRawMutex> PinnedDrop for WaitOwned<Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.queue.cancel(this.waiter.as_ref());
        }
    }
}

// === impl WaitOwned ===

impl<Lock: ScopedRawMutex> WaitOwned<Lock> {
    pub(super) fn new(queue: &Arc<WaitQueue<Lock>>) -> Self {
        Self {
            waiter: waiting::waiter(queue.word.load()),
            queue: Arc::clone(queue),
        }
    }

    /// Whether this future waits on `queue`.
    #[must_use]
    pub fn waits_on(&self, queue: &WaitQueue<Lock>) -> bool {
        ptr::eq(&*self.queue, queue)
    }

    /// Whether this future and `other` wait on the same queue.
    #[must_use]
    pub fn same_queue(&self, other: &WaitOwned<Lock>) -> bool {
        Arc::ptr_eq(&self.queue, &other.queue)
    }

    /// Takes a place in the queue now, without a waker. See [`Wait::subscribe`](super::Wait::subscribe).
    ///
    /// # Errors
    ///
    /// [`Closed`] if the queue is closed.
    pub fn subscribe(self: Pin<&mut Self>) -> Poll<Result<(), Closed>> {
        let this = self.project();
        this.queue.poll(this.waiter.as_ref(), None)
    }
}

impl<Lock: ScopedRawMutex> Future for WaitOwned<Lock> {
    type Output = Result<(), Closed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.queue.poll(this.waiter.as_ref(), Some(cx.waker()))
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for WaitOwned<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOwned")
            .field("queue", &self.queue)
            .field("waiter", &self.waiter)
            .finish()
    }
}
