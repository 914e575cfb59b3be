use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{Wait, WaitError};
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// The future of [`Wait::subscribe`]: takes the wait's place in the map.
///
/// It completes on the first poll. Polled again it registers the task that polls it then.
///
/// # Cancellation
///
/// Dropping it changes nothing: the place is the [`Wait`]'s.
#[must_use = "futures do nothing unless polled"]
pub struct Subscribe<'a, 'b, K: PartialEq, V, Lock: ScopedRawMutex = DefaultMutex> {
    wait: Pin<&'a mut Wait<'b, K, V, Lock>>,
}

/// The earlier name of [`Subscribe`].
#[deprecated(note = "called `Subscribe` now")]
pub type EnqueueWait<'a, 'b, K, V, Lock> = Subscribe<'a, 'b, K, V, Lock>;

// === impl Subscribe ===

impl<'a, 'b, K: PartialEq, V, Lock: ScopedRawMutex> Subscribe<'a, 'b, K, V, Lock> {
    pub(super) fn new(wait: Pin<&'a mut Wait<'b, K, V, Lock>>) -> Self {
        Self { wait }
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex> Future for Subscribe<'_, '_, K, V, Lock> {
    type Output = Result<(), WaitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(self.wait.as_mut().poll_subscribe(cx))
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex> fmt::Debug for Subscribe<'_, '_, K, V, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscribe")
            .field("wait", &self.wait)
            .finish()
    }
}
