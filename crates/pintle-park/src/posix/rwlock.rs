use super::place::Place;
use super::{InitError, ReadGuard, RwLockError, WriteGuard, sys};
use core::{cell::UnsafeCell, fmt, mem::MaybeUninit, pin::Pin};
use libc::{c_int, pthread_rwlock_t, pthread_rwlockattr_t};
use pintle_core::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// A value behind a read-write lock of the C library: `pthread_rwlock_t`.
///
/// Pinned and initialised as a [`Mutex`](super::Mutex) is.
///
/// # A thread that has it already
///
/// POSIX leaves undefined what happens; this is what can happen here:
///
/// | has | wants | outcome |
/// |---|---|---|
/// | write | read or write | [`Deadlock`](RwLockError::Deadlock), or it waits for ever |
/// | read | write | the same |
/// | read | read | the lock; where writers come first and one waits, a deadlock as above |
///
/// Which one is the C library's choice. A library that would just grant the second lock is found
/// out, and it is `Deadlock`: a `&mut T` is never shared.
///
/// # Who comes first
///
/// glibc's and musl's readers pass waiting writers, so readers that never stop starve them.
/// Nothing here is robust: if a process dies with the lock, it stays locked.
///
/// Dropping a lock that a leaked guard has left locked leaves the C library's object as it is, as
/// for a [`Mutex`](super::Mutex#dropping-a-locked-mutex); read-write locks are linked to nothing.
///
/// # Examples
///
/// ```
/// use core::pin::Pin;
/// use pintle_park::posix::RwLock;
///
/// static ROUTES: RwLock<[u16; 4]> = RwLock::new([0; 4]);
/// let routes = Pin::static_ref(&ROUTES);
///
/// routes.write().unwrap()[0] = 8080;
/// let (one, other) = (routes.read().unwrap(), routes.read().unwrap());
/// assert_eq!(*one, *other);
/// assert!(routes.try_write().is_err());
/// ```
#[repr(C)]
pub struct RwLock<T> {
    place: Place<pthread_rwlock_t>,
    process_shared: bool,
    /// Whether there is a [`WriteGuard`]. Written with the lock held for writing.
    written: AtomicBool,
    /// How many [`ReadGuard`]s there are. Written with the lock held for reading.
    readers: AtomicUsize,
    value: UnsafeCell<T>,
}

// SAFETY: it owns the value, and the C library's object moves only behind a pointer once it is one.
unsafe impl<T: Send> Send for RwLock<T> {}
// SAFETY: several threads at a time get `&T`, or one `&mut T`.
unsafe impl<T: Send + Sync> Sync for RwLock<T> {}

// === impl RwLock ===

impl<T> RwLock<T> {
    /// A read-write lock of this process.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self {
            place: Place::new(),
            process_shared: false,
            written: AtomicBool::new(false),
            readers: AtomicUsize::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// This lock for threads of all processes that map the memory: see [Between
    /// processes](super#between-processes).
    #[must_use]
    pub const fn process_shared(mut self) -> Self {
        self.process_shared = true;
        self
    }

    /// Initialises the lock now, if nothing has: `pthread_rwlock_init`.
    ///
    /// # Errors
    ///
    /// [`InitError`].
    pub fn init(self: Pin<&Self>) -> Result<(), InitError> {
        self.raw().map(|_| ())
    }

    /// The lock that another process has [initialised](Self::init) in memory that both share;
    /// `None` if it has not yet.
    ///
    /// # Safety
    ///
    /// As for [`Mutex::attach`](super::Mutex::attach).
    #[must_use]
    pub unsafe fn attach<'a>(place: *const Self) -> Option<Pin<&'a Self>> {
        // SAFETY: the memory is valid for reads, says the caller.
        let object = unsafe { &raw const (*place).place };
        // SAFETY: the caller promises all of it of `place`, in which `object` is.
        unsafe { Place::attach(object, place) }
    }

