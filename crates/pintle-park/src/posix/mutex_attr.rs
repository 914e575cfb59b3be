use super::{ErrorCheck, Kind, Normal, Recursive, kind, sys};
use core::{fmt, marker::PhantomData, mem::MaybeUninit};
use libc::{c_int, pthread_mutex_t, pthread_mutexattr_t};

/// What kind of mutex a [`Mutex`](super::Mutex) is to be.
///
/// What a system lacks is [`InitError::Unsupported`](super::InitError::Unsupported) when the mutex
/// is used first, or [initialised](super::Mutex::init).
///
/// | attribute | Linux | macOS | FreeBSD | DragonFly | Android, NetBSD, OpenBSD |
/// |---|---|---|---|---|---|
/// | [`inherit_priority`](Self::inherit_priority) | yes | yes | yes | no | no |
/// | [`robust`](Self::robust) | yes | no | yes | no | no |
/// | [`process_shared`](Self::process_shared) | yes | yes | yes | yes | Android |
///
/// # Examples
///
/// ```
/// use pintle_park::posix::{ErrorCheck, Mutex, MutexAttr};
///
/// static TABLE: Mutex<[u32; 4], ErrorCheck> =
///     Mutex::with_attr(MutexAttr::new().error_check().inherit_priority(), [0; 4]);
/// ```
#[repr(C)]
pub struct MutexAttr<K: Kind = Normal> {
    inherit_priority: bool,
    robust: bool,
    process_shared: bool,
    kind: PhantomData<K>,
}

// === impl MutexAttr ===

impl MutexAttr {
    /// A mutex of this process, [`Normal`] and without anything else.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            inherit_priority: false,
            robust: false,
            process_shared: false,
            kind: PhantomData,
        }
    }
}

impl Default for MutexAttr {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Kind> MutexAttr<K> {
    const fn of_kind<L: Kind>(self) -> MutexAttr<L> {
        MutexAttr {
            inherit_priority: self.inherit_priority,
            robust: self.robust,
            process_shared: self.process_shared,
            kind: PhantomData,
        }
    }

    /// A second lock by the owner is an error: [`ErrorCheck`].
    #[must_use]
    pub const fn error_check(self) -> MutexAttr<ErrorCheck> {
        self.of_kind()
    }

    /// A second lock by the owner succeeds: [`Recursive`].
    #[must_use]
    pub const fn recursive(self) -> MutexAttr<Recursive> {
        self.of_kind()
    }

    /// The owner is as urgent as the most urgent thread that waits for it: `PTHREAD_PRIO_INHERIT`.
    ///
    /// Each contended lock and unlock is then a system call.
    #[must_use]
    pub const fn inherit_priority(mut self) -> Self {
        self.inherit_priority = true;
        self
    }

    /// Who locks the mutex after its owner has died is told so, by
    /// [`LockError::OwnerDied`](super::LockError::OwnerDied): `PTHREAD_MUTEX_ROBUST`.
    ///
    /// Without it, such a mutex stays locked.
    ///
    /// # Safety
    ///
    /// With the owner's death the lock ends, but in a process that lives on a reference to the
    /// value may not: one from a guard that was leaked in a `Box`, say, and
    /// that was sent to another thread. So no thread ends with the mutex locked while there is such
    /// a reference. A guard that is forgotten ([`core::mem::forget`]) leaves none, nor does a process
    /// that ends.
    #[must_use]
    pub const unsafe fn robust(mut self) -> Self {
        self.robust = true;
        self
    }

    /// Threads of all processes that map the memory may lock it: `PTHREAD_PROCESS_SHARED`.
    ///
    /// See [Between processes](super#between-processes).
    #[must_use]
    pub const fn process_shared(mut self) -> Self {
        self.process_shared = true;
        self
    }

    /// Whether the C library checks in an unlock that the caller is the owner.
    pub(super) fn checks_owner(&self) -> bool {
        self.robust || kind::number::<K>() != libc::PTHREAD_MUTEX_NORMAL
    }

    /// Whether the locked mutex is a link of its owner's list, through its own memory.
    pub(super) fn is_linked(&self) -> bool {
        (sys::ROBUST_IS_LINKED && self.robust)
            || (sys::OWNED_IS_LINKED && (self.inherit_priority || self.checks_owner()))
    }

    /// Initialises `mutex`, and returns an errno.
    ///
    /// # Safety
    ///
    /// `mutex` is valid for writes, and is not initialised. It stays where it is.
    pub(super) unsafe fn init(&self, mutex: *mut pthread_mutex_t) -> c_int {
        let mut place = MaybeUninit::<pthread_mutexattr_t>::uninit();
        let attr = place.as_mut_ptr();
        // SAFETY: a valid place.
        let errno = unsafe { libc::pthread_mutexattr_init(attr) };
        if errno != 0 {
            return errno;
        }
        // SAFETY: just initialised.
        let mut errno = unsafe { self.apply(attr) };
        if errno == 0 {
            // SAFETY: the caller answers for `mutex`, and the attributes are initialised.
            errno = unsafe { libc::pthread_mutex_init(mutex, attr) };
        }
        // SAFETY: initialised above, and not used again.
        unsafe { libc::pthread_mutexattr_destroy(attr) };
        errno
    }

    /// Sets the attributes, and returns an errno.
    ///
    /// # Safety
    ///
    /// `attr` is initialised.
    unsafe fn apply(&self, attr: *mut pthread_mutexattr_t) -> c_int {
        // SAFETY: initialised, as the caller says.
        let mut errno = unsafe { libc::pthread_mutexattr_settype(attr, kind::number::<K>()) };
        if errno == 0 && self.inherit_priority {
            // SAFETY: as above.
            errno = unsafe { sys::inherit_priority(attr) };
        }
        if errno == 0 && self.robust {
            // SAFETY: as above.
            errno = unsafe { sys::make_robust(attr) };
        }
        if errno == 0 && self.process_shared {
            // SAFETY: as above.
            errno = unsafe { sys::share_mutex(attr) };
        }
        errno
    }
}

impl<K: Kind> Clone for MutexAttr<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kind> Copy for MutexAttr<K> {}

impl<K: Kind> fmt::Debug for MutexAttr<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutexAttr")
            .field("kind", &format_args!("{}", kind::name::<K>()))
            .field("inherit_priority", &self.inherit_priority)
            .field("robust", &self.robust)
            .field("process_shared", &self.process_shared)
            .finish()
    }
}
