//! [`IntoLockApi`] over a readers-writer lock: for `lock_api::RwLock`.

use super::{Held, IntoLockApi};
use crate::blocking::{RawRwLock, RawRwLockDowngrade, RawRwLockUpgrade};
use mutex_traits::ConstInit;

// SAFETY: `RawRwLock` demands of the lock inside that writers exclude all and readers exclude writers,
// and every use of it relies on its publishing what was written; each unlock asks for the same. A
// guard's state is nothing, so it may be forgotten; a lock that unwinds has not been taken.
unsafe impl<L: RawRwLock + ConstInit> lock_api_0_5::RawRwLock for IntoLockApi<L> {
    #[allow(
        clippy::declare_interior_mutable_const,
        reason = "lock_api asks for a const: each use of it is a new lock"
    )]
    const INIT: Self = Self { lock: L::INIT };

    type SharedGuard = Held<L::GuardMarker>;
    type ExclusiveGuard = Held<L::GuardMarker>;

    #[inline]
    fn lock_shared(&self) -> Self::SharedGuard {
        self.lock.lock_shared();
        Held::new()
    }

    #[inline]
    fn try_lock_shared(&self) -> Option<Self::SharedGuard> {
        self.lock.try_lock_shared().then(Held::new)
    }

    #[inline]
    unsafe fn unlock_shared(&self, _held: Self::SharedGuard) {
        // SAFETY: the caller hands over the state of its locking, so it reads.
        unsafe { self.lock.unlock_shared() }
    }

    #[inline]
    fn lock_exclusive(&self) -> Self::ExclusiveGuard {
        self.lock.lock_exclusive();
        Held::new()
    }

    #[inline]
    fn try_lock_exclusive(&self) -> Option<Self::ExclusiveGuard> {
        self.lock.try_lock_exclusive().then(Held::new)
    }

    #[inline]
    unsafe fn unlock_exclusive(&self, _held: Self::ExclusiveGuard) {
        // SAFETY: the caller hands over the state of its locking, so it writes.
        unsafe { self.lock.unlock_exclusive() }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    #[inline]
    fn is_locked_exclusive(&self) -> bool {
        self.lock.is_locked_exclusive()
    }
}

// SAFETY: the lock inside keeps writers out all the while, as `RawRwLockDowngrade` demands.
unsafe impl<L: RawRwLockDowngrade + ConstInit> lock_api_0_5::RawRwLockDowngrade for IntoLockApi<L> {
    #[inline]
    unsafe fn downgrade(&self, held: Self::ExclusiveGuard) -> Self::SharedGuard {
        // SAFETY: the caller hands over the state of its locking, so it writes.
        unsafe { self.lock.downgrade() }
        held
    }
}

// SAFETY: the lock inside has one upgradable reader at a time, beside other readers, and keeps
// writers out while it upgrades, as `RawRwLockUpgrade` demands.
unsafe impl<L: RawRwLockUpgrade + ConstInit> lock_api_0_5::RawRwLockUpgrade for IntoLockApi<L> {
    type UpgradableGuard = Held<L::GuardMarker>;

    #[inline]
    fn lock_upgradable(&self) -> Self::UpgradableGuard {
        self.lock.lock_upgradable();
        Held::new()
    }

    #[inline]
    fn try_lock_upgradable(&self) -> Option<Self::UpgradableGuard> {
        self.lock.try_lock_upgradable().then(Held::new)
    }

    #[inline]
    unsafe fn unlock_upgradable(&self, _held: Self::UpgradableGuard) {
        // SAFETY: the caller hands over the state of its locking: it is the upgradable reader.
        unsafe { self.lock.unlock_upgradable() }
    }

    #[inline]
    unsafe fn upgrade(&self, held: Self::UpgradableGuard) -> Self::ExclusiveGuard {
        // SAFETY: the caller hands over the state of its locking: it is the upgradable reader.
        unsafe { self.lock.upgrade() }
        held
    }

    #[inline]
    unsafe fn try_upgrade(
        &self,
        held: Self::UpgradableGuard,
    ) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        // SAFETY: the caller hands over the state of its locking: it is the upgradable reader.
        match unsafe { self.lock.try_upgrade() } {
            true => Ok(held),
            false => Err(held),
        }
    }
}

// SAFETY: as for the two above.
unsafe impl<L: RawRwLockUpgrade + ConstInit> lock_api_0_5::RawRwLockUpgradeDowngrade
    for IntoLockApi<L>
{
    #[inline]
    unsafe fn downgrade_upgradable(&self, held: Self::UpgradableGuard) -> Self::SharedGuard {
        // SAFETY: the caller hands over the state of its locking: it is the upgradable reader.
        unsafe { self.lock.downgrade_upgradable() }
        held
    }

    #[inline]
    unsafe fn downgrade_to_upgradable(&self, held: Self::ExclusiveGuard) -> Self::UpgradableGuard {
        // SAFETY: the caller hands over the state of its locking, so it writes.
        unsafe { self.lock.downgrade_to_upgradable() }
        held
    }
}
