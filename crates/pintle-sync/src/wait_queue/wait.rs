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
    /// The future of [`WaitQueue::wait`]: a place in the queue.
    ///
    /// It is part of the queue while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has completed it gives the same result.
    ///
    /// # Cancellation
    ///
    /// Dropping it loses its place in the queue and nothing else: if [`WaitQueue::wake`] has chosen
    /// it already, the next one is woken instead, or the wake-up is stored.
    #[must_use = "futures do nothing unless polled"]
    pub struct Wait<'a, Lock: ScopedRawMutex = DefaultMutex> {
        queue: &'a WaitQueue<Lock>,
        #[pin]
        waiter: Waiter,
    }

    impl<Lock: ScopedRawMutex> PinnedDrop for Wait<'_, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.queue.cancel(this.waiter.as_ref());
        }
    }
}

// === impl Wait ===

impl<'a, Lock: ScopedRawMutex> Wait<'a, Lock> {
    #[inline]
    pub(super) fn new(queue: &'a WaitQueue<Lock>) -> Self {
        Self {
            queue,
            waiter: waiting::waiter(queue.word.load()),
        }
    }

    /// Whether this future waits on `queue`.
    #[must_use]
    pub fn waits_on(&self, queue: &WaitQueue<Lock>) -> bool {
        ptr::eq(self.queue, queue)
    }

    /// Whether this future and `other` wait on the same queue.
    #[must_use]
    pub fn same_queue(&self, other: &Wait<'_, Lock>) -> bool {
        ptr::eq(self.queue, other.queue)
    }

    /// Takes a place in the queue now, without a waker.
    ///
    /// A later wake-up is then this future's, though nobody is told before it is polled. That
    /// allows to queue up first, look at a condition second, and wait third.
    ///
    /// `Pending` says that it is queued; else the result is that of the future, which is complete.
    ///
    /// # Errors
    ///
    /// [`Closed`] if the queue is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::{pin::pin, task::Poll};
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitQueue;
    ///
    /// let queue = WaitQueue::new();
    /// let mut first = pin!(queue.wait());
    /// let mut second = pin!(queue.wait());
    /// assert_eq!(first.as_mut().subscribe(), Poll::Pending);
    /// assert_eq!(second.as_mut().subscribe(), Poll::Pending);
    ///
    /// queue.wake();
    /// assert_eq!(block_on(first), Ok(()));
    /// assert_eq!(second.subscribe(), Poll::Pending);
    /// ```
    pub fn subscribe(self: Pin<&mut Self>) -> Poll<Result<(), Closed>> {
        let this = self.project();
        this.queue.poll(this.waiter.as_ref(), None)
    }
}

impl<Lock: ScopedRawMutex> Future for Wait<'_, Lock> {
    type Output = Result<(), Closed>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.queue.poll(this.waiter.as_ref(), Some(cx.waker()))
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Wait<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("queue", &self.queue)
            .field("waiter", &self.waiter)
            .finish()
    }
}
