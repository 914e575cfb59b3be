use super::RawRwLock;
use pintle_park::Deadline;

/// A readers-writer lock that can be waited for until a deadline.
///
/// # Safety
///
/// `true` from one of these means what the return of `lock_shared` or `lock_exclusive` means.
pub unsafe trait RawRwLockTimed: RawRwLock {
    /// Waits for the lock to share it, until `deadline` at the latest; `true` if it is shared.
    ///
    /// With a deadline that has passed it is tried once.
    #[must_use]
    fn try_lock_shared_until(&self, deadline: Deadline) -> bool;

    /// Waits for the lock to take it exclusively, until `deadline` at the latest; `true` if it was
    /// taken.
    ///
    /// With a deadline that has passed it is tried once.
    #[must_use]
    fn try_lock_exclusive_until(&self, deadline: Deadline) -> bool;
}
