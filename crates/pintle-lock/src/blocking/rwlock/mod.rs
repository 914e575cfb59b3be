//! [`RwLock`], its guards, and what they have in common.
//!
//! ```text
//!                          ┌────────────┐  read          ┌───────────────────────┐
//!                          │            │ ─────────────► │ RwLockReadGuard       │
//!                          │            │                └───────────────────────┘
//!                          │            │                   ▲ downgrade      ▲
//!                          │            │  upgradable_read  │                │
//!                          │  RwLock    │ ─────────────► ┌───────────────────────┐
//!                          │            │                │ RwLockUpgradableGuard │
//!                          │            │                └───────────────────────┘
//!                          │            │                   │ upgrade, try_upgrade
//!                          │            │                   ▼       ▲ downgrade_to_upgradable
//!                          │            │  write         ┌───────────────────────┐
//!                          │            │ ─────────────► │ RwLockWriteGuard      │ ── downgrade ──►
//!                          └────────────┘                └───────────────────────┘  (to a reader)
//! ```
//!
//! `map` and `try_map` narrow a read guard and a write guard to a part of the value.

mod mapped_read_guard;
mod mapped_write_guard;
mod read_guard;
mod upgradable_guard;
mod write_guard;

pub use self::mapped_read_guard::MappedRwLockReadGuard;
pub use self::mapped_write_guard::MappedRwLockWriteGuard;
pub use self::read_guard::RwLockReadGuard;
pub use self::upgradable_guard::RwLockUpgradableGuard;
pub use self::write_guard::RwLockWriteGuard;

#[cfg(feature = "os")]
use super::RawRwLockTimed;
use super::{RawRwLock, RawRwLockUpgrade};
#[cfg(feature = "os")]
use crate::os::FutexRwLock;
use crate::spin::RwSpinlock;
use core::fmt;
#[cfg(feature = "os")]
use core::time::Duration;
use pintle_core::{cell::UnsafeCell, const_fn};
#[cfg(feature = "os")]
use pintle_park::Deadline;

/// A value that many may read at a time, or one may write, guarded by a lock of type `Lock`.
///
/// The lock decides who waits for whom, whether waiting spins or sleeps, and where it may be called
/// from: see there. With [`RwSpinlock`], if none is named, a reader must not read again while it reads, and an
/// interrupt handler must not take it in any way that the interrupted code may hold.
///
/// Reading costs as much as locking a [`Mutex`](super::Mutex) does, since readers count themselves in one
/// word: it pays where many read at once and for long, and writers are rare.
///
/// There is no poisoning. A guard that is leaked ([`core::mem::forget`]) holds the lock for ever.
///
/// # Invariants
///
/// - `data` is read by those who hold `lock`, in whichever way, and written by who holds it
///   exclusively; or it is reached through `&mut self`, or by the owner.
///
/// # Examples
///
/// ```
/// use pintle_lock::blocking::RwLock;
///
/// static LIMITS: RwLock<[u32; 2]> = RwLock::new([10, 20]);
///
/// LIMITS.write()[0] = 11;
/// assert_eq!(LIMITS.read().iter().sum::<u32>(), 31);
/// ```
pub struct RwLock<T: ?Sized, Lock = RwSpinlock> {
    lock: Lock,
    data: UnsafeCell<T>,
}

// SAFETY: it owns its data and its lock, so it may go where both may.
unsafe impl<T: ?Sized + Send, Lock: Send> Send for RwLock<T, Lock> {}

// SAFETY: through a shared one several threads read the data at once (`T: Sync`), and a writer may
// take it out or leave another one there (`T: Send`). The lock itself is shared.
unsafe impl<T: ?Sized + Send + Sync, Lock: Sync> Sync for RwLock<T, Lock> {}

// === impl RwLock ===

