//! Times as the C library takes them.

use core::time::Duration;
use libc::timespec;

/// The time as the C library has it; `None` if its seconds cannot hold it, so that it never comes.
pub(super) fn timespec(time: Duration) -> Option<timespec> {
    let mut spec = ZERO;
    spec.tv_sec = time.as_secs().try_into().ok()?;
    // Less than a second: it fits every signed 32-bit type.
    spec.tv_nsec = time.subsec_nanos() as _;
    Some(spec)
}

/// What `clock` will show `duration` from now; `None` if that never comes.
///
/// The clock is read after the caller has computed the duration, so the result is not early.
// Apple's waits are relative.
#[cfg(not(target_vendor = "apple"))]
pub(super) fn after(clock: libc::clockid_t, duration: Duration) -> Option<timespec> {
    let mut now = ZERO;
    // SAFETY: `now` is a valid place for the result.
    let result = unsafe { libc::clock_gettime(clock, &raw mut now) };
    debug_assert_eq!(result, 0, "every Unix has both clocks");
    // A clock that was set to before 1970 does not count. Nanoseconds are less than a second.
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let now = Duration::new(seconds, now.tv_nsec as u32);
    timespec(now.checked_add(duration)?)
}

const ZERO: timespec = timespec {
    tv_sec: 0,
    tv_nsec: 0,
};
