//! [`Timeout`]: a future with a deadline, and [`Elapsed`], what it returns after that.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use pin_project_lite::pin_project;
use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use crate::{Instant, Sleep, Timer};

pin_project! {
    /// A future that runs another one for a limited time.
    ///
    /// Made by [`Timer::timeout`](crate::Timer::timeout), [`Timer::timeout_at`](crate::Timer::timeout_at),
    /// and the functions [`timeout`](crate::timeout()) and [`timeout_at`](crate::timeout_at).
    /// Completes with the inner future's output, or with [`Elapsed`] when the time is over.
    ///
    /// The inner future is polled first: a value that is ready is returned, however late it is.
    /// So is the value of a future that is ready at once, for a duration of zero.
    ///
    /// It is not fused: after it has completed with a value, polling it again polls the inner
    /// future again. After [`Elapsed`], that may even be of use, as in "we would have given up, but
    /// let us look once more".
    ///
    /// # Cancellation
    ///
    /// Dropping it drops the inner future and takes the deadline off the timer, in O(1). When the
    /// time is over, the inner future is *not* dropped before this one is, and
    /// [`get_pin_mut`](Self::get_pin_mut) reaches it. To have it back, pass a `Pin<&mut F>` in the
    /// first place: [`into_inner`](Self::into_inner) is for a timeout that was never pinned.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{pin::pin, future::{self, Future}, task::{Context, Poll, Waker}};
    /// use pintle_time::{Clock, Duration, Timer};
    ///
    /// # static MILLIS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    /// # fn millis() -> u64 { MILLIS.load(std::sync::atomic::Ordering::Relaxed) }
    /// static TIMER: Timer = Timer::new(Clock::new(Duration::from_millis(1), millis));
    /// const SECOND: Duration = Duration::from_secs(1);
    ///
    /// # let mut cx = Context::from_waker(Waker::noop());
    /// let mut quick = pin!(TIMER.timeout(SECOND, async { 42 }));
    /// assert_eq!(quick.as_mut().poll(&mut cx), Poll::Ready(Ok(42)));
    ///
    /// let mut stuck = pin!(TIMER.timeout(SECOND, future::pending::<()>()));
    /// assert!(stuck.as_mut().poll(&mut cx).is_pending());
    /// # MILLIS.store(2000, std::sync::atomic::Ordering::Relaxed);
    /// // … two seconds later …
    /// let Poll::Ready(Err(elapsed)) = stuck.as_mut().poll(&mut cx) else { panic!() };
    /// assert_eq!(elapsed.duration(), SECOND);
    /// ```
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Timeout<'timer, F, Lock = DefaultMutex>
    where
        Lock: ScopedRawMutex,
    {
        #[pin]
        sleep: Sleep<'timer, Lock>,
        #[pin]
        future: F,
    }
}

// === impl Timer ===

impl<Lock: ScopedRawMutex> Timer<Lock> {
    /// Runs `future` until `deadline` at most. If that has passed, the future is polled once.
    ///
    /// [`Elapsed::duration`] then is how far ahead the deadline was. It cannot fail, so it has no
    /// `try_` form, as [`sleep_until`](Self::sleep_until) has none.
    pub fn timeout_at<F: Future>(&self, deadline: Instant, future: F) -> Timeout<'_, F, Lock> {
        Timeout::new(self.sleep_until(deadline), future)
    }
}

// === impl Timeout ===

impl<'timer, F, Lock: ScopedRawMutex> Timeout<'timer, F, Lock> {
    pub(crate) fn new(sleep: Sleep<'timer, Lock>, future: F) -> Self {
        Self { sleep, future }
    }

    /// The same timeout with its sleep changed by `f`.
    pub(crate) fn replan(self, f: impl FnOnce(Sleep<'timer, Lock>) -> Sleep<'timer, Lock>) -> Self {
        Self::new(f(self.sleep), self.future)
    }

    /// Gives the inner future back, if the timeout has not been pinned, and so not been polled.
    pub fn into_inner(self) -> F {
        self.future
    }

    /// The inner future.
    pub fn get_ref(&self) -> &F {
        &self.future
    }

    /// The inner future, to be changed.
    pub fn get_mut(&mut self) -> &mut F {
        &mut self.future
    }

    /// The inner future, pinned, to be changed or polled.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut F> {
        self.project().future
    }

    /// The time that the inner future was given.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.sleep.duration()
    }

    /// The moment at which its time is over.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.sleep.deadline()
    }
}

impl<F: Future, Lock: ScopedRawMutex> Future for Timeout<'_, F, Lock> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let duration = this.sleep.duration();
        ready!(this.sleep.poll(cx));
        Poll::Ready(Err(Elapsed(duration)))
    }
}

impl<F: fmt::Debug, Lock: ScopedRawMutex> fmt::Debug for Timeout<'_, F, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("sleep", &self.sleep)
            .field("future", &self.future)
            .finish()
    }
}

/// A [`Timeout`]'s time was over before its future was ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed(Duration);

// === impl Elapsed ===

impl Elapsed {
    /// The time that the future was given.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl From<Elapsed> for Duration {
    fn from(elapsed: Elapsed) -> Self {
        elapsed.0
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timed out after {:?}", self.0)
    }
}

impl Error for Elapsed {}
