use super::PiLockError;
use super::own_tid::own_tid;
use crate::RawMutexTimed;
use crate::blocking::{Mutex, MutexGuard};
use core::fmt;
use core::marker::PhantomData;
use mutex_traits::{ConstInit, RawMutex};
use pintle_core::atomic::{AtomicBool, Ordering::*};
use pintle_park::Deadline;
use pintle_park::linux::futex::{Futex, LockPiError, Private, RealtimeDeadline};

/// A lock with priority inheritance: its owner runs as urgently as the most urgent thread that
/// waits for it. Linux and Android.
///
/// For threads of different real-time priorities (`SCHED_FIFO`, `SCHED_RR`, `SCHED_DEADLINE`):
/// without inheritance, a thread of middling priority keeps an urgent one waiting by not letting the
/// owner run. The kernel hands the lock to the most urgent waiter. Where all threads are ordinary
/// ones another lock is faster under contention: each handover is a system call of both sides.
///
/// Eight bytes. Uncontended, locking and unlocking are one compare-exchange each, without a system
/// call; the first use on a thread asks for its number. **The thread that locks has to unlock**:
/// guards are not `Send`. Signal handlers must not take it.
///
/// # What can go wrong
///
/// [`RawMutex::lock`], and so `Mutex::lock`, panics where the lock can never be taken:
///
/// | | the kernel says | [`acquire`](Self::acquire) | `lock`, `try_lock_for`, `try_lock_until` | `try_lock` |
/// |---|---|---|---|---|
/// | the caller has it already; a circle of waiting threads | `EDEADLK` | [`Deadlock`](PiLockError::Deadlock) | panic | false |
/// | a thread ended with it locked, and nobody waited then | `ESRCH` | [`OwnerDied`](PiLockError::OwnerDied) | panic | false |
/// | the same, and somebody waited | `FUTEX_OWNER_DIED` in the word; until it is there, `EINVAL` | `OwnerDied`, for each of them | panic | false |
/// | the owner is just ending | `EAGAIN` | looks again | looks again | false |
/// | no memory, no such operation, a sandbox | others | [`Kernel`](PiLockError::Kernel) | panic | false |
///
/// **A thread that ends with it locked** has leaked a guard, and references that came from that
/// guard may live on. So the lock is not handed on: it is dead from then on. (Where the end of an
/// owner is to be survived, take a robust lock, `SharedLock`.) Until somebody waits for it, the
/// dead owner's number may be given to a new thread, for which others then wait, until it ends.
///
/// **After a `fork`** the child has a copy, locked if the parent had it locked; there nobody can
/// unlock it. A child of the bare `clone` system call, which the C library does not learn of, must not
/// use the lock: it would go by its parent's number, and whoever waits for it would wait for the
/// parent.
///
/// ```text
///          user space: 0 → TID
///      ┌──────────────────────────┐      another thread waits       ┌───────────────┐
///   ┌──┴───┐                 ┌────▼──┐ ─────────────────────────►   │ TID | WAITERS │ ─┐ unlock:
///   │ free │                 │ owned │                              └───────────────┘  │ the next
///   └──▲───┘                 └────┬──┘                                  │        ▲     │ one's TID
///      └──────────────────────────┘                                     │        └─────┘
///      ▲   user space: TID → 0          unlock by the kernel            │
///      └────────────────────────────────────────────────────────────────┘
///
///   its owner ends ──► dead: who is handed the lock says so, lets go, and has not got it
/// ```
///
/// # Invariants
///
/// - The word names the thread that has the lock, by its number in the kernel, as the
///   [protocol](pintle_park::linux::futex#priority-inheritance) wants it.
/// - Once `dead`, always dead, and nobody is told that he has the lock. Who was handed it by a dead
///   owner has set that before he lets go.
///
/// Source: L. Sha, R. Rajkumar and J. P. Lehoczky, "Priority inheritance protocols", 1990; the
/// kernel's documentation of PI futexes; U. Drepper, "Futexes are tricky", 2011.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, os::PiLock};
///
/// static SETPOINT: Mutex<f32, PiLock> = Mutex::const_init(0.0);
/// *SETPOINT.lock() = 21.5;
/// ```
pub struct PiLock {
    word: Futex<Private>,
    dead: AtomicBool,
}

// === impl PiLock ===

