//! What a readers-writer lock has to do to stand in an [`RwLock`](super::RwLock).
//!
//! | trait | what the lock can do | what the `RwLock` gains |
//! |---|---|---|
//! | [`RawRwLock`] | many readers, or one writer | `read`, `write`, `try_read`, `try_write` |
//! | [`RawRwLockDowngrade`] | a writer becomes a reader | `RwLockWriteGuard::downgrade` |
//! | [`RawRwLockUpgrade`] | a reader that may become the writer | `upgradable_read` and its guard |
//! | `RawRwLockTimed` (feature `os`) | waits until a deadline | `try_read_until`, `try_write_for`, … |

mod downgrade;
#[cfg(feature = "os")]
mod timed;
mod upgrade;

pub use self::downgrade::RawRwLockDowngrade;
#[cfg(feature = "os")]
pub use self::timed::RawRwLockTimed;
pub use self::upgrade::RawRwLockUpgrade;

/// A lock that many readers or one writer hold at a time, without the value that it guards.
///
/// Readers *share* the lock; a writer has it *exclusively*.
///
/// # Safety
///
/// An implementation promises that
///
/// - while the lock is held exclusively nobody else holds it, in whichever way: `lock_exclusive`
///   does not return, and the `try_` functions return `false`;
/// - while it is shared nobody holds it exclusively;
/// - what was done before an unlock is visible after each later lock that the first excluded.
///
/// # Examples
///
/// ```
/// use pintle_lock::blocking::RawRwLock;
/// use pintle_lock::spin::RwSpinlock;
///
/// let lock = RwSpinlock::new();
/// lock.lock_shared();
/// assert!(lock.try_lock_shared() && !lock.try_lock_exclusive());
/// // SAFETY: it was shared twice above.
/// unsafe { lock.unlock_shared() };
/// # // SAFETY: as above.
/// # unsafe { lock.unlock_shared() };
/// ```
pub unsafe trait RawRwLock {
    /// Says whether a lock may be released by another thread than the one that took it: it is
    /// `Send` then. `()` for most locks, `*const ()` for those of one thread.
    type GuardMarker;

    /// Waits until the lock can be shared, and shares it.
    ///
    /// # Panics
    ///
    /// A lock may panic if more share it than it can count.
    fn lock_shared(&self);

    /// Shares the lock if that can be had without waiting; `true` if it was.
    #[must_use]
    fn try_lock_shared(&self) -> bool;

    /// Ends one sharing of the lock.
    ///
    /// # Safety
    ///
    /// The caller shares the lock.
    unsafe fn unlock_shared(&self);

    /// Waits until nobody holds the lock, and takes it exclusively.
    fn lock_exclusive(&self);

    /// Takes the lock exclusively if nobody holds it; `true` if it was taken.
    #[must_use]
    fn try_lock_exclusive(&self) -> bool;

    /// Releases the lock that is held exclusively.
    ///
    /// # Safety
    ///
    /// The caller holds the lock exclusively.
    unsafe fn unlock_exclusive(&self);

    /// Whether anybody holds the lock, in whichever way. It may have changed when this returns.
    #[must_use]
    fn is_locked(&self) -> bool;

    /// Whether somebody holds the lock exclusively. It may have changed when this returns.
    #[must_use]
    fn is_locked_exclusive(&self) -> bool;
}
