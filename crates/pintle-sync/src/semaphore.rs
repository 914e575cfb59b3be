//! Permits that tasks take and give back: a [`Semaphore`].
//!
//! It limits how many do something at once: connections, requests, buffers. A task may take several
//! permits in one go. Who has to wait is served in the order in which they came, so one that
//! needs many is not starved by those who need few: they wait behind it.
//!
//! # States
//!
//! One word: the permits that nobody has, whether somebody waits, and whether the semaphore is
//! closed.
//!
//! ```text
//!     acquire, release, add_permits              acquire of more than there are †
//!        ⟲             ┌────────────────────────────────────────────────────┐
//!      ┌────────┐ ─────┘                                                    ▼
//!      │ n free │                                                    ┌─────────────┐ ⟲ acquire †,
//!      └────────┘ ◄────┐                                             │ n free, not │   release †,
//!        │             └──────────────────────────────────────────── │   enough    │   cancel †
//!        │ close          the last who waits is served or leaves †   └─────────────┘
//!        ▼                                                             │
//!      ┌────────┐                           close †                    │
//!      │ Closed │ ◄────────────────────────────────────────────────────┘
//!      └────────┘ for good
//! ```
//!
//! The transitions marked † are made under the raw lock, with the list of who waits; the others are one
//! compare-exchange on the word. So as long as there are enough permits the lock is not touched.

mod acquire;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod acquire_owned;
#[cfg(feature = "park")]
mod blocking;
mod error;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned;
mod permit;

use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

use pintle_core::const_fn;

pub use self::{
    acquire::Acquire,
    error::{TooManyPermits, TryAcquireError},
    permit::Permit,
};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::{acquire_owned::AcquireOwned, owned::OwnedPermit};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::{Permits, Take, Word},
};

/// A number of permits, which tasks take and give back; who finds too few waits asynchronously,
/// first come, first served.
///
/// Three words with the default lock, no allocation however many wait. See the [module](self) for
/// the states.
///
/// # The lock
///
/// `Lock` guards the list of those who wait, for a few instructions at a time, and only if somebody
/// waits: otherwise acquiring and releasing are lock-free.
///
/// # How many permits
///
/// At most [`MAX_PERMITS`](Self::MAX_PERMITS) can be there for the taking. Beyond it
/// [`add_permits`](Self::add_permits) panics and [`try_add_permits`](Self::try_add_permits) gives an
/// error, and the semaphore is as it was. Permits that come back by a drop and would be too many are
/// dropped, which takes 2^61, 2^29 or 2^13 of them, by the target's word.
///
/// # Memory order
///
/// What was done before permits were given is visible to whoever takes them. What happened before
/// [`close`](Self::close) is visible to whoever is told that it is closed.
///
/// # Contexts
///
/// [`try_acquire`](Self::try_acquire) and what only looks may be called anywhere. All else takes
/// `Lock` if somebody waits, so an interrupt handler may do it if `Lock` keeps that interrupt out
/// while it is held. All of it may be done in a `Drop` and by a waker.
/// [`add_permits`](Self::add_permits), [`close`](Self::close) and dropping a [`Permit`] keep up to 16
/// wakers on the stack.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::Semaphore;
///
/// static CONNECTIONS: Semaphore = Semaphore::new(2);
///
/// block_on(async {
///     let first = CONNECTIONS.acquire(1).await?;
///     let second = CONNECTIONS.acquire(1).await?;
///     assert!(CONNECTIONS.try_acquire(1).is_err());
///     drop(first);
///     assert!(CONNECTIONS.try_acquire(1).is_ok());
///     # drop(second);
///     Ok::<(), pintle_sync::Closed>(())
/// })
/// .expect("nobody closes it");
/// ```
pub struct Semaphore<Lock: ScopedRawMutex = DefaultMutex> {
    permits: Permits<Lock>,
}

// === impl Semaphore ===

impl Semaphore {
    const_fn! {
        /// Creates a semaphore with `permits` permits, and the default lock.
        ///
        /// # Panics
        ///
        /// If that is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        pub const fn new(permits: usize) -> Self {
            Self::new_with_raw_mutex(permits, DefaultMutex::new())
        }
    }
}

impl<Lock: ScopedRawMutex> Semaphore<Lock> {
    /// How many permits there can be at most: `usize::MAX >> 3`, as with tokio.
    pub const MAX_PERMITS: usize = Word::MAX;

