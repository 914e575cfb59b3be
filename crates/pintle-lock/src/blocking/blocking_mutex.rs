use super::{Mutex, MutexGuard};
use core::fmt;
use mutex_traits::{RawMutex, ScopedRawMutex};
use pintle_core::{const_fn, not_loom};

/// A value behind a lock, as the crate `mutex` has it: the lock is the first parameter, and
/// [`new`](Self::new) makes it.
///
/// It is a [`Mutex`](crate::blocking::Mutex) in another's clothes, with the same layout and the same
/// guards; nothing is done twice. It cannot be an alias of it, since there `Mutex::new` means the
/// build's [`DefaultMutex`](crate::blocking::DefaultMutex), and here any lock that is
/// [`ConstInit`](crate::ConstInit). [`as_mutex`](Self::as_mutex) leads to what else that one can. For new code take
/// `blocking::Mutex`.
///
/// # Examples
///
/// ```
/// use pintle_lock::{BlockingMutex, spin::Spinlock};
///
/// static COUNT: BlockingMutex<Spinlock, u32> = BlockingMutex::new(0);
///
/// COUNT.with_lock(|count| *count += 1);
/// *COUNT.lock() += 1;
/// assert_eq!(*COUNT.try_lock().unwrap(), 2);
/// ```
#[repr(transparent)]
pub struct BlockingMutex<R, T: ?Sized> {
    mutex: Mutex<T, R>,
}

// === impl BlockingMutex ===

not_loom! {
    impl<R: mutex_traits::ConstInit, T> BlockingMutex<R, T> {
        /// Guards `val` by a new lock.
        #[inline]
        #[must_use]
        pub const fn new(val: T) -> Self {
            Self::const_new(R::INIT, val)
        }
    }
}

impl<R, T> BlockingMutex<R, T> {
    const_fn! {
        /// Guards `val` by `raw_mutex`.
        #[inline]
        #[must_use]
        pub const fn const_new(raw_mutex: R, val: T) -> Self {
            Self { mutex: Mutex::new_with_raw_mutex(val, raw_mutex) }
        }
    }

    /// Takes the value out: an owner needs no lock.
    #[inline]
    #[must_use]
    pub fn into_inner(self) -> T {
        self.mutex.into_inner()
    }
}

impl<R, T: ?Sized> BlockingMutex<R, T> {
    /// Reaches the value without locking: an exclusive borrow needs no lock.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.mutex.get_mut()
    }

    /// Where the value is, whoever holds the lock.
    ///
    /// # Safety
    ///
    /// The pointer is used only while the caller holds the lock, or while nobody else can reach it. (In
    /// itself the call does nothing; it is unsafe as it is in the crate `mutex`.)
    #[inline]
    #[must_use]
    pub unsafe fn get_unchecked(&self) -> *mut T {
        self.mutex.data.with_mut(|data| data)
    }

    /// The mutex below, which can do more: wait until a time, map guards.
    #[inline]
    #[must_use]
    pub const fn as_mutex(&self) -> &Mutex<T, R> {
        &self.mutex
    }
}

impl<R: ScopedRawMutex, T: ?Sized> BlockingMutex<R, T> {
    /// Waits for the lock and runs `f` on the value.
    ///
    /// # Panics
    ///
    /// If `f` does; the lock is released. Some locks panic when their holder locks them again.
    #[inline]
    #[track_caller]
    pub fn with_lock<U>(&self, f: impl FnOnce(&mut T) -> U) -> U {
        self.mutex.with_lock(f)
    }

    /// Runs `f` on the value if the lock is free, without waiting.
    ///
    /// `None` means that somebody held the lock, and `f` was not run.
    ///
    /// # Panics
    ///
    /// If `f` does; the lock is released.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn try_with_lock<U>(&self, f: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.mutex.try_with_lock(f)
    }
}

impl<R: RawMutex, T: ?Sized> BlockingMutex<R, T> {
    /// Waits for the lock and returns a guard that releases it when dropped.
    ///
    /// # Panics
    ///
    /// Some locks panic when they can never be taken: by their holder, say.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T, R> {
        self.mutex.lock()
    }

    /// Takes the lock if it is free, without waiting.
    #[inline]
    #[must_use]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T, R>> {
        self.mutex.try_lock()
    }
}

impl<R: ScopedRawMutex, T: ?Sized + fmt::Debug> fmt::Debug for BlockingMutex<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mutex.fmt(f)
    }
}
