//! The error number that the calling thread's last system call has left behind.

use libc::c_int;

pub(super) fn errno() -> c_int {
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    // SAFETY: takes no argument and has no precondition.
    let place = unsafe { libc::__error() };
    #[cfg(any(target_os = "netbsd", target_os = "openbsd"))]
    // SAFETY: as above.
    let place = unsafe { libc::__errno() };
    #[cfg(target_os = "dragonfly")]
    // SAFETY: as above.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: the C library keeps the calling thread's errno there.
    unsafe { *place }
}
