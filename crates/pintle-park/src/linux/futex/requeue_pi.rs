//! `FUTEX_WAIT_REQUEUE_PI` and `FUTEX_CMP_REQUEUE_PI`: a condition variable whose lock inherits
//! priorities.

use super::{Futex, Scope, Timeout, error::errors, scope, wake::clamp};
use crate::linux::raw;

errors! {
    /// Why the wait has ended without the lock.
    pub enum WaitRequeuePiError {
        /// The word did not hold the expected value, or a signal or nothing at all has ended the
        /// wait: the kernel does not tell. Take the lock, and look.
        Mismatch = EAGAIN => "the word does not hold the expected value, or the wait was interrupted",
        /// The time is up, and was not up any earlier.
        TimedOut = ETIMEDOUT => "the wait has timed out",
        /// Both words are the same one, or the target's owner does not agree with the kernel's.
        Invalid = EINVAL => "the words are the same, or the target is inconsistent",
        /// The caller owns the lock already, or waiting would close a circle of owners.
        Deadlock = EDEADLK => "the caller owns the lock, or waiting would be a deadlock",
        /// The memory of one of the words is gone.
        Fault = EFAULT => "the memory of a word is not there",
        /// The memory of one of the words cannot be accessed.
        Access = EACCES => "the memory of a word cannot be accessed",
        /// This kernel, or this processor, does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

errors! {
    /// Why nobody has been woken or moved, or not all of them.
    pub enum CmpRequeuePiError {
        /// The word did not hold the expected value, or the target's owner is about to exit: the
        /// kernel does not tell.
        Mismatch = EAGAIN => "the word does not hold the expected value, or the owner is exiting",
        /// The words are the same one; or a thread waits on one of them by another operation, or
        /// for another target.
        Invalid = EINVAL => "a waiter does not belong to this pair of words",
        /// The target is owned by the thread that is to be moved to it, or waiting would close a
        /// circle of owners.
        Deadlock = EDEADLK => "moving a waiter to the lock would be a deadlock",
        /// The owner that the target names does not exist.
        NoOwner = ESRCH => "the thread that the target names does not exist",
        /// A waiter may not attach to the target's owner: a thread of the kernel, say.
        NotAllowed = EPERM => "waiting for the target's owner is not allowed",
        /// The kernel has no memory for the lock's state.
        NoMemory = ENOMEM => "the kernel has no memory for the lock's state",
        /// The memory of one of the words is gone.
        Fault = EFAULT => "the memory of a word is not there",
        /// The memory of one of the words cannot be accessed.
        Access = EACCES => "the memory of a word cannot be accessed",
        /// This kernel, or this processor, does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

impl<S: Scope> Futex<S> {
    /// Sleeps while this word holds `expected`, and comes back as the owner of the
    /// priority-inheritance lock `target`: `FUTEX_WAIT_REQUEUE_PI`.
    ///
    /// The caller has released the lock before. [`cmp_requeue_pi`](Self::cmp_requeue_pi) on the
    /// same pair of words moves it to the lock, where it waits for its turn: with `Ok` it owns the
    /// lock, with an error it does not. This word is an ordinary one, not a lock.
    ///
    /// A signal handler that runs before the move does not end the wait; one that runs after it
    /// may (as `Mismatch`), because the kernel cannot start again there.
    ///
    /// # Errors
    ///
    /// [`WaitRequeuePiError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.31. Darren Hart
    /// and Dinakar Guniguntala, *Requeue-PI: Making glibc condvars PI-aware* (2009).
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::*;
    ///
    /// let (condition, lock) = (Futex::<Private>::new(1), Futex::new(0));
    /// let outcome = condition.wait_requeue_pi(0, &lock, Timeout::Never);
    /// assert_eq!(outcome, Err(WaitRequeuePiError::Mismatch));
    /// ```
    pub fn wait_requeue_pi(
        &self,
        expected: u32,
        target: &Self,
        timeout: impl Into<Timeout>,
    ) -> Result<(), WaitRequeuePiError> {
        let timeout = timeout.into();
        let operation = raw::WAIT_REQUEUE_PI | timeout.flag() | scope::flag::<S>();
        let (word, target) = (self.as_atomic(), target.as_atomic());
        loop {
            // SAFETY: the kernel writes the target, which is a live atomic, by atomic operations.
            let result =
                unsafe { raw::futex(word, operation, expected, timeout.at(), target, raw::ANY) };
            match result {
                // As for `lock_pi`: a guard.
                Err(errno) if errno.raw() == libc::EINTR => {}
                result => return result.map(drop).map_err(WaitRequeuePiError::new),
            }
        }
    }

    /// If this word holds `expected`: gives the lock `target` to the most urgent thread in
    /// [`wait_requeue_pi`](Self::wait_requeue_pi) if it is free, else moves that one to it, and
    /// with it up to `requeue` others: `FUTEX_CMP_REQUEUE_PI`. Returns how many in all.
    ///
    /// The number to wake is always one: more would only queue up for the lock. The caller
    /// usually owns the lock. Not for an interrupt handler.
    ///
    /// # Errors
    ///
    /// [`CmpRequeuePiError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.31.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::*;
    ///
    /// let (condition, lock) = (Futex::<Private>::new(1), Futex::new(0));
    /// assert_eq!(condition.cmp_requeue_pi(1, &lock, u32::MAX), Ok(0), "nobody waits");
    /// let outcome = condition.cmp_requeue_pi(0, &lock, u32::MAX);
    /// assert_eq!(outcome, Err(CmpRequeuePiError::Mismatch));
    /// ```
    pub fn cmp_requeue_pi(
        &self,
        expected: u32,
        target: &Self,
        requeue: u32,
    ) -> Result<u32, CmpRequeuePiError> {
        const WAKE: u32 = 1;
        let operation = raw::CMP_REQUEUE_PI | scope::flag::<S>();
        let (from, to) = (self.as_atomic(), target.as_atomic());
        let requeue = clamp(requeue);
        // SAFETY: the kernel writes the target, which is a live atomic, by atomic operations.
        let total = unsafe { raw::futex_counts(from, operation, WAKE, requeue, to, expected) };
        total
            .map(|total| total as u32)
            .map_err(CmpRequeuePiError::new)
    }
}
