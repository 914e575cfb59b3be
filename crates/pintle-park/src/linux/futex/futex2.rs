//! The calls `futex_wait`, `futex_wake` and `futex_requeue`, which Linux 6.7 has beside the old
//! one.

use super::waitv::SIZE_U32;
use super::{
    CmpRequeueError, Futex, Requeued, Scope, Timeout, WaitError, Waiter, WakeError, scope,
    wake::clamp,
};
use crate::linux::raw::{self, Timespec64, integer};
use core::{num::NonZeroU32, ptr};
use pintle_core::atomic::AtomicU32;

/// The sizes of word that the futex2 interface has numbers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Size {
    /// `FUTEX2_SIZE_U8`.
    U8,
    /// `FUTEX2_SIZE_U16`.
    U16,
    /// `FUTEX2_SIZE_U32`: that of [`Futex`].
    U32,
    /// `FUTEX2_SIZE_U64`.
    U64,
}

// === impl Size ===

impl Size {
    /// Asks the kernel whether its futex2 calls take words of this size.
    ///
    /// Up to Linux 6.18 they take [`U32`](Self::U32) only, and before 6.7 there are none. A system
    /// call each time, which wakes nobody.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::Size;
    ///
    /// for size in [Size::U8, Size::U16, Size::U32, Size::U64] {
    ///     println!("{size:?}: {}", size.is_supported());
    /// }
    /// ```
    #[must_use]
    pub fn is_supported(self) -> bool {
        const NOBODY: usize = 0;
        // 32-bit machines align a u64 to four only.
        #[repr(align(8))]
        struct Word {
            _bits: u64,
        }
        let word = Word { _bits: 0 };
        let flags = match self {
            Self::U8 => 0,
            Self::U16 => 1,
            Self::U32 => SIZE_U32,
            Self::U64 => 3,
        };
        let arguments = [
            ptr::from_ref(&word).cast(),
            integer(1),
            integer(NOBODY),
            integer(flags as usize | raw::PRIVATE as usize),
            ptr::null(),
            ptr::null(),
        ];
        // SAFETY: a wake accesses no memory.
        unsafe { raw::call(raw::SYS_FUTEX_WAKE, arguments) }.is_ok()
    }
}

/// The flags of a futex2 call for one 32-bit word.
const fn flags<S: Scope>() -> usize {
    (SIZE_U32 | scope::flag::<S>() as u32) as usize
}

impl<S: Scope> Futex<S> {
    /// Sleeps as [`wait_bitset`](Self::wait_bitset) does, by the futex2 call `futex_wait`.
    ///
    /// It does the same, and meets the same wakes; it is here for sandboxes that allow only the new
    /// calls, and to be told apart in a trace. A signal handler that runs meanwhile does not end
    /// it.
    ///
    /// # Errors
    ///
    /// [`WaitError`], `Unsupported` before Linux 6.7.
    ///
    /// # References
    ///
    /// [futex2](https://docs.kernel.org/userspace-api/futex2.html); Linux 6.7.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use pintle_park::linux::futex::*;
    ///
    /// let word: Futex<Private> = Futex::new(1);
    /// let outcome = word.wait2(0, NonZeroU32::MAX, Timeout::Never);
    /// assert!(matches!(outcome, Err(WaitError::Mismatch | WaitError::Unsupported)));
    /// ```
    pub fn wait2(
        &self,
        expected: u32,
        bits: NonZeroU32,
        timeout: impl Into<Timeout>,
    ) -> Result<(), WaitError> {
        let timeout = timeout.into();
        let time = Timespec64::new(timeout.at());
        let arguments = [
            ptr::from_ref(self).cast(),
            integer(expected as usize),
            integer(bits.get() as usize),
            integer(flags::<S>()),
            raw::address(time.as_ref()),
            integer(timeout.clock() as usize),
        ];
        loop {
            // SAFETY: the kernel reads the word and the time, and writes nothing.
            match unsafe { raw::call(raw::SYS_FUTEX_WAIT, arguments) } {
                // A signal. The time is absolute.
                Err(errno) if errno.raw() == libc::EINTR => {}
                result => return result.map(drop).map_err(WaitError::new),
            }
        }
    }

    /// Wakes as [`wake_bitset`](Self::wake_bitset) does, by the futex2 call `futex_wake`.
    ///
    /// `word` may dangle, as there.
    ///
    /// # Errors
    ///
    /// [`WakeError`], `Unsupported` before Linux 6.7.
    ///
    /// # References
    ///
    /// [futex2](https://docs.kernel.org/userspace-api/futex2.html); Linux 6.7.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use pintle_park::linux::futex::*;
    ///
    /// let word: Futex<Private> = Futex::new(1);
    /// let outcome = Futex::wake2(&word, 1, NonZeroU32::MAX);
    /// assert!(matches!(outcome, Ok(0) | Err(WakeError::Unsupported)));
    /// ```
    pub fn wake2(word: *const Self, count: u32, bits: NonZeroU32) -> Result<u32, WakeError> {
        let arguments = [
            word.cast(),
            integer(bits.get() as usize),
            integer(clamp(count) as usize),
            integer(flags::<S>()),
            ptr::null(),
            ptr::null(),
        ];
        // SAFETY: a wake accesses no memory; the kernel checks the address.
        let woken = unsafe { raw::call(raw::SYS_FUTEX_WAKE, arguments) };
        woken.map(|woken| woken as u32).map_err(WakeError::new)
    }

    /// Wakes and moves threads as [`cmp_requeue`](Self::cmp_requeue) does, by the futex2 call
    /// `futex_requeue`.
    ///
    /// The call names the flags of each word, yet the kernel wants them to be the same (6.18 gives
    /// `EINVAL` for one private and one shared), so both words are of one scope.
    ///
    /// # Errors
    ///
    /// [`CmpRequeueError`], `Unsupported` before Linux 6.7.
    ///
    /// # References
    ///
    /// [futex2](https://docs.kernel.org/userspace-api/futex2.html); Linux 6.7.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::linux::futex::*;
    ///
    /// let (queue, lock) = (Futex::<Private>::new(0), Futex::new(0));
    /// let outcome = queue.requeue2(1, 1, &lock, u32::MAX);
    /// let refused = [CmpRequeueError::Mismatch, CmpRequeueError::Unsupported];
    /// assert!(refused.contains(&outcome.unwrap_err()));
    /// ```
    pub fn requeue2(
        &self,
        expected: u32,
        wake: u32,
        target: &Self,
        requeue: u32,
    ) -> Result<Requeued, CmpRequeueError> {
        const NO_FLAGS: usize = 0;
        // The target's value is not compared.
        let pair = [Waiter::new(self, expected), Waiter::new(target, 0)];
        let (wake, requeue) = (clamp(wake), clamp(requeue));
        let arguments = [
            pair.as_ptr().cast(),
            integer(NO_FLAGS),
            integer(wake as usize),
            integer(requeue as usize),
            ptr::null(),
            ptr::null(),
        ];
        // SAFETY: the kernel reads the pair and the first word, and writes neither.
        let total = unsafe { raw::call(raw::SYS_FUTEX_REQUEUE, arguments) };
        total
            .map(|total| Requeued::new(total, wake))
            .map_err(CmpRequeueError::new)
    }
}

const _: () = assert!(size_of::<AtomicU32>() == 4, "of SIZE_U32");
