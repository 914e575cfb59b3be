//! Locks with a timeout. Apple's C library has none.

use super::{Kind, LockResult, Mutex, RealtimeDeadline, Timeout, time};
use crate::Deadline;
use core::pin::Pin;
use libc::{c_int, pthread_mutex_t};

impl<T, K: Kind> Mutex<T, K> {
    /// Locks, and waits until `timeout` at most, which is a [`Deadline`], a [`RealtimeDeadline`]
    /// or a [`Timeout`]: `pthread_mutex_timedlock`, `pthread_mutex_clocklock`.
    ///
    /// It does not time out early, and a time that has passed locks a mutex that is free.
    ///
    /// POSIX has real time only; glibc has both clocks since 2.30. Elsewhere a wait until a
    /// [`Deadline`] is one until the real time that it falls on: if somebody sets the clock back
    /// meanwhile, it ends that much later. Not on macOS.
    ///
    /// # Errors
    ///
    /// [`LockError`](super::LockError); [`TimedOut`](super::LockError::TimedOut) at the time or
    /// later.
    pub fn lock_until(self: Pin<&Self>, timeout: impl Into<Timeout>) -> LockResult<'_, T, K> {
        let mutex = self.raw()?;
        // SAFETY: initialised.
        let errno = unsafe { lock_until(mutex, timeout.into()) };
        self.locked(errno)
    }
}

/// # Safety
///
/// `mutex` is initialised.
unsafe fn lock_until(mutex: *mut pthread_mutex_t, timeout: Timeout) -> c_int {
    loop {
        let (errno, has_passed) = match timeout {
            // SAFETY: passed on to the caller.
            Timeout::Never => return unsafe { libc::pthread_mutex_lock(mutex) },
            Timeout::Realtime(deadline) => {
                // SAFETY: passed on to the caller.
                let errno = unsafe { lock_until_realtime(mutex, deadline) };
                (errno, deadline.has_passed())
            }
            Timeout::Monotonic(deadline) => {
                // SAFETY: passed on to the caller.
                let errno = unsafe { lock_until_monotonic(mutex, deadline) };
                (errno, deadline.has_passed())
            }
        };
        // Early where the clock was set between the wait and the look, or is another one.
        if errno != libc::ETIMEDOUT || has_passed {
            return errno;
        }
    }
}

/// # Safety
///
/// `mutex` is initialised.
unsafe fn lock_until_realtime(mutex: *mut pthread_mutex_t, deadline: RealtimeDeadline) -> c_int {
    let Some(time) = deadline.since_epoch().and_then(time::timespec) else {
        // SAFETY: passed on to the caller.
        return unsafe { libc::pthread_mutex_lock(mutex) };
    };
    // SAFETY: passed on to the caller; the time is a valid one.
    unsafe { libc::pthread_mutex_timedlock(mutex, &raw const time) }
}

/// # Safety
///
/// `mutex` is initialised.
unsafe fn lock_until_monotonic(mutex: *mut pthread_mutex_t, deadline: Deadline) -> c_int {
    let left = deadline.remaining();
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if let Some(clocklock) = clocklock::find() {
        let Some(time) = time::after(libc::CLOCK_MONOTONIC, left) else {
            // SAFETY: passed on to the caller.
            return unsafe { libc::pthread_mutex_lock(mutex) };
        };
        // SAFETY: passed on to the caller; the time is a valid one.
        let errno = unsafe { clocklock(mutex, libc::CLOCK_MONOTONIC, &raw const time) };
        // What an old kernel answers for a mutex with priority inheritance.
        if errno != libc::EINVAL {
            return errno;
        }
    }
    let Some(time) = time::after(libc::CLOCK_REALTIME, left) else {
        // SAFETY: passed on to the caller.
        return unsafe { libc::pthread_mutex_lock(mutex) };
    };
    // SAFETY: passed on to the caller; the time is a valid one.
    unsafe { libc::pthread_mutex_timedlock(mutex, &raw const time) }
}

/// The function that glibc has since 2.30, found at run time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod clocklock {
    use core::{ffi::CStr, ffi::c_void, mem, ptr};
    use libc::{c_int, clockid_t, pthread_mutex_t, time_t, timespec};
    use pintle_core::atomic::{
        AtomicPtr,
        Ordering::{Acquire, Release},
    };

    pub(super) type Clocklock =
        unsafe extern "C" fn(*mut pthread_mutex_t, clockid_t, *const timespec) -> c_int;

    /// With 64-bit seconds on a 32-bit machine it is another function.
    const NAME: &CStr = if size_of::<time_t>() > size_of::<usize>() {
        c"__pthread_mutex_clocklock64"
    } else {
        c"pthread_mutex_clocklock"
    };

    pub(super) fn find() -> Option<Clocklock> {
        /// Null: nobody has looked yet. Its own address: there is none.
        static FOUND: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
        let none = (&raw const FOUND).cast_mut().cast();

        // Acquire: pairs with the release below; the dynamic linker's work comes before the call.
        let mut found = FOUND.load(Acquire);
        if found.is_null() {
            // SAFETY: a string that ends in zero.
            found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, NAME.as_ptr()) };
            if found.is_null() {
                found = none;
            }
            // Release: see above. Whoever looks at the same time finds the same.
            FOUND.store(found, Release);
        }
        // SAFETY: the function of that name, which has this type in glibc.
        (found != none).then(|| unsafe { mem::transmute::<*mut c_void, Clocklock>(found) })
    }
}
