//! [`WakerSlot`]: whom an entry wakes.

use core::task::Waker;

use pintle_core::cell::UnsafeCell;
use pintle_core::const_fn;

/// Whom to wake when an entry's time has come.
///
/// # Invariants
///
/// Accessed only under the lock of the wheel that the entry was given to, or by the entry's owner
/// while it is not armed. Holds a waker while, and only while, the entry is armed and the lock free.
pub(crate) struct WakerSlot(UnsafeCell<Option<Waker>>);

// === impl WakerSlot ===

impl WakerSlot {
    const_fn! {
        /// Nobody, yet.
        pub(crate) const fn new() -> Self {
            Self(UnsafeCell::new(None))
        }
    }

    /// Whether it holds a waker that wakes the same task as `waker`.
    ///
    /// Calls no code of the waker's: [`Waker::will_wake`] compares pointers.
    ///
    /// # Safety
    ///
    /// The caller holds the lock of the wheel that the entry was given to.
    #[inline]
    pub(crate) unsafe fn will_wake(&self, waker: &Waker) -> bool {
        self.0.with(|current| {
            // SAFETY: by the invariant nobody else accesses it while we hold the lock.
            let current = unsafe { &*current };
            current.as_ref().is_some_and(|it| it.will_wake(waker))
        })
    }

    /// Puts in a waker and returns the one before, which the caller must drop after it has let go
    /// of the lock.
    ///
    /// # Safety
    ///
    /// The caller holds the lock of the wheel that the entry was given to.
    #[inline]
    pub(crate) unsafe fn replace(&self, waker: Waker) -> Option<Waker> {
        self.0.with_mut(|current| {
            // SAFETY: by the invariant nobody else accesses it while we hold the lock.
            unsafe { &mut *current }.replace(waker)
        })
    }

    /// Takes the waker out.
    ///
    /// # Safety
    ///
    /// The caller holds the lock of the wheel that the entry was given to.
    #[inline]
    pub(super) unsafe fn take(&self) -> Option<Waker> {
        self.0.with_mut(|current| {
            // SAFETY: by the invariant nobody else accesses it while we hold the lock.
            unsafe { &mut *current }.take()
        })
    }
}

impl Drop for WakerSlot {
    fn drop(&mut self) {
        // The owner has the entry for itself now. Tells the model checker so, and is nothing in a
        // normal build.
        self.0.with_mut(|_| ());
    }
}
