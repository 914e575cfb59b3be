//! macOS and Apple's other systems: `os_sync_wait_on_address`, for words of 32 and 64 bits, where the
//! system has it; else the parking table.
//!
//! It is there from macOS 14.4, iOS and tvOS 17.4, watchOS 10.4 and visionOS 1.1 on, and looked up at
//! run time, so that a program runs on older ones, too. Their `__ulock_wait` is private, and
//! programs that use it are refused by the App Store: it is not used here.
//!
//! # What it does not give, and what is made of it
//!
//! - It takes 4 and 8 bytes. Words of 8 and 16 bits are the table's.
//! - Wait and wake must name the same size and the same kind of memory, or they fail with `EINVAL`.
//!   Here the type of the word gives the size, and all words are private to the process.
//! - Its timeout is relative, in nanoseconds, and 0 is `EINVAL`: a deadline that has passed is not asked
//!   for. A signal (`EINTR`) or a page that was not there (`EFAULT`) ends the sleep, which then goes on
//!   with what is left.
//! - A wait does not tell a wake from a word that has changed: the word is looked at before it. A wake
//!   tells only that nobody waits (`ENOENT`).
//! - It donates no priority: the owner of a lock that is built on it does not inherit that of who waits.
//!   For that there is [`UnfairLock`](crate::macos::UnfairLock), which the table's buckets use.
//! - The look-up takes locks of the dynamic linker's. It is made by waits, and never by a wake, which
//!   takes no lock where nobody sleeps in the table. (For a signal handler that is not enough: somebody
//!   may.)
//!
//! # The clock
//!
//! `CLOCK_UPTIME_RAW`, that is `mach_absolute_time`: what the timeouts count by, and what
//! `std::time::Instant` reads. It stands still while the machine is asleep.
//!
//! # References
//!
//! [`os_sync_wait_on_address`](https://developer.apple.com/documentation/os/os_sync_wait_on_address),
//! `os/os_sync_wait_on_address.h`

use super::errno::errno;
use super::symbols::{Known, Symbols};
use super::{Width, WordRef, timespec};
use crate::macos::UnfairLock;
use crate::{Deadline, WaitOutcome, WakeOutcome};
use core::{ffi::c_void, mem, time::Duration};
use libc::{c_int, size_t};

pub(crate) use super::no_requeue::requeue;
pub(crate) use super::not_any::wait_any;
pub(crate) use super::signals::uninterrupted;
pub(crate) use super::sleeper_by_pthread::Sleeper;
pub(crate) use crate::sys::fences::{heavy, light, strategy};

type Wait = unsafe extern "C" fn(*mut c_void, u64, size_t, u32) -> c_int;
type WaitTimeout = unsafe extern "C" fn(*mut c_void, u64, size_t, u32, u32, u64) -> c_int;
type Wake = unsafe extern "C" fn(*mut c_void, size_t, u32) -> c_int;

/// `OS_SYNC_WAIT_ON_ADDRESS_NONE`, `OS_SYNC_WAKE_BY_ADDRESS_NONE`: in this process.
const PRIVATE: u32 = 0;
/// `OS_CLOCK_MACH_ABSOLUTE_TIME`, the only one that there is.
const MACH_ABSOLUTE: u32 = 32;

static SYMBOLS: Symbols<4> = Symbols::new([
    c"os_sync_wait_on_address",
    c"os_sync_wait_on_address_with_timeout",
    c"os_sync_wake_by_address_any",
    c"os_sync_wake_by_address_all",
]);

/// The system's functions.
#[derive(Clone, Copy)]
struct Functions {
    wait: Wait,
    wait_timeout: WaitTimeout,
    wake_any: Wake,
    wake_all: Wake,
}

// === impl Functions ===

impl Functions {
    #[inline]
    fn of([wait, wait_timeout, wake_any, wake_all]: [*mut c_void; 4]) -> Self {
        // SAFETY: the address of the function of that name, whose type this is.
        let wait = unsafe { mem::transmute::<*mut c_void, Wait>(wait) };
        // SAFETY: as above.
        let wait_timeout = unsafe { mem::transmute::<*mut c_void, WaitTimeout>(wait_timeout) };
        // SAFETY: as above.
        let wake_any = unsafe { mem::transmute::<*mut c_void, Wake>(wake_any) };
        // SAFETY: as above.
        let wake_all = unsafe { mem::transmute::<*mut c_void, Wake>(wake_all) };
        Self {
            wait,
            wait_timeout,
            wake_any,
            wake_all,
        }
    }
}

