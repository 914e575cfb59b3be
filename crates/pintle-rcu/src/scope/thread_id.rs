//! What the operating system calls the current thread.

/// The number that debuggers and the system's own tools show; 0 where there is none.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn current() -> usize {
    usize::try_from(pintle_park::linux::Tid::current().get()).unwrap_or(0)
}

#[cfg(windows)]
pub(super) fn current() -> usize {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetCurrentThreadId() -> u32;
    }

    // SAFETY: has no precondition.
    let number = unsafe { GetCurrentThreadId() };
    usize::try_from(number).unwrap_or(0)
}

#[cfg(target_vendor = "apple")]
pub(super) fn current() -> usize {
    use core::{ffi::c_int, ptr};

    unsafe extern "C" {
        fn pthread_threadid_np(thread: *mut (), number: *mut u64) -> c_int;
    }

    let mut number = 0;
    // SAFETY: null is the calling thread, and the number may be written to.
    let _ = unsafe { pthread_threadid_np(ptr::null_mut(), &raw mut number) };
    usize::try_from(number).unwrap_or(0)
}

/// The thread's handle in the C library, which debuggers show, too. Here it is a pointer; on other systems it may be a
/// number of another size.
#[cfg(any(
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
pub(super) fn current() -> usize {
    unsafe extern "C" {
        fn pthread_self() -> *mut ();
    }

    // SAFETY: has no precondition.
    unsafe { pthread_self() }.addr()
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    windows,
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
)))]
pub(super) fn current() -> usize {
    0
}
