//! `FUTEX_LOCK_PI`, `FUTEX_LOCK_PI2`, `FUTEX_TRYLOCK_PI` and `FUTEX_UNLOCK_PI`.

use super::{Futex, PiWord, RealtimeDeadline, Scope, Timeout, error::errors, scope};
use crate::linux::{Errno, raw};
use core::{ptr, time::Duration};
use libc::c_int;
use pintle_core::atomic::Ordering::Relaxed;

errors! {
    /// Why the lock has not been taken.
    pub enum LockPiError {
        /// The time is up, and was not up any earlier.
        TimedOut = ETIMEDOUT => "the lock has not come free in time",
        /// The caller owns the lock already, or waiting would close a circle of owners.
        Deadlock = EDEADLK => "the caller owns the lock, or waiting would be a deadlock",
        /// The owner that the word names does not exist: it died outside of a robust list.
        NoOwner = ESRCH => "the thread that the word names does not exist",
        /// The owner is about to exit: try again.
        OwnerExiting = EAGAIN => "the owner is about to exit",
        /// The caller may not wait for that owner: a thread of the kernel, say.
        NotAllowed = EPERM => "waiting for that owner is not allowed",
        /// The word does not agree with what the kernel knows of it: somebody has changed it
        /// outside of the protocol, or waits on it by another operation.
        Inconsistent = EINVAL => "the word and the kernel's state of it do not agree",
        /// The kernel has no memory for the lock's state.
        NoMemory = ENOMEM => "the kernel has no memory for the lock's state",
        /// The word's memory is gone.
        Fault = EFAULT => "the word's memory is not there",
        /// This kernel (before 5.14 for `lock_pi2`), or this processor, does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

errors! {
    /// Why the lock has not been taken.
    pub enum TryLockPiError {
        /// Somebody owns it, or the owner is about to exit: the kernel does not tell.
        WouldBlock = EAGAIN => "somebody owns the lock",
        /// The caller owns the lock already.
        Deadlock = EDEADLK => "the caller owns the lock",
        /// The owner that the word names does not exist: it died outside of a robust list.
        NoOwner = ESRCH => "the thread that the word names does not exist",
        /// The caller may not attach to that owner: a thread of the kernel, say.
        NotAllowed = EPERM => "attaching to that owner is not allowed",
        /// The word does not agree with what the kernel knows of it.
        Inconsistent = EINVAL => "the word and the kernel's state of it do not agree",
        /// The kernel has no memory for the lock's state.
        NoMemory = ENOMEM => "the kernel has no memory for the lock's state",
        /// The word's memory is gone.
        Fault = EFAULT => "the word's memory is not there",
        /// This kernel, or this processor, does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

errors! {
    /// Why the lock has not been released.
    pub enum UnlockPiError {
        /// The word does not say that the caller owns the lock.
        NotOwner = EPERM => "the caller does not own the lock",
        /// The word does not agree with what the kernel knows of it.
        Inconsistent = EINVAL => "the word and the kernel's state of it do not agree",
        /// The word's memory is gone.
        Fault = EFAULT => "the word's memory is not there",
        /// This kernel, or this processor, does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

impl<S: Scope> Futex<S> {
    /// Reads the word as that of a priority-inheritance or robust lock.
    #[must_use]
    pub fn pi_word(&self) -> PiWord {
        PiWord::from_bits(self.load(Relaxed))
    }

    /// Takes the lock, sleeping until it is free: `FUTEX_LOCK_PI`. The time is real time, as the
    /// kernel knows no other clock here; see [`lock_pi2`](Self::lock_pi2).
    ///
    /// Call it when a compare-and-exchange of the word from zero to the caller's
    /// [`Tid`](crate::linux::Tid) has failed. While the caller sleeps, the owner runs with the
    /// caller's priority if that is higher than its own, and so does whom the owner waits for.
    /// On return the word names the caller. If [`PiWord::owner_died`] then says so, an owner died
    /// with the lock: see to the data, and clear the bit.
    ///
    /// Not interrupted by signals. Taking the lock orders memory after its release as `Acquire`
    /// does, since the kernel changes the word by full barriers.
    ///
    /// # Errors
    ///
    /// [`LockPiError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.18.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::Tid;
    /// use pintle_park::linux::futex::*;
    /// use std::sync::atomic::Ordering::*;
    ///
    /// fn lock(word: &Futex<Private>, me: Tid) {
    ///     if word.compare_exchange(0, me.get(), Acquire, Relaxed).is_err() {
    ///         word.lock_pi(RealtimeDeadline::NEVER).expect("its owner lives, and is not me");
    ///     }
    /// }
    ///
    /// fn unlock(word: &Futex<Private>, me: Tid) {
    ///     // Fails if somebody waits, and then the kernel chooses the next owner.
    ///     if word.compare_exchange(me.get(), 0, Release, Relaxed).is_err() {
    ///         word.unlock_pi().expect("I own it");
    ///     }
    /// }
    ///
    /// let word = Futex::new(0);
    /// std::thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| {
    ///             let me = Tid::current();
    ///             lock(&word, me);
    ///             assert_eq!(word.pi_word().owner(), Some(me));
    ///             unlock(&word, me);
    ///         });
    ///     }
    /// });
    /// assert_eq!(word.pi_word(), PiWord::FREE);
    /// ```
    pub fn lock_pi(&self, deadline: RealtimeDeadline) -> Result<(), LockPiError> {
        self.pi_until(raw::LOCK_PI, deadline.since_epoch())
            .map_err(LockPiError::new)
    }

    /// Takes the lock as [`lock_pi`](Self::lock_pi) does, with a timeout on either clock:
    /// `FUTEX_LOCK_PI2`.
    ///
    /// # Errors
    ///
    /// [`LockPiError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 5.14.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::{Tid, futex::*};
    ///
    /// let word: Futex<Private> = Futex::new(0);
    /// if word.lock_pi2(Timeout::Never) != Err(LockPiError::Unsupported) {
    ///     assert_eq!(word.pi_word().owner(), Some(Tid::current()));
    ///     assert_eq!(word.lock_pi2(Timeout::Never), Err(LockPiError::Deadlock));
    /// }
    /// ```
    pub fn lock_pi2(&self, timeout: impl Into<Timeout>) -> Result<(), LockPiError> {
        let timeout = timeout.into();
        self.pi_until(raw::LOCK_PI2 | timeout.flag(), timeout.at())
            .map_err(LockPiError::new)
    }

    /// Takes the lock if nobody owns it: `FUTEX_TRYLOCK_PI`.
    ///
    /// It may succeed where a compare-and-exchange fails, because the kernel can tell that the
    /// owner has died and nobody waits. Not for an interrupt handler; it does not wait for the
    /// lock.
    ///
    /// # Errors
    ///
    /// [`TryLockPiError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.18.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::*;
    ///
    /// let word: Futex<Private> = Futex::new(0);
    /// word.try_lock_pi().unwrap();
    /// assert_eq!(word.try_lock_pi(), Err(TryLockPiError::Deadlock));
    /// std::thread::scope(|scope| {
    ///     let other = scope.spawn(|| word.try_lock_pi());
    ///     assert_eq!(other.join().unwrap(), Err(TryLockPiError::WouldBlock));
    /// });
    /// ```
    pub fn try_lock_pi(&self) -> Result<(), TryLockPiError> {
        self.pi_until(raw::TRYLOCK_PI, None)
            .map_err(TryLockPiError::new)
    }

    /// Releases the lock, to the most urgent thread that waits for it: `FUTEX_UNLOCK_PI`.
    ///
    /// Call it when a compare-and-exchange of the word from the caller's
    /// [`Tid`](crate::linux::Tid) to zero has failed. The caller's priority is its own again.
    /// Orders memory as a `Release` does.
    ///
    /// # Errors
    ///
    /// [`UnlockPiError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.18.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::*;
    ///
    /// let word: Futex<Private> = Futex::new(0);
    /// word.lock_pi(RealtimeDeadline::NEVER).unwrap();
    /// assert_eq!(word.unlock_pi(), Ok(()));
    /// assert_eq!(word.unlock_pi(), Err(UnlockPiError::NotOwner));
    /// ```
    pub fn unlock_pi(&self) -> Result<(), UnlockPiError> {
        self.pi_until(raw::UNLOCK_PI, None)
            .map_err(UnlockPiError::new)
    }

    fn pi_until(&self, operation: c_int, time: Option<Duration>) -> Result<(), Errno> {
        let (word, operation) = (self.as_atomic(), operation | scope::flag::<S>());
        loop {
            // SAFETY: the kernel writes the word, which is a live atomic, by atomic operations.
            let result = unsafe { raw::futex(word, operation, 0, time, ptr::null(), 0) };
            match result {
                // The kernel goes on by itself after a signal, so this is a guard; the time is
                // absolute.
                Err(errno) if errno.raw() == libc::EINTR => {}
                result => return result.map(drop),
            }
        }
    }
}
