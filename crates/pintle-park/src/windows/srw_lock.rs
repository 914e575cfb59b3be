use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
#[cfg(target_pointer_width = "32")]
use pintle_core::atomic::{AtomicUsize, Ordering::Relaxed};
use windows_sys::Win32::System::Threading::{
    AcquireSRWLockExclusive, AcquireSRWLockShared, ReleaseSRWLockExclusive, ReleaseSRWLockShared,
    SRWLOCK, SRWLOCK_INIT, TryAcquireSRWLockExclusive, TryAcquireSRWLockShared,
};

/// A value behind a slim reader/writer lock (`SRWLOCK`): one thread to change it, or several to
/// read it.
///
/// One word (on 32-bit Windows two), and no system call where nobody waits. It is neither fair nor
/// recursive: a thread that holds it, even shared, and locks it again may wait for itself for ever.
/// It is not poisoned by a panic.
///
/// # Moving it
///
/// The system says that an `SRWLOCK` must not be moved. What would break is the queue of waiters,
/// which the word points into; waiters borrow the lock here, so while it can be moved there are none,
/// and the word by itself holds no address. A guard that was leaked leaves it locked, wherever it is.
///
/// # Examples
///
/// ```
/// use pintle_park::windows::SrwLock;
///
/// static NAMES: SrwLock<Vec<&str>> = SrwLock::new(Vec::new());
///
/// NAMES.exclusive().push("Ada");
/// assert_eq!(NAMES.shared().len(), 1);
/// ```
pub struct SrwLock<T: ?Sized> {
    lock: UnsafeCell<SRWLOCK>,
    shares: Shares,
    /// # Invariant
    ///
    /// Borrowed only by guards: by `ExclusiveGuard`, or by `SharedGuard`s for reading.
    value: UnsafeCell<T>,
}

/// Exclusive access to what an [`SrwLock`] protects, until it is dropped.
///
/// Not `Send`: the thread that has locked unlocks.
#[must_use = "the lock is let go when the guard is dropped"]
pub struct ExclusiveGuard<'a, T: ?Sized> {
    pub(super) lock: &'a SrwLock<T>,
    /// Not `Send`; `Sync` is below.
    thread: PhantomData<*const ()>,
}

/// Shared access to what an [`SrwLock`] protects, until it is dropped.
///
/// Not `Send`: the thread that has locked unlocks.
#[must_use = "the lock is let go when the guard is dropped"]
pub struct SharedGuard<'a, T: ?Sized> {
    pub(super) lock: &'a SrwLock<T>,
    /// Not `Send`; `Sync` is below.
    thread: PhantomData<*const ()>,
}

/// How many shares there are, leaked ones included; where the system's own count of them, 28 bits of
/// a word of 32, could be leaked over within seconds. Past it the lock would take the last holder for
/// the only one.
struct Shares {
    #[cfg(target_pointer_width = "32")]
    count: AtomicUsize,
}

// === impl SrwLock ===

impl<T> SrwLock<T> {
    /// The value, unlocked.
    pub const fn new(value: T) -> Self {
        Self {
            lock: UnsafeCell::new(SRWLOCK_INIT),
            shares: Shares::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// The value, without the lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> SrwLock<T> {
    /// Waits until nobody else has the lock, and takes it.
    ///
    /// If this thread has it already it waits for ever. Blocks.
    pub fn exclusive(&self) -> ExclusiveGuard<'_, T> {
        // SAFETY: it is an initialised lock, which stays where it is while it is borrowed.
        unsafe { AcquireSRWLockExclusive(self.raw()) };
        ExclusiveGuard {
            lock: self,
            thread: PhantomData,
        }
    }

    /// Takes the lock if nobody has it.
    pub fn try_exclusive(&self) -> Option<ExclusiveGuard<'_, T>> {
        // SAFETY: as in `exclusive`.
        let locked = unsafe { TryAcquireSRWLockExclusive(self.raw()) };
        locked.then(|| ExclusiveGuard {
            lock: self,
            thread: PhantomData,
        })
    }

