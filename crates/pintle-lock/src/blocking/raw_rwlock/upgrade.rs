use super::RawRwLockDowngrade;

/// A readers-writer lock with a third way to hold it: *upgradable*.
///
/// One holder at a time may have it, beside any number of readers; no writer comes in meanwhile.
/// It alone can become the writer without letting another one in first, so what it has read stays
/// true. (Two readers that both wanted to would wait for each other for ever.)
///
/// # Safety
///
/// - While somebody holds the lock upgradably nobody else does, and nobody holds it exclusively.
/// - From an [`upgrade`](Self::upgrade) or [`try_upgrade`](Self::try_upgrade) that succeeded the
///   lock is held exclusively; nobody else has held it so since it was taken upgradably.
/// - What was done under an exclusive lock is visible to the next upgradable holder.
pub unsafe trait RawRwLockUpgrade: RawRwLockDowngrade {
    /// Waits until there is neither a writer nor another upgradable holder, and takes the lock
    /// upgradably.
    fn lock_upgradable(&self);

    /// Takes the lock upgradably if that can be had without waiting; `true` if it was taken.
    #[must_use]
    fn try_lock_upgradable(&self) -> bool;

    /// Releases the lock that is held upgradably.
    ///
    /// # Safety
    ///
    /// The caller holds the lock upgradably.
    unsafe fn unlock_upgradable(&self);

    /// Waits until the readers have left, and makes the upgradable lock an exclusive one.
    ///
    /// # Safety
    ///
    /// The caller holds the lock upgradably. Afterwards it holds it exclusively.
    unsafe fn upgrade(&self);

    /// Makes the upgradable lock an exclusive one if no reader shares it; `true` if it did.
    ///
    /// # Safety
    ///
    /// The caller holds the lock upgradably. Afterwards it holds it exclusively if this returned
    /// `true`, and upgradably still if not.
    #[must_use]
    unsafe fn try_upgrade(&self) -> bool;

    /// Makes the upgradable lock a shared one, at once.
    ///
    /// # Safety
    ///
    /// The caller holds the lock upgradably. Afterwards it shares it.
    unsafe fn downgrade_upgradable(&self);

    /// Makes the exclusive lock an upgradable one, at once.
    ///
    /// # Safety
    ///
    /// The caller holds the lock exclusively. Afterwards it holds it upgradably.
    unsafe fn downgrade_to_upgradable(&self);
}