/// The bytes of a word that the system can sleep on.
#[inline]
const fn size(width: Width) -> Option<size_t> {
    match width {
        Width::U32 => Some(4),
        #[cfg(target_has_atomic = "64")]
        Width::U64 => Some(8),
        _ => None,
    }
}

#[inline]
pub(crate) fn wait_word(
    word: WordRef<'_>,
    expected: u64,
    deadline: Deadline,
) -> Option<WaitOutcome> {
    let size = size(word.width())?;
    let functions = Functions::of(SYMBOLS.get()?);
    Some(sleep(functions, word, size, expected, deadline))
}

fn sleep(
    functions: Functions,
    word: WordRef<'_>,
    size: size_t,
    expected: u64,
    deadline: Deadline,
) -> WaitOutcome {
    let address = word.address().cast_mut().cast();
    loop {
        if word.load() != expected {
            return WaitOutcome::Mismatch;
        }
        let result = match timespec::left(deadline) {
            Some(Duration::ZERO) => return WaitOutcome::TimedOut,
            Some(left) => {
                // A day at most.
                let nanoseconds = left.as_nanos() as u64;
                // SAFETY: the system reads `size` bytes at `address`, a word that is borrowed.
                unsafe {
                    (functions.wait_timeout)(
                        address,
                        expected,
                        size,
                        PRIVATE,
                        MACH_ABSOLUTE,
                        nanoseconds,
                    )
                }
            }
            // SAFETY: as above.
            None => unsafe { (functions.wait)(address, expected, size, PRIVATE) },
        };
        if result >= 0 {
            return WaitOutcome::Woken;
        }
        match errno() {
            // The loop decides: by our clock, and with what is left.
            libc::EINTR | libc::EFAULT | libc::ETIMEDOUT => {}
            // The kernel is short of memory. The caller polls, which is slow and correct.
            _ => return WaitOutcome::Woken,
        }
    }
}

#[inline]
pub(crate) fn wake_word(address: *const (), width: Width, count: usize) -> Option<WakeOutcome> {
    let size = size(width)?;
    match SYMBOLS.known() {
        // No wait has come as far as the system; the table is looked at anyway.
        Known::Undecided => Some(WakeOutcome::Count(0)),
        Known::Absent => None,
        Known::Present(addresses) => {
            let address = address.cast_mut().cast();
            Some(wake(Functions::of(addresses), address, size, count))
        }
    }
}

fn wake(functions: Functions, address: *mut c_void, size: size_t, count: usize) -> WakeOutcome {
    /// Past this a wake of several wakes all: the surplus is spurious to who gets it.
    const MANY: usize = 1024;

    if count > MANY {
        // SAFETY: an address is all that is asked for; a wake does not follow it.
        let result = unsafe { (functions.wake_all)(address, size, PRIVATE) };
        return outcome(result);
    }
    let mut outcome_of_all = WakeOutcome::Count(0);
    for _ in 0..count {
        // SAFETY: as above.
        let result = unsafe { (functions.wake_any)(address, size, PRIVATE) };
        match outcome(result) {
            // Nobody waits any more.
            WakeOutcome::Count(_) => break,
            WakeOutcome::Unknown => outcome_of_all = WakeOutcome::Unknown,
        }
    }
    outcome_of_all
}

fn outcome(result: c_int) -> WakeOutcome {
    if result < 0 && errno() == libc::ENOENT {
        WakeOutcome::Count(0)
    } else {
        WakeOutcome::Unknown
    }
}

/// The lock of a bucket.
pub(crate) struct Lock<T>(UnfairLock<T>);

// === impl Lock ===

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(UnfairLock::new(value))
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.lock())
    }
}

pub(crate) fn now() -> Duration {
    timespec::now_by(libc::CLOCK_UPTIME_RAW)
}
