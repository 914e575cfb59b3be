//! Linux, and FreeBSD from 14.1: `membarrier(2)`, private and expedited.
//!
//! Never the global command as the normal way, which waits for a grace period of the kernel's own
//! RCU (14 ms where the expedited one takes a microsecond).

use super::once_decided::OnceDecided;
use crate::barrier::Strategy;
use libc::c_int;
use pintle_core::atomic::{Ordering::SeqCst, fence};

// From linux/membarrier.h, and the same in FreeBSD's sys/membarrier.h.
const GLOBAL: c_int = 1 << 0;
const PRIVATE_EXPEDITED: c_int = 1 << 3;
const REGISTER_PRIVATE_EXPEDITED: c_int = 1 << 4;

static DECISION: OnceDecided = OnceDecided::new();

#[inline]
pub(crate) fn light() {
    DECISION.light();
}

pub(crate) fn heavy() {
    // Pairs with the fence of light sides that make one; and the kernel's fast path for a process
    // with one thread, or a machine with one processor, has none.
    fence(SeqCst);
    match strategy() {
        Strategy::ProcessBarrier => barrier_in_every_thread(),
        Strategy::Fences => {}
    }
}

pub(crate) fn strategy() -> Strategy {
    DECISION.decide(register)
}

/// Registers the process, and makes a barrier to see that it is granted: a sandbox may allow the one
/// and refuse the other.
fn register() -> bool {
    membarrier(REGISTER_PRIVATE_EXPEDITED).is_ok() && membarrier(PRIVATE_EXPEDITED).is_ok()
}

/// Returns when every running thread of the process has passed a barrier.
///
/// Light sides have left out their fences, so nothing less will do.
fn barrier_in_every_thread() {
    while let Err(errno) = membarrier(PRIVATE_EXPEDITED) {
        // The kernel has forgotten the registration (a process restored from a checkpoint): it
        // is asked for again. Else it is short of memory, or a sandbox has come down since the
        // decision.
        if errno == libc::EPERM && register() {
            break;
        }
        if membarrier(GLOBAL).is_ok() {
            break;
        }
        // SAFETY: has no precondition.
        unsafe { libc::usleep(1000) };
    }
    fence(SeqCst);
}

#[cfg(target_os = "linux")]
fn membarrier(command: c_int) -> Result<(), c_int> {
    use crate::linux::{Errno, raw};

    // No flags, and no processor.
    let none = raw::integer(0);
    let arguments = [raw::integer(command as usize), none, none, none, none, none];
    // SAFETY: takes integers only, and touches no memory of ours.
    let result = unsafe { raw::call(libc::SYS_membarrier, arguments) };
    result.map(drop).map_err(Errno::raw)
}

/// By the C library's function, if it has one: an unknown system call would end the process
/// (`SIGSYS`), and `libc` does not have the number either.
#[cfg(target_os = "freebsd")]
fn membarrier(command: c_int) -> Result<(), c_int> {
    use super::{errno::errno, symbols::Symbols};
    use core::{ffi::c_void, mem::transmute};
    use libc::c_uint;

    const NO_FLAGS: c_uint = 0;
    const NO_CPU: c_int = 0;

    type Membarrier = unsafe extern "C" fn(c_int, c_uint, c_int) -> c_int;

    static SYMBOLS: Symbols<1> = Symbols::new([c"membarrier"]);

    let [address] = SYMBOLS.get().ok_or(libc::ENOSYS)?;
    // SAFETY: the address of the function of that name, whose type this is.
    let membarrier = unsafe { transmute::<*mut c_void, Membarrier>(address) };
    // SAFETY: takes integers only, and touches no memory of ours.
    let result = unsafe { membarrier(command, NO_FLAGS, NO_CPU) };
    if result == 0 { Ok(()) } else { Err(errno()) }
}
