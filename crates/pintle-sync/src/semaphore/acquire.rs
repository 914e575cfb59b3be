use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use super::{Permit, Semaphore};
use crate::{
    Closed,
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::{Permits, Place},
};

pin_project! {
    /// The future of [`Semaphore::acquire`]: a place in the line.
    ///
    /// It is part of the line while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has given a permit it stays pending for ever, and after [`Closed`] it
    /// gives that again.
    ///
    /// # Cancellation
    ///
    /// Dropping it loses its place in the line and nothing else: permits that it has been given
    /// already go to the next.
    #[must_use = "futures do nothing unless polled"]
    pub struct Acquire<'sem, Lock: ScopedRawMutex = DefaultMutex> {
        semaphore: &'sem Semaphore<Lock>,
        #[pin]
        place: Place,
    }

    impl<Lock: ScopedRawMutex> PinnedDrop for Acquire<'_, Lock> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.semaphore.permits.cancel(this.place);
        }
    }
}

// === impl Acquire ===

impl<'sem, Lock: ScopedRawMutex> Acquire<'sem, Lock> {
    #[inline(always)]
    #[track_caller]
    pub(super) fn new(semaphore: &'sem Semaphore<Lock>, permits: usize) -> Self {
        Semaphore::<Lock>::assert_can_be_had(permits);
        Self {
            semaphore,
            // SAFETY: it is used with this semaphore's permits only, and the drop cancels it.
            place: unsafe { Place::new(permits) },
        }
    }
}

impl<'sem, Lock: ScopedRawMutex> Future for Acquire<'sem, Lock> {
    type Output = Result<Permit<'sem, Lock>, Closed>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let semaphore = *this.semaphore;
        let permits = match semaphore
            .permits
            .take_at_once(this.place.as_mut(), Permits::take)
        {
            Some(permits) => permits,
            None => ready!(semaphore.permits.wait(this.place, cx.waker()))?,
        };
        // INVARIANT: the permits are this caller's.
        Poll::Ready(Ok(Permit::new(semaphore, permits)))
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Acquire<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire")
            .field("place", &self.place)
            .field("semaphore", &self.semaphore)
            .finish()
    }
}
