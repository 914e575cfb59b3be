use core::{fmt, mem::MaybeUninit, task::Waker};

/// How many wakers are taken out each time a lock is held, where there may be many.
pub(crate) const BATCH: usize = 16;

/// Wakers taken out under a lock, to be called when it is released.
///
/// Filling and waking alternate: what holds the lock fills the batch until it is full or nobody
/// is left, releases the lock and wakes all. So a lock is held for at most `N` pops at a time, no
/// waker runs under it, and nothing is allocated.
///
/// A waker that panics does not keep the others from being called: they are called while the panic
/// unwinds. With `std` a second panic is dropped there; without it, it aborts as any panic within
/// a panic does.
///
/// # Invariants
///
/// `wakers[next..end]` are initialized and owned by the batch; no other element is.
pub(crate) struct WakeBatch<const N: usize> {
    wakers: [MaybeUninit<Waker>; N],
    next: usize,
    end: usize,
}

// === impl WakeBatch ===

impl<const N: usize> WakeBatch<N> {
    pub(crate) const fn new() -> Self {
        Self {
            wakers: [const { MaybeUninit::uninit() }; N],
            next: 0,
            end: 0,
        }
    }

    /// Whether [`push`](Self::push) would find no room.
    pub(crate) fn is_full(&self) -> bool {
        self.end == N
    }

    /// Whether there is nobody to wake.
    pub(crate) fn is_empty(&self) -> bool {
        self.next == self.end
    }

    /// Adds a waker at the end.
    ///
    /// # Panics
    ///
    /// If the batch is full.
    pub(crate) fn push(&mut self, waker: Waker) {
        self.wakers[self.end].write(waker);
        // INVARIANT: the element that has just been written joins the range.
        self.end += 1;
    }

    /// Calls every waker, in the order in which they were pushed, and leaves the batch empty.
    pub(crate) fn wake_all(&mut self) {
        while let Some(waker) = self.pop() {
            waker.wake();
        }
        self.next = 0;
        self.end = 0;
    }

    fn pop(&mut self) -> Option<Waker> {
        if self.is_empty() {
            return None;
        }
        let waker = &self.wakers[self.next];
        // INVARIANT: the element leaves the range before its waker is given away.
        self.next += 1;
        // SAFETY: the element was in `next..end`, hence initialized, and has just left that range,
        // so it is read once only.
        Some(unsafe { waker.assume_init_read() })
    }
}

impl<const N: usize> Drop for WakeBatch<N> {
    fn drop(&mut self) {
        // Something is left only while a waker's panic unwinds. Whoever these wake has been taken
        // off its queue already: this call is the only one it will get.
        while let Some(waker) = self.pop() {
            quietly(|| waker.wake());
        }
    }
}

impl<const N: usize> fmt::Debug for WakeBatch<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakeBatch")
            .field("len", &(self.end - self.next))
            .finish_non_exhaustive()
    }
}

/// Wakes any number of waiters, [`BATCH`] at a time.
///
/// `fill` takes the lock and fills the batch; it says whether there is more to come. Between its calls the
/// wakers are called, with the lock free. If one panics, the others, and those that `fill` still has, are
/// called while that panic unwinds.
pub(crate) fn wake_in_batches(fill: impl FnMut(&mut WakeBatch<BATCH>) -> bool) {
    /// Fills and wakes until there is no more, panic or not.
    struct Rest<F: FnMut(&mut WakeBatch<BATCH>) -> bool> {
        fill: F,
        more: bool,
    }

    impl<F: FnMut(&mut WakeBatch<BATCH>) -> bool> Rest<F> {
        fn step(&mut self, batch: &mut WakeBatch<BATCH>) {
            // If it is `fill` that panics it is not called again.
            self.more = false;
            self.more = (self.fill)(batch);
        }
    }

    impl<F: FnMut(&mut WakeBatch<BATCH>) -> bool> Drop for Rest<F> {
        fn drop(&mut self) {
            // Somebody is left only while a waker's panic unwinds. They are woken all the same: a
            // batch that is dropped full wakes, and holds back further panics.
            while self.more {
                self.step(&mut WakeBatch::new());
            }
        }
    }

    let mut rest = Rest { fill, more: true };
    let mut batch = WakeBatch::new();
    while rest.more {
        rest.step(&mut batch);
        batch.wake_all();
    }
}

/// Calls `f` where a panic is already under way.
fn quietly(f: impl FnOnce()) {
    #[cfg(feature = "std")]
    if let Err(payload) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) {
        // Dropping a payload runs code of whoever panicked, which may panic as well.
        core::mem::forget(payload);
    }
    #[cfg(not(feature = "std"))]
    f();
}
