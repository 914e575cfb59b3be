use super::{
    AsDomain, Reclaimer, Turn,
    turning::{Turning, Who},
};
use crate::domain::{Cookie, GracePeriod};
use core::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;
use pintle_core::atomic::Ordering::{Acquire, Release};
use pintle_sync::blocking::{DefaultMutex, ScopedRawMutex};

pin_project! {
    /// Takes a [`Reclaimer`]'s turns whenever there is something to do; made by [`Reclaimer::drive`].
    ///
    /// It never completes. It is woken by what is deferred while it has nothing to do, and by the last reader
    /// that a grace period waits for. A callback's panic leaves the poll, and the next poll goes on after it.
    ///
    /// # Cancellation
    ///
    /// Dropping it leaves what is deferred where it is, for the next driver or [`Reclaimer::turn`].
    ///
    /// # Invariants
    ///
    /// While it lives `driven` is true.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Drive<'r, D: AsDomain, Lock: ScopedRawMutex = DefaultMutex> {
        reclaimer: &'r Reclaimer<D, Lock>,
        // That of the batch, while this waits for it.
        #[pin]
        grace_period: Option<GracePeriod<'r, D::Barrier>>,
    }

    impl<D: AsDomain, Lock: ScopedRawMutex> PinnedDrop for Drive<'_, D, Lock> {
        fn drop(this: Pin<&mut Self>) {
            let reclaimer = this.project().reclaimer;
            // Release pairs with the Acquire in `claim`.
            reclaimer.driven.store(false, Release);
            // Takes the waker out, which would be kept until there is another driver. If there is one already
            // it is woken in vain.
            reclaimer.work.wake();
        }
    }
}

/// Callbacks in one poll, before others on the executor get their turn.
const BURST: usize = 128;

// === impl Drive ===

impl<'r, D: AsDomain, Lock: ScopedRawMutex> Drive<'r, D, Lock> {
    pub(super) fn claim(reclaimer: &'r Reclaimer<D, Lock>) -> Result<Self, DriverTaken> {
        // Acquire pairs with the Release in `drop`: one driver after the other uses `work`.
        match reclaimer.driven.swap(true, Acquire) {
            false => Ok(Self {
                reclaimer,
                grace_period: None,
            }),
            true => Err(DriverTaken),
        }
    }

    /// The grace period that it waits for.
    #[allow(dead_code, reason = "for a thread, which not every build has")]
    pub(super) fn grace_period(&self) -> Option<Cookie> {
        self.grace_period.as_ref()?.cookie()
    }
}

impl<D: AsDomain, Lock: ScopedRawMutex> Future for Drive<'_, D, Lock> {
    type Output = Infallible;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Infallible> {
        let mut this = self.project();
        let reclaimer = *this.reclaimer;
        loop {
            if let Some(grace_period) = this.grace_period.as_mut().as_pin_mut() {
                if grace_period.poll(cx).is_pending() {
                    return Poll::Pending;
                }
                this.grace_period.set(None);
            }
            if let Some(mut turning) = Turning::begin(reclaimer, Who::Driver) {
                match turning.take(BURST) {
                    // Others on the executor get their turn.
                    Turn::Reclaimed(_) => {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Turn::Waiting => {
                        let domain = reclaimer.domain.as_domain();
                        let cookie = turning.grace_period();
                        let grace_period = cookie.map(|cookie| domain.grace_period_of(cookie));
                        this.grace_period.set(grace_period);
                        continue;
                    }
                    Turn::Idle | Turn::Busy => {}
                }
            }
            // A wake-up since the last one that was taken is kept by the cell: what came after the look
            // above, or what another's turn has left, is not missed.
            match reclaimer.work.poll_wait(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => {
                    // A wake-up is under way, and did not find this waker. (Nobody closes the cell.)
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<D: AsDomain, Lock: ScopedRawMutex> fmt::Debug for Drive<'_, D, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Drive").field(self.reclaimer).finish()
    }
}

/// The reclaimer has a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriverTaken;

impl fmt::Display for DriverTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reclaimer has a driver")
    }
}

impl core::error::Error for DriverTaken {}