impl<T> RwLock<T> {
    const_fn! {
        /// Guards `data` by an [`RwSpinlock`].
        #[inline]
        #[must_use]
        pub const fn new(data: T) -> Self {
            Self::new_with_raw_rwlock(data, RwSpinlock::new())
        }
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Returns how many read at the moment; an upgradable guard is one of them.
    ///
    /// It may have changed when this returns: for log lines, not for decisions. A reader counts from
    /// when it has got in; those that wait don't.
    #[inline]
    #[must_use]
    pub fn reader_count(&self) -> usize {
        self.lock.reader_count()
    }
}

#[cfg(feature = "os")]
impl<T: ?Sized> RwLock<T, FutexRwLock> {
    /// Returns how many read at the moment; an upgradable guard is one of them.
    ///
    /// It may have changed when this returns: for log lines, not for decisions. A reader counts from
    /// when it has got in; those that wait don't.
    #[inline]
    #[must_use]
    pub fn reader_count(&self) -> usize {
        self.lock.reader_count()
    }
}

impl<T, Lock> RwLock<T, Lock> {
    const_fn! {
        /// Guards `data` by `lock`.
        ///
        /// ```
        /// use pintle_lock::{blocking::RwLock, spin::RwSpinlock};
        ///
        /// static NAME: RwLock<&str, RwSpinlock> = RwLock::new_with_raw_rwlock("", RwSpinlock::new());
        /// *NAME.write() = "pintle";
        /// ```
        #[inline]
        #[must_use]
        pub const fn new_with_raw_rwlock(data: T, lock: Lock) -> Self {
            Self {
                lock,
                data: UnsafeCell::new(data),
            }
        }
    }

    /// Takes the value out: an owner needs no lock.
    #[inline]
    #[must_use]
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized, Lock> RwLock<T, Lock> {
    /// Reaches the value without locking: an exclusive borrow needs no lock.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.data.with_mut(|data| {
            // SAFETY: by the type's invariant nobody but the holder of `&mut self` touches the
            // data, and the result borrows `self`.
            unsafe { &mut *data }
        })
    }
}

impl<T: ?Sized, Lock: RawRwLock> RwLock<T, Lock> {
    /// Waits until no writer excludes it, and returns a guard for reading.
    ///
    /// # Panics
    ///
    /// A lock may panic if it cannot count another reader, as [`RwSpinlock`] does.
    #[inline]
    pub fn read(&self) -> RwLockReadGuard<'_, T, Lock> {
        self.lock.lock_shared();
        // SAFETY: the lock was shared in the line above, and that is handed to the guard.
        unsafe { RwLockReadGuard::new(self) }
    }

    /// Returns a guard for reading if that can be had without waiting.
    ///
    /// `None` means that somebody writes, or, with a lock that prefers writers, waits to.
    #[inline]
    #[must_use]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T, Lock>> {
        self.lock.try_lock_shared().then(|| {
            // SAFETY: `try_lock_shared` said that the lock is shared; that is handed to the guard.
            unsafe { RwLockReadGuard::new(self) }
        })
    }

    /// Waits until nobody reads or writes, and returns a guard for writing.
    #[inline]
    pub fn write(&self) -> RwLockWriteGuard<'_, T, Lock> {
        self.lock.lock_exclusive();
        // SAFETY: the lock was taken in the line above and is handed to the guard.
        unsafe { RwLockWriteGuard::new(self) }
    }

    /// Returns a guard for writing if nobody reads or writes.
    #[inline]
    #[must_use]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T, Lock>> {
        self.lock.try_lock_exclusive().then(|| {
            // SAFETY: `try_lock_exclusive` said that the lock was taken; it is handed to the guard.
            unsafe { RwLockWriteGuard::new(self) }
        })
    }

    /// Whether somebody writes. It may have changed when this returns.
    #[inline]
    #[must_use]
    pub fn has_writer(&self) -> bool {
        self.lock.is_locked_exclusive()
    }
}

impl<T: ?Sized, Lock: RawRwLockUpgrade> RwLock<T, Lock> {
    /// Waits until nobody writes or reads upgradably, and returns a guard for reading that can
    /// become one for writing.
    ///
    /// Readers may be there beside it, but no second one of its kind.
    ///
    /// ```
    /// use pintle_lock::blocking::RwLock;
    ///
    /// let cache = RwLock::new(None);
    /// let seen = cache.upgradable_read();
    /// if seen.is_none() {
    ///     // Nobody has written in between: what was seen is still true.
    ///     *seen.upgrade() = Some("expensive");
    /// }
    /// assert_eq!(*cache.read(), Some("expensive"));
    /// ```
    ///
    /// # Panics
    ///
    /// A lock may panic if it cannot count another reader, as [`RwSpinlock`] does.
    #[inline]
    pub fn upgradable_read(&self) -> RwLockUpgradableGuard<'_, T, Lock> {
        self.lock.lock_upgradable();
        // SAFETY: the lock was taken in the line above and is handed to the guard.
        unsafe { RwLockUpgradableGuard::new(self) }
    }

    /// Returns an upgradable guard if that can be had without waiting.
    #[inline]
    #[must_use]
    pub fn try_upgradable_read(&self) -> Option<RwLockUpgradableGuard<'_, T, Lock>> {
        self.lock.try_lock_upgradable().then(|| {
            // SAFETY: `try_lock_upgradable` said that the lock was taken; it is handed to the guard.
            unsafe { RwLockUpgradableGuard::new(self) }
        })
    }
}

