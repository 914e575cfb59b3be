//! [`Next`], and [`Wait`], by which a queue waits.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use super::storage::Storage;
use super::{DelayQueue, Expired};
use crate::Sleep;
use crate::clock::Ticks;

pin_project! {
    /// A queue's place in the timer: none, or one at `until`.
    pub(super) struct Wait<'timer, Lock>
    where
        Lock: ScopedRawMutex,
    {
        #[pin]
        sleep: Option<Sleep<'timer, Lock>>,
        until: Ticks,
    }
}

// === impl Wait ===

impl<'timer, Lock: ScopedRawMutex> Wait<'timer, Lock> {
    pub(super) const fn new() -> Self {
        Self {
            sleep: None,
            until: 0,
        }
    }

    /// Waits for the next value of `queue`.
    pub(super) fn poll_expired<T, S: Storage<T>>(
        self: Pin<&mut Self>,
        queue: &mut DelayQueue<'timer, T, S, Lock>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Expired<T>>> {
        let mut this = self.project();
        loop {
            if let Some(expired) = queue.try_next() {
                this.sleep.set(None);
                return Poll::Ready(Some(expired));
            }
            let Some(until) = queue.wheel.wake_at(queue.slots.slots()) else {
                this.sleep.set(None);
                return Poll::Ready(None);
            };
            if *this.until != until {
                this.sleep.set(None);
            }
            if this.sleep.is_none() {
                let clock = queue.timer.clock();
                let duration = clock.ticks_to_duration(until.saturating_sub(clock.now_ticks()));
                this.sleep
                    .set(Some(Sleep::new(queue.timer, duration, until)));
                *this.until = until;
            }
            if let Some(sleep) = this.sleep.as_mut().as_pin_mut() {
                ready!(sleep.poll(cx));
            }
            this.sleep.set(None);
            // Another core's clock may be ahead of ours, and has ended the sleep.
            queue.seen = queue.seen.max(until);
        }
    }

    /// Lets who waits be woken at `until`, if that is before what it waits for.
    pub(super) fn hasten(self: Pin<&mut Self>, until: Ticks) {
        let this = self.project();
        if until < *this.until {
            if let Some(sleep) = this.sleep.as_pin_mut() {
                *this.until = until;
                sleep.reset_to(until);
            }
        }
    }
}

pin_project! {
    /// The next value of a [`DelayQueue`]. Made by [`DelayQueue::next`].
    ///
    /// It is not fused: polled again, it waits for the value after that one.
    ///
    /// # Cancellation
    ///
    /// Dropping it takes its place off the timer, in O(1). A value that it has not returned is still in
    /// the queue.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Next<'a, 'timer, T, S, Lock = DefaultMutex>
    where
        S: Storage<T>,
        Lock: ScopedRawMutex,
    {
        queue: &'a mut DelayQueue<'timer, T, S, Lock>,
        #[pin]
        wait: Wait<'timer, Lock>,
    }
}

// === impl Next ===

impl<'a, 'timer, T, S: Storage<T>, Lock: ScopedRawMutex> Next<'a, 'timer, T, S, Lock> {
    pub(super) const fn new(queue: &'a mut DelayQueue<'timer, T, S, Lock>) -> Self {
        Self {
            queue,
            wait: Wait::new(),
        }
    }
}

impl<T, S: Storage<T>, Lock: ScopedRawMutex> Future for Next<'_, '_, T, S, Lock> {
    type Output = Option<Expired<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.wait.poll_expired(this.queue, cx)
    }
}

impl<T, S: Storage<T>, Lock: ScopedRawMutex> fmt::Debug for Next<'_, '_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Next").field(&self.queue).finish()
    }
}
