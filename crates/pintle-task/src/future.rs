//! Futures that have to do with scheduling.

use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

#[cfg(feature = "park")]
pub use pintle_park::block_on;

/// Lets the other tasks of the scheduler run before the current one goes on.
///
/// The task is queued again behind all that are queued already.
///
/// # Cancellation
///
/// Cancel safe: nothing is lost.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::{future::yield_now, scheduler::Scheduler};
///
/// let scheduler = Scheduler::new();
/// scheduler.spawn(async {
///     yield_now().await;
/// });
/// let tick = scheduler.tick();
/// assert_eq!((tick.polled, tick.woken_internal, tick.completed), (2, 1, 1));
/// # }
/// ```
pub fn yield_now() -> Yield {
    Yield::new(1)
}

/// The future of [`yield_now`], which can yield more than once.
///
/// It wakes its task each time it returns `Pending`. After it has returned `Ready` it goes on to
/// return `Ready`.
#[must_use = "futures do nothing unless they are awaited or polled"]
#[derive(Debug)]
pub struct Yield {
    yields: usize,
}

// === impl Yield ===

impl Yield {
    /// Makes a future that yields `yields` times.
    pub const fn new(yields: usize) -> Self {
        Self { yields }
    }
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yields == 0 {
            return Poll::Ready(());
        }
        self.yields -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
