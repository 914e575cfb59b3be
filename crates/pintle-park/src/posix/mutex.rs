use super::place::Place;
use super::{Guard, InitError, Kind, LockError, MutexAttr, Normal, Recovery, UnlockError};
use core::{cell::UnsafeCell, fmt, pin::Pin};
use libc::{c_int, pthread_mutex_t};
use pintle_core::atomic::{AtomicBool, Ordering::Relaxed};

/// A value behind a mutex of the C library: `pthread_mutex_t`.
///
/// Every operation takes the mutex pinned, so it cannot be moved once it is in use. It is
/// initialised in place by its first use, which is the only time that an [`InitError`] can come,
/// and nothing is allocated (but by the BSDs' libraries themselves). A mutex in a `static` is
/// pinned by [`Pin::static_ref`], one on the stack by [`pin!`](core::pin::pin).
///
/// There is no poisoning: a panic unlocks. What [`MutexAttr::robust`] tells of is the end of a
/// whole thread or process.
///
/// Not to be used in a signal handler. In a critical section it may sleep.
///
/// # Dropping a locked mutex
///
/// `pthread_mutex_destroy` of a locked mutex is undefined, and a leaked guard leaves it locked. So
/// `Drop` unlocks what its own thread has leaked. If another thread has, it leaves the mutex as it
/// is: the C library then has no pointer to it, or (the BSDs) one to memory of its own, which is
/// leaked.
///
/// It is different where the C library links locked mutexes to a list of their owner's, through
/// the mutex's own memory: robust ones on Linux, with musl also error-checking and recursive ones
/// and those with priority inheritance. There `Drop` **waits until the owner ends**; with musl,
/// without `robust`, for ever. To go on would let the owner write to memory that is no longer a
/// mutex.
///
/// # A thread that ends with it locked
///
/// Unless it is robust it stays locked. But where the C library knows the owner it is by the thread's
/// number, which the system gives out again: a later thread may get
/// [`Deadlock`](LockError::Deadlock), or one more level of a recursive mutex. Memory is safe then,
/// too, as that gives `&T` only, and one that may not go to another thread ended with its own.
///
/// # Examples
///
/// ```
/// use core::pin::Pin;
/// use pintle_park::posix::Mutex;
///
/// static COUNT: Mutex<u32> = Mutex::new(0);
///
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| *Pin::static_ref(&COUNT).lock().unwrap() += 1);
///     }
/// });
/// assert_eq!(*Pin::static_ref(&COUNT).lock().unwrap(), 4);
/// ```
///
/// Kinds are types:
///
/// ```
/// use core::{cell::Cell, pin::pin};
/// use pintle_park::posix::{LockError, Mutex, MutexAttr};
///
/// let checked = pin!(Mutex::with_attr(MutexAttr::new().error_check(), 0));
/// let guard = checked.as_ref().lock().unwrap();
/// assert!(matches!(checked.as_ref().lock(), Err(LockError::Deadlock)));
/// drop(guard);
///
/// let recursive = pin!(Mutex::with_attr(MutexAttr::new().recursive(), Cell::new(0)));
/// let outer = recursive.as_ref().lock().unwrap();
/// let inner = recursive.as_ref().lock().unwrap();
/// inner.set(outer.get() + 1);
/// ```
#[repr(C)]
pub struct Mutex<T, K: Kind = Normal> {
    place: Place<pthread_mutex_t>,
    attr: MutexAttr<K>,
    /// Whether a `Recovery` has been dropped. Written with the lock held.
    ///
    /// The C library's own state for it is not used. glibc 2.36 loses wake-ups of those who wait
    /// for a mutex that becomes unrecoverable, and its `trylock` leaves such a mutex locked.
    given_up: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: it owns the value. The C library's object does not know the thread that made it, and
// moves only while it is none yet, or pinned, behind a pointer.
unsafe impl<T: Send, K: Kind> Send for Mutex<T, K> {}
// SAFETY: one thread at a time reaches the value, by a lock; also by several guards of a recursive
// mutex, which are all the same thread's.
unsafe impl<T: Send, K: Kind> Sync for Mutex<T, K> {}

/// What locking a [`Mutex`] returns.
pub type LockResult<'a, T, K> = Result<Guard<'a, T, K>, LockError<'a, T, K>>;

// === impl Mutex ===

impl<T> Mutex<T> {
    /// A [`Normal`] mutex of this process.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self::with_attr(MutexAttr::new(), value)
    }
}