    /// Locks for reading, and waits as long as it takes: `pthread_rwlock_rdlock`.
    ///
    /// # Errors
    ///
    /// [`RwLockError`].
    pub fn read(self: Pin<&Self>) -> Result<ReadGuard<'_, T>, RwLockError> {
        let lock = self.raw()?;
        // SAFETY: initialised.
        let errno = unsafe { libc::pthread_rwlock_rdlock(lock) };
        self.reads(errno)
    }

    /// Locks for reading, if that takes no wait: `pthread_rwlock_tryrdlock`.
    ///
    /// # Errors
    ///
    /// [`RwLockError`]; [`WouldBlock`](RwLockError::WouldBlock) if somebody writes.
    pub fn try_read(self: Pin<&Self>) -> Result<ReadGuard<'_, T>, RwLockError> {
        let lock = self.raw()?;
        // SAFETY: initialised.
        let errno = unsafe { libc::pthread_rwlock_tryrdlock(lock) };
        self.reads(errno)
    }

    /// Locks for writing, and waits as long as it takes: `pthread_rwlock_wrlock`.
    ///
    /// # Errors
    ///
    /// [`RwLockError`].
    pub fn write(self: Pin<&Self>) -> Result<WriteGuard<'_, T>, RwLockError> {
        let lock = self.raw()?;
        // SAFETY: initialised.
        let errno = unsafe { libc::pthread_rwlock_wrlock(lock) };
        self.writes(errno)
    }

    /// Locks for writing, if that takes no wait: `pthread_rwlock_trywrlock`.
    ///
    /// # Errors
    ///
    /// [`RwLockError`]; [`WouldBlock`](RwLockError::WouldBlock) if somebody has it.
    pub fn try_write(self: Pin<&Self>) -> Result<WriteGuard<'_, T>, RwLockError> {
        let lock = self.raw()?;
        // SAFETY: initialised.
        let errno = unsafe { libc::pthread_rwlock_trywrlock(lock) };
        self.writes(errno)
    }

    fn reads(self: Pin<&Self>, errno: c_int) -> Result<ReadGuard<'_, T>, RwLockError> {
        if errno != 0 {
            return Err(RwLockError::new(errno));
        }
        // Relaxed: whoever set it and is not this thread has released the lock before.
        if self.written.load(Relaxed) {
            return Err(self.granted_twice());
        }
        self.readers.fetch_add(1, Relaxed);
        Ok(ReadGuard::new(self))
    }

    fn writes(self: Pin<&Self>, errno: c_int) -> Result<WriteGuard<'_, T>, RwLockError> {
        if errno != 0 {
            return Err(RwLockError::new(errno));
        }
        // Relaxed: as above.
        if self.written.load(Relaxed) || self.readers.load(Relaxed) != 0 {
            return Err(self.granted_twice());
        }
        self.written.store(true, Relaxed);
        Ok(WriteGuard::new(self))
    }

    /// The C library has granted what this thread's other guard excludes.
    #[cold]
    fn granted_twice(&self) -> RwLockError {
        self.unlock();
        RwLockError::Deadlock
    }

    /// # Safety
    ///
    /// The calling thread gives up its one `ReadGuard`.
    pub(super) unsafe fn unlock_read(&self) {
        self.readers.fetch_sub(1, Relaxed);
        self.unlock();
    }

    /// # Safety
    ///
    /// The calling thread gives up its `WriteGuard`.
    pub(super) unsafe fn unlock_write(&self) {
        self.written.store(false, Relaxed);
        self.unlock();
    }

    fn unlock(&self) {
        if let Some(lock) = self.place.get() {
            // SAFETY: initialised, and locked by this thread.
            unsafe { libc::pthread_rwlock_unlock(lock) };
        }
    }

    #[inline]
    fn raw(self: Pin<&Self>) -> Result<*mut pthread_rwlock_t, InitError> {
        // SAFETY: the place is pinned with the lock.
        let place = unsafe { self.map_unchecked(|lock| &lock.place) };
        // SAFETY: the place is the object's own, uninitialised and pinned.
        place.get_or_init(|lock| unsafe { init(lock, self.process_shared) })
    }

    pub(super) fn value(&self) -> *mut T {
        self.value.get()
    }
}

/// Initialises `lock`, and returns an errno.
///
/// # Safety
///
/// `lock` is valid for writes, and is not initialised. It stays where it is.
unsafe fn init(lock: *mut pthread_rwlock_t, process_shared: bool) -> c_int {
    let mut place = MaybeUninit::<pthread_rwlockattr_t>::uninit();
    let attr = place.as_mut_ptr();
    // SAFETY: a valid place.
    let mut errno = unsafe { libc::pthread_rwlockattr_init(attr) };
    if errno != 0 {
        return errno;
    }
    if process_shared {
        // SAFETY: just initialised.
        errno = unsafe { sys::share_rwlock(attr) };
    }
    if errno == 0 {
        // SAFETY: the caller answers for `lock`, and the attributes are initialised.
        errno = unsafe { libc::pthread_rwlock_init(lock, attr) };
    }
    // SAFETY: initialised above, and not used again.
    unsafe { libc::pthread_rwlockattr_destroy(attr) };
    errno
}

impl<T> Drop for RwLock<T> {
    fn drop(&mut self) {
        let leaked = *self.written.get_mut() || *self.readers.get_mut() != 0;
        let Some(lock) = self.place.get_mut() else {
            return;
        };
        if !leaked {
            // SAFETY: initialised, unlocked, and nobody can reach it any more.
            unsafe { libc::pthread_rwlock_destroy(lock) };
        }
    }
}

impl<T> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLock").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::{mem, pin::pin};

    /// No C library at hand grants a second lock, so its answer is made up here.
    #[test]
    fn what_is_granted_twice_is_given_back() {
        let lock = pin!(RwLock::new(0));
        let lock = lock.as_ref();
        mem::forget(lock.write().unwrap());
        assert!(matches!(lock.reads(0), Err(RwLockError::Deadlock)));
        assert!(lock.written.load(Relaxed));
        // It has been unlocked, as often as it was locked for the C library.
        let raw = lock.raw().unwrap();
        // SAFETY: initialised.
        assert_eq!(unsafe { libc::pthread_rwlock_trywrlock(raw) }, 0);
        assert!(matches!(lock.writes(0), Err(RwLockError::Deadlock)));

        let lock = pin!(RwLock::new(0));
        let lock = lock.as_ref();
        mem::forget(lock.read().unwrap());
        assert!(matches!(lock.writes(0), Err(RwLockError::Deadlock)));
        assert_eq!(lock.readers.load(Relaxed), 1);
        assert!(!lock.written.load(Relaxed));
    }
}
