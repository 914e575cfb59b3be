use mutex_traits::{ConstInit, RawMutex};

/// A [`RawMutex`], or a [`RawRwLock`](crate::blocking::RawRwLock), as a lock of `lock_api` 0.4: for
/// `lock_api::Mutex`, `lock_api::RwLock` and what is built on them.
///
/// It waits as the lock inside does, may be called where that may be, and adds no instruction. Locks
/// that are only `ScopedRawMutex`, such as a critical section, cannot be `lock_api`'s: that gives out
/// guards.
///
/// # Examples
///
/// ```
/// use lock_api_0_4 as lock_api;
/// use pintle_lock::{lock_api_0_4::IntoLockApi, spin::TicketLock};
///
/// type Mutex<T> = lock_api::Mutex<IntoLockApi<TicketLock>, T>;
///
/// static TURNS: Mutex<u32> = Mutex::new(0);
/// *TURNS.lock() += 1;
///
/// type RwLock<T> = lock_api::RwLock<IntoLockApi<pintle_lock::spin::RwSpinlock>, T>;
///
/// static NAMES: RwLock<Vec<&str>> = RwLock::new(Vec::new());
/// NAMES.write().push("pintle");
/// assert_eq!(NAMES.read().len(), NAMES.read().len());
/// ```
#[derive(Debug, Default)]
pub struct IntoLockApi<L> {
    pub(super) lock: L,
}

// SAFETY: `RawMutex` demands exclusion of the lock inside, and every use of it relies on its
// publishing what was written under it, as `lock_api` does; `unlock` asks for the same.
unsafe impl<L: RawMutex + ConstInit> lock_api_0_4::RawMutex for IntoLockApi<L> {
    #[allow(
        clippy::declare_interior_mutable_const,
        reason = "lock_api asks for a const: each use of it is a new lock"
    )]
    const INIT: Self = Self { lock: L::INIT };

    type GuardMarker = L::GuardMarker;

    #[inline]
    fn lock(&self) {
        self.lock.lock();
    }

    #[inline]
    fn try_lock(&self) -> bool {
        self.lock.try_lock()
    }

    #[inline]
    unsafe fn unlock(&self) {
        // SAFETY: the caller holds the lock in this context, and the lock is the one inside.
        unsafe { self.lock.unlock() }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        RawMutex::is_locked(&self.lock)
    }
}
