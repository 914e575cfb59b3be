use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use super::{Mutex, OwnedMutexGuard};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::{Permits, Place},
};

pin_project! {
    /// The future of [`Mutex::lock_owned`]: a place in the line of a mutex that it keeps alive.
    ///
    /// It is part of the line while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has given a guard it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// As for [`Lock`](super::Lock).
    #[must_use = "futures do nothing unless polled"]
    pub struct LockOwned<T: ?Sized, L: ScopedRawMutex = DefaultMutex> {
        // `None` when it has completed.
        mutex: Option<Arc<Mutex<T, L>>>,
        #[pin]
        place: Place,
    }

    impl<T: ?Sized, L: ScopedRawMutex> PinnedDrop for LockOwned<T, L> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(mutex) = this.mutex {
                mutex.permits.cancel(this.place);
            }
        }
    }
}

// === impl LockOwned ===

impl<T: ?Sized, L: ScopedRawMutex> LockOwned<T, L> {
    pub(super) fn new(mutex: Arc<Mutex<T, L>>) -> Self {
        Self {
            mutex: Some(mutex),
            // SAFETY: it is used with this mutex' permits only, and the drop cancels it, unless it has
            // ended.
            place: unsafe { Place::new(1) },
        }
    }
}

impl<T: ?Sized, L: ScopedRawMutex> Future for LockOwned<T, L> {
    type Output = OwnedMutexGuard<T, L>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(mutex) = this.mutex.as_ref() else {
            return Poll::Pending;
        };
        let taken = mutex
            .permits
            .take_at_once(this.place.as_mut(), Permits::take_only);
        if taken.is_none() && ready!(mutex.permits.wait(this.place, cx.waker())).is_err() {
            unreachable!("a mutex is never closed");
        }
        match this.mutex.take() {
            // INVARIANT: the permit has just been taken.
            Some(mutex) => Poll::Ready(OwnedMutexGuard { mutex }),
            None => unreachable!("it was there"),
        }
    }
}

impl<T: ?Sized, L: ScopedRawMutex> fmt::Debug for LockOwned<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockOwned")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
