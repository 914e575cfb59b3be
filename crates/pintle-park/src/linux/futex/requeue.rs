//! `FUTEX_REQUEUE` and `FUTEX_CMP_REQUEUE`.

use super::{Futex, Scope, error::errors, scope, wake::clamp};
use crate::linux::raw;
use libc::c_int;

errors! {
    /// Why a requeue has failed.
    pub enum RequeueError {
        /// The memory of one of the words is gone.
        Fault = EFAULT => "the memory of a word is not there",
        /// The memory of one of the words cannot be read.
        Access = EACCES => "the memory of a word cannot be read",
        /// A thread waits on the first word for a priority-inheritance lock. Those that came
        /// before it may have been woken or moved.
        Invalid = EINVAL => "a thread waits for a priority-inheritance lock",
        /// This kernel does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

errors! {
    /// Why a requeue has failed.
    pub enum CmpRequeueError {
        /// The word did not hold the expected value.
        Mismatch = EAGAIN => "the word does not hold the expected value",
        /// The memory of one of the words is gone.
        Fault = EFAULT => "the memory of a word is not there",
        /// The memory of one of the words cannot be read.
        Access = EACCES => "the memory of a word cannot be read",
        /// A thread waits on the first word for a priority-inheritance lock. Those that came
        /// before it may have been woken or moved.
        Invalid = EINVAL => "a thread waits for a priority-inheritance lock",
        /// This kernel does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

/// How many threads a requeue has woken, and how many it has moved to the other word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Requeued {
    /// Threads whose sleep has ended.
    pub woken: u32,
    /// Threads that sleep on, and wait for a wake of the other word now.
    pub requeued: u32,
}

// === impl Requeued ===

impl Requeued {
    /// The kernel wakes first and moves then, and returns the sum.
    pub(super) fn new(total: usize, wake: u32) -> Self {
        let total = total as u32;
        let woken = total.min(wake);
        Self {
            woken,
            requeued: total - woken,
        }
    }
}

impl<S: Scope> Futex<S> {
    /// Wakes up to `wake` threads that wait on this word, and moves up to `requeue` of the rest
    /// to `target`, without a comparison: `FUTEX_REQUEUE`.
    ///
    /// A thread that falls asleep after the caller has made up its mind is moved as well, which
    /// is why the kernel has [`cmp_requeue`](Self::cmp_requeue). Those that are moved return from
    /// their wait on this word when `target` is woken; they do not compare again. Zero means none,
    /// `u32::MAX` all.
    ///
    /// # Errors
    ///
    /// [`RequeueError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.0. (The page
    /// says that the call returns the number woken; the kernel returns the sum, as for
    /// `FUTEX_CMP_REQUEUE`.)
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::{Futex, Private, Requeued};
    ///
    /// let (queue, lock) = (Futex::<Private>::new(0), Futex::new(0));
    /// let nobody = Requeued { woken: 0, requeued: 0 };
    /// assert_eq!(queue.requeue(1, &lock, u32::MAX), Ok(nobody));
    /// ```
    pub fn requeue(
        &self,
        wake: u32,
        target: &Self,
        requeue: u32,
    ) -> Result<Requeued, RequeueError> {
        self.requeue_by(raw::REQUEUE, wake, target, requeue, 0)
            .map_err(RequeueError::new)
    }

    /// Wakes up to `wake` threads that wait on this word, and moves up to `requeue` of the rest
    /// to `target`, if this word holds `expected`: `FUTEX_CMP_REQUEUE`.
    ///
    /// The comparison and the rest are one step for threads that fall asleep or wake. It is what
    /// a condition variable's "wake all" is made of: one thread is woken, the others wait for the
    /// lock that it will take. As [`requeue`](Self::requeue) otherwise.
    ///
    /// # Errors
    ///
    /// [`CmpRequeueError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.7.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::{CmpRequeueError, Futex, Private};
    ///
    /// let (queue, lock) = (Futex::<Private>::new(1), Futex::new(0));
    /// assert!(queue.cmp_requeue(1, 1, &lock, u32::MAX).is_ok());
    /// let outcome = queue.cmp_requeue(2, 1, &lock, u32::MAX);
    /// assert_eq!(outcome, Err(CmpRequeueError::Mismatch));
    /// ```
    pub fn cmp_requeue(
        &self,
        expected: u32,
        wake: u32,
        target: &Self,
        requeue: u32,
    ) -> Result<Requeued, CmpRequeueError> {
        self.requeue_by(raw::CMP_REQUEUE, wake, target, requeue, expected)
            .map_err(CmpRequeueError::new)
    }

    fn requeue_by(
        &self,
        operation: c_int,
        wake: u32,
        target: &Self,
        requeue: u32,
        expected: u32,
    ) -> Result<Requeued, crate::linux::Errno> {
        let operation = operation | scope::flag::<S>();
        let (from, to) = (self.as_atomic(), target.as_atomic());
        let (wake, requeue) = (clamp(wake), clamp(requeue));
        // SAFETY: it reads the first word at most, and writes neither.
        let total = unsafe { raw::futex_counts(from, operation, wake, requeue, to, expected) };
        total.map(|total| Requeued::new(total, wake))
    }
}
