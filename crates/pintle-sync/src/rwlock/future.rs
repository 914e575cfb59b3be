use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{
    blocking::ScopedRawMutex,
    permits::{Permits, Place},
};

pin_project! {
    /// Takes permits of a lock, which are the caller's when it completes.
    #[must_use = "futures do nothing unless polled"]
    pub(super) struct TakePermits<'a, Lock: ScopedRawMutex> {
        permits: &'a Permits<Lock>,
        #[pin]
        place: Place,
    }

    impl<Lock: ScopedRawMutex> PinnedDrop for TakePermits<'_, Lock> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.permits.cancel(this.place);
        }
    }
}

/// Takes `need` permits. The caller makes a guard of them, without awaiting in between.
#[inline(always)]
pub(super) fn take<Lock: ScopedRawMutex>(
    permits: &Permits<Lock>,
    need: usize,
) -> TakePermits<'_, Lock> {
    TakePermits {
        permits,
        // SAFETY: it is used with these permits only, and the drop cancels it.
        place: unsafe { Place::new(need) },
    }
}

// === impl TakePermits ===

impl<Lock: ScopedRawMutex> Future for TakePermits<'_, Lock> {
    type Output = ();

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if this
            .permits
            .take_at_once(this.place.as_mut(), Permits::take)
            .is_some()
        {
            return Poll::Ready(());
        }
        match this.permits.wait(this.place, cx.waker()) {
            Poll::Ready(Ok(_)) => Poll::Ready(()),
            Poll::Ready(Err(_)) => unreachable!("a lock is never closed"),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for TakePermits<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakePermits")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
