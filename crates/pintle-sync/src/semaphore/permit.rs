use core::{fmt, mem, ptr};

use super::Semaphore;
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// Permits of a [`Semaphore`], given back when this is dropped.
///
/// # Invariants
///
/// As many permits of the semaphore are its own.
#[must_use = "the permits are given back as soon as this is dropped"]
pub struct Permit<'sem, Lock: ScopedRawMutex = DefaultMutex> {
    semaphore: &'sem Semaphore<Lock>,
    permits: usize,
}

// === impl Permit ===

impl<'sem, Lock: ScopedRawMutex> Permit<'sem, Lock> {
    /// The caller has taken the permits, and gives them up to this.
    #[inline(always)]
    pub(super) fn new(semaphore: &'sem Semaphore<Lock>, permits: usize) -> Self {
        Self { semaphore, permits }
    }

    /// How many permits these are.
    #[must_use]
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// The semaphore that they are of.
    #[must_use]
    pub fn semaphore(&self) -> &'sem Semaphore<Lock> {
        self.semaphore
    }

    /// Keeps the permits from being given back: the semaphore has as many fewer, until somebody calls
    /// [`add_permits`](Semaphore::add_permits).
    pub fn forget(self) {
        mem::forget(self);
    }

    /// Takes the permits of `other` over, so that they are given back together.
    ///
    /// # Panics
    ///
    /// If `other` is of another semaphore; it is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = pintle_sync::Semaphore::new(3);
    /// let mut permit = semaphore.try_acquire(1)?;
    /// permit.merge(semaphore.try_acquire(2)?);
    /// assert_eq!(permit.permits(), 3);
    /// # Ok::<(), pintle_sync::semaphore::TryAcquireError>(())
    /// ```
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            ptr::eq(self.semaphore, other.semaphore),
            "permits of two semaphores"
        );
        let permits = mem::take(&mut other.permits);
        // Who adds permits while others are out can get at more than a `usize` counts; more than
        // `MAX_PERMITS` are never given back.
        self.permits = self.permits.saturating_add(permits);
    }

    /// Takes `permits` of these out, to be given back on their own. `None` if there are fewer.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = pintle_sync::Semaphore::new(3);
    /// let mut permit = semaphore.try_acquire(3)?;
    /// drop(permit.split(1));
    /// assert_eq!(permit.permits(), 2);
    /// assert_eq!(semaphore.available_permits(), 1);
    /// assert!(permit.split(3).is_none());
    /// # Ok::<(), pintle_sync::semaphore::TryAcquireError>(())
    /// ```
    #[must_use = "what is split off is given back if it is dropped"]
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(permits)?;
        Some(Self::new(self.semaphore, permits))
    }
}

impl<Lock: ScopedRawMutex> Drop for Permit<'_, Lock> {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.permits.give(self.permits);
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Permit<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("permits", &self.permits)
            .field("semaphore", &self.semaphore)
            .finish()
    }
}
