use super::{
    AsDomain, Drive, DriverTaken, Full, RcuHead, Turn,
    batch::Batch,
    callback,
    counts::Counts,
    head::{Call, Deferred, Node},
    turning::{Turning, Who},
};
use crate::{domain::Cookie, pause::Pause};
use core::{
    fmt,
    mem::{ManuallyDrop, size_of},
    ops::Deref,
    ptr::{self, NonNull},
};
use pintle_core::{atomic::AtomicBool, cell::UnsafeCell, const_fn};
use pintle_intrusive::{Linked, TransferStack};
use pintle_sync::{
    WaitCell, WaitQueue,
    blocking::{DefaultMutex, ScopedRawMutex},
};

/// Objects that are to be dropped after a grace period, and whoever does it.
///
/// The [module](super) says how to choose a driver, what callbacks may do, and what it costs.
///
/// # Invariants
///
/// 1. Whoever has changed `turning` from false to true has `batch` until it changes it back.
/// 2. What is in `arrivals` and in `batch` has been counted in `counts`, and is counted as reclaimed after
///    its callback.
/// 3. After a push onto empty `arrivals`, and after a turn of somebody who is not the driver and leaves
///    something undone, `work` is woken.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_rcu::{domain::Domain, reclaim::{Reclaimer, Turn}};
///
/// static DOMAIN: Domain = Domain::new();
/// static RECLAIMER: Reclaimer<&Domain> = Reclaimer::new(&DOMAIN);
///
/// RECLAIMER.defer_drop(Box::new(5)).unwrap();
/// // The caller is the driver here.
/// assert_eq!(RECLAIMER.turn(), Turn::Reclaimed(1));
/// assert_eq!(RECLAIMER.turn(), Turn::Idle);
/// # }
/// ```
pub struct Reclaimer<D: AsDomain, Lock: ScopedRawMutex = DefaultMutex> {
    pub(super) domain: D,
    /// What no turn has taken yet, the last first.
    pub(super) arrivals: TransferStack<Node>,
    pub(super) counts: Counts,
    /// Somebody takes a turn.
    pub(super) turning: AtomicBool,
    pub(super) batch: UnsafeCell<Batch>,
    /// There is a [`Drive`].
    pub(super) driven: AtomicBool,
    /// Where it sleeps.
    pub(super) work: WaitCell,
    /// Where those wait who want callbacks to have been called.
    pub(super) progress: WaitQueue<Lock>,
}

// SAFETY: the batch is used by one turn at a time (invariant 1), and what is in it may be reclaimed on any
// thread. All else is `Sync`, if the barrier and the lock are.
unsafe impl<D: AsDomain + Sync, Lock: ScopedRawMutex + Sync> Sync for Reclaimer<D, Lock> {}

// === impl Reclaimer ===

impl<D: AsDomain> Reclaimer<D> {
    const_fn! {
        /// A reclaimer for what readers of `domain` may see, without a bound to its backlog.
        #[must_use]
        pub const fn new(domain: D) -> Self {
            Self::bounded(domain, usize::MAX)
        }
    }

    const_fn! {
        /// The same for at most `capacity` objects at a time: those whose callback has not returned.
        ///
        /// No reclaimer has room for more than `isize::MAX`.
        #[must_use]
        pub const fn bounded(domain: D, capacity: usize) -> Self {
            Self::with_raw_mutex(domain, capacity, DefaultMutex::new())
        }
    }
}

impl<D: AsDomain, Lock: ScopedRawMutex> Reclaimer<D, Lock> {
    const_fn! {
        /// The same with a lock of the caller's choice, which is for those who wait for
        /// [progress](Self::barrier): deferring takes none.
        #[must_use]
        pub const fn with_raw_mutex(
            domain: D,
            capacity: usize,
            lock: Lock,
        ) -> Self {
            Self {
                domain,
                arrivals: TransferStack::new(),
                counts: Counts::new(capacity),
                turning: AtomicBool::new(false),
                batch: UnsafeCell::new(Batch::new()),
                driven: AtomicBool::new(false),
                work: WaitCell::new(),
                progress: WaitQueue::new_with_raw_mutex(lock),
            }
        }
    }

    // --- deferring ---

