//! The domain of this process, whose readers are its threads.

mod guard;
mod local;

pub use self::guard::RcuGuard;
pub(crate) use self::local::is_inside;

use crate::domain::{Domain, GracePeriod, Progress};
use crate::{park::Quiesce, pause::nap};
use core::{
    future::{Future, poll_fn},
    pin::pin,
    time::Duration,
};

static DOMAIN: Domain = Domain::new();

/// The RCU domain of this process.
///
/// # Examples
///
/// ```
/// use pintle_rcu::{RcuDomain, global};
///
/// const RCU: RcuDomain = global();
///
/// assert_eq!(RCU.run(|| 1 + 1), 2);
/// RCU.synchronize_blocking();
/// ```
#[inline]
#[must_use]
pub const fn global() -> RcuDomain {
    RcuDomain { _private: () }
}

/// A handle to the RCU domain of this process; [`global`] gives it.
#[derive(Clone, Copy, Debug)]
pub struct RcuDomain {
    _private: (),
}

// === impl RcuDomain ===

impl RcuDomain {
    /// Begins a read section of this thread: until the guard is dropped, nothing that is reachable now
    /// is freed by a writer that synchronizes.
    ///
    /// Costs two stores to memory of the thread's own, see the [crate docs](crate). The first call in a
    /// thread registers it: that may allocate, and does not wait for a writer. Sections nest, and may
    /// end in any order; the last to end counts. Leaking the guard (`mem::forget`) means a section
    /// that never ends, and writers that wait for ever.
    ///
    /// In the destructors of thread-local values it works as everywhere else, also after this crate's
    /// own has run: the thread then registers for the one section.
    ///
    /// # Panics
    ///
    /// If more than `isize::MAX` sections of this thread are running, which takes leaked guards.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_rcu::{RcuCell, global};
    ///
    /// let names = RcuCell::new(vec!["ada"]);
    /// let guard = global().enter();
    /// for name in names.load(&guard) {
    ///     assert_eq!(*name, "ada");
    /// }
    /// ```
    ///
    /// A guard stays in its thread:
    ///
    /// ```compile_fail,E0277
    /// let guard = pintle_rcu::global().enter();
    /// std::thread::spawn(move || drop(guard));
    /// ```
    #[inline]
    pub fn enter(self) -> RcuGuard {
        RcuGuard::enter()
    }

    /// Runs `f` in a read section, which also ends if `f` panics.
    ///
    /// As [`enter`](Self::enter) otherwise.
    #[inline]
    pub fn run<F, R>(self, f: F) -> R
    where
        F: FnOnce() -> R,
    {
        let _guard = self.enter();
        f()
    }

    /// Tells writers that this thread will not read for a while.
    ///
    /// Good before it goes to sleep: if all threads have said so, a grace period needs no heavy
    /// barrier, which would interrupt them. The next section of the thread pays a full fence for it. In
    /// a section it does nothing.
    #[inline]
    pub fn quiesce(self) {
        local::quiesce();
    }

    /// Polls `future`, and [quiesces](Self::quiesce) after each poll.
    ///
    /// # Cancellation
    ///
    /// Dropping it drops `future`, and does nothing else.
    pub async fn quiesce_on_pending<Fut>(self, future: Fut) -> Fut::Output
    where
        Fut: Future,
    {
        let mut future = pin!(future);
        poll_fn(|context| {
            let poll = future.as_mut().poll(context);
            self.quiesce();
            poll
        })
        .await
    }

    /// Waits until every section that is running now has ended.
    ///
    /// What was unlinked before can be freed after. Of the sections that begin meanwhile at most one of
    /// each thread is waited for, so busy readers do not hold it up for ever. Any number of threads may
    /// call it at once.
    ///
    /// It costs one process-wide barrier (about a microsecond, and an interrupt for each processor that
    /// runs this process) and a look at each thread, or no barrier if all others are
    /// [quiescent](Self::quiesce); this one becomes it. While it waits for a reader it spins for some microseconds, then
    /// yields, then sleeps, 10 ms at most at a time.
    ///
    /// # Panics
    ///
    /// If this thread is in a section: it would wait for itself.
    #[track_caller]
    pub fn synchronize_blocking(self) {
        local::become_writer();
        DOMAIN.synchronize();
    }

    /// Waits as [`synchronize_blocking`](Self::synchronize_blocking) does, without blocking the thread:
    /// between its looks it awaits what `sleep` returns for a growing time.
    ///
    /// The barrier itself is made in the first poll.
    ///
    /// # Panics
    ///
    /// If the thread of the first poll is in a section.
    ///
    /// # Cancellation
    ///
    /// Dropping it gives the grace period up. Nothing may be freed then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use core::{pin::pin, task::{Context, Poll, Waker}};
    /// # let mut future = pin!(async {
    /// use pintle_rcu::global;
    ///
    /// // A real program sleeps by its runtime's timer.
    /// global().synchronize(async |time| std::thread::sleep(time)).await;
    /// # });
    /// # assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    /// ```
    pub async fn synchronize(self, mut sleep: impl AsyncFnMut(Duration)) {
        local::become_writer();
        let mut grace_period = GracePeriod::begin(&DOMAIN);
        let mut naps = 0u32;
        while let Progress::Waiting = grace_period.advance() {
            sleep(nap(naps)).await;
            naps = naps.saturating_add(1);
        }
    }
}

impl Quiesce for RcuDomain {
    #[inline]
    fn quiesce(&self) {
        RcuDomain::quiesce(*self);
    }
}
