use core::{fmt, mem::MaybeUninit};
use mutex_traits::RawMutex;
use pintle_core::{cell::UnsafeCell, not_loom};

/// A lock of `lock_api` 0.5 as a [`RawMutex`], wherever one is asked for.
///
/// [`ConstInit::INIT`](mutex_traits::ConstInit::INIT) makes one, as `lock_api`'s own are made. It waits as
/// the lock inside does, and may be called where that may be. `lock_api` 0.5 gives each locking a state,
/// which its holder hands back; a `RawMutex` has no place for it, so it is kept here. Most locks' is
/// nothing, and then this is as large as the lock and adds no instruction.
///
/// # Invariants
///
/// `held` is the state of the locking while the lock is held; its holder alone touches it. It is
/// written and taken in the context of that locking, so it goes to another thread only if it is `Send`.
///
/// # Examples
///
/// ```
/// use lock_api_0_5 as lock_api;
/// use pintle_lock::BlockingMutex;
/// use pintle_lock::lock_api_0_5::{FromLockApi, IntoLockApi};
///
/// // Somebody's lock: here one of ours that has gone the other way.
/// type Theirs = IntoLockApi<pintle_lock::spin::Spinlock>;
/// # fn is_theirs<L: lock_api::RawMutex>() {}
/// # is_theirs::<Theirs>();
///
/// static NAMES: BlockingMutex<FromLockApi<Theirs>, Vec<&str>> = BlockingMutex::new(Vec::new());
/// NAMES.lock().push("pintle");
/// ```
pub struct FromLockApi<T: lock_api_0_5::RawMutex> {
    lock: T,
    /// Never dropped in place: `lock_api` says that a state may be forgotten.
    held: UnsafeCell<MaybeUninit<T::Guard>>,
}

// SAFETY: who has it exclusively may send it as he may the lock. The state of a locking whose guard
// was forgotten goes along, and is never looked at again, unless by `unlock`, whose caller
// promises to be where it was locked.
unsafe impl<T: lock_api_0_5::RawMutex + Send> Send for FromLockApi<T> {}

// SAFETY: the lock may be shared, and by the invariant its holder alone touches the state; holders
// of several threads are one after the other.
unsafe impl<T: lock_api_0_5::RawMutex + Sync> Sync for FromLockApi<T> {}

// === impl FromLockApi ===

impl<T: lock_api_0_5::RawMutex> FromLockApi<T> {
    /// Keeps the state of a locking that has just been done.
    #[inline]
    fn keep(&self, state: T::Guard) {
        self.held.with_mut(|held| {
            // SAFETY: the state says that the caller holds the lock, so by the invariant nobody else
            // touches this.
            unsafe { held.write(MaybeUninit::new(state)) }
        });
    }
}

not_loom! {
    impl<T: lock_api_0_5::RawMutex> mutex_traits::ConstInit for FromLockApi<T> {
        const INIT: Self = Self {
            lock: T::INIT,
            held: UnsafeCell::new(MaybeUninit::uninit()),
        };
    }
}

// SAFETY: `lock_api` demands exclusion of the lock inside, with Acquire and Release, and asks for
// `unlock` what is asked for here and the state, which is kept.
unsafe impl<T: lock_api_0_5::RawMutex> RawMutex for FromLockApi<T> {
    /// A state that may be sent is one whose lock another thread may unlock.
    type GuardMarker = T::Guard;

    #[inline]
    fn lock(&self) {
        // INVARIANT: the lock is held from here on, with its state kept.
        self.keep(self.lock.lock());
    }

    #[inline]
    fn try_lock(&self) -> bool {
        // INVARIANT: as in `lock`.
        self.lock.try_lock().map(|state| self.keep(state)).is_some()
    }

    #[inline]
    unsafe fn unlock(&self) {
        let state = self.held.with(|held| {
            // SAFETY: the caller holds the lock, so by the invariant this was written when it was
            // taken, and nobody else touches it.
            unsafe { held.read() }
        });
        // SAFETY: as above: written when the lock was taken, and it is taken out once, for the lock
        // is free afterwards.
        let state = unsafe { state.assume_init() };
        // SAFETY: the caller holds the lock in this context, and this is the state of that locking.
        unsafe { self.lock.unlock(state) }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }
}

impl<T: lock_api_0_5::RawMutex + fmt::Debug> fmt::Debug for FromLockApi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromLockApi")
            .field("lock", &self.lock)
            .finish_non_exhaustive()
    }
}
