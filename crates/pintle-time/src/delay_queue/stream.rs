//! [`DelayQueueStream`].

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use super::next::Wait;
use super::storage::Storage;
use super::{DelayQueue, Expired, Growing, QueueMut};

pin_project! {
    /// A [`DelayQueue`] that is polled in place, and, with the feature `stream`, a `Stream` of the
    /// values that come out. Made by `DelayQueueStream::from(queue)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{future::poll_fn, pin::pin};
    /// use pintle_time::{Duration, Timer, clock::ManualClock};
    /// use pintle_time::delay_queue::{DelayQueue, DelayQueueStream, Fixed};
    ///
    /// static CLOCK: ManualClock = ManualClock::new(Duration::from_millis(1));
    /// static TIMER: Timer = Timer::new(CLOCK.clock());
    ///
    /// let queue: DelayQueue<_, Fixed<_, 4>> = DelayQueue::fixed(&TIMER);
    /// let mut queue = pin!(DelayQueueStream::from(queue));
    /// queue.as_mut().queue_mut().insert("first", Duration::from_secs(1));
    /// CLOCK.run(&TIMER, async {
    ///     let expired = poll_fn(|cx| queue.as_mut().poll_expired(cx)).await;
    ///     assert_eq!(expired.unwrap().into_inner(), "first");
    /// });
    /// ```
    pub struct DelayQueueStream<'timer, T, S = Growing<T>, Lock = DefaultMutex>
    where
        S: Storage<T>,
        Lock: ScopedRawMutex,
    {
        queue: DelayQueue<'timer, T, S, Lock>,
        #[pin]
        wait: Wait<'timer, Lock>,
        // Who has found the queue empty.
        idle: Option<Waker>,
    }
}

// === impl DelayQueueStream ===

impl<'timer, T, S: Storage<T>, Lock: ScopedRawMutex> DelayQueueStream<'timer, T, S, Lock> {
    /// Polls for the next value whose time has come. `None` if the queue is empty, which it need not
    /// stay. Keeps the last waker that it was polled with, and wakes it when a value is due or, if it
    /// was empty, [put in](Self::queue_mut).
    pub fn poll_expired(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        let this = self.project();
        let polled = this.wait.poll_expired(this.queue, cx);
        if !matches!(polled, Poll::Ready(None)) {
            *this.idle = None;
        } else if let Some(idle) = this.idle {
            idle.clone_from(cx.waker());
        } else {
            *this.idle = Some(cx.waker().clone());
        }
        polled
    }

    /// The queue, to be looked at.
    #[must_use]
    pub fn queue(&self) -> &DelayQueue<'timer, T, S, Lock> {
        &self.queue
    }

    /// The queue, to be changed, by whichever task. The one that waits for it need not poll it
    /// again: it is woken in time for what is put in or reset here.
    pub fn queue_mut(self: Pin<&mut Self>) -> QueueMut<'_, 'timer, T, S, Lock> {
        let this = self.project();
        QueueMut {
            queue: this.queue,
            wait: this.wait,
            idle: this.idle,
        }
    }
}

impl<'timer, T, S: Storage<T>, Lock: ScopedRawMutex> From<DelayQueue<'timer, T, S, Lock>>
    for DelayQueueStream<'timer, T, S, Lock>
{
    fn from(queue: DelayQueue<'timer, T, S, Lock>) -> Self {
        Self {
            queue,
            wait: Wait::new(),
            idle: None,
        }
    }
}

#[cfg(feature = "stream")]
impl<T, S: Storage<T>, Lock: ScopedRawMutex> futures_core::Stream
    for DelayQueueStream<'_, T, S, Lock>
{
    type Item = Expired<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        self.poll_expired(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.queue.len(), None)
    }
}

impl<T, S: Storage<T>, Lock: ScopedRawMutex> fmt::Debug for DelayQueueStream<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DelayQueueStream")
            .field(&self.queue)
            .finish()
    }
}
