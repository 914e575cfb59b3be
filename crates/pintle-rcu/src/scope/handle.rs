use super::{Cookie, RcuGuard, Scope};
use crate::{
    domain::{Slot, Stall, StallWatch},
    park::Quiesce,
    pause::nap,
};
use core::{
    fmt,
    future::{Future, poll_fn},
    marker::PhantomData,
    pin::pin,
    time::Duration,
};

of_a_scope! {
    /// A handle to the domain of a scope, of which every one is as good as another: that of this process, by default,
    /// which `global` gives (feature `std`).
    pub struct RcuDomain<S> {
        _of: PhantomData<fn() -> S>,
    }
}

// === impl RcuDomain ===

impl<S: Scope> RcuDomain<S> {
    /// The domain of the scope `S`.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self { _of: PhantomData }
    }

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
    /// If 2^(N/2 - 1) sections of this thread are running, where N is the number of bits of `usize`.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use pintle_rcu::{RcuCell, global};
    ///
    /// let names = RcuCell::new(vec!["ada"]);
    /// let guard = global().enter();
    /// for name in names.load(&guard) {
    ///     assert_eq!(*name, "ada");
    /// }
    /// # }
    /// ```
    ///
    /// A guard stays in its thread:
    ///
    /// ```compile_fail,E0277
    /// let guard = pintle_rcu::global().enter();
    /// std::thread::spawn(move || drop(guard));
    /// ```
    #[inline]
    pub fn enter(self) -> RcuGuard<S> {
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
        S::slot().quiesce();
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
    /// yields, then sleeps until the reader wakes it.
    ///
    /// # Panics
    ///
    /// If this thread is in a section: it would wait for itself.
    #[track_caller]
    pub fn synchronize_blocking(self) {
        become_writer::<S>();
        S::domain().synchronize();
    }

    /// Waits as [`synchronize_blocking`](Self::synchronize_blocking) does, without blocking the thread:
    /// between its looks it awaits what `sleep` returns for a growing time.
    ///
    /// The barrier itself is made in the first poll. A task that has slept for 100 ms reports a
    /// [stall](Self::set_stall_hook).
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
    /// # #[cfg(feature = "std")] {
    /// # use core::{pin::pin, task::{Context, Poll, Waker}};
    /// # let mut future = pin!(async {
    /// use pintle_rcu::global;
    ///
    /// // A real program sleeps by its runtime's timer.
    /// global().synchronize(async |time| std::thread::sleep(time)).await;
    /// # });
    /// # assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    /// # }
    /// ```
    pub async fn synchronize(self, mut sleep: impl AsyncFnMut(Duration)) {
        become_writer::<S>();
        let cookie = S::domain().start_poll();
        let mut naps = 0u32;
        let mut slept = Duration::ZERO;
        let mut watch = StallWatch::of_tasks();
        while !S::domain().poll(cookie) {
            if slept >= watch.waited() {
                S::domain().report_stall(slept);
                watch.advance();
            }
            let time = nap(naps);
            sleep(time).await;
            naps = naps.saturating_add(1);
            slept = slept.saturating_add(time);
        }
    }

    /// Waits as [`synchronize`](Self::synchronize) does, and needs no timer: the last reader that is waited for wakes the
    /// task as it leaves its section.
    ///
    /// As [`Domain::grace_period`](crate::domain::Domain::grace_period) otherwise.
    ///
    /// # Panics
    ///
    /// If the thread of the first poll is in a section.
    ///
    /// # Cancellation
    ///
    /// Dropping it gives the wait up. Nothing may be freed then.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// # use core::{pin::pin, task::{Context, Poll, Waker}};
    /// # let mut future = pin!(async {
    /// pintle_rcu::global().grace_period().await;
    /// # });
    /// # assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    /// # }
    /// ```
    pub async fn grace_period(self) {
        become_writer::<S>();
        S::domain().grace_period().await;
    }

    /// The first grace period that begins from now on; as
    /// [`Domain::start_poll`](crate::domain::Domain::start_poll).
    ///
    /// May be called in a section.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use pintle_rcu::global;
    ///
    /// // Unlink something here …
    /// let cookie = global().start_poll();
    /// // … do something else …
    /// global().wait(cookie);
    /// // … and free it here.
    /// # }
    /// ```
    pub fn start_poll(self) -> Cookie<S> {
        Cookie::new(S::domain().start_poll())
    }

    /// Whether the grace period of `cookie` is over; if not, it is begun or gone on with, as far as that goes
    /// without waiting. As [`Domain::poll`](crate::domain::Domain::poll).
    #[must_use]
    pub fn poll(self, cookie: Cookie<S>) -> bool {
        S::domain().poll(cookie.get())
    }

    /// Whether the grace period of `cookie` is over, without doing anything for it: one load.
    #[must_use]
    pub fn is_over(self, cookie: Cookie<S>) -> bool {
        S::domain().is_over(cookie.get())
    }

    /// Waits until the grace period of `cookie` is over, if it is not; as
    /// [`synchronize_blocking`](Self::synchronize_blocking) otherwise.
    ///
    /// # Panics
    ///
    /// If this thread is in a section, and the grace period is not over.
    #[track_caller]
    pub fn wait(self, cookie: Cookie<S>) {
        if !self.is_over(cookie) {
            become_writer::<S>();
            S::domain().wait(cookie.get());
        }
    }

    /// As [`wait`](Self::wait), for a task; see [`grace_period`](Self::grace_period).
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait), in the first poll.
    ///
    /// # Cancellation
    ///
    /// Dropping it gives the wait up, and `cookie` is as good as before.
    pub async fn grace_period_of(self, cookie: Cookie<S>) {
        if !self.is_over(cookie) {
            become_writer::<S>();
            S::domain().grace_period_of(cookie.get()).await;
        }
    }

    /// The slot of the reader that the grace period under way is waiting for, if any; as
    /// [`Domain::awaited`](crate::domain::Domain::awaited).
    #[must_use]
    pub fn awaited(self) -> Option<&'static Slot> {
        S::domain().awaited()
    }

    /// Sets what is called when a reader keeps a writer waiting for long: a thread from 10 ms on, a task in
    /// [`synchronize`](Self::synchronize) from 100 ms on, each at intervals that double up to 10 s. As
    /// [`Domain::set_stall_hook`](crate::domain::Domain::set_stall_hook), which says what a hook may do.
    ///
    /// The [label](Slot::label) of a thread is the number that the operating system knows it by, which debuggers and
    /// `ps -L` show; on the BSDs its handle in the C library, which debuggers show; elsewhere than on these, Linux, Windows
    /// and Apple's systems 0.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// pintle_rcu::global().set_stall_hook(Some(|stall| {
    ///     eprintln!("{stall}");
    ///     let thread = stall.reader().label();
    ///     if let Ok(name) = std::fs::read_to_string(format!("/proc/self/task/{thread}/comm")) {
    ///         eprintln!("that is {name}");
    ///     }
    /// }));
    /// # }
    /// ```
    pub fn set_stall_hook(self, hook: Option<fn(&Stall)>) {
        S::domain().set_stall_hook(hook);
    }

    /// Whether this thread is in a section.
    #[inline]
    #[must_use]
    pub fn is_inside(self) -> bool {
        S::slot().is_inside()
    }
}

/// Quiesces this thread, so that it costs the writer that it becomes no barrier.
///
/// # Panics
///
/// If this thread is in a section.
#[track_caller]
fn become_writer<S: Scope>() {
    let slot = S::slot();
    assert!(
        !slot.is_inside(),
        "synchronize was called within a read section, and would wait for itself"
    );
    slot.quiesce();
}

impl<S: Scope> Clone for RcuDomain<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Scope> Copy for RcuDomain<S> {}

impl<S: Scope> Default for RcuDomain<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Scope> fmt::Debug for RcuDomain<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RcuDomain")
    }
}

impl<S: Scope> Quiesce for RcuDomain<S> {
    #[inline]
    fn quiesce(&self) {
        RcuDomain::quiesce(*self);
    }
}