    const_fn! {
        /// Creates a semaphore with `permits` permits, and a lock of the caller's choice.
        ///
        /// ```
        /// use pintle_sync::{Semaphore, spin::Spinlock};
        ///
        /// static FREE: Semaphore<Spinlock> = Semaphore::new_with_raw_mutex(8, Spinlock::new());
        /// # assert!(FREE.try_acquire(8).is_ok());
        /// ```
        ///
        /// # Panics
        ///
        /// If that is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        pub const fn new_with_raw_mutex(permits: usize, lock: Lock) -> Self {
            assert!(permits <= Self::MAX_PERMITS, "more than MAX_PERMITS permits");
            Self {
                permits: Permits::new(permits, lock),
            }
        }
    }

    /// How many permits somebody could take now. Another may be faster.
    ///
    /// None, if somebody waits: what there is is theirs. None, if the semaphore is closed.
    #[must_use]
    pub fn available_permits(&self) -> usize {
        self.permits.word().available()
    }

    /// Creates a future that takes `permits` permits. Zero are always there, until it is closed.
    ///
    /// It takes its place in the line when it is first polled.
    ///
    /// # Errors
    ///
    /// The future gives [`Closed`](crate::Closed) if the semaphore is closed before it has them.
    ///
    /// # Panics
    ///
    /// If that is more than [`MAX_PERMITS`](Self::MAX_PERMITS): it would wait for ever.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses its place in the line and nothing else: permits that it has been given
    /// already go to the next.
    #[inline]
    #[track_caller]
    pub fn acquire(&self, permits: usize) -> Acquire<'_, Lock> {
        Acquire::new(self, permits)
    }

    /// Takes `permits` permits, if they are there and nobody waits. Lock-free.
    ///
    /// # Errors
    ///
    /// [`InsufficientPermits`](TryAcquireError::InsufficientPermits) if they are not there, or others
    /// wait for theirs; [`Closed`](TryAcquireError::Closed) if the semaphore is closed.
    #[inline]
    pub fn try_acquire(&self, permits: usize) -> Result<Permit<'_, Lock>, TryAcquireError> {
        self.try_take(permits)?;
        // INVARIANT: the permits have just been taken.
        Ok(Permit::new(self, permits))
    }

    /// Adds permits that nobody has had before, and gives them to who waits.
    ///
    /// O(n) in the number of those who are served; the lock is released after each 16.
    ///
    /// # Panics
    ///
    /// If there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS); then nothing has changed. If a
    /// waker panics; the others have been woken then.
    #[track_caller]
    pub fn add_permits(&self, permits: usize) {
        if let Err(error) = self.try_add_permits(permits) {
            panic!("{error}");
        }
    }

    /// [`add_permits`](Self::add_permits), with an error for a panic.
    ///
    /// # Errors
    ///
    /// [`TooManyPermits`] if there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS); then nothing
    /// has changed.
    ///
    /// # Panics
    ///
    /// If a waker panics; the others have been woken then.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::Semaphore;
    ///
    /// let semaphore = Semaphore::new(Semaphore::<pintle_sync::blocking::DefaultMutex>::MAX_PERMITS);
    /// assert!(semaphore.try_add_permits(1).is_err());
    /// assert!(semaphore.try_acquire(1).is_ok());
    /// ```
    pub fn try_add_permits(&self, permits: usize) -> Result<(), TooManyPermits> {
        self.permits
            .try_give(permits)
            .map_err(|_| TooManyPermits(()))
    }

    /// Removes up to `permits` of those that nobody has, for good, and says how many. Lock-free.
    ///
    /// None, if somebody waits: what there is is theirs.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = pintle_sync::Semaphore::new(3);
    /// assert_eq!(semaphore.forget_permits(2), 2);
    /// assert_eq!(semaphore.forget_permits(2), 1);
    /// assert_eq!(semaphore.available_permits(), 0);
    /// ```
    pub fn forget_permits(&self, permits: usize) -> usize {
        self.permits.remove(permits)
    }

    /// Closes the semaphore for good: who waits, and who comes later, gets
    /// [`Closed`](crate::Closed).
    ///
    /// Permits that have been taken stay taken, and a future that has been given its permits before
    /// completes with them. O(n) in the number of those who wait; the lock is released after each 16.
    ///
    /// # Panics
    ///
    /// If a waker panics; the others have been woken then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use futures::executor::block_on;
    /// let semaphore = pintle_sync::Semaphore::new(1);
    /// let permit = semaphore.try_acquire(1);
    /// semaphore.close();
    /// assert!(block_on(semaphore.acquire(1)).is_err());
    /// drop(permit);
    /// assert!(semaphore.is_closed());
    /// ```
    pub fn close(&self) {
        self.permits.close();
    }

    /// Whether [`close`](Self::close) has been called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.permits.word().is_closed()
    }

    #[inline(always)]
    fn try_take(&self, permits: usize) -> Result<(), TryAcquireError> {
        match self.permits.take(permits) {
            Take::Taken => Ok(()),
            Take::Short => Err(TryAcquireError::InsufficientPermits),
            Take::Closed => Err(TryAcquireError::Closed),
        }
    }

    /// What is said of a number of permits that nobody will ever get.
    #[inline]
    #[track_caller]
    fn assert_can_be_had(permits: usize) {
        assert!(
            permits <= Self::MAX_PERMITS,
            "more than MAX_PERMITS permits"
        );
    }
}

/// No permits.
impl<Lock: ScopedRawMutex + Default> Default for Semaphore<Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(0, Lock::default())
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Semaphore<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.permits.word();
        f.debug_struct("Semaphore")
            .field("available_permits", &word.available())
            .field("is_closed", &word.is_closed())
            .finish_non_exhaustive()
    }
}

// `Send` and `Sync` come from `Permits`: as the lock is.

// No user code runs under the lock or between two states, so a panic cannot be seen through the
// semaphore.
impl<Lock: ScopedRawMutex> UnwindSafe for Semaphore<Lock> {}
impl<Lock: ScopedRawMutex> RefUnwindSafe for Semaphore<Lock> {}
