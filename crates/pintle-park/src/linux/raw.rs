//! The one place where Linux' own system calls are made: those of futexes, by the portable face and
//! by [`linux::futex`](crate::linux::futex) alike, and `membarrier`.
//!
//! # 32-bit machines
//!
//! They have two system calls: `futex`, whose times have 32-bit seconds, and since Linux 5.1
//! `futex_time64`. The old one comes first: it is there on every kernel, and every seccomp filter
//! knows it (Android before 11 kills a process that tries the new one). Monotonic seconds count
//! from the start of the machine, so 32 bits of them last 68 years; what is beyond is no timeout.
//! Real time runs out of them in 2038: such a timeout goes to the new call. Where the kernel has
//! left the old call out (`ENOSYS`) the new one is taken, too. riscv32 never had the old one. The
//! calls from `futex_waitv` on always read 64-bit seconds.

use super::Errno;
use core::{
    ffi::c_void,
    ptr::{self, without_provenance},
    time::Duration,
};
use libc::{c_int, c_long};
use pintle_core::atomic::AtomicU32;

// Operations and flags of `futex`, from linux/futex.h.
pub(crate) const WAIT: c_int = 0;
pub(crate) const WAKE: c_int = 1;
pub(crate) const REQUEUE: c_int = 3;
pub(crate) const CMP_REQUEUE: c_int = 4;
pub(crate) const WAKE_OP: c_int = 5;
pub(crate) const LOCK_PI: c_int = 6;
pub(crate) const UNLOCK_PI: c_int = 7;
pub(crate) const TRYLOCK_PI: c_int = 8;
pub(crate) const WAIT_BITSET: c_int = 9;
pub(crate) const WAKE_BITSET: c_int = 10;
pub(crate) const WAIT_REQUEUE_PI: c_int = 11;
pub(crate) const CMP_REQUEUE_PI: c_int = 12;
pub(crate) const LOCK_PI2: c_int = 13;
/// In-process: the address is the key, no lookup of the page behind it.
pub(crate) const PRIVATE: c_int = 128;
/// The timeout is real time.
pub(crate) const REALTIME: c_int = 256;
/// `FUTEX_BITSET_MATCH_ANY`: any wake is for this wait.
pub(crate) const ANY: u32 = u32::MAX;

/// What the numbers of the calls that all architectures have in common start from.
const NUMBERS: c_long = if cfg!(any(target_arch = "mips", target_arch = "mips32r6")) {
    4000
} else if cfg!(any(target_arch = "mips64", target_arch = "mips64r6")) {
    5000
} else if cfg!(all(target_arch = "x86_64", target_pointer_width = "32")) {
    0x4000_0000
} else {
    0
};

// Not from libc, which does not have them for every target yet.
pub(crate) const SYS_FUTEX_WAITV: c_long = NUMBERS + 449;
pub(crate) const SYS_FUTEX_WAKE: c_long = NUMBERS + 454;
pub(crate) const SYS_FUTEX_WAIT: c_long = NUMBERS + 455;
pub(crate) const SYS_FUTEX_REQUEUE: c_long = NUMBERS + 456;

/// What a system call takes: a pointer, or an integer without provenance.
pub(crate) type Argument = *const c_void;

/// An integer argument.
#[inline]
pub(crate) const fn integer(value: usize) -> Argument {
    without_provenance(value)
}

/// One system call; what it returned, or the errno.
///
/// # Safety
///
/// The call of that number with these arguments must not touch memory other than the kernel may
/// on the caller's behalf.
#[inline]
pub(crate) unsafe fn call(number: c_long, arguments: [Argument; 6]) -> Result<usize, Errno> {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: passed on to the caller.
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    usize::try_from(result).map_err(|_| failed())
}

/// Apart, so that the way of a call that succeeds stays short.
#[cold]
fn failed() -> Errno {
    Errno::last()
}

/// One operation of the futex system call whose fourth argument is a time, or none.
///
/// A `time` too large for the kernel is none.
///
/// # Safety
///
/// If `operation` writes `word` or `other` (priority inheritance), both must be live atomics.
/// Otherwise they are addresses that the kernel checks, and reads 32 bits at most of.
#[inline]
pub(crate) unsafe fn futex(
    word: *const AtomicU32,
    operation: c_int,
    value: u32,
    time: Option<Duration>,
    other: *const AtomicU32,
    value3: u32,
) -> Result<usize, Errno> {
    let with = |number, time| {
        let value = integer(value as usize);
        let (operation, value3) = (integer(operation as usize), integer(value3 as usize));
        let arguments = [word.cast(), operation, value, time, other.cast(), value3];
        // SAFETY: of the words the caller has seen to; `time` is null or has the layout that
        // `number` reads.
        unsafe { call(number, arguments) }
    };
    #[cfg(not(any(target_pointer_width = "64", target_arch = "x86_64")))]
    {
        narrow::futex(operation, time, with)
    }
    #[cfg(any(target_pointer_width = "64", target_arch = "x86_64"))]
    {
        let time = Timespec64::new(time);
        with(libc::SYS_futex, address(time.as_ref()))
    }
}

