use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Receiver, RecvError};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
    waiters::Waiter,
};

pin_project! {
    /// The future of [`Receiver::recv`].
    ///
    /// It is part of the channel while it waits, so it cannot be moved once it has been polled.
    /// Polled again after it has completed it receives the next value.
    ///
    /// # Cancellation
    ///
    /// Dropping it loses nothing: what it would have received is received next.
    #[must_use = "futures do nothing unless polled"]
    pub struct Recv<'a, T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
        receiver: &'a mut Receiver<T, S, Lock>,
        #[pin]
        waiter: Waiter,
    }

    impl<T, S: Storage, Lock: ScopedRawMutex> PinnedDrop for Recv<'_, T, S, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.receiver.cancel(this.waiter.as_ref());
        }
    }
}

// === impl Recv ===

impl<'a, T, S: Storage, Lock: ScopedRawMutex> Recv<'a, T, S, Lock> {
    #[inline]
    pub(super) fn new(receiver: &'a mut Receiver<T, S, Lock>) -> Self {
        Self {
            receiver,
            waiter: Waiter::new(0, ()),
        }
    }
}

impl<T: Clone, S: Storage, Lock: ScopedRawMutex> Future for Recv<'_, T, S, Lock> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.receiver.poll(this.waiter, cx.waker())
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Recv<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recv")
            .field("receiver", &self.receiver)
            .field("waiter", &self.waiter)
            .finish()
    }
}
