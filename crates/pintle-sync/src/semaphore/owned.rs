use alloc::sync::Arc;
use core::{fmt, mem};

use super::{AcquireOwned, Semaphore, TryAcquireError};
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// Permits of a [`Semaphore`] that they keep alive, given back when this is dropped.
///
/// As [`Permit`](super::Permit), but without a lifetime.
///
/// # Invariants
///
/// As many permits of the semaphore are its own.
#[must_use = "the permits are given back as soon as this is dropped"]
pub struct OwnedPermit<Lock: ScopedRawMutex = DefaultMutex> {
    semaphore: Arc<Semaphore<Lock>>,
    permits: usize,
}

// === impl Semaphore ===

impl<Lock: ScopedRawMutex> Semaphore<Lock> {
    /// Creates a future that takes `permits` permits and keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// As for [`acquire`](Self::acquire).
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Cancellation
    ///
    /// As for [`acquire`](Self::acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{sync::Arc, thread};
    /// use futures::executor::block_on;
    /// use pintle_sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = block_on(semaphore.acquire_owned(1)).expect("nobody closes it");
    /// thread::spawn(move || drop(permit)).join().unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    #[track_caller]
    pub fn acquire_owned(self: &Arc<Self>, permits: usize) -> AcquireOwned<Lock> {
        AcquireOwned::new(self, permits)
    }

    /// Takes `permits` permits, if they are there and nobody waits, and keeps the semaphore alive.
    /// Lock-free.
    ///
    /// # Errors
    ///
    /// As for [`try_acquire`](Self::try_acquire).
    pub fn try_acquire_owned(
        self: &Arc<Self>,
        permits: usize,
    ) -> Result<OwnedPermit<Lock>, TryAcquireError> {
        self.try_take(permits)?;
        // INVARIANT: the permits have just been taken.
        Ok(OwnedPermit::new(Arc::clone(self), permits))
    }
}

// === impl OwnedPermit ===

impl<Lock: ScopedRawMutex> OwnedPermit<Lock> {
    /// The caller has taken the permits, and gives them up to this.
    pub(super) fn new(semaphore: Arc<Semaphore<Lock>>, permits: usize) -> Self {
        Self { semaphore, permits }
    }

    /// How many permits these are.
    #[must_use]
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// The semaphore that they are of.
    #[must_use]
    pub fn semaphore(&self) -> &Arc<Semaphore<Lock>> {
        &self.semaphore
    }

    /// Keeps the permits from being given back. See [`Permit::forget`](super::Permit::forget).
    pub fn forget(mut self) {
        // Not `mem::forget`: its share of the semaphore is to be dropped.
        self.permits = 0;
    }

    /// Takes the permits of `other` over, so that they are given back together.
    ///
    /// # Panics
    ///
    /// If `other` is of another semaphore; it is dropped then.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            Arc::ptr_eq(&self.semaphore, &other.semaphore),
            "permits of two semaphores"
        );
        // As in `Permit::merge`.
        let permits = mem::take(&mut other.permits);
        self.permits = self.permits.saturating_add(permits);
    }

    /// Takes `permits` of these out, to be given back on their own. `None` if there are fewer.
    #[must_use = "what is split off is given back if it is dropped"]
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(permits)?;
        Some(Self::new(Arc::clone(&self.semaphore), permits))
    }
}

impl<Lock: ScopedRawMutex> Drop for OwnedPermit<Lock> {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.permits.give(self.permits);
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for OwnedPermit<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit")
            .field("permits", &self.permits)
            .field("semaphore", &self.semaphore)
            .finish()
    }
}
