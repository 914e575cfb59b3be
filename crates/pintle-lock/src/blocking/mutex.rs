use super::{DefaultMutex, MutexGuard};
use core::fmt;
use mutex_traits::{ConstInit, RawMutex, ScopedRawMutex};
use pintle_core::{cell::UnsafeCell, const_fn};
#[cfg(feature = "os")]
use {crate::RawMutexTimed, core::time::Duration, pintle_park::Deadline};

/// A value that one thread at a time may touch, guarded by a lock of type `Lock`.
///
/// With any [`ScopedRawMutex`] the value is reached by a closure ([`with_lock`]); with a
/// [`RawMutex`] also by a guard ([`lock`]). Locks that must be left in the reverse of the order
/// in which they were entered, such as a critical section, are only the former.
///
/// The mutex is not recursive: what happens when its holder locks it again is up to `Lock` (a
/// [`Spinlock`] spins for ever). There is no poisoning.
///
/// Whether an interrupt handler may use it is up to `Lock`, too: the lock must be one that such a
/// handler never finds held by the code it interrupted, so it takes a critical section.
///
/// [`with_lock`]: Self::with_lock
/// [`lock`]: Self::lock
/// [`Spinlock`]: crate::spin::Spinlock
///
/// # Invariants
///
/// `data` is touched by the holder of `lock` alone, or through `&mut self`, or by the owner.
///
/// # Examples
///
/// ```
/// use pintle_lock::blocking::Mutex;
///
/// static NAMES: Mutex<Vec<&str>> = Mutex::new(Vec::new());
///
/// NAMES.with_lock(|names| names.push("pintle"));
/// assert_eq!(NAMES.with_lock(|names| names.len()), 1);
/// ```
pub struct Mutex<T: ?Sized, Lock = DefaultMutex> {
    pub(super) lock: Lock,
    pub(super) data: UnsafeCell<T>,
}

// SAFETY: the mutex owns its data and its lock, so it may go where both may.
unsafe impl<T: ?Sized + Send, Lock: Send> Send for Mutex<T, Lock> {}

// SAFETY: through a shared mutex one thread at a time reaches the data (the lock excludes the
// others), which hands the data from thread to thread: `T: Send`. The lock itself is shared.
unsafe impl<T: ?Sized + Send, Lock: Sync> Sync for Mutex<T, Lock> {}

// === impl Mutex ===

impl<T> Mutex<T> {
    const_fn! {
        /// Guards `data` by the build's [`DefaultMutex`].
        #[must_use]
        pub const fn new(data: T) -> Self {
            Self::new_with_raw_mutex(data, DefaultMutex::new())
        }
    }
}

impl<T, Lock> Mutex<T, Lock> {
    const_fn! {
        /// Guards `data` by `lock`.
        #[inline]
        #[must_use]
        pub const fn new_with_raw_mutex(data: T, lock: Lock) -> Self {
            Self {
                lock,
                data: UnsafeCell::new(data),
            }
        }
    }

    const_fn! {
        /// Guards `data` by a new lock of the type `Lock`, in a `static` as well.
        ///
        /// Not in a loom model, whose locks cannot be made in a `const`.
        ///
        /// # Examples
        ///
        /// ```
        /// use pintle_lock::{blocking::Mutex, spin::Spinlock};
        ///
        /// static COUNT: Mutex<u32, Spinlock> = Mutex::const_init(0);
        /// *COUNT.lock() += 1;
        /// ```
        #[inline]
        #[must_use]
        pub const fn const_init(data: T) -> Self
        where
            Lock: ConstInit,
        {
            Self::new_with_raw_mutex(data, Lock::INIT)
        }
    }

    /// The lock of a mutex that may not be there yet.
    ///
    /// # Safety
    ///
    /// All of `mutex` lies in one piece of memory.
    #[cfg(feature = "os")]
    #[allow(dead_code, reason = "for what some systems have")]
    pub(crate) unsafe fn lock_of(mutex: *const Self) -> *const Lock {
        // SAFETY: inside of the memory that the caller answers for.
        unsafe { &raw const (*mutex).lock }
    }

