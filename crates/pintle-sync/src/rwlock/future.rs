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
    /// Takes permits of a lock, and makes the guard that has them. It is fused.
    #[must_use = "futures do nothing unless polled"]
    pub(super) struct TakePermits<'a, Lock: ScopedRawMutex, F> {
        permits: &'a Permits<Lock>,
        guard: F,
        #[pin]
        place: Place,
    }

    impl<Lock: ScopedRawMutex, F> PinnedDrop for TakePermits<'_, Lock, F> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.permits.cancel(this.place);
        }
    }
}

/// Takes `need` permits, and calls `guard` each time it has them.
#[inline(always)]
pub(super) fn take<Lock: ScopedRawMutex, G, F: Fn() -> G>(
    permits: &Permits<Lock>,
    need: usize,
    guard: F,
) -> TakePermits<'_, Lock, F> {
    TakePermits {
        permits,
        guard,
        // SAFETY: it is used with these permits only, and the drop cancels it.
        place: unsafe { Place::new(need) },
    }
}

// === impl TakePermits ===

impl<Lock: ScopedRawMutex, G, F: Fn() -> G> Future for TakePermits<'_, Lock, F> {
    type Output = G;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G> {
        let mut this = self.project();
        if this
            .permits
            .take_at_once(this.place.as_mut(), Permits::take)
            .is_some()
        {
            return Poll::Ready((this.guard)());
        }
        match this.permits.wait(this.place, cx.waker()) {
            Poll::Ready(Ok(_)) => Poll::Ready((this.guard)()),
            Poll::Ready(Err(_)) => unreachable!("a lock is never closed"),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<Lock: ScopedRawMutex, F> fmt::Debug for TakePermits<'_, Lock, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakePermits")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
