//! Linux: `membarrier(2)`, private and expedited.
//!
//! Never the global command as the normal way, which waits for a grace period of the kernel's own
//! RCU (14 ms where the expedited one takes a microsecond).

use super::{chosen::errno, once_decided::OnceDecided};
use crate::barrier::Strategy;
use libc::{c_int, c_uint};
use pintle_core::atomic::{Ordering::SeqCst, fence};

// From linux/membarrier.h.
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

fn register() -> bool {
    membarrier(REGISTER_PRIVATE_EXPEDITED).is_ok()
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
            continue;
        }
        if membarrier(GLOBAL).is_ok() {
            break;
        }
        // SAFETY: has no precondition.
        unsafe { libc::usleep(1000) };
    }
    fence(SeqCst);
}

fn membarrier(command: c_int) -> Result<(), c_int> {
    const NO_FLAGS: c_uint = 0;
    const NO_CPU: c_int = 0;
    // SAFETY: takes integers only, and touches no memory of ours.
    let result = unsafe { libc::syscall(libc::SYS_membarrier, command, NO_FLAGS, NO_CPU) };
    if result == 0 { Ok(()) } else { Err(errno()) }
}
