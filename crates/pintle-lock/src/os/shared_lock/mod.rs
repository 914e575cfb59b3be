//! A lock between processes that tells of its owner's death.

mod checked;
mod error;
mod recovery;

pub use self::error::SharedLockError;
pub use self::recovery::SharedRecovery;

use core::fmt;
use core::marker::PhantomData;
use core::pin::Pin;
use mutex_traits::RawMutex;
use pintle_core::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use pintle_park::posix::{self, ErrorCheck, InitError, LockError, MutexAttr};

/// The value is as its last owner wanted it.
const SOUND: u8 = 0;
/// An owner has died with the lock, and nobody has said since that the value is all right.
const SUSPECT: u8 = 1;
/// Somebody has said that it never will be.
const GIVEN_UP: u8 = 2;

/// A lock between processes, in memory that they share. When its owner dies, a thread or a whole
/// process, the next one is told. Unix: Linux and FreeBSD; elsewhere the C library lacks it.
///
/// `Mutex<T, SharedLock>` has [`lock_checked`](crate::blocking::Mutex::lock_checked), which returns
/// the owner's death as an outcome: a [`SharedRecovery`] that reaches the value, which may be half
/// changed, and marks it as consistent again. **Who cannot be told does not get the lock**:
/// [`RawMutex::lock`], and so `Mutex::lock` and `with_lock`, panics while the value is suspect, and
/// `try_lock` fails, as it does wherever the lock can never be got.
///
/// It is the C library's robust, process-shared, error-checking mutex (`pthread_mutex_t`), and as
/// large, and slower than a [`FutexLock`](super::FutexLock), which is for the threads of one
/// process. The thread that locks has to unlock: guards are not `Send`. Signal handlers must not
/// take it.
///
/// # States
///
/// The C library knows who has the lock, and that he has died. What is to be known beyond that is in
/// a word of our own, changed by who has the lock:
///
/// ```text
///               an owner dies: the next one                   give_up
///   ┌───────┐  writes it, before he makes    ┌─────────┐  ───────────────►  ┌──────────┐
///   │ sound │ ─────────────────────────────► │ suspect │                    │ given up │
///   └───────┘  the C library's consistent    └─────────┘                    └──────────┘
///       ▲                                       │   │ ▲                    nobody gets it
///       └───────────────────────────────────────┘   └─┘ unlock: the next
///                   mark_consistent                     one is told, too
/// ```
///
/// So nothing is lost if he who was told dies, panics, or leaves it to the next one: that one is
/// told as well. The C library's own state for what cannot be repaired (`ENOTRECOVERABLE`), in which
/// glibc 2.36 loses waiters, is not used.
///
/// # Const, but not initialised
///
/// `new` is a `const fn`, though no static initialiser makes a robust mutex: it makes room for one.
/// The first use initialises it in place, or [`init`](Self::init), which is the only place where an
/// error of that comes as one.
///
/// # Invariants
///
/// - From its first use on the lock stays where it is (the contract of [`new`](Self::new)).
/// - `health` and `locked` are written by who has the lock.
///
/// Source: POSIX.1-2024, `pthread_mutexattr_setrobust`; U. Drepper and the kernel's documentation of
/// robust futexes, 2006.
///
/// # Examples
///
/// ```
/// # #[cfg(target_os = "linux")] {
/// use pintle_lock::blocking::Mutex;
/// use pintle_lock::os::{SharedLock, SharedLockError};
///
/// // SAFETY: a static does not move, and no thread leaks a reference to the value.
/// const LOCK: SharedLock = unsafe { SharedLock::new() };
/// static SPENT_AND_LEFT: Mutex<(u32, u32), SharedLock> = Mutex::new_with_raw_mutex((0, 10), LOCK);
///
/// std::thread::spawn(|| {
///     let mut purse = SPENT_AND_LEFT.lock();
///     purse.0 += 1;
///     // The thread ends here, with the mutex locked; a process that is killed does the same.
///     core::mem::forget(purse);
/// }).join().unwrap();
///
/// let purse = match SPENT_AND_LEFT.lock_checked() {
///     Err(SharedLockError::OwnerDied(mut recovery)) => {
///         recovery.1 = 10 - recovery.0;
///         recovery.mark_consistent()
///     }
///     other => other.unwrap(),
/// };
/// assert_eq!(*purse, (1, 9));
/// # }
/// ```
#[repr(C)]
pub struct SharedLock {
    mutex: posix::Mutex<(), ErrorCheck>,
    health: AtomicU8,
    /// Whether somebody has it, which the C library does not tell.
    locked: AtomicBool,
}

