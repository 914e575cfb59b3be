use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::{BroadcastStreamRecvError, Receiver, RecvError};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
    waiters::Waiter,
};

pin_project! {
    /// A [`Receiver`] as a stream, by the feature `stream`: each value, or how many have been missed.
    ///
    /// It ends when all senders are gone and everything has been received, and stays ended. It waits in
    /// place, without allocation, so it has to be pinned: `pin!(BroadcastStream::new(rx))`.
    ///
    /// # Cancellation
    ///
    /// Dropping a future that waits for the next item loses none. Dropping the stream drops the receiver.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    ///
    /// use futures::{StreamExt, executor::block_on};
    /// use pintle_sync::broadcast::{BroadcastStream, BroadcastStreamRecvError, Channel};
    ///
    /// let mut channel = Channel::<_, 2>::new();
    /// let (tx, rx) = channel.split();
    /// (1..=3).for_each(|n| { tx.send(n).unwrap(); });
    /// drop(tx);
    /// let all: Vec<_> = block_on(pin!(BroadcastStream::new(rx)).collect());
    /// assert_eq!(all, [Err(BroadcastStreamRecvError::Lagged(1)), Ok(2), Ok(3)]);
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct BroadcastStream<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
        receiver: Receiver<T, S, Lock>,
        #[pin]
        waiter: Waiter,
    }

    impl<T, S: Storage, Lock: ScopedRawMutex> PinnedDrop for BroadcastStream<T, S, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.receiver.cancel(this.waiter.as_ref());
        }
    }
}

// === impl BroadcastStream ===

impl<T, S: Storage, Lock: ScopedRawMutex> BroadcastStream<T, S, Lock> {
    /// Makes a stream of a receiver, from where that is.
    pub fn new(receiver: Receiver<T, S, Lock>) -> Self {
        Self {
            receiver,
            waiter: Waiter::new(0, ()),
        }
    }

    /// The receiver, to ask it something or to [`resubscribe`](Receiver::resubscribe).
    #[must_use]
    pub fn get_ref(&self) -> &Receiver<T, S, Lock> {
        &self.receiver
    }
}

impl<T: Clone, S: Storage, Lock: ScopedRawMutex> Stream for BroadcastStream<T, S, Lock> {
    type Item = Result<T, BroadcastStreamRecvError>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        this.receiver
            .poll(this.waiter, cx.waker())
            .map(|received| match received {
                Ok(value) => Some(Ok(value)),
                Err(RecvError::Lagged(missed)) => {
                    Some(Err(BroadcastStreamRecvError::Lagged(missed)))
                }
                Err(RecvError::Closed) => None,
            })
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> From<Receiver<T, S, Lock>>
    for BroadcastStream<T, S, Lock>
{
    fn from(receiver: Receiver<T, S, Lock>) -> Self {
        Self::new(receiver)
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for BroadcastStream<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastStream")
            .field("receiver", &self.receiver)
            .field("waiter", &self.waiter)
            .finish()
    }
}