#[cfg(feature = "os")]
impl<T: ?Sized, Lock: RawRwLockTimed> RwLock<T, Lock> {
    /// Waits to [`read`](Self::read), for `timeout` at most.
    ///
    /// With `Duration::ZERO` it tries once.
    #[must_use]
    pub fn try_read_for(&self, timeout: Duration) -> Option<RwLockReadGuard<'_, T, Lock>> {
        // What is free needs no look at the clock.
        self.try_read()
            .or_else(|| self.try_read_until(Deadline::after(timeout)))
    }

    /// Waits to [`read`](Self::read), until `deadline` at the latest.
    #[must_use]
    pub fn try_read_until(
        &self,
        deadline: impl Into<Deadline>,
    ) -> Option<RwLockReadGuard<'_, T, Lock>> {
        self.lock.try_lock_shared_until(deadline.into()).then(|| {
            // SAFETY: the lock said that it is shared; that is handed to the guard.
            unsafe { RwLockReadGuard::new(self) }
        })
    }

    /// Waits to [`write`](Self::write), for `timeout` at most.
    ///
    /// With `Duration::ZERO` it tries once.
    #[must_use]
    pub fn try_write_for(&self, timeout: Duration) -> Option<RwLockWriteGuard<'_, T, Lock>> {
        // What is free needs no look at the clock.
        self.try_write()
            .or_else(|| self.try_write_until(Deadline::after(timeout)))
    }

    /// Waits to [`write`](Self::write), until `deadline` at the latest.
    #[must_use]
    pub fn try_write_until(
        &self,
        deadline: impl Into<Deadline>,
    ) -> Option<RwLockWriteGuard<'_, T, Lock>> {
        self.lock
            .try_lock_exclusive_until(deadline.into())
            .then(|| {
                // SAFETY: the lock said that it was taken; it is handed to the guard.
                unsafe { RwLockWriteGuard::new(self) }
            })
    }
}

impl<T: Default, Lock: Default> Default for RwLock<T, Lock> {
    fn default() -> Self {
        Self::new_with_raw_rwlock(T::default(), Lock::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

impl<T: ?Sized + fmt::Debug, Lock: RawRwLock> fmt::Debug for RwLock<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RwLock");
        // Waiting here would make a log line a deadlock.
        match self.try_read() {
            Some(data) => debug.field("data", &&*data),
            None => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

/// What every guard is to its value: `AsRef`, `Debug` and `Display`.
macro_rules! shows_its_value {
    ($Guard:ident, $Lock:path) => {
        impl<T, R, Lock> AsRef<R> for $Guard<'_, T, Lock>
        where
            T: ?Sized + AsRef<R>,
            R: ?Sized,
            Lock: $Lock,
        {
            fn as_ref(&self) -> &R {
                (**self).as_ref()
            }
        }

        impl<T: ?Sized + fmt::Debug, Lock: $Lock> fmt::Debug for $Guard<'_, T, Lock> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display, Lock: $Lock> fmt::Display for $Guard<'_, T, Lock> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    };
}

/// `AsMut`, for those that write.
macro_rules! gives_its_value {
    ($Guard:ident) => {
        impl<T, R, Lock> AsMut<R> for $Guard<'_, T, Lock>
        where
            T: ?Sized + AsMut<R>,
            R: ?Sized,
            Lock: RawRwLock,
        {
            fn as_mut(&mut self) -> &mut R {
                (**self).as_mut()
            }
        }
    };
}

shows_its_value!(RwLockReadGuard, RawRwLock);
shows_its_value!(RwLockWriteGuard, RawRwLock);
shows_its_value!(RwLockUpgradableGuard, RawRwLockUpgrade);
shows_its_value!(MappedRwLockReadGuard, RawRwLock);
shows_its_value!(MappedRwLockWriteGuard, RawRwLock);
gives_its_value!(RwLockWriteGuard);
gives_its_value!(MappedRwLockWriteGuard);
