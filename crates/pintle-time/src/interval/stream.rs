//! [`IntervalStream`].

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use super::Interval;
use crate::{Instant, Sleep};

pin_project! {
    /// An [`Interval`] that is polled in place, and, with the feature `stream`, a `Stream` of its
    /// ticks. Made by `IntervalStream::from(interval)`.
    ///
    /// It never ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{future::poll_fn, pin::pin};
    /// use pintle_time::{Duration, Timer, clock::ManualClock, interval::IntervalStream};
    ///
    /// static CLOCK: ManualClock = ManualClock::new(Duration::from_millis(1));
    /// static TIMER: Timer = Timer::new(CLOCK.clock());
    ///
    /// let mut ticks = pin!(IntervalStream::from(TIMER.interval(Duration::from_millis(10))));
    /// CLOCK.run(&TIMER, async {
    ///     for expected in ["0ns", "10ms", "20ms"] {
    ///         let due = poll_fn(|cx| ticks.as_mut().poll_tick(cx)).await;
    ///         assert_eq!(due.to_string(), expected);
    ///     }
    /// });
    /// ```
    pub struct IntervalStream<'timer, Lock = DefaultMutex>
    where
        Lock: ScopedRawMutex,
    {
        interval: Interval<'timer, Lock>,
        #[pin]
        sleep: Option<Sleep<'timer, Lock>>,
    }
}

// === impl IntervalStream ===

impl<'timer, Lock: ScopedRawMutex> IntervalStream<'timer, Lock> {
    /// Polls for the next tick, and returns the moment at which it was due. Keeps the last
    /// waker that it was polled with.
    pub fn poll_tick(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let mut this = self.project();
        if this.sleep.is_none() {
            this.sleep.set(this.interval.sleep());
        }
        let Some(sleep) = this.sleep.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        ready!(core::future::Future::poll(sleep, cx));
        this.sleep.set(None);
        Poll::Ready(this.interval.complete())
    }

    /// The interval, to be looked at.
    #[must_use]
    pub fn interval(&self) -> &Interval<'timer, Lock> {
        &self.interval
    }

    /// The interval, to be changed. It must be polled again to go on: no task is woken before.
    pub fn interval_mut(self: Pin<&mut Self>) -> &mut Interval<'timer, Lock> {
        let mut this = self.project();
        this.sleep.set(None);
        this.interval
    }
}

impl<'timer, Lock: ScopedRawMutex> From<Interval<'timer, Lock>> for IntervalStream<'timer, Lock> {
    fn from(interval: Interval<'timer, Lock>) -> Self {
        Self {
            interval,
            sleep: None,
        }
    }
}

#[cfg(feature = "stream")]
impl<Lock: ScopedRawMutex> futures_core::Stream for IntervalStream<'_, Lock> {
    type Item = Instant;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.poll_tick(cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for IntervalStream<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IntervalStream")
            .field(&self.interval)
            .finish()
    }
}
