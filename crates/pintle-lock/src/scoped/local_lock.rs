use super::taken::{Taken, deadlocked};
use core::{cell::Cell, marker::PhantomData};
use mutex_traits::ScopedRawMutex;
use pintle_core::{const_fn, not_loom};

/// A lock of one byte for one thread: it is not `Sync`, so nobody else can come.
///
/// It makes of a generic primitive one that costs no synchronisation, where a `RefCell` would do for
/// a value: locking is a load and a store. What it keeps out is its own thread, within its closure.
///
/// ```text
///            with_lock, try_with_lock
///      ┌──────┐ ──────────────────► ┌──────────────────┐ with_lock
///      │ free │                     │ the closure runs │ ──────────► panic
///      └──────┘ ◄────────────────── └──────────────────┘
///                    its end
/// ```
///
/// # Where it may be called
///
/// On the thread that has it. It may be sent to another one while no closure runs, as what borrows it
/// cannot be. Locking it again within its own closure panics (`with_lock`) or gives `None`
/// (`try_with_lock`); it never waits.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, scoped::LocalLock};
///
/// let list = Mutex::new_with_raw_mutex(vec![1], LocalLock::new());
/// list.with_lock(|items| {
///     items.push(2);
///     assert!(list.try_with_lock(|_| ()).is_none());
/// });
/// assert_eq!(list.into_inner(), [1, 2]);
/// ```
#[derive(Debug)]
pub struct LocalLock {
    taken: Taken,
    /// May be sent, and not shared.
    one_thread: PhantomData<Cell<()>>,
}

// === impl LocalLock ===

impl LocalLock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                taken: Taken::new(),
                one_thread: PhantomData,
            }
        }
    }
}

// SAFETY: the lock is not `Sync`, so whoever else locks it does so within the closure, and the flag
// tells.
unsafe impl ScopedRawMutex for LocalLock {
    /// Runs `f`.
    ///
    /// # Panics
    ///
    /// If this is called within a closure of the same lock; and if `f` does.
    #[inline]
    #[track_caller]
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.try_with_lock(f) {
            Some(result) => result,
            None => deadlocked(),
        }
    }

    /// Runs `f`; `None` within a closure of the same lock.
    #[inline]
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        self.taken.try_with(f)
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.taken.is_taken()
    }
}

impl Default for LocalLock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for LocalLock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
