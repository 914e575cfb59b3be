use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Sender, state::State};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
    waiters::Waiter,
};

pin_project! {
    /// The future of [`Sender::closed`].
    ///
    /// It is part of the channel while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has completed it completes again.
    ///
    /// # Cancellation
    ///
    /// Dropping it loses nothing.
    #[must_use = "futures do nothing unless polled"]
    pub struct Closed<'a, T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
        sender: &'a Sender<T, S, Lock>,
        #[pin]
        waiter: Waiter,
    }

    impl<T, S: Storage, Lock: ScopedRawMutex> PinnedDrop for Closed<'_, T, S, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.sender.shared.leave(this.waiter.as_ref(), State::closings);
        }
    }
}

// === impl Closed ===

impl<'a, T, S: Storage, Lock: ScopedRawMutex> Closed<'a, T, S, Lock> {
    pub(super) fn new(sender: &'a Sender<T, S, Lock>) -> Self {
        Self {
            sender,
            waiter: Waiter::new(0, ()),
        }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Future for Closed<'_, T, S, Lock> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let waiter = this.waiter.as_ref();
        // SAFETY: the waiter is this future's, is used here only, and leaves when the future is dropped.
        unsafe { this.sender.shared.poll_closed(waiter, cx.waker()) }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Closed<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed")
            .field("sender", &self.sender)
            .field("waiter", &self.waiter)
            .finish()
    }
}
