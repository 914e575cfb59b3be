use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Mutex, MutexGuard};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::{Permits, Place},
};

pin_project! {
    /// The future of [`Mutex::lock`]: a place in the line.
    ///
    /// It is part of the line while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has given a guard it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// Dropping it loses its place in the line and nothing else: if the lock has been handed to it
    /// already, the next one gets it.
    #[must_use = "futures do nothing unless polled"]
    pub struct Lock<'a, T: ?Sized, L: ScopedRawMutex = DefaultMutex> {
        mutex: &'a Mutex<T, L>,
        #[pin]
        place: Place,
    }

    impl<T: ?Sized, L: ScopedRawMutex> PinnedDrop for Lock<'_, T, L> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.mutex.permits.cancel(this.place);
        }
    }
}

// === impl Lock ===

impl<'a, T: ?Sized, L: ScopedRawMutex> Lock<'a, T, L> {
    #[inline(always)]
    pub(super) fn new(mutex: &'a Mutex<T, L>) -> Self {
        Self {
            mutex,
            // SAFETY: it is used with this mutex' permits only, and the drop cancels it.
            place: unsafe { Place::new(1) },
        }
    }
}

impl<'a, T: ?Sized, L: ScopedRawMutex> Future for Lock<'a, T, L> {
    type Output = MutexGuard<'a, T, L>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mutex: &'a Mutex<T, L> = this.mutex;
        let permits = &mutex.permits;
        if permits
            .take_at_once(this.place.as_mut(), Permits::take_only)
            .is_none()
        {
            match permits.wait(this.place, cx.waker()) {
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(_)) => unreachable!("a mutex is never closed"),
                Poll::Pending => return Poll::Pending,
            }
        }
        // SAFETY: the permit is this caller's, and the guard's now.
        Poll::Ready(unsafe { MutexGuard::new(mutex) })
    }
}

impl<T: ?Sized, L: ScopedRawMutex> fmt::Debug for Lock<'_, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
