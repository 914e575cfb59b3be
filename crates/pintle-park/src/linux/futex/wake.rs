//! `FUTEX_WAKE` and `FUTEX_WAKE_BITSET`.

use super::{Futex, Scope, error::errors, scope};
use crate::linux::raw;
use core::{num::NonZeroU32, ptr};
use libc::c_int;

errors! {
    /// Why nobody has been woken.
    pub enum WakeError {
        /// There is no memory at the address of a [`Shared`](super::Shared) futex, so the kernel
        /// cannot tell which one it is. (Of a [`Private`](super::Private) one the address tells:
        /// nobody waits there, zero are woken.) Or it is not an address of a process.
        Fault = EFAULT => "there is no memory at the address",
        /// The address is not a multiple of four; or a thread waits there for a
        /// priority-inheritance lock, which [`unlock_pi`](super::Futex::unlock_pi) hands over.
        Invalid = EINVAL => "the address is not aligned, or of a priority-inheritance lock",
        /// This kernel does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

/// The kernel counts in an `int`, and more threads than that it does not have.
pub(super) fn clamp(count: u32) -> u32 {
    count.min(i32::MAX as u32)
}

impl<S: Scope> Futex<S> {
    /// Ends the sleep of up to `count` threads that wait on the word, and says of how many:
    /// `FUTEX_WAKE`.
    ///
    /// Change the word first. `word` is an address, of which nothing is read or written: the word
    /// may be gone by now, as when the thread that it was to wake has seen the change by itself
    /// and freed it. If its place has another use by now, whoever waits there is woken
    /// spuriously, which he has to expect. `u32::MAX` wakes all, in an order that the kernel
    /// chooses (by priority, then first come); zero wakes nobody, without a system call.
    ///
    /// Does not block, so a signal handler may call it, which saves `errno` around it.
    ///
    /// # Errors
    ///
    /// [`WakeError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.0.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::{Futex, Private, Shared, WakeError};
    ///
    /// let word: Futex<Private> = Futex::new(0);
    /// assert_eq!(Futex::wake(&word, u32::MAX), Ok(0), "nobody waits");
    ///
    /// // Addresses of nothing.
    /// assert_eq!(Futex::<Private>::wake(core::ptr::without_provenance(4), 1), Ok(0));
    /// let outcome = Futex::<Shared>::wake(core::ptr::without_provenance(4), 1);
    /// assert_eq!(outcome, Err(WakeError::Fault));
    /// ```
    #[inline]
    pub fn wake(word: *const Self, count: u32) -> Result<u32, WakeError> {
        Self::wake_by(raw::WAKE, word, count, raw::ANY)
    }

    /// Ends the sleep of up to `count` threads whose bits have one in common with `bits`:
    /// `FUTEX_WAKE_BITSET`.
    ///
    /// Threads in a [`wait`](Self::wait) have all bits. The kernel looks at every thread that
    /// waits on the word, also at those that it leaves asleep. As [`wake`](Self::wake) otherwise.
    ///
    /// # Errors
    ///
    /// [`WakeError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.25.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use pintle_park::linux::futex::{Futex, Private};
    ///
    /// const WRITERS: NonZeroU32 = NonZeroU32::new(0b10).unwrap();
    ///
    /// let word: Futex<Private> = Futex::new(0);
    /// assert_eq!(Futex::wake_bitset(&word, 1, WRITERS), Ok(0));
    /// ```
    #[inline]
    pub fn wake_bitset(word: *const Self, count: u32, bits: NonZeroU32) -> Result<u32, WakeError> {
        Self::wake_by(raw::WAKE_BITSET, word, count, bits.get())
    }

    #[inline]
    fn wake_by(
        operation: c_int,
        word: *const Self,
        count: u32,
        bits: u32,
    ) -> Result<u32, WakeError> {
        if count == 0 {
            // The kernel counts after it has woken, and so wakes one.
            return Ok(0);
        }
        let (operation, count) = (operation | scope::flag::<S>(), clamp(count));
        // SAFETY: a wake accesses no memory; the kernel checks the address.
        let woken = unsafe { raw::futex(word.cast(), operation, count, None, ptr::null(), bits) };
        woken.map(|woken| woken as u32).map_err(WakeError::new)
    }
}