    /// Drops the handle of an object after a grace period.
    ///
    /// Neither allocates nor waits: the object has the [`RcuHead`]. Lock-free, two read-modify-writes. It
    /// may be called in a section and in a callback; and in an interrupt handler, if the driver's waker may
    /// be called there.
    ///
    /// Of objects that readers may still be looking at there is no handle yet, such as a `Box`, that would
    /// claim them for itself: for these there is [`defer_raw`](Self::defer_raw).
    ///
    /// # Errors
    ///
    /// [`Full`] gives the handle back if the backlog is full.
    ///
    /// # Panics
    ///
    /// In a debug build, if the object is deferred already, which takes a handle that can be copied.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "alloc")] {
    /// use pintle_intrusive::linked;
    /// use pintle_rcu::{domain::Domain, reclaim::{Full, RcuHead, Reclaimer}};
    /// use std::pin::Pin;
    ///
    /// struct Route {
    ///     head: RcuHead,
    ///     gateway: u32,
    /// }
    ///
    /// linked!(Route { head: RcuHead } as Pin<Box<Self>>);
    ///
    /// static DOMAIN: Domain = Domain::new();
    /// static RECLAIMER: Reclaimer<&Domain> = Reclaimer::bounded(&DOMAIN, 1);
    ///
    /// let route = |gateway| Box::pin(Route { head: RcuHead::new(), gateway });
    /// RECLAIMER.defer(route(1)).unwrap();
    /// let Err(Full(route)) = RECLAIMER.defer(route(2)) else { panic!("there is room for one") };
    /// assert_eq!(route.gateway, 2);
    /// RECLAIMER.drain();
    /// RECLAIMER.defer(route).unwrap();
    /// # }
    /// ```
    #[inline]
    pub fn defer<H>(&self, handle: H) -> Result<(), Full<H>>
    where
        H: Deref + Send + 'static,
        H::Target: Linked<RcuHead, Handle = H> + Sized,
    {
        self.defer_with(handle, drop)
    }

    /// As [`defer`](Self::defer), with a function that gets the handle, for objects that are not dropped but
    /// used again.
    ///
    /// The function is a `fn` by name or a closure that captures nothing: there is no place to keep more.
    ///
    /// # Errors
    ///
    /// [`Full`] gives the handle back if the backlog is full.
    ///
    /// # Panics
    ///
    /// As [`defer`](Self::defer).
    ///
    /// # Examples
    ///
    /// What does not fit is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use pintle_intrusive::linked;
    /// # use pintle_rcu::{domain::Domain, reclaim::{RcuHead, Reclaimer}};
    /// # use std::{pin::Pin, sync::Arc};
    /// # struct Route { head: RcuHead }
    /// # linked!(Route { head: RcuHead } as Pin<Box<Self>>);
    /// # static DOMAIN: Domain = Domain::new();
    /// # static RECLAIMER: Reclaimer<&Domain> = Reclaimer::new(&DOMAIN);
    /// let captured = Arc::new(());
    /// # #[cfg(not(feature = "alloc"))] compile_error!();
    /// RECLAIMER.defer_with(Box::pin(Route { head: RcuHead::new() }), move |_| drop(captured));
    /// ```
    pub fn defer_with<H, F>(&self, handle: H, function: F) -> Result<(), Full<H>>
    where
        H: Deref + Send + 'static,
        H::Target: Linked<RcuHead, Handle = H> + Sized,
        F: FnOnce(H) + Send + 'static,
    {
        /// # Safety
        ///
        /// `object` comes from `into_ptr` and has not gone back; a value of `F` was forgotten for this call.
        unsafe fn call<T, F>(object: NonNull<()>)
        where
            T: Linked<RcuHead>,
            F: FnOnce(T::Handle),
        {
            // SAFETY: the caller says so.
            let handle = unsafe { T::from_ptr(object.cast()) };
            // SAFETY: a value without a size is read from any aligned address; it is the one that was
            // forgotten.
            let function: F = unsafe { NonNull::<F>::dangling().read() };
            function(handle);
        }

        const { assert!(size_of::<F>() == 0, "the function captures something") };
        if !self.counts.try_defer() {
            return Err(Full(handle));
        }
        let _forgotten = ManuallyDrop::new(function);
        let object = H::Target::into_ptr(handle);
        // SAFETY: the handle was given up, so the object is live, pinned and ours.
        let head = unsafe { H::Target::links(object) };
        let call = Call::new(call::<H::Target, F>, object.cast());
        // SAFETY: as above, the head is ours with the object; the handle may be made again and used on any
        // thread, as it is `Send` and `'static`, and the function is, too.
        let deferred = unsafe { Deferred::new(head, call) };
        self.push(deferred);
        Ok(())
    }