/// One operation of the futex system call whose fourth argument is a second number.
///
/// # Safety
///
/// If `operation` writes `word` or `other` (`WAKE_OP` the other one, priority inheritance both),
/// what it writes must be a live atomic. Otherwise they are addresses that the kernel checks, and
/// reads 32 bits at most of.
pub(crate) unsafe fn futex_counts(
    word: *const AtomicU32,
    operation: c_int,
    value: u32,
    value2: u32,
    other: *const AtomicU32,
    value3: u32,
) -> Result<usize, Errno> {
    let [operation, value, value2, value3] =
        [operation as u32, value, value2, value3].map(|number| integer(number as usize));
    let arguments = [word.cast(), operation, value, value2, other.cast(), value3];
    // SAFETY: the caller has seen to the words, and there is no other pointer.
    let with = |number| unsafe { call(number, arguments) };
    #[cfg(not(any(target_pointer_width = "64", target_arch = "x86_64")))]
    {
        narrow::futex_counts(with)
    }
    #[cfg(any(target_pointer_width = "64", target_arch = "x86_64"))]
    {
        with(libc::SYS_futex)
    }
}

/// The address of a structure that a system call reads, null for none.
#[inline]
pub(crate) fn address<T>(structure: Option<&T>) -> Argument {
    structure.map_or(ptr::null(), ptr::from_ref).cast()
}

/// `struct __kernel_timespec`: what `futex_time64`, the calls newer than it, and `futex` on a
/// 64-bit kernel, read.
#[repr(C)]
pub(crate) struct Timespec64 {
    seconds: i64,
    nanoseconds: i64,
}

// === impl Timespec64 ===

impl Timespec64 {
    #[inline]
    pub(crate) fn new(time: Option<Duration>) -> Option<Self> {
        let time = time?;
        Some(Self {
            seconds: i64::try_from(time.as_secs()).ok()?,
            nanoseconds: time.subsec_nanos().into(),
        })
    }
}

/// 32-bit machines: the two calls.
#[cfg(not(any(target_pointer_width = "64", target_arch = "x86_64")))]
mod narrow {
    use super::{Argument, Errno, Timespec64, address};
    use core::time::Duration;
    use libc::{c_int, c_long};

    const SYS_FUTEX_TIME64: c_long = super::NUMBERS + 422;

    pub(super) fn futex(
        operation: c_int,
        time: Option<Duration>,
        with: impl Fn(c_long, Argument) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        let wide = Timespec64::new(time);
        #[cfg(not(target_arch = "riscv32"))]
        if libc::SYS_futex as c_long != SYS_FUTEX_TIME64 {
            let old = old::Timespec32::new(time);
            if old.is_some() || wide.is_none() || !old::is_real_time(operation) {
                let result = with(libc::SYS_futex as c_long, address(old.as_ref()));
                if result != Err(Errno::from_raw(libc::ENOSYS)) {
                    return result;
                }
            }
        }
        #[cfg(target_arch = "riscv32")]
        let _ = operation;
        with(SYS_FUTEX_TIME64, address(wide.as_ref()))
    }

    /// What takes no time is the same in both.
    pub(super) fn futex_counts(
        with: impl Fn(c_long) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        #[cfg(not(target_arch = "riscv32"))]
        if libc::SYS_futex as c_long != SYS_FUTEX_TIME64 {
            let result = with(libc::SYS_futex as c_long);
            if result != Err(Errno::from_raw(libc::ENOSYS)) {
                return result;
            }
        }
        with(SYS_FUTEX_TIME64)
    }

    #[cfg(not(target_arch = "riscv32"))]
    mod old {
        use super::super::{LOCK_PI, PRIVATE, REALTIME};
        use core::time::Duration;
        use libc::c_int;

        /// `struct old_timespec32`: what `futex` reads on a 32-bit machine, whatever libc's
        /// `timespec` is.
        #[repr(C)]
        pub(super) struct Timespec32 {
            seconds: i32,
            nanoseconds: i32,
        }

        impl Timespec32 {
            pub(super) fn new(time: Option<Duration>) -> Option<Self> {
                let time = time?;
                Some(Self {
                    seconds: i32::try_from(time.as_secs()).ok()?,
                    nanoseconds: time.subsec_nanos() as i32,
                })
            }
        }

        /// Whether the operation's time counts from 1970, and not from the start of the machine.
        pub(super) fn is_real_time(operation: c_int) -> bool {
            operation & REALTIME != 0 || operation & !PRIVATE == LOCK_PI
        }
    }
}
