use super::RawRwLock;

/// A readers-writer lock whose writer can become a reader without letting another writer in.
///
/// # Safety
///
/// Nobody holds the lock exclusively between the [`downgrade`](Self::downgrade) and the
/// `unlock_shared` that ends it, and what was done before the downgrade is visible to each reader
/// that comes in after it.
pub unsafe trait RawRwLockDowngrade: RawRwLock {
    /// Makes the exclusive lock a shared one, at once.
    ///
    /// # Safety
    ///
    /// The caller holds the lock exclusively. Afterwards it shares it.
    unsafe fn downgrade(&self);
}
