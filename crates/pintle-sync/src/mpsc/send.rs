use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use super::{
    SendError, Sender,
    gate::{Claimed, For},
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
    waiters::Waiter,
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
        // `None` until there was no room: what is sent at once needs no place in the queue.
        #[pin]
        waiter: Option<Waiter>,
    }

    impl<T, S: Storage, Lock: ScopedRawMutex> PinnedDrop for Send<'_, T, S, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(waiter) = this.waiter.as_ref().as_pin_ref() {
                cancel(this.sender, waiter);
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
            waiter: None,
        }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Future for Send<'_, T, S, Lock> {
    type Output = Result<(), SendError<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let shared = &*this.sender.shared;
        if this.waiter.is_none() && this.value.is_some() {
            if let Claimed::Place(place) = shared.gate.try_claim(shared.capacity()) {
                let Some(value) = this.value.take() else {
                    unreachable!("the value is there");
                };
                // SAFETY: the place has just been taken from the gate, and is used once.
                unsafe { shared.publish(place, value) };
                return Poll::Ready(Ok(()));
            }
        }
        poll_waiting(this.sender, this.waiter, this.value, cx)
    }
}

/// A poll that finds no room, or has waited before.
#[cold]
#[inline(never)]
fn poll_waiting<T, S: Storage, Lock: ScopedRawMutex>(
    sender: &Sender<T, S, Lock>,
    mut waiter: Pin<&mut Option<Waiter>>,
    value: &mut Option<T>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), SendError<T>>> {
    if value.is_none() {
        return Poll::Pending;
    }
    if waiter.is_none() {
        waiter.set(Some(Waiter::new(0, ())));
    }
    let Some(waiter) = waiter.as_ref().as_pin_ref() else {
        unreachable!("the waiter is there");
    };
    // SAFETY: the waiter is this future's, is used with the sender's gate only, and is cancelled when
    // the future is dropped.
    let waited = unsafe { sender.shared.gate.poll(waiter, For::Permit, cx.waker()) };
    let waited = ready!(waited);
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

/// Leaves the queue, and hands on room that has been given to this future.
#[cold]
#[inline(never)]
fn cancel<T, S: Storage, Lock: ScopedRawMutex>(sender: &Sender<T, S, Lock>, waiter: Pin<&Waiter>) {
    // SAFETY: as in `poll_waiting`.
    if unsafe { sender.shared.gate.cancel(waiter, For::Permit) } {
        sender.shared.release_unused();
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Send<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Send")
            .field("sender", &self.sender)
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}
