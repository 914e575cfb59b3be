use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::Barrier;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    waiters::Waiter,
};

pin_project! {
    /// The future of [`Barrier::wait`].
    ///
    /// It is part of the barrier's line while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has completed it gives the same result.
    ///
    /// # Cancellation
    ///
    /// Dropped before the barrier opens it has not come: another is needed instead. Dropping it afterwards
    /// changes nothing.
    #[must_use = "futures do nothing unless polled"]
    pub struct Wait<'a, Lock: ScopedRawMutex = DefaultMutex> {
        barrier: &'a Barrier<Lock>,
        #[pin]
        waiter: Waiter<usize>,
    }

    impl<Lock: ScopedRawMutex> PinnedDrop for Wait<'_, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.barrier.leave(this.waiter);
        }
    }
}

/// What [`Barrier::wait`] gives when the barrier opens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BarrierWaitResult(bool);

// === impl Wait ===

impl<'a, Lock: ScopedRawMutex> Wait<'a, Lock> {
    pub(super) fn new(barrier: &'a Barrier<Lock>) -> Self {
        Self {
            barrier,
            waiter: Waiter::new(0, 0),
        }
    }
}

impl<Lock: ScopedRawMutex> Future for Wait<'_, Lock> {
    type Output = BarrierWaitResult;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let leads = this.barrier.poll(this.waiter, cx.waker());
        leads.map(BarrierWaitResult)
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Wait<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("barrier", &self.barrier)
            .field("waiter", &self.waiter)
            .finish()
    }
}

// === impl BarrierWaitResult ===

impl BarrierWaitResult {
    /// Whether this task is the one of its round that opened the barrier.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl fmt::Debug for BarrierWaitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWaitResult")
            .field("is_leader", &self.is_leader())
            .finish()
    }
}
