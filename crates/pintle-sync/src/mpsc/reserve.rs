use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use super::{OwnedPermit, Permit, SendError, Sender, gate::For};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
    waiters::Waiter,
};

pin_project! {
    /// The future of [`Sender::reserve`].
    ///
    /// It is part of the channel while it waits, so it cannot be moved once it has been polled.
    /// Polled again after it has completed it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// Dropping it gives up its place in the queue; room that has been given to it goes to the next.
    #[must_use = "futures do nothing unless polled"]
    pub struct Reserve<'a, T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
        // `None` when it has completed.
        sender: Option<&'a Sender<T, S, Lock>>,
        #[pin]
        waiter: Waiter,
    }

    impl<T, S: Storage, Lock: ScopedRawMutex> PinnedDrop for Reserve<'_, T, S, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(sender) = this.sender {
                let waiter = this.waiter.as_ref();
                // SAFETY: as in `poll`.
                if unsafe { sender.shared.gate.cancel(waiter, For::Permit) } {
                    sender.shared.release_unused();
                }
            }
        }
    }
}

pin_project! {
    /// The future of [`Sender::reserve_owned`].
    ///
    /// It is part of the channel while it waits, so it cannot be moved once it has been polled.
    /// Polled again after it has completed it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// Dropping it gives up its place in the queue, and drops the sender; room that has been given
    /// to it goes to the next.
    #[must_use = "futures do nothing unless polled"]
    pub struct ReserveOwned<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
        // `None` when it has completed.
        sender: Option<Sender<T, S, Lock>>,
        #[pin]
        waiter: Waiter,
    }

    impl<T, S: Storage, Lock: ScopedRawMutex> PinnedDrop for ReserveOwned<T, S, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(sender) = this.sender {
                let waiter = this.waiter.as_ref();
                // SAFETY: as in `poll`.
                if unsafe { sender.shared.gate.cancel(waiter, For::Permit) } {
                    sender.shared.release_unused();
                }
            }
        }
    }
}

// === impl Reserve ===

impl<'a, T, S: Storage, Lock: ScopedRawMutex> Reserve<'a, T, S, Lock> {
    pub(super) fn new(sender: &'a Sender<T, S, Lock>) -> Self {
        Self {
            sender: Some(sender),
            waiter: Waiter::new(0, ()),
        }
    }
}

impl<'a, T, S: Storage, Lock: ScopedRawMutex> Future for Reserve<'a, T, S, Lock> {
    type Output = Result<Permit<'a, T, S, Lock>, SendError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(sender) = *this.sender else {
            return Poll::Pending;
        };
        let waiter = this.waiter.as_ref();
        // SAFETY: the waiter is this future's, is used with the sender's gate only, and is cancelled
        // when the future is dropped, or the wait is over.
        let waited = unsafe { sender.shared.gate.poll(waiter, For::Permit, cx.waker()) };
        let waited = ready!(waited);
        *this.sender = None;
        Poll::Ready(match waited {
            Ok(()) => Ok(Permit::new(sender)),
            Err(_) => Err(SendError(())),
        })
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Reserve<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve")
            .field("sender", &self.sender)
            .field("waiter", &self.waiter)
            .finish()
    }
}

// === impl ReserveOwned ===

impl<T, S: Storage, Lock: ScopedRawMutex> ReserveOwned<T, S, Lock> {
    pub(super) fn new(sender: Sender<T, S, Lock>) -> Self {
        Self {
            sender: Some(sender),
            waiter: Waiter::new(0, ()),
        }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Future for ReserveOwned<T, S, Lock> {
    type Output = Result<OwnedPermit<T, S, Lock>, SendError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(sender) = this.sender else {
            return Poll::Pending;
        };
        let waiter = this.waiter.as_ref();
        // SAFETY: the waiter is this future's, is used with the sender's gate only, and is cancelled
        // when the future is dropped, or the wait is over.
        let waited = unsafe { sender.shared.gate.poll(waiter, For::Permit, cx.waker()) };
        let waited = ready!(waited);
        let sender = this.sender.take();
        Poll::Ready(match (waited, sender) {
            (Ok(()), Some(sender)) => Ok(OwnedPermit::new(sender)),
            _ => Err(SendError(())),
        })
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for ReserveOwned<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReserveOwned")
            .field("sender", &self.sender)
            .field("waiter", &self.waiter)
            .finish()
    }
}
