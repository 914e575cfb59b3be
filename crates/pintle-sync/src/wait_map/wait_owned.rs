use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Entry, WaitError, WaitMap, waiting::Place};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    waiters::Waiter,
};

pin_project! {
    /// The future of [`WaitMap::wait_owned`]: a key, and a place for the value, in a map that it keeps
    /// alive.
    ///
    /// It is part of the map while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused, as [`Wait`](super::Wait) is.
    ///
    /// # Cancellation
    ///
    /// As for [`Wait`](super::Wait).
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitOwned<K: PartialEq, V, Lock: ScopedRawMutex = DefaultMutex> {
        map: Arc<WaitMap<K, V, Lock>>,
        #[pin]
        waiter: Place<K, V>,
    }

    impl<K: PartialEq, V, Lock: ScopedRawMutex> PinnedDrop for WaitOwned<K, V, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.map.cancel(this.waiter);
        }
    }
}

// === impl WaitOwned ===

impl<K: PartialEq, V, Lock: ScopedRawMutex> WaitOwned<K, V, Lock> {
    pub(super) fn new(map: &Arc<WaitMap<K, V, Lock>>, key: K) -> Self {
        Self {
            map: Arc::clone(map),
            waiter: Waiter::new(0, Entry::new(key)),
        }
    }

    /// Gives up the wait, and returns the value if one has been moved here and not been taken. See
    /// [`Wait::cancel`](super::Wait::cancel).
    pub fn cancel(self: Pin<&mut Self>) -> Option<V> {
        let this = self.project();
        this.map.give_up(this.waiter)
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex> Future for WaitOwned<K, V, Lock> {
    type Output = Result<V, WaitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.map.poll(this.waiter, cx.waker())
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex> fmt::Debug for WaitOwned<K, V, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOwned")
            .field("map", &self.map)
            .field("waiter", &self.waiter)
            .finish()
    }
}