    /// Waits until nobody has the lock exclusively, and takes a share of it.
    ///
    /// If this thread has it exclusively it waits for ever; if it has a share already it may, because
    /// others that wait for exclusive access can come first. Blocks.
    ///
    /// # A known fault of Windows
    ///
    /// Rarely, when a share is asked for while an exclusive holder lets go, the system grants it
    /// exclusively. The value is as safe as ever, but other threads that ask for a share then wait. So
    /// do not rely on two threads having one *at the same time*: a holder of a share that waits for
    /// another thread, which needs a share first, may wait for ever.
    ///
    /// # Panics
    ///
    /// On 32-bit Windows, if there are 2^27 shares, which takes guards that are leaked.
    pub fn shared(&self) -> SharedGuard<'_, T> {
        // SAFETY: as in `exclusive`.
        unsafe { AcquireSRWLockShared(self.raw()) };
        self.share()
    }

    /// Takes a share of the lock if nobody has it exclusively.
    ///
    /// # Panics
    ///
    /// As [`shared`](Self::shared).
    pub fn try_shared(&self) -> Option<SharedGuard<'_, T>> {
        // SAFETY: as in `exclusive`.
        let locked = unsafe { TryAcquireSRWLockShared(self.raw()) };
        locked.then(|| self.share())
    }

    /// The thread has a share more than there are guards.
    fn share(&self) -> SharedGuard<'_, T> {
        let guard = SharedGuard {
            lock: self,
            thread: PhantomData,
        };
        // A panic drops the guard, which takes the share back.
        self.shares.add();
        guard
    }

    /// The value: `&mut self` says that nobody has the lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    pub(super) fn raw(&self) -> *mut SRWLOCK {
        self.lock.get()
    }
}

impl<T: Default> Default for SrwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for SrwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("SrwLock");
        match self.try_shared() {
            Some(guard) => f.field("value", &&*guard),
            None => f.field("value", &format_args!("<locked>")),
        };
        f.finish_non_exhaustive()
    }
}

// SAFETY: a lock that nobody borrows is a word and a value.
unsafe impl<T: ?Sized + Send> Send for SrwLock<T> {}
// SAFETY: it gives `&mut T` to any thread, one at a time (so `Send`), and `&T` to several at once.
unsafe impl<T: ?Sized + Send + Sync> Sync for SrwLock<T> {}

// === impl Shares ===

#[cfg(target_pointer_width = "32")]
impl Shares {
    const fn new() -> Self {
        Self {
            count: AtomicUsize::new(0),
        }
    }

    fn add(&self) {
        /// Half of what the system counts: threads may be here at the same time.
        const MOST: usize = 1 << 27;

        // Relaxed: a count, which orders nothing.
        let before = self.count.fetch_add(1, Relaxed);
        assert!(before < MOST, "an SRW lock that is shared 2^27 times");
    }

    fn remove(&self) {
        // Relaxed: as above.
        self.count.fetch_sub(1, Relaxed);
    }
}

#[cfg(not(target_pointer_width = "32"))]
impl Shares {
    const fn new() -> Self {
        Self {}
    }

    fn add(&self) {}

    fn remove(&self) {}
}

// === impl ExclusiveGuard ===

impl<T: ?Sized> Deref for ExclusiveGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is exclusively ours.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for ExclusiveGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is exclusively ours, and so is the guard.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for ExclusiveGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: this thread has locked it, exclusively.
        unsafe { ReleaseSRWLockExclusive(self.lock.raw()) };
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for ExclusiveGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

// SAFETY: a shared guard gives `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for ExclusiveGuard<'_, T> {}

// === impl SharedGuard ===

impl<T: ?Sized> Deref for SharedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: a share of the lock is ours, so nobody has `&mut T`.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for SharedGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.shares.remove();
        // SAFETY: this thread has locked it, shared.
        unsafe { ReleaseSRWLockShared(self.lock.raw()) };
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for SharedGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

// SAFETY: it gives `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for SharedGuard<'_, T> {}