impl PiLock {
    /// A lock that is free.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            word: Futex::new(0),
            dead: AtomicBool::new(false),
        }
    }

    /// Takes the lock, and says why if that can never be.
    ///
    /// With `Ok` the calling thread has it, and owes an [`unlock`](RawMutex::unlock).
    ///
    /// # Errors
    ///
    /// [`PiLockError`], but not `TimedOut`.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_lock::{RawMutex, os::{PiLock, PiLockError}};
    ///
    /// let lock = PiLock::new();
    /// lock.acquire().unwrap();
    /// assert_eq!(lock.acquire(), Err(PiLockError::Deadlock));
    /// // SAFETY: taken above.
    /// unsafe { lock.unlock() };
    /// ```
    #[inline]
    pub fn acquire(&self) -> Result<(), PiLockError> {
        self.acquire_until(Deadline::NEVER)
    }

    /// Takes the lock as [`acquire`](Self::acquire) does, waiting until `deadline` at the latest.
    ///
    /// The clock is the monotonic one; before Linux 5.14 the wait is one until the real time that
    /// the deadline falls on, and ends later if somebody sets the clock back.
    ///
    /// # Errors
    ///
    /// [`PiLockError`].
    #[inline]
    pub fn acquire_until(&self, deadline: Deadline) -> Result<(), PiLockError> {
        if self.try_lock() {
            return Ok(());
        }
        self.wait(deadline)
    }

    /// Whether a thread has ended with the lock, and somebody has found that out.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.dead.load(Relaxed)
    }

    #[cold]
    fn wait(&self, deadline: Deadline) -> Result<(), PiLockError> {
        loop {
            if self.is_dead() {
                return Err(PiLockError::OwnerDied);
            }
            match self.lock_in_kernel(deadline) {
                Ok(()) => {
                    // Acquire: pairs with the Release of `unlock_in_kernel` or of `let_go`. What the
                    // kernel has written since is a read-modify-write, which ends no release sequence.
                    self.word.load(Acquire);
                    if self.word.pi_word().owner_died() {
                        // INVARIANT: before it is let go. Relaxed: the kernel hands the lock on
                        // with full barriers.
                        self.dead.store(true, Relaxed);
                    }
                    return self.taken().then_some(()).ok_or(PiLockError::OwnerDied);
                }
                // Nobody can be handed it any more, as the kernel knows of no owner to take it from; or
                // it has just been taken from one who has ended, and who is handed it has not written
                // that yet. (Nothing else sets the kernel's state and this word apart.)
                Err(LockPiError::NoOwner | LockPiError::Inconsistent) => {
                    self.dead.store(true, Relaxed);
                }
                Err(LockPiError::OwnerExiting) => std::thread::yield_now(),
                Err(LockPiError::Deadlock) => return Err(PiLockError::Deadlock),
                Err(LockPiError::TimedOut) if deadline.has_passed() => {
                    return Err(PiLockError::TimedOut);
                }
                // The real time, of an older kernel, was set.
                Err(LockPiError::TimedOut) => {}
                Err(other) => return Err(PiLockError::Kernel(other)),
            }
        }
    }

    fn lock_in_kernel(&self, deadline: Deadline) -> Result<(), LockPiError> {
        if deadline == Deadline::NEVER {
            return self.word.lock_pi(RealtimeDeadline::NEVER);
        }
        match self.word.lock_pi2(deadline) {
            Err(LockPiError::Unsupported) => self
                .word
                .lock_pi(RealtimeDeadline::after(deadline.remaining())),
            outcome => outcome,
        }
    }

    /// Whether the lock, which the word says is the caller's, is alive; lets it go if not.
    #[inline]
    fn taken(&self) -> bool {
        // Relaxed: set by one who had the lock before.
        if self.dead.load(Relaxed) {
            self.let_go();
            return false;
        }
        true
    }

    /// Gives the lock to the next one.
    #[inline]
    fn let_go(&self) {
        // Release: pairs with the Acquire of the next owner. It fails if somebody waits, or has.
        if self
            .word
            .compare_exchange(own_tid(), 0, Release, Relaxed)
            .is_err()
        {
            self.unlock_in_kernel();
        }
    }

    #[cold]
    fn unlock_in_kernel(&self) {
        // Release: pairs with the Acquire of the one that the kernel hands the lock to. The kernel's
        // own barriers would do, but neither the language nor ThreadSanitizer knows of these.
        self.word.fetch_or(0, Release);
        // An error is left for nobody: in the child of a fork, whose copy of a lock names a thread
        // of the parent's.
        let _ = self.word.unlock_pi();
    }
}

// SAFETY: the compare-exchange finds zero for one caller only, and the kernel hands the lock to one
// thread only, by the number that it writes in the word. A dead owner's is handed to nobody.
unsafe impl RawMutex for PiLock {
    /// Not `Send`: the thread that has the lock is the one that can unlock it.
    type GuardMarker = PhantomData<*mut ()>;

    #[inline]
    #[track_caller]
    fn lock(&self) {
        if !self.try_lock() {
            if let Err(error) = self.wait(Deadline::NEVER) {
                never(error);
            }
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        // Acquire: pairs with the Release of `let_go`, so that what the last owner wrote is seen.
        self.word
            .compare_exchange(0, own_tid(), Acquire, Relaxed)
            .is_ok()
            && self.taken()
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.let_go();
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.word.load(Relaxed) != 0
    }
}

// SAFETY: true means that `acquire_until` has taken it.
unsafe impl RawMutexTimed for PiLock {
    #[inline]
    #[track_caller]
    fn try_lock_until(&self, deadline: Deadline) -> bool {
        match self.acquire_until(deadline) {
            Ok(()) => true,
            Err(PiLockError::TimedOut) => false,
            Err(error) => never(error),
        }
    }
}

/// The caller would wait for ever.
#[cold]
#[track_caller]
fn never(error: PiLockError) -> ! {
    panic!("a PiLock cannot be taken: {error}");
}

impl<T: ?Sized> Mutex<T, PiLock> {
    /// Waits for the lock as [`lock`](Self::lock) does, and says why if it can never be taken.
    ///
    /// # Errors
    ///
    /// [`PiLockError`], but not `TimedOut`.
    #[inline]
    pub fn lock_checked(&self) -> Result<MutexGuard<'_, T, PiLock>, PiLockError> {
        self.raw_mutex().acquire()?;
        // SAFETY: taken in the line above, and handed to the guard.
        Ok(unsafe { MutexGuard::new(self) })
    }
}

impl Default for PiLock {
    fn default() -> Self {
        Self::new()
    }
}

impl ConstInit for PiLock {
    #[allow(
        clippy::declare_interior_mutable_const,
        reason = "ConstInit asks for a const: each use of it is a new lock"
    )]
    const INIT: Self = Self::new();
}

impl fmt::Debug for PiLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PiLock")
            .field("word", &self.word.pi_word())
            .field("dead", &self.is_dead())
            .finish()
    }
}
