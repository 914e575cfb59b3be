//! What becomes of a scope of threads in the child of a `fork`.
//!
//! The child has the parent's memory, and of its threads only the one that called `fork`. A handler of `pthread_atfork`
//! runs in it before `fork` returns and makes the domain whole
//! (`Domain::after_fork`), so that no writer waits for a reader or a driver that is not there.
//!
//! It runs nowhere else, so nothing here costs a reader or a writer anything.

use super::thread::Threads;
use core::sync::atomic::Ordering::Relaxed;

/// Sees to it that forks are handled from now on; called before a thread gets its first slot.
///
/// Two threads may do it at once, and then the handler runs twice in a child: the second time it finds nothing to do.
/// (A lock might stay locked in a child.)
pub(super) fn watch<S: Threads>() {
    // Relaxed: a thread that sees it late registers once more.
    if !S::forks_are_watched().load(Relaxed) {
        at_fork::<S>();
        S::forks_are_watched().store(true, Relaxed);
    }
}

#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
fn at_fork<S: Threads>() {
    use super::{thread::NOBODY, thread_id};
    use core::{ffi::c_int, ptr};

    type Handler = extern "C" fn();

    // Of the C library, which `std` is built on.
    unsafe extern "C" {
        fn pthread_atfork(
            prepare: Option<Handler>,
            parent: Option<Handler>,
            child: Option<Handler>,
        ) -> c_int;
    }

    extern "C" fn child<S: Threads>() {
        let slot = S::slot();
        S::domain().after_fork(slot);
        if !ptr::eq(slot, &NOBODY) {
            slot.set_label(thread_id::current());
        }
    }

    // SAFETY: the handler lives as long as the code it is in, and does only what a child may do: it stores to atomics,
    // reads a thread-local without a destructor, and asks the system for its thread's number. If there is no memory for it, forks are not
    // handled, which keeps writers waiting and frees nothing early.
    let _ = unsafe { pthread_atfork(None, None, Some(child::<S>)) };
}

/// Where there is no `fork`.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
)))]
fn at_fork<S: Threads>() {}