    /// Makes the handle of an object again and drops it, after a grace period.
    ///
    /// As [`defer`](Self::defer) otherwise.
    ///
    /// # Errors
    ///
    /// [`Full`] if the backlog is full: then nothing has happened.
    ///
    /// # Safety
    ///
    /// - `object` was returned by `T::into_ptr`, and its handle may be made again, dropped, and be gone
    ///   on another thread, once a grace period of the reclaimer's domain has passed from now on: readers
    ///   that come now do not find it any more.
    /// - Nobody else makes the handle, or defers the object, until then.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "alloc")] {
    /// use pintle_intrusive::{Linked, linked};
    /// use pintle_rcu::{domain::Domain, reclaim::{RcuHead, Reclaimer}};
    /// use std::{pin::Pin, ptr, sync::atomic::{AtomicPtr, Ordering::*}};
    ///
    /// struct Route { head: RcuHead, gateway: u32 }
    /// linked!(Route { head: RcuHead } as Pin<Box<Self>>);
    ///
    /// static DOMAIN: Domain = Domain::new();
    /// static RECLAIMER: Reclaimer<&Domain> = Reclaimer::new(&DOMAIN);
    /// // Readers find the route here.
    /// static DEFAULT: AtomicPtr<Route> = AtomicPtr::new(ptr::null_mut());
    ///
    /// let route = Box::pin(Route { head: RcuHead::new(), gateway: 1 });
    /// DEFAULT.store(Route::into_ptr(route).as_ptr(), Release);
    /// // Later:
    /// let old = DEFAULT.swap(ptr::null_mut(), AcqRel);
    /// if let Some(old) = ptr::NonNull::new(old) {
    ///     // SAFETY: it came from `into_ptr`, and we have just taken it from where readers find it.
    ///     unsafe { RECLAIMER.defer_raw::<Route>(old) }.unwrap();
    /// }
    /// RECLAIMER.drain();
    /// # }
    /// ```
    pub unsafe fn defer_raw<T>(&self, object: NonNull<T>) -> Result<(), Full<()>>
    where
        T: Linked<RcuHead>,
        T::Handle: 'static,
    {
        /// # Safety
        ///
        /// `object` comes from `into_ptr`, and its handle may be made and dropped now.
        unsafe fn call<T: Linked<RcuHead>>(object: NonNull<()>) {
            // SAFETY: the caller says so.
            drop(unsafe { T::from_ptr(object.cast()) });
        }

        // SAFETY: the object is live, as its handle was given up.
        let head = unsafe { T::links(object) };
        // SAFETY: the caller promises it.
        unsafe { self.defer_call(head, Call::new(call::<T>, object.cast())) }
    }

    /// # Errors
    ///
    /// [`Full`] if the backlog is full: then nothing has happened.
    ///
    /// # Safety
    ///
    /// As [`Deferred::new`]; the grace period is one of the reclaimer's domain.
    pub(super) unsafe fn defer_call(
        &self,
        head: NonNull<RcuHead>,
        call: Call,
    ) -> Result<(), Full<()>> {
        if !self.counts.try_defer() {
            return Err(Full(()));
        }
        // SAFETY: the caller's promise.
        self.push(unsafe { Deferred::new(head, call) });
        Ok(())
    }

    /// For what has been counted.
    #[inline]
    fn push(&self, deferred: Deferred) {
        // The push publishes the object, its head, and that it is unlinked, to whoever takes it.
        if self.arrivals.push_was_empty(deferred) {
            self.work.wake();
        }
    }

    // --- reclaiming ---

    /// Takes a turn: begins a grace period for what has been deferred, or looks how far it has come, and when
    /// it is over drops the objects, in the order in which they were deferred.
    ///
    /// It does not wait. It may make a heavy barrier, and takes as long as the callbacks do. In a section
    /// that began before the grace period it only ever finds it [`Waiting`](Turn::Waiting).
    ///
    /// # Panics
    ///
    /// If a callback panics. The next turn goes on with the one after it.
    ///
    /// # Examples
    ///
    /// See [`Reclaimer`].
    pub fn turn(&self) -> Turn {
        self.turn_n(usize::MAX)
    }

    /// As [`turn`](Self::turn), with at most `most` callbacks.
    ///
    /// # Panics
    ///
    /// If a callback panics.
    pub fn turn_n(&self, most: usize) -> Turn {
        self.turn_until(most).0
    }

