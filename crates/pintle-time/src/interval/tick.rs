//! [`Tick`].

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use super::Interval;
use crate::{Instant, Sleep};

pin_project! {
    /// The next tick of an [`Interval`]. Made by [`Interval::tick`].
    ///
    /// Returns the moment at which the tick was due. It is fused: polled again, it returns that
    /// moment again, and takes no other tick.
    ///
    /// # Cancellation
    ///
    /// Dropping it takes its deadline off the timer, in O(1). A tick that it has not returned is
    /// the interval's next one.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Tick<'a, 'timer, Lock = DefaultMutex>
    where
        Lock: ScopedRawMutex,
    {
        interval: &'a mut Interval<'timer, Lock>,
        #[pin]
        sleep: Option<Sleep<'timer, Lock>>,
        taken: Option<Instant>,
    }
}

// === impl Tick ===

impl<'a, 'timer, Lock: ScopedRawMutex> Tick<'a, 'timer, Lock> {
    pub(super) fn new(interval: &'a mut Interval<'timer, Lock>) -> Self {
        Self {
            sleep: interval.sleep(),
            interval,
            taken: None,
        }
    }
}

impl<Lock: ScopedRawMutex> Future for Tick<'_, '_, Lock> {
    type Output = Instant;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let this = self.project();
        let Some(sleep) = this.sleep.as_pin_mut() else {
            return Poll::Pending;
        };
        ready!(sleep.poll(cx));
        let interval = this.interval;
        Poll::Ready(*this.taken.get_or_insert_with(|| interval.complete()))
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Tick<'_, '_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tick")
            .field("interval", &self.interval)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}
