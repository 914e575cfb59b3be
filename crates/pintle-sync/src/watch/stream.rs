use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::Receiver;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
    waiters::{Stage, Waiter},
};

pin_project! {
    /// A [`Receiver`] as a stream, by the feature `stream`: the value, and then each one that is newer when
    /// the stream is polled.
    ///
    /// It ends when all senders are gone and the last value has been seen, and stays ended. It waits in
    /// place, without allocation, so it has to be pinned: `pin!(WatchStream::new(rx))`.
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
    /// use pintle_sync::watch::{Channel, WatchStream};
    ///
    /// let mut channel = Channel::new(0);
    /// let (tx, rx) = channel.split();
    /// let mut levels = pin!(WatchStream::new(rx));
    /// assert_eq!(block_on(levels.next()), Some(0));
    /// (1..=3).for_each(|n| tx.send(n).unwrap());
    /// drop(tx);
    /// assert_eq!(block_on(levels.next()), Some(3));
    /// assert_eq!(block_on(levels.next()), None);
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct WatchStream<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
        receiver: Receiver<T, S, Lock>,
        // The value is due, be it seen or not.
        due: bool,
        #[pin]
        waiter: Waiter,
    }

    impl<T, S: Storage, Lock: ScopedRawMutex> PinnedDrop for WatchStream<T, S, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.receiver.shared.leave_changes(this.waiter.as_ref());
        }
    }
}

// === impl WatchStream ===

impl<T, S: Storage, Lock: ScopedRawMutex> WatchStream<T, S, Lock> {
    /// Makes a stream whose first item is the value as it is.
    pub fn new(receiver: Receiver<T, S, Lock>) -> Self {
        let mut stream = Self::from_changes(receiver);
        stream.due = true;
        stream
    }

    /// Makes a stream whose first item is a value that the receiver has not seen.
    pub fn from_changes(receiver: Receiver<T, S, Lock>) -> Self {
        Self {
            receiver,
            due: false,
            waiter: Waiter::new(0, ()),
        }
    }

    /// The receiver, to ask it something or to clone it.
    #[must_use]
    pub fn get_ref(&self) -> &Receiver<T, S, Lock> {
        &self.receiver
    }
}

impl<T: Clone, S: Storage, Lock: ScopedRawMutex> Stream for WatchStream<T, S, Lock> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut this = self.project();
        if !*this.due {
            let Receiver { shared, seen } = &mut *this.receiver;
            let waiter = this.waiter.as_ref();
            // SAFETY: the waiter is this stream's, is used here only, and leaves when the stream is dropped
            // or the wait is over.
            let waited = unsafe { shared.poll_changes(waiter, seen, cx.waker()) };
            if ready!(waited) == Stage::Closed {
                return Poll::Ready(None);
            }
            // The next item is waited for by another one.
            shared.leave_changes(waiter);
            this.waiter.set(Waiter::new(0, ()));
            // Until it has been cloned: that may panic.
            *this.due = true;
        }
        let value = this.receiver.borrow_and_update().clone();
        *this.due = false;
        Poll::Ready(Some(value))
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> From<Receiver<T, S, Lock>> for WatchStream<T, S, Lock> {
    fn from(receiver: Receiver<T, S, Lock>) -> Self {
        Self::new(receiver)
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for WatchStream<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream")
            .field("receiver", &self.receiver)
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}