/// In which state the lock was got.
#[must_use]
enum Acquired {
    Sound,
    Suspect,
}

/// Why it was not got.
enum Failure {
    WouldBlock,
    TimedOut,
    Deadlock,
    NotRecoverable,
    Init(InitError),
    Other(posix::Errno),
}

// === impl SharedLock ===

impl SharedLock {
    /// A lock that is free, and not initialised.
    ///
    /// To be used by several processes, it and what it guards lie in memory that they share, one of
    /// them writes it there, once, and calls [`init`](Self::init); a child that it forks later uses
    /// the same reference, another process finds it by [`attach`](crate::blocking::Mutex::attach).
    ///
    /// # Safety
    ///
    /// - From its first use on it is not moved until it is dropped, and its memory is not used for
    ///   anything else before that. (`Mutex::into_inner` moves it.) Nobody drops it while another
    ///   process may use it.
    /// - No thread ends with it locked while a reference to the value that came from its guard lives
    ///   on: one from a guard that was leaked in a `Box`, say, and that another thread has got.
    ///   For with the owner's end the lock ends, too. A guard that is forgotten leaves none, nor does
    ///   a process that ends.
    /// - If an owner may die while it changes the value, each half-changed value is still a valid one
    ///   of its type, and means the same in each process: integers do, pointers and enums do not.
    #[must_use]
    pub const unsafe fn new() -> Self {
        // SAFETY: nobody can leak a reference to what the C library's mutex guards, which is
        // nothing; for the value behind ours the caller answers.
        let robust = unsafe { MutexAttr::new().robust() };
        Self {
            mutex: posix::Mutex::with_attr(robust.error_check().process_shared(), ()),
            health: AtomicU8::new(SOUND),
            locked: AtomicBool::new(false),
        }
    }

    /// Initialises the lock now, if nothing has, so that an error comes here and not as a panic of the
    /// first `lock`, and that other processes may find it.
    ///
    /// # Errors
    ///
    /// [`InitError`]: [`Unsupported`](InitError::Unsupported) where the C library has no such
    /// mutex.
    pub fn init(&self) -> Result<(), InitError> {
        self.pinned().init()
    }

    #[inline]
    fn pinned(&self) -> Pin<&posix::Mutex<(), ErrorCheck>> {
        // SAFETY: by the contract of `new` it stays where it is from its first use on.
        unsafe { Pin::new_unchecked(&self.mutex) }
    }

    /// What a lock operation of the C library means.
    #[inline]
    fn acquired(
        &self,
        outcome: posix::LockResult<'_, (), ErrorCheck>,
    ) -> Result<Acquired, Failure> {
        match outcome {
            // The lock is answered for by the caller from here on.
            Ok(guard) => core::mem::forget(guard),
            Err(error) => self.inherited(error)?,
        }
        // Relaxed, here and wherever the two are used: the lock orders them.
        match self.health.load(Relaxed) {
            GIVEN_UP => {
                self.let_go();
                Err(Failure::NotRecoverable)
            }
            health => {
                self.locked.store(true, Relaxed);
                Ok(if health == SOUND {
                    Acquired::Sound
                } else {
                    Acquired::Suspect
                })
            }
        }
    }

