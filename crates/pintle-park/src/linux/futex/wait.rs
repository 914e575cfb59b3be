//! `FUTEX_WAIT` and `FUTEX_WAIT_BITSET`.

use super::{Futex, Scope, Timeout, error::errors, scope};
use crate::{Deadline, linux::raw};
use core::{num::NonZeroU32, ptr, time::Duration};
use libc::c_int;

errors! {
    /// Why a wait has not been ended by a wake.
    pub enum WaitError {
        /// The word did not hold the expected value, so the thread did not sleep.
        Mismatch = EAGAIN => "the word does not hold the expected value",
        /// The time is up, and was not up any earlier.
        TimedOut = ETIMEDOUT => "the wait has timed out",
        /// The word's memory is gone: the file behind a shared mapping has been cut short, say.
        Fault = EFAULT => "the word's memory is not there",
        /// The word's memory cannot be read.
        Access = EACCES => "the word's memory cannot be read",
        /// The kernel finds fault with an argument; what the types allow does not cause it.
        Invalid = EINVAL => "the kernel takes an argument for invalid",
        /// This kernel does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

impl<S: Scope> Futex<S> {
    /// Sleeps while the word holds `expected`: `FUTEX_WAIT`.
    ///
    /// The comparison and falling asleep are one step for a waker. `Ok` means that a wake ended
    /// the sleep, **or that nothing did**: call it in a loop that looks at the word. A signal
    /// handler that runs meanwhile does not end it.
    ///
    /// It orders no memory by itself: load the word with `Acquire`.
    ///
    /// # Errors
    ///
    /// [`WaitError`]; never `TimedOut`.
    ///
    /// # References
    ///
    /// [`FUTEX_WAIT(2const)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.0.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::{Futex, Private, WaitError};
    ///
    /// let word: Futex<Private> = Futex::new(1);
    /// assert_eq!(word.wait(0), Err(WaitError::Mismatch));
    /// ```
    #[inline]
    pub fn wait(&self, expected: u32) -> Result<(), WaitError> {
        self.sleep(raw::WAIT, expected, None, raw::ANY)
    }

    /// Sleeps as [`wait`](Self::wait) does, for `timeout` at most: `FUTEX_WAIT` with a time, which
    /// the kernel counts from now on `CLOCK_MONOTONIC`.
    ///
    /// It does not time out early. `Duration::ZERO` compares and returns, a timeout beyond the
    /// clock (`Duration::MAX`) is none. A signal handler takes from the time: after it the wait
    /// goes on with what is left. (The kernel gives up then, and would count anew if it were asked
    /// the same again, so this reads the clock before it sleeps.) In a loop take [`wait_bitset`](Self::wait_bitset), or every
    /// spurious wake-up starts the time again.
    ///
    /// # Errors
    ///
    /// [`WaitError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use pintle_park::linux::futex::{Futex, Shared, WaitError};
    ///
    /// let word: Futex<Shared> = Futex::new(0);
    /// let outcome = word.wait_timeout(0, Duration::from_millis(1));
    /// assert_eq!(outcome, Err(WaitError::TimedOut));
    /// ```
    pub fn wait_timeout(&self, expected: u32, timeout: Duration) -> Result<(), WaitError> {
        let operation = raw::WAIT | scope::flag::<S>();
        let deadline = Deadline::after(timeout);
        let mut left = timeout;
        loop {
            match self.sleep_once(operation, expected, Some(left), raw::ANY) {
                Err(errno) if errno.raw() == libc::EINTR => left = deadline.remaining(),
                result => return result.map_err(WaitError::new),
            }
        }
    }

    /// Sleeps while the word holds `expected`, until `timeout` at the latest, for wakes of the
    /// `bits` only: `FUTEX_WAIT_BITSET`.
    ///
    /// A [`wake_bitset`](Self::wake_bitset) ends the sleep if its bits and these have one in
    /// common; a [`wake`](Self::wake) has all bits. With [`NonZeroU32::MAX`] this is a
    /// [`wait`](Self::wait) with an absolute timeout, on the clock of the caller's choice.
    ///
    /// # Errors
    ///
    /// [`WaitError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.25,
    /// `CLOCK_REALTIME` 2.6.28.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use core::time::Duration;
    /// use pintle_park::Deadline;
    /// use pintle_park::linux::futex::{Futex, Private, WaitError};
    ///
    /// const READERS: NonZeroU32 = NonZeroU32::new(0b01).unwrap();
    ///
    /// let word: Futex<Private> = Futex::new(0);
    /// let deadline = Deadline::after(Duration::from_millis(1));
    /// assert_eq!(word.wait_bitset(0, READERS, deadline), Err(WaitError::TimedOut));
    /// ```
    pub fn wait_bitset(
        &self,
        expected: u32,
        bits: NonZeroU32,
        timeout: impl Into<Timeout>,
    ) -> Result<(), WaitError> {
        let timeout = timeout.into();
        let operation = raw::WAIT_BITSET | timeout.flag();
        self.sleep(operation, expected, timeout.at(), bits.get())
    }

    /// Sleeps; goes on sleeping after a signal. So `time` is absolute, or none.
    #[inline]
    fn sleep(
        &self,
        operation: c_int,
        expected: u32,
        time: Option<Duration>,
        bits: u32,
    ) -> Result<(), WaitError> {
        let operation = operation | scope::flag::<S>();
        loop {
            let Err(errno) = self.sleep_once(operation, expected, time, bits) else {
                return Ok(());
            };
            match errno.raw() {
                libc::EINTR => {}
                // By far the most frequent, and not worth a call to find out.
                libc::EAGAIN => return Err(WaitError::Mismatch),
                _ => return Err(WaitError::new(errno)),
            }
        }
    }

    #[inline]
    fn sleep_once(
        &self,
        operation: c_int,
        expected: u32,
        time: Option<Duration>,
        bits: u32,
    ) -> Result<(), crate::linux::Errno> {
        let word = self.as_atomic();
        // SAFETY: a wait reads the word and writes nothing.
        unsafe { raw::futex(word, operation, expected, time, ptr::null(), bits) }.map(drop)
    }
}