    /// As `turn_n`; and the grace period that is waited for.
    fn turn_until(&self, most: usize) -> (Turn, Option<Cookie>) {
        match Turning::begin(self, Who::Caller) {
            Some(mut turning) => (turning.take(most), turning.grace_period()),
            None => (Turn::Busy, None),
        }
    }

    /// Takes turns until all that has been deferred so far is reclaimed.
    ///
    /// Blocks: for grace periods as [`Domain::wait`](crate::domain::Domain::wait) does; while somebody else takes a turn it
    /// spins for some microseconds, then yields, then sleeps, 10 ms at most at a time.
    ///
    /// # Panics
    ///
    /// - If a callback panics. Another call goes on.
    /// - In a section of the same domain, as far as that is [known](AsDomain::is_inside), and with `std` in a
    ///   callback of this reclaimer: it would wait for itself. Where that is not known it does.
    pub fn drain(&self) {
        self.assert_outside();
        let mark = self.counts.mark();
        let mut pause = Pause::new();
        while !self.counts.is_past(mark) {
            match self.turn_until(usize::MAX) {
                (_, Some(cookie)) => self.domain.as_domain().wait(cookie),
                (Turn::Reclaimed(_), None) => pause = Pause::new(),
                (_, None) => pause.block(),
            }
        }
    }

    /// A future that takes turns for as long as it is polled, and sleeps while there is nothing to do.
    ///
    /// To be spawned on whatever executor, or run by a thread of its own.
    ///
    /// # Errors
    ///
    /// [`DriverTaken`] while there is another one.
    pub fn drive(&self) -> Result<Drive<'_, D, Lock>, DriverTaken> {
        Drive::claim(self)
    }

    // --- waiting ---

    /// Waits until all that has been deferred so far is reclaimed, by whoever takes turns.
    ///
    /// What was deferred before on this thread, or on one that it has synchronised with, counts.
    ///
    /// In a callback of this reclaimer it never completes.
    ///
    /// # Cancellation
    ///
    /// Dropping it does nothing else.
    pub async fn barrier(&self) {
        let mark = self.counts.mark();
        self.wait_until(|| self.counts.is_past(mark)).await;
    }

    /// Waits until the backlog has room. Somebody else may be faster to take it.
    ///
    /// # Cancellation
    ///
    /// Dropping it does nothing else.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// # use pintle_rcu::{RcuDomain, reclaim::{Full, Reclaimer}};
    /// async fn defer(reclaimer: &Reclaimer<RcuDomain>, mut table: Box<[u32]>) {
    ///     while let Err(Full(back)) = reclaimer.defer_drop(table) {
    ///         table = back;
    ///         reclaimer.room().await;
    ///     }
    /// }
    /// # }
    /// ```
    pub async fn room(&self) {
        self.wait_until(|| self.counts.has_room()).await;
    }

    async fn wait_until(&self, condition: impl Fn() -> bool) {
        if condition() {
            return;
        }
        // Nobody closes the queue.
        let _ = self.progress.wait_for(condition).await;
    }

    /// How many objects are deferred, the one whose callback runs included.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.counts.waiting()
    }

    /// How many there may be.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.counts.capacity()
    }

    #[track_caller]
    pub(super) fn assert_outside(&self) {
        assert!(
            !callback::is_inside(ptr::from_ref(self).cast()),
            "a callback waited for its own reclaimer, and would wait for itself"
        );
        assert!(
            !self.domain.is_inside(),
            "a read section waited for what is deferred, and would wait for itself"
        );
    }
}

impl<D: AsDomain, Lock: ScopedRawMutex> Drop for Reclaimer<D, Lock> {
    /// Waits for a grace period, if anything is deferred, and reclaims it; in a section, where waiting is
    /// impossible, it leaks it.
    fn drop(&mut self) {
        /// Goes on after a callback that has panicked.
        struct Rest<'r, D: AsDomain, Lock: ScopedRawMutex>(&'r Reclaimer<D, Lock>);

        impl<D: AsDomain, Lock: ScopedRawMutex> Drop for Rest<'_, D, Lock> {
            fn drop(&mut self) {
                self.0.drain();
            }
        }

        if self.domain.is_inside() {
            return;
        }
        let rest = Rest(self);
        rest.0.drain();
    }
}

impl<D: AsDomain, Lock: ScopedRawMutex> fmt::Debug for Reclaimer<D, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reclaimer")
            .field("backlog", &self.backlog())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