impl<T, K: Kind> Mutex<T, K> {
    /// A mutex of that kind.
    #[must_use]
    pub const fn with_attr(attr: MutexAttr<K>, value: T) -> Self {
        Self {
            place: Place::new(),
            attr,
            given_up: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Initialises the mutex now, if nothing has: `pthread_mutex_init`.
    ///
    /// So that an error comes here and not with the first lock, and that another process may
    /// [`attach`](Self::attach).
    ///
    /// # Errors
    ///
    /// [`InitError`].
    pub fn init(self: Pin<&Self>) -> Result<(), InitError> {
        self.raw().map(|_| ())
    }

    /// The mutex that another process has [initialised](Self::init) in memory that both share;
    /// `None` if it has not yet.
    ///
    /// Everything the other process has written before is visible then.
    ///
    /// # Safety
    ///
    /// `place` is aligned and valid for reads for `'a`, as long as any process uses the mutex, and
    /// its first bytes are zero (as the system hands memory out) or a mutex of this very type,
    /// compiled by the same compiler against the same C library, and
    /// [`process_shared`](MutexAttr::process_shared). `T` means the same in both processes (it has
    /// no pointers, say), and if the mutex is robust, a `T` whose change was cut short is still a
    /// valid one.
    #[must_use]
    pub unsafe fn attach<'a>(place: *const Self) -> Option<Pin<&'a Self>> {
        // SAFETY: the memory is valid for reads, says the caller.
        let object = unsafe { &raw const (*place).place };
        // SAFETY: the caller promises all of it of `place`, in which `object` is.
        unsafe { Place::attach(object, place) }
    }

    /// Locks, and waits as long as it takes: `pthread_mutex_lock`.
    ///
    /// Whatever an owner has done before its unlock is visible after the lock.
    ///
    /// # Errors
    ///
    /// [`LockError`]. Of a [`Normal`] mutex without attributes, only an error of its
    /// initialisation.
    pub fn lock(self: Pin<&Self>) -> LockResult<'_, T, K> {
        let mutex = self.raw()?;
        // SAFETY: initialised.
        let errno = unsafe { libc::pthread_mutex_lock(mutex) };
        self.locked(errno)
    }

    /// Locks, if that takes no wait: `pthread_mutex_trylock`.
    ///
    /// # Errors
    ///
    /// [`LockError`]; [`WouldBlock`](LockError::WouldBlock) if the mutex is locked.
    pub fn try_lock(self: Pin<&Self>) -> LockResult<'_, T, K> {
        let mutex = self.raw()?;
        // SAFETY: initialised.
        let errno = unsafe { libc::pthread_mutex_trylock(mutex) };
        self.locked(errno)
    }

    /// Unlocks without a guard: `pthread_mutex_unlock`. For lock traits whose unlock knows no
    /// guard.
    ///
    /// # Safety
    ///
    /// The calling thread has locked the mutex, and forgotten the guard; no reference that came from it
    /// is used from here on. That it has locked it may be left to this function where it is checked,
    /// if no thread ends with it locked: of an [`ErrorCheck`](super::ErrorCheck),
    /// [`Recursive`](super::Recursive) or robust mutex.
    ///
    /// # Errors
    ///
    /// [`UnlockError::NotOwner`].
    pub unsafe fn force_unlock(self: Pin<&Self>) -> Result<(), UnlockError> {
        let Some(mutex) = self.place.get() else {
            return Err(UnlockError::NotOwner);
        };
        // SAFETY: initialised, and locked, as the caller says.
        match unsafe { libc::pthread_mutex_unlock(mutex) } {
            0 => Ok(()),
            errno => Err(UnlockError::new(errno)),
        }
    }

    /// The C library's object, initialised.
    #[inline]
    pub(super) fn raw(self: Pin<&Self>) -> Result<*mut pthread_mutex_t, InitError> {
        // SAFETY: the place is pinned with the mutex.
        let place = unsafe { self.map_unchecked(|mutex| &mutex.place) };
        // SAFETY: the place is the object's own, uninitialised and pinned.
        place.get_or_init(|mutex| unsafe { self.attr.init(mutex) })
    }

    /// The C library's object, of a mutex that has been locked.
    pub(super) fn object(&self) -> *mut pthread_mutex_t {
        let object = self.place.get();
        object.expect("a mutex that has been locked is initialised")
    }

    pub(super) fn value(&self) -> *mut T {
        self.value.get()
    }

    /// From now on nobody gets the lock. The caller has it.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Relaxed);
    }

    /// What a lock operation returns that ended with this errno.
    #[inline]
    pub(super) fn locked(self: Pin<&Self>, errno: c_int) -> LockResult<'_, T, K> {
        // With zero and EOWNERDEAD, the lock is this thread's.
        match errno {
            0 => self
                .granted(Guard::new(self))
                .ok_or(LockError::NotRecoverable),
            libc::EOWNERDEAD => Err(self
                .inherited(Guard::new(self))
                .map_or(LockError::NotRecoverable, LockError::OwnerDied)),
            errno => Err(LockError::new(errno)),
        }
    }

    /// The guard, unless the mutex has been given up.
    #[inline]
    pub(super) fn granted<'a>(&self, guard: Guard<'a, T, K>) -> Option<Guard<'a, T, K>> {
        // Relaxed: whoever has set it has unlocked since.
        (!self.given_up.load(Relaxed)).then_some(guard)
    }

    /// What to repair after the last owner's death, unless the mutex has been given up.
    #[cold]
    pub(super) fn inherited<'a>(&self, guard: Guard<'a, T, K>) -> Option<Recovery<'a, T, K>> {
        let recovery = Recovery::new(guard);
        // Relaxed: whoever has set it has died since, or unlocked.
        (!self.given_up.load(Relaxed)).then_some(recovery)
    }
}

impl<T, K: Kind> Drop for Mutex<T, K> {
    fn drop(&mut self) {
        let Some(mutex) = self.place.get_mut() else {
            return;
        };
        // No guard is left but leaked ones, and the C library says of each that it is this
        // thread's. Recursive ones come several times.
        if self.attr.checks_owner() || self.attr.is_linked() {
            // SAFETY: initialised; it is checked who the owner is.
            while unsafe { libc::pthread_mutex_unlock(mutex) } == 0 {}
        }
        let errno = if self.attr.is_linked() {
            // SAFETY: initialised.
            unsafe { libc::pthread_mutex_lock(mutex) }
        } else {
            // SAFETY: initialised.
            unsafe { libc::pthread_mutex_trylock(mutex) }
        };
        if errno != 0 && errno != libc::EOWNERDEAD {
            return;
        }
        // SAFETY: locked just now.
        unsafe { libc::pthread_mutex_unlock(mutex) };
        // SAFETY: unlocked, and nobody can reach it any more.
        unsafe { libc::pthread_mutex_destroy(mutex) };
    }
}

impl<T, K: Kind> fmt::Debug for Mutex<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex")
            .field("attr", &self.attr)
            .finish_non_exhaustive()
    }
}
