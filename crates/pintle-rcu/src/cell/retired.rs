use crate::{
    Cookie, RcuDomain, Scope,
    reclaim::{Boxed, Full, Reclaimer},
};
use core::{fmt, marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};
use pintle_sync::blocking::ScopedRawMutex;

of_a_scope! {
    /// A value that was taken out of an [`RcuCell`](super::RcuCell) and that readers may still be looking at.
    ///
    /// It gives the value back after a grace period: to a thread by [`synchronize`](Self::synchronize), to a
    /// task by [`grace_period`](Self::grace_period), to who looks now and then by [`poll`](Self::poll). Or it
    /// leaves the value to a [`Reclaimer`], by [`defer`](Self::defer), which costs next to nothing.
    ///
    /// Dropping it waits and drops the value; in a read section, where waiting is impossible, it leaks the value
    /// instead.
    ///
    /// # Invariants
    ///
    /// `pointer` comes from `Boxed::new` and is ours. Readers that have come since do not find it.
    /// `cookie` is younger than that.
    #[must_use = "dropping it waits for a grace period; `synchronize` does so openly, `defer` leaves it to others"]
    pub struct Retired<T, S> {
        // Not a `Box`, since readers hold references to the value.
        pointer: NonNull<Boxed<T>>,
        cookie: Option<Cookie<S>>,
        _owns: PhantomData<T>,
    }
}

// SAFETY: it hands the value out, or drops it, in the thread it was sent to. That readers may look at the
// value meanwhile was allowed by the cell's `Sync`.
unsafe impl<T: Send, S: Scope> Send for Retired<T, S> {}
// SAFETY: `&Retired` gives no access to the value.
unsafe impl<T, S: Scope> Sync for Retired<T, S> {}

// === impl Retired ===

impl<T, S: Scope> Retired<T, S> {
    const DOMAIN: RcuDomain<S> = RcuDomain::new();

    /// # Safety
    ///
    /// `pointer` comes from `Boxed::new` and is the caller's, who has just taken it from where readers of `S`
    /// find it.
    pub(super) unsafe fn new(pointer: NonNull<Boxed<T>>) -> Self {
        Self {
            pointer,
            cookie: None,
            _owns: PhantomData,
        }
    }

    /// Waits until no reader can be looking at the value, and gives it.
    ///
    /// As [`RcuDomain::synchronize_blocking`], which says what it costs.
    ///
    /// # Panics
    ///
    /// If this thread is in a section: it would wait for itself. The value is leaked then.
    #[track_caller]
    pub fn synchronize(mut self) -> T {
        self.wait();
        // SAFETY: a grace period has passed.
        unsafe { self.into_value() }
    }

    #[track_caller]
    fn wait(&mut self) {
        match self.cookie {
            Some(cookie) => Self::DOMAIN.wait(cookie),
            None => Self::DOMAIN.synchronize_blocking(),
        }
    }

    /// As [`synchronize`](Self::synchronize), for a task: it is woken by the last reader that it waits for.
    ///
    /// # Panics
    ///
    /// If the thread of the first poll is in a section. The value is leaked then.
    ///
    /// # Cancellation
    ///
    /// Dropping it drops this: it waits, as the type says. Where a thread must not wait,
    /// [`defer`](Self::defer) it.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// # use core::{pin::pin, task::{Context, Poll, Waker}};
    /// # let mut future = pin!(async {
    /// use pintle_rcu::RcuCell;
    ///
    /// let cell = RcuCell::new(1);
    /// assert_eq!(cell.replace(2).grace_period().await, 1);
    /// # });
    /// # assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    /// # }
    /// ```
    pub async fn grace_period(mut self) -> T {
        let cookie = self.cookie();
        Self::DOMAIN.grace_period_of(cookie).await;
        // SAFETY: a grace period has passed.
        unsafe { self.into_value() }
    }

    /// The value, if no reader can be looking at it. Does not wait, and goes on with the grace period.
    ///
    /// The grace period is the first that begins after the first call of this or of [`cookie`](Self::cookie).
    ///
    /// # Errors
    ///
    /// This itself, as long as there may be readers.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use pintle_rcu::{RcuCell, global};
    ///
    /// let cell = RcuCell::new(1);
    /// let guard = global().enter();
    /// let retired = cell.replace(2).poll().unwrap_err();
    /// drop(guard);
    /// assert_eq!(retired.poll().unwrap(), 1);
    /// # }
    /// ```
    pub fn poll(mut self) -> Result<T, Self> {
        let cookie = self.cookie();
        if !Self::DOMAIN.poll(cookie) {
            return Err(self);
        }
        // SAFETY: a grace period has passed.
        Ok(unsafe { self.into_value() })
    }

    /// The grace period after which the value can be had. Who waits for that of the last of many has waited for
    /// all.
    pub fn cookie(&mut self) -> Cookie<S> {
        *self.cookie.get_or_insert_with(|| Self::DOMAIN.start_poll())
    }

    /// Leaves the value to `reclaimer`, which drops it after a grace period. Neither waits nor allocates, and
    /// may be called in a section.
    ///
    /// # Errors
    ///
    /// [`Full`] gives this back if the backlog is full.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use pintle_rcu::{RcuCell, RcuDomain, global, reclaim::Reclaimer};
    ///
    /// static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::new(global());
    ///
    /// let cell = RcuCell::new(1);
    /// cell.replace(2).defer(&RECLAIMER).unwrap();
    /// // Somewhere else:
    /// RECLAIMER.drain();
    /// # }
    /// ```
    pub fn defer<Lock: ScopedRawMutex>(
        self,
        reclaimer: &Reclaimer<RcuDomain<S>, Lock>,
    ) -> Result<(), Full<Self>>
    where
        T: Send + 'static,
    {
        // Not dropped if the waker of the driver panics: then the value is the reclaimer's already.
        let this = ManuallyDrop::new(self);
        // SAFETY: by the invariant; the grace period is one of the same scope. `T` may be sent, and lives as
        // long as it likes.
        unsafe { Boxed::defer_drop(this.pointer, reclaimer) }
            .map_err(|Full(())| Full(ManuallyDrop::into_inner(this)))
    }

    /// # Safety
    ///
    /// A grace period has passed since this was made.
    unsafe fn into_value(self) -> T {
        let this = ManuallyDrop::new(self);
        // SAFETY: it is ours and comes from `Boxed::new`. No reader has a reference any more.
        unsafe { Boxed::into_value(this.pointer) }
    }
}

impl<T, S: Scope> Drop for Retired<T, S> {
    fn drop(&mut self) {
        if Self::DOMAIN.is_inside() {
            return;
        }
        self.wait();
        // SAFETY: as in `into_value`; this is its end.
        drop(unsafe { Boxed::into_value(self.pointer) });
    }
}

impl<T, S: Scope> fmt::Debug for Retired<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retired")
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
