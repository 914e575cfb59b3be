use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

/// A value behind the system's `os_unfair_lock`.
///
/// Four bytes beside the value, and no system call where nobody waits. The lock knows its owner: while
/// a thread waits, the owner runs with the waiter's priority if that is higher, so a thread in the
/// background does not hold up one that draws the screen. It is unfair (a thread that has just let go
/// may take it again before who waits), and not poisoned by a panic.
///
/// # What ends the process
///
/// The system checks the owner, and ends the process (a trap; it does not return or unwind) rather than
/// wait for ever:
///
/// - when a thread locks what it holds already: `lock` is not recursive;
/// - when a thread waits for an owner that has ended, having leaked its guard;
/// - by [`assert_owner`](Self::assert_owner) and [`assert_not_owner`](Self::assert_not_owner).
///
/// That a thread lets go of what another has locked ends the process, too; the guard is not `Send`, so
/// safe code cannot.
///
/// # Moving it
///
/// The system knows a lock that is in use by its address. Who holds it or waits for it borrows it, so
/// while it can be moved nobody does. After a leaked guard it stays locked wherever it is, by the
/// thread that locked it.
///
/// Blocks: not for a signal handler.
///
/// # References
///
/// [`os_unfair_lock`](https://developer.apple.com/documentation/os/os_unfair_lock_lock)
///
/// # Examples
///
/// ```
/// use pintle_park::macos::UnfairLock;
///
/// static NAMES: UnfairLock<Vec<&str>> = UnfairLock::new(Vec::new());
///
/// NAMES.lock().push("Ada");
/// assert_eq!(NAMES.try_lock().map(|names| names.len()), Some(1));
/// ```
pub struct UnfairLock<T: ?Sized> {
    lock: UnsafeCell<libc::os_unfair_lock>,
    /// # Invariant
    ///
    /// Borrowed only by a guard, of which there is one at a time.
    value: UnsafeCell<T>,
}

/// Access to what an [`UnfairLock`] protects, until it is dropped.
///
/// Not `Send`: the thread that has locked unlocks.
#[must_use = "the lock is let go when the guard is dropped"]
pub struct UnfairGuard<'a, T: ?Sized> {
    lock: &'a UnfairLock<T>,
    /// Not `Send`; `Sync` is below.
    thread: PhantomData<*const ()>,
}

// === impl UnfairLock ===

impl<T> UnfairLock<T> {
    /// The value, unlocked.
    pub const fn new(value: T) -> Self {
        Self {
            lock: UnsafeCell::new(libc::OS_UNFAIR_LOCK_INIT),
            value: UnsafeCell::new(value),
        }
    }

    /// The value, without the lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnfairLock<T> {
    /// Waits until nobody else has the lock, and takes it.
    ///
    /// If this thread has it already the process ends. Blocks.
    #[inline]
    pub fn lock(&self) -> UnfairGuard<'_, T> {
        // SAFETY: it is an initialised lock, which stays where it is while it is borrowed.
        unsafe { libc::os_unfair_lock_lock(self.lock.get()) };
        UnfairGuard {
            lock: self,
            thread: PhantomData,
        }
    }

    /// Takes the lock if nobody has it; this thread may.
    ///
    /// Not for a loop: who waits like that gives its priority to nobody.
    #[inline]
    pub fn try_lock(&self) -> Option<UnfairGuard<'_, T>> {
        // SAFETY: as in `lock`.
        let locked = unsafe { libc::os_unfair_lock_trylock(self.lock.get()) };
        locked.then(|| UnfairGuard {
            lock: self,
            thread: PhantomData,
        })
    }

    /// Ends the process unless this thread has the lock.
    pub fn assert_owner(&self) {
        // SAFETY: as in `lock`.
        unsafe { libc::os_unfair_lock_assert_owner(self.lock.get()) };
    }

    /// Ends the process if this thread has the lock.
    pub fn assert_not_owner(&self) {
        // SAFETY: as in `lock`.
        unsafe { libc::os_unfair_lock_assert_not_owner(self.lock.get()) };
    }

    /// The value: `&mut self` says that nobody has the lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T: Default> Default for UnfairLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for UnfairLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("UnfairLock");
        match self.try_lock() {
            Some(guard) => f.field("value", &&*guard),
            None => f.field("value", &format_args!("<locked>")),
        };
        f.finish_non_exhaustive()
    }
}

// SAFETY: a lock that nobody borrows is a word and a value. (One whose guard was leaked stays locked.)
unsafe impl<T: ?Sized + Send> Send for UnfairLock<T> {}
// SAFETY: it gives `&mut T` to any thread, one at a time.
unsafe impl<T: ?Sized + Send> Sync for UnfairLock<T> {}

// === impl UnfairGuard ===

impl<T: ?Sized> Deref for UnfairGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is ours.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for UnfairGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is ours, and so is the guard.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for UnfairGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this thread has locked it.
        unsafe { libc::os_unfair_lock_unlock(self.lock.lock.get()) };
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for UnfairGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

// SAFETY: a shared guard gives `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for UnfairGuard<'_, T> {}