    /// Takes over from a dead owner.
    #[cold]
    fn inherited(&self, error: LockError<'_, (), ErrorCheck>) -> Result<(), Failure> {
        let recovery = match error {
            LockError::OwnerDied(recovery) => recovery,
            LockError::WouldBlock => return Err(Failure::WouldBlock),
            LockError::TimedOut => return Err(Failure::TimedOut),
            LockError::Deadlock => return Err(Failure::Deadlock),
            LockError::NotRecoverable => return Err(Failure::NotRecoverable),
            LockError::Init(error) => return Err(Failure::Init(error)),
            LockError::Other(errno) => return Err(Failure::Other(errno)),
            // The kinds of mutex that have other errors are not ours.
            _ => return Err(Failure::Other(posix::Errno::from_raw(0))),
        };
        if self.health.load(Relaxed) == SOUND {
            // Before the C library forgets it: whoever dies between the two leaves both.
            self.health.store(SUSPECT, Relaxed);
        }
        core::mem::forget(recovery.mark_consistent());
        Ok(())
    }

    /// Unlocks. The caller has the lock.
    #[inline]
    fn let_go(&self) {
        self.locked.store(false, Relaxed);
        // SAFETY: the caller has the lock, and the C library checks it. An error is left for nobody:
        // in the child of a fork the owner was a thread of the parent's.
        let _ = unsafe { self.pinned().force_unlock() };
    }

    fn acquire(&self) -> Result<Acquired, Failure> {
        self.acquired(self.pinned().lock())
    }

    fn try_acquire(&self) -> Result<Acquired, Failure> {
        self.acquired(self.pinned().try_lock())
    }

    #[cfg(not(target_vendor = "apple"))]
    fn acquire_until(&self, deadline: pintle_park::Deadline) -> Result<Acquired, Failure> {
        self.acquired(self.pinned().lock_until(deadline))
    }

    /// The lock for one who cannot be told that the value is suspect.
    #[track_caller]
    fn sound_or_panic(&self, outcome: Result<Acquired, Failure>) -> bool {
        let error: SharedLockError<'_, ()> = match outcome {
            Ok(Acquired::Sound) => return true,
            Ok(Acquired::Suspect) => {
                self.let_go();
                panic!(
                    "the owner of a SharedLock died with it: `lock_checked` gives the value to be repaired"
                );
            }
            Err(Failure::TimedOut) => return false,
            Err(failure) => failure.into(),
        };
        panic!("a SharedLock cannot be taken: {error}");
    }

    /// The value is as it should be; said by who has the lock.
    fn mark_sound(&self) {
        self.health.store(SOUND, Relaxed);
    }

    /// The value never will be; said by who has the lock.
    fn mark_given_up(&self) {
        self.health.store(GIVEN_UP, Relaxed);
    }
}

// SAFETY: the C library's mutex lets one thread in, of all processes; after its end, if it is found
// to be dead, the next one. What that means for references is the contract of `new`.
unsafe impl RawMutex for SharedLock {
    /// Not `Send`: the thread that has the lock is the one that can unlock it.
    type GuardMarker = PhantomData<*mut ()>;

    #[inline]
    #[track_caller]
    fn lock(&self) {
        self.sound_or_panic(self.acquire());
    }

    fn try_lock(&self) -> bool {
        match self.try_acquire() {
            Ok(Acquired::Sound) => true,
            Ok(Acquired::Suspect) => {
                self.let_go();
                false
            }
            Err(_) => false,
        }
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.let_go();
    }

    /// Whether somebody has it; true for a dead owner as well, until the next one finds him dead.
    #[inline]
    fn is_locked(&self) -> bool {
        self.locked.load(Relaxed)
    }
}

// SAFETY: true comes from the lock alone.
#[cfg(not(target_vendor = "apple"))]
unsafe impl crate::RawMutexTimed for SharedLock {
    #[track_caller]
    fn try_lock_until(&self, deadline: pintle_park::Deadline) -> bool {
        self.sound_or_panic(self.acquire_until(deadline))
    }
}

impl fmt::Debug for SharedLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedLock")
            .field("locked", &self.locked)
            .finish_non_exhaustive()
    }
}
