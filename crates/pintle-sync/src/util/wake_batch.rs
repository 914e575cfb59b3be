use core::{fmt, mem::MaybeUninit, task::Waker};

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
        if self.next == self.end {
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
