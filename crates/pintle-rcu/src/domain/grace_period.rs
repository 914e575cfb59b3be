use super::{
    Barrier, Cookie, Domain,
    registry::Registry,
    scan::{Manner, Progress},
};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;
use pintle_core::{
    atomic::{
        Ordering::{Release, SeqCst},
        fence,
    },
    hint,
};
use pintle_sync::wait_queue::Wait;

pin_project! {
    /// The future of [`Domain::grace_period`]: completes when a grace period is over that began after
    /// its first poll.
    ///
    /// Nobody polls it in vain: it is woken by the last reader that it waits for, at the end of its section, or
    /// by another writer.
    ///
    /// # Cancellation
    ///
    /// Dropping it gives the wait up and nothing else: another task that waits for the same grace period goes on
    /// with it. Nothing may be freed then.
    ///
    /// One of those that wait is woken by readers and wakes the others. If it has been polled, and is then neither polled
    /// after its wake-up nor dropped (leaked, say), the others sleep until a writer that does not sleep finishes for them.
    #[must_use = "futures do nothing unless polled"]
    pub struct GracePeriod<'a, B: Barrier> {
        domain: &'a Domain<B>,
        cookie: Option<Cookie>,
        // This task's waker is in the bell.
        leads: bool,
        #[pin]
        follows: Option<Wait<'a>>,
    }

    impl<B: Barrier> PinnedDrop for GracePeriod<'_, B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if *this.leads {
                resign(this.domain);
            }
        }
    }
}

/// Leaves the lead to another task.
fn resign<B: Barrier>(domain: &Domain<B>) {
    /// When it is dropped: also while the panic of this task's waker unwinds.
    struct Leave<'a>(&'a Registry);

    impl Drop for Leave<'_> {
        fn drop(&mut self) {
            // Release pairs with the Acquire of the swap of the next one.
            self.0.led.store(false, Release);
            // Pairs with the fence after a task has begun to follow: it sees that nobody leads, or is woken here.
            fence(SeqCst);
            self.0.followers.wake_all();
        }
    }

    let leave = Leave(domain.registry());
    // Takes this task's waker out, which would be kept there until somebody else leads.
    leave.0.bell.wake();
}

// === impl GracePeriod ===

impl<'a, B: Barrier> GracePeriod<'a, B> {
    pub(super) fn new(domain: &'a Domain<B>, cookie: Option<Cookie>) -> Self {
        Self {
            domain,
            cookie,
            leads: false,
            follows: None,
        }
    }

    /// What it waits for, if that was said or it has been polled.
    #[allow(
        dead_code,
        reason = "for a reclaimer's thread, which not every build has"
    )]
    pub(crate) fn cookie(&self) -> Option<Cookie> {
        self.cookie
    }
}

impl<B: Barrier> Future for GracePeriod<'_, B> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let domain = *this.domain;
        let registry = domain.registry();
        let cookie = *this.cookie.get_or_insert_with(|| domain.start_poll());
        loop {
            if domain.is_over(cookie) {
                this.follows.set(None);
                if core::mem::take(this.leads) {
                    resign(domain);
                }
                return Poll::Ready(());
            }
            if !*this.leads && registry.try_lead() {
                *this.leads = true;
                this.follows.set(None);
            }
            if *this.leads {
                // Before the look: who leaves its section after the look wakes this task.
                match registry.bell.poll_wait(cx) {
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(_)) => {
                        // A reader is just taking the waker out.
                        hint::spin_loop();
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Poll::Pending => {}
                }
                // Whoever drives, or the reader that is waited for, wakes this task.
                if registry.drive(domain.barrier(), cookie, Manner::Sleeps) == Progress::Waiting {
                    return Poll::Pending;
                }
                continue;
            }
            if this.follows.is_none() {
                this.follows.set(Some(registry.followers.wait()));
            }
            let woken = match this.follows.as_mut().as_pin_mut() {
                Some(wait) => wait.poll(cx).is_ready(),
                None => true,
            };
            if woken {
                this.follows.set(None);
                continue;
            }
            let is_over = !registry.sequence.follow(cookie);
            // Pairs with the fence in `resign`: who leads no more has woken this task, or is seen here.
            fence(SeqCst);
            if !is_over && registry.is_led() {
                return Poll::Pending;
            }
        }
    }
}

impl<B: Barrier> fmt::Debug for GracePeriod<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GracePeriod")
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
