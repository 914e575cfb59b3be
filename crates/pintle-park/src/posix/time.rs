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

/// For how long a relative wait of macOS' sleeps at once if so much is left. The caller looks whether
/// that was all.
///
/// Not zero, which older ones take for no timeout: libpthread hands it to the kernel, where it means
/// that. And a day at most: the kernel counts nanoseconds in 64 bits, and does not look whether they
/// overflow.
#[cfg(any(target_vendor = "apple", test))]
pub(super) fn relative(left: Duration) -> Duration {
    const SHORTEST: Duration = Duration::from_nanos(1);
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

    left.clamp(SHORTEST, LONGEST)
}

const ZERO: timespec = timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_wait_ends_some_day() {
        assert_eq!(relative(Duration::ZERO), Duration::from_nanos(1));
        let some = Duration::new(7, 1);
        assert_eq!(relative(some), some);
        for long in [Duration::from_secs(u64::MAX), Duration::MAX] {
            let nanoseconds = relative(long).as_nanos();
            assert!(u64::try_from(nanoseconds).is_ok_and(|some| some > 0));
        }
    }
}
