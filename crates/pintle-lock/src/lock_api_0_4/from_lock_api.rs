use mutex_traits::{ConstInit, RawMutex};

/// A lock of `lock_api` 0.4 as a [`RawMutex`], or as a [`RawRwLock`](crate::blocking::RawRwLock),
/// wherever one is asked for.
///
/// [`ConstInit::INIT`] makes one, as `lock_api`'s own are made. It waits as the lock inside does, may be
/// called where that may be, and adds no instruction.
///
/// # Examples
///
/// ```
/// use lock_api_0_4 as lock_api;
/// use pintle_lock::BlockingMutex;
/// use pintle_lock::lock_api_0_4::{FromLockApi, IntoLockApi};
///
/// // Somebody's lock: here one of ours that has gone the other way.
/// type Theirs = IntoLockApi<pintle_lock::spin::Spinlock>;
/// # fn is_theirs<L: lock_api::RawMutex>() {}
/// # is_theirs::<Theirs>();
///
/// static NAMES: BlockingMutex<FromLockApi<Theirs>, Vec<&str>> = BlockingMutex::new(Vec::new());
/// NAMES.lock().push("pintle");
/// ```
#[derive(Debug)]
pub struct FromLockApi<T> {
    pub(super) lock: T,
}

// === impl FromLockApi ===

impl<T> FromLockApi<T> {
    /// This very lock. (For mutexes there is [`ConstInit::INIT`], too.)
    #[inline]
    #[must_use]
    pub const fn new(lock: T) -> Self {
        Self { lock }
    }
}

impl<T: lock_api_0_4::RawMutex> ConstInit for FromLockApi<T> {
    const INIT: Self = Self { lock: T::INIT };
}

// SAFETY: `lock_api` demands exclusion of the lock inside, with Acquire and Release, and asks for
// `unlock` what is asked for here.
unsafe impl<T: lock_api_0_4::RawMutex> RawMutex for FromLockApi<T> {
    type GuardMarker = T::GuardMarker;

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
        self.lock.is_locked()
    }
}
