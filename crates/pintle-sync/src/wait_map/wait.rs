use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

#[allow(deprecated, reason = "kept for programs that use it")]
use super::EnqueueWait;
use super::{Entry, Subscribe, WaitError, WaitMap, waiting::Place};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    waiters::{Stage, Waiter},
};

pin_project! {
    /// The future of [`WaitMap::wait`]: a key, and a place for the value.
    ///
    /// It is part of the map while it waits, so it cannot be moved once it has been polled.
    ///
    /// It is fused: polled again after it has given the value it gives
    /// [`AlreadyConsumed`](WaitError::AlreadyConsumed), after an error the same error.
    ///
    /// # Cancellation
    ///
    /// Dropping it loses its place. If a value has been moved to it already, that goes to whoever waits
    /// under an equal key by then (nobody can before it has left), and is dropped if there is nobody.
    /// [`cancel`](Self::cancel) gives it back instead.
    #[must_use = "futures do nothing unless polled"]
    pub struct Wait<'a, K: PartialEq, V, Lock: ScopedRawMutex = DefaultMutex> {
        map: &'a WaitMap<K, V, Lock>,
        #[pin]
        waiter: Place<K, V>,
    }

    impl<K: PartialEq, V, Lock: ScopedRawMutex> PinnedDrop for Wait<'_, K, V, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.map.cancel(this.waiter);
        }
    }
}

// === impl Wait ===

impl<'map, 'wait, K: PartialEq, V, Lock: ScopedRawMutex> Wait<'map, K, V, Lock> {
    pub(super) fn new(map: &'map WaitMap<K, V, Lock>, key: K) -> Self {
        Self {
            map,
            waiter: Waiter::new(0, Entry::new(key)),
        }
    }

    /// Takes a place in the map now: a future that is done when the task is registered.
    ///
    /// For what must be set going between the two: after `.await` on the subscription a request may be
    /// sent, and the answer finds this task waiting.
    ///
    /// # Errors
    ///
    /// The future gives the [`WaitError`] that the wait would give.
    ///
    /// # Cancellation
    ///
    /// Dropping the subscription changes nothing: the place is the [`Wait`]'s.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::pin::pin;
    /// use futures::executor::block_on;
    /// use pintle_sync::{WaitMap, wait_map::WakeOutcome};
    ///
    /// let map = WaitMap::new();
    /// block_on(async {
    ///     let mut wait = pin!(map.wait("pong"));
    ///     wait.as_mut().subscribe().await?;
    ///     // Send the ping here. The answer comes at once:
    ///     assert!(matches!(map.wake(&"pong", 1), WakeOutcome::Woke));
    ///     assert_eq!(wait.await?, 1);
    ///     Ok::<_, pintle_sync::wait_map::WaitError>(())
    /// })
    /// .expect("nobody closes this map");
    /// ```
    pub fn subscribe(self: Pin<&'wait mut Self>) -> Subscribe<'wait, 'map, K, V, Lock> {
        Subscribe::new(self)
    }

    /// The earlier name of [`subscribe`](Self::subscribe).
    #[deprecated(note = "called `subscribe` now")]
    #[allow(deprecated, reason = "kept for programs that use it")]
    pub fn enqueue(self: Pin<&'wait mut Self>) -> EnqueueWait<'wait, 'map, K, V, Lock> {
        self.subscribe()
    }

    /// Gives up the wait, and returns the value if one has been moved here and not been taken.
    ///
    /// What dropping the future would hand on or drop. Polled afterwards, the future gives
    /// [`AlreadyConsumed`](WaitError::AlreadyConsumed), or the error that it has given before.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::pin::pin;
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitMap;
    ///
    /// let map = WaitMap::new();
    /// let mut wait = pin!(map.wait(1));
    /// block_on(wait.as_mut().subscribe()).expect("nobody closes this map");
    /// map.wake(&1, "too late");
    /// assert_eq!(wait.as_mut().cancel(), Some("too late"));
    /// assert_eq!(wait.as_mut().cancel(), None);
    /// ```
    pub fn cancel(self: Pin<&mut Self>) -> Option<V> {
        let this = self.project();
        this.map.give_up(this.waiter)
    }

    /// Makes a wait that has given its value into one that has not begun.
    pub(super) fn rearm(self: Pin<&mut Self>) {
        self.project().waiter.finish(Stage::Idle);
    }

    /// Takes a place in the map, if that has not happened yet.
    pub(super) fn poll_subscribe(self: Pin<&mut Self>, cx: &Context<'_>) -> Result<(), WaitError> {
        let this = self.project();
        this.map.subscribe(this.waiter, cx.waker())
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex> Future for Wait<'_, K, V, Lock> {
    type Output = Result<V, WaitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.map.poll(this.waiter, cx.waker())
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex> fmt::Debug for Wait<'_, K, V, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("map", &self.map)
            .field("waiter", &self.waiter)
            .finish()
    }
}
