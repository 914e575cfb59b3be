//! `FUTEX_WAKE_OP`, whose third argument is a small program:
//!
//! ```text
//!    31     30 … 28    27 … 24      23 … 12   11 … 0
//!  ┌───────┬───────────┬────────────┬─────────┬─────────────────┐
//!  │ shift │ operation │ comparison │ operand │ number compared │
//!  └───────┴───────────┴────────────┴─────────┴─────────────────┘
//! ```
//!
//! With `shift` the operand is `1 << operand`. The two numbers have a sign.

mod comparison;
mod immediate;
mod operand;
mod operation;

pub use self::comparison::Comparison;
pub use self::immediate::Immediate;
pub use self::operand::Operand;
pub use self::operation::Operation;

use super::{Futex, Scope, error::errors, scope, wake::clamp};
use crate::linux::raw;
use core::num::NonZeroU32;

errors! {
    /// Why the word has not been changed and nobody has been woken; but for
    /// [`Invalid`](Self::Invalid), before which it may have.
    pub enum WakeOpError {
        /// The memory of one of the words is gone.
        Fault = EFAULT => "the memory of a word is not there",
        /// The memory of one of the words cannot be accessed.
        Access = EACCES => "the memory of a word cannot be accessed",
        /// An address is not a multiple of four; or a thread waits on one of the words for a
        /// priority-inheritance lock. The target then *has* been changed, and those that came
        /// before that thread have been woken.
        Invalid = EINVAL => "an address is not aligned, or of a priority-inheritance lock",
        /// This kernel, or this processor, does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

impl<S: Scope> Futex<S> {
    /// Changes `target`, wakes up to `count` threads that wait on `word`, and, if the old value of
    /// `target` meets `comparison`, up to `target_count` that wait on `target`:
    /// `FUTEX_WAKE_OP`. Returns how many in all.
    ///
    /// The change is atomic for everybody, and the whole is one step for threads that fall asleep
    /// on either word. It was made for signalling a condition variable and releasing its lock in
    /// one call. The counts are not zero because the kernel wakes one where it is asked for none;
    /// [`NonZeroU32::MAX`] is all.
    ///
    /// `word` may dangle, as for [`wake`](Self::wake). `target` is written by the kernel as any
    /// thread with an `&AtomicU32` may. The change is a full barrier on the kernel's architectures
    /// (its documentation does not promise one). It does not block but for a page fault.
    ///
    /// # Errors
    ///
    /// [`WakeOpError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.14.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use pintle_park::linux::futex::*;
    /// use std::sync::atomic::Ordering::Relaxed;
    ///
    /// // Unlock (2 means "locked, and somebody waits"), and wake one if somebody waits.
    /// let (condition, lock) = (Futex::<Private>::new(0), Futex::<Private>::new(2));
    /// let one = NonZeroU32::MIN;
    /// let unlock = Operation::Set(Operand::number(0).unwrap());
    /// let contended = Comparison::Greater(Immediate::new(1).unwrap());
    /// let woken = Futex::wake_op(&condition, one, &lock, one, unlock, contended);
    /// assert_eq!(woken, Ok(0), "nobody really waits");
    /// assert_eq!(lock.load(Relaxed), 0);
    /// ```
    pub fn wake_op(
        word: *const Self,
        count: NonZeroU32,
        target: &Self,
        target_count: NonZeroU32,
        operation: Operation,
        comparison: Comparison,
    ) -> Result<u32, WakeOpError> {
        let encoded = operation.encoded() | comparison.encoded();
        let (count, target_count) = (clamp(count.get()), clamp(target_count.get()));
        let call = raw::WAKE_OP | scope::flag::<S>();
        let (word, target) = (word.cast(), target.as_atomic());
        // SAFETY: it writes the target only, which is a live atomic.
        let woken = unsafe { raw::futex_counts(word, call, count, target_count, target, encoded) };
        woken.map(|woken| woken as u32).map_err(WakeOpError::new)
    }
}
