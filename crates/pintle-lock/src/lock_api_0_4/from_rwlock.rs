//! [`FromLockApi`] over a readers-writer lock: for [`RwLock`](crate::blocking::RwLock).

use super::FromLockApi;
use crate::blocking::{RawRwLock, RawRwLockDowngrade, RawRwLockUpgrade};

// SAFETY: `lock_api` demands of the lock inside that writers exclude all and readers exclude
// writers, with Acquire and Release, and asks for each unlock what is asked for here.
unsafe impl<T: lock_api_0_4::RawRwLock> RawRwLock for FromLockApi<T> {
    type GuardMarker = T::GuardMarker;

    #[inline]
    fn lock_shared(&self) {
        self.lock.lock_shared();
    }

    #[inline]
    fn try_lock_shared(&self) -> bool {
        self.lock.try_lock_shared()
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        // SAFETY: the caller reads in this context, and the lock is the one inside.
        unsafe { self.lock.unlock_shared() }
    }

    #[inline]
    fn lock_exclusive(&self) {
        self.lock.lock_exclusive();
    }

    #[inline]
    fn try_lock_exclusive(&self) -> bool {
        self.lock.try_lock_exclusive()
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        // SAFETY: the caller writes in this context, and the lock is the one inside.
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

// SAFETY: the lock inside keeps writers out all the while, as `lock_api` demands.
unsafe impl<T: lock_api_0_4::RawRwLockDowngrade> RawRwLockDowngrade for FromLockApi<T> {
    #[inline]
    unsafe fn downgrade(&self) {
        // SAFETY: the caller writes in this context, and reads from here on.
        unsafe { self.lock.downgrade() }
    }
}

// SAFETY: the lock inside has one upgradable reader at a time, beside other readers, and keeps
// writers out while it upgrades, as `lock_api` demands.
unsafe impl<T: lock_api_0_4::RawRwLockUpgradeDowngrade> RawRwLockUpgrade for FromLockApi<T> {
    #[inline]
    fn lock_upgradable(&self) {
        self.lock.lock_upgradable();
    }

    #[inline]
    fn try_lock_upgradable(&self) -> bool {
        self.lock.try_lock_upgradable()
    }

    #[inline]
    unsafe fn unlock_upgradable(&self) {
        // SAFETY: the caller is the upgradable reader, in this context.
        unsafe { self.lock.unlock_upgradable() }
    }

    #[inline]
    unsafe fn upgrade(&self) {
        // SAFETY: the caller is the upgradable reader, in this context.
        unsafe { self.lock.upgrade() }
    }

    #[inline]
    unsafe fn try_upgrade(&self) -> bool {
        // SAFETY: the caller is the upgradable reader, in this context.
        unsafe { self.lock.try_upgrade() }
    }

    #[inline]
    unsafe fn downgrade_upgradable(&self) {
        // SAFETY: the caller is the upgradable reader, in this context.
        unsafe { self.lock.downgrade_upgradable() }
    }

    #[inline]
    unsafe fn downgrade_to_upgradable(&self) {
        // SAFETY: the caller writes in this context.
        unsafe { self.lock.downgrade_to_upgradable() }
    }
}
