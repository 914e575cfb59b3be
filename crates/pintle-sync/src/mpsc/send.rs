use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use super::{
    SendError, Sender,
    gate::{Claimed, For, Waiter},
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

pin_project! {
    /// The future of [`Sender::send`].
    ///
    /// It is part of the channel while it waits, so it cannot be moved once it has been polled.
    /// Polled again after it has completed it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// Dropping it before it completes drops the value, which has not been sent, and gives up its
    /// place in the queue; room that has been given to it goes to the next. To keep the value, wait
    /// by [`Sender::reserve`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Send<'a, T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
        sender: &'a Sender<T, S, Lock>,
        // `None` when it has completed.
        value: Option<T>,
        #[pin]
        waiter: Waiter,
    }

    impl<T, S: Storage, Lock: ScopedRawMutex> PinnedDrop for Send<'_, T, S, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            // It has been queued only if it has not completed at once.
            if this.waiter.as_ref().cancel(&this.sender.shared.gate, For::Permit) {
                this.sender.shared.release_unused();
            }
        }
    }
}

// === impl Send ===

impl<'a, T, S: Storage, Lock: ScopedRawMutex> Send<'a, T, S, Lock> {
    #[inline]
    pub(super) fn new(sender: &'a Sender<T, S, Lock>, value: T) -> Self {
        Self {
            sender,
            value: Some(value),
            waiter: Waiter::new(),
        }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Future for Send<'_, T, S, Lock> {
    type Output = Result<(), SendError<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let shared = &*this.sender.shared;
        if this.value.is_some() && this.waiter.is_idle() {
            if let Claimed::Place(place) = shared.gate.try_claim(shared.capacity()) {
                let Some(value) = this.value.take() else {
                    unreachable!("the value is there");
                };
                // SAFETY: the place has just been taken from the gate, and is used once.
                unsafe { shared.publish(place, value) };
                return Poll::Ready(Ok(()));
            }
        }
        poll_waiting(this.sender, this.waiter.as_ref(), this.value, cx)
    }
}

/// A poll that finds no room, or has waited before.
#[cold]
#[inline(never)]
fn poll_waiting<T, S: Storage, Lock: ScopedRawMutex>(
    sender: &Sender<T, S, Lock>,
    waiter: Pin<&Waiter>,
    value: &mut Option<T>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), SendError<T>>> {
    if value.is_none() {
        return Poll::Pending;
    }
    let waited = ready!(waiter.poll(&sender.shared.gate, For::Permit, cx.waker()));
    let Some(value) = value.take() else {
        unreachable!("the value is there");
    };
    Poll::Ready(match waited {
        Ok(()) => {
            // SAFETY: the wait has ended with a permit, which is used here and nowhere else.
            unsafe { sender.shared.publish_by_permit(value) };
            Ok(())
        }
        Err(_) => Err(SendError(value)),
    })
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Send<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Send")
            .field("sender", &self.sender)
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}