    /// Takes the value out: an owner needs no lock.
    #[inline]
    #[must_use]
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized, Lock> Mutex<T, Lock> {
    /// Reaches the value without locking: an exclusive borrow needs no lock.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.data.with_mut(|data| {
            // SAFETY: by the type's invariant nobody but the holder of `&mut self` touches the
            // data, and the result borrows `self`.
            unsafe { &mut *data }
        })
    }

    /// The lock itself, for what it can do beyond locking.
    ///
    /// Who locks it by itself does not reach the value, and keeps the mutex locked.
    #[inline]
    pub const fn raw_mutex(&self) -> &Lock {
        &self.lock
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> Mutex<T, Lock> {
    /// Whether somebody holds the lock, or did a moment ago: for statistics and assertions.
    ///
    /// It orders no memory.
    #[inline]
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    /// Waits for the lock and runs `f` on the value.
    ///
    /// # Panics
    ///
    /// If `f` does; the lock is released. Some locks panic when their holder locks them again.
    #[inline]
    #[track_caller]
    pub fn with_lock<U>(&self, f: impl FnOnce(&mut T) -> U) -> U {
        self.lock.with_lock(|| {
            self.data.with_mut(|data| {
                // SAFETY: the lock is held for the whole of `f`, so by the type's invariant
                // nobody else touches the data.
                f(unsafe { &mut *data })
            })
        })
    }

    /// Runs `f` on the value if the lock is free, without waiting.
    ///
    /// `None` means that somebody held the lock, and `f` was not run.
    ///
    /// # Panics
    ///
    /// If `f` does; the lock is released.
    #[inline]
    #[track_caller]
    pub fn try_with_lock<U>(&self, f: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.lock.try_with_lock(|| {
            self.data.with_mut(|data| {
                // SAFETY: the lock is held for the whole of `f`, so by the type's invariant
                // nobody else touches the data.
                f(unsafe { &mut *data })
            })
        })
    }
}

impl<T: ?Sized, Lock: RawMutex> Mutex<T, Lock> {
    /// Waits for the lock and returns a guard that releases it when dropped.
    ///
    /// # Panics
    ///
    /// Some locks panic when they can never be taken: by their holder, say.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T, Lock> {
        self.lock.lock();
        // SAFETY: the lock was taken in the line above and is handed to the guard.
        unsafe { MutexGuard::new(self) }
    }

    /// Takes the lock if it is free, without waiting.
    #[inline]
    #[must_use]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T, Lock>> {
        self.lock.try_lock().then(|| {
            // SAFETY: `try_lock` said that the lock was taken, and it is handed to the guard.
            unsafe { MutexGuard::new(self) }
        })
    }

    /// Releases the lock without a guard.
    ///
    /// # Safety
    ///
    /// The caller holds the lock by a guard that was leaked (`core::mem::forget`), and no
    /// reference to the value that came from it is used again.
    #[inline]
    pub unsafe fn force_unlock(&self) {
        // SAFETY: the caller holds the lock.
        unsafe { self.lock.unlock() }
    }
}

#[cfg(feature = "os")]
impl<T: ?Sized, Lock: RawMutexTimed> Mutex<T, Lock> {
    /// Waits for the lock, for `timeout` at most.
    ///
    /// `None` means that the lock was held when the time was up. A free lock is taken at once, even
    /// for `Duration::ZERO`; `Duration::MAX` waits as [`lock`](Self::lock) does.
    ///
    /// # Panics
    ///
    /// As [`lock`](Self::lock).
    #[inline]
    #[track_caller]
    #[must_use]
    pub fn try_lock_for(&self, timeout: Duration) -> Option<MutexGuard<'_, T, Lock>> {
        self.lock.try_lock_for(timeout).then(|| {
            // SAFETY: `try_lock_for` said that the lock was taken, and it is handed to the guard.
            unsafe { MutexGuard::new(self) }
        })
    }

    /// Waits for the lock, until `deadline` at the latest: a [`Deadline`] of `pintle-park` or an
    /// [`Instant`](std::time::Instant).
    ///
    /// `None` means that the lock was held when the time was up. A free lock is taken at once, even
    /// if the time has passed; [`Deadline::NEVER`] waits as [`lock`](Self::lock) does.
    ///
    /// # Panics
    ///
    /// As [`lock`](Self::lock).
    #[inline]
    #[track_caller]
    #[must_use]
    pub fn try_lock_until(&self, deadline: impl Into<Deadline>) -> Option<MutexGuard<'_, T, Lock>> {
        self.lock.try_lock_until(deadline.into()).then(|| {
            // SAFETY: `try_lock_until` said that the lock was taken, and it is handed to the guard.
            unsafe { MutexGuard::new(self) }
        })
    }
}

impl<T: Default, Lock: Default> Default for Mutex<T, Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(T::default(), Lock::default())
    }
}

impl<T, Lock: Default> From<T> for Mutex<T, Lock> {
    fn from(data: T) -> Self {
        Self::new_with_raw_mutex(data, Lock::default())
    }
}

impl<T: ?Sized + fmt::Debug, Lock: ScopedRawMutex> fmt::Debug for Mutex<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Mutex");
        // Waiting here would make a log line a deadlock.
        let shown = self.try_with_lock(|data| {
            debug.field("data", &data);
        });
        if shown.is_none() {
            debug.field("data", &format_args!("<locked>"));
        }
        debug.finish()
    }
}
