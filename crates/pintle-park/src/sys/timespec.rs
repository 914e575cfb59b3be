//! Times as Unix systems take and give them.

use crate::Deadline;
use core::time::Duration;
use libc::{clockid_t, timespec};

/// What one sleep for a relative time is cut to, so that no system's count of clock ticks (`int`, of
/// a millisecond or so) overflows. A longer wait is made of several sleeps.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The time of `deadline` since the clock's origin; `None` if there is none, or if it has more
/// seconds than a `time_t` holds (68 years at least), as such a deadline does not come.
pub(super) fn absolute(deadline: Deadline) -> Option<timespec> {
    timespec_of(deadline.since_origin()?)
}

/// For how long to sleep at once until `deadline`: `None` is for ever, zero means that the deadline
/// has passed. It is at most a day, and not less than what is left otherwise.
pub(super) fn left(deadline: Deadline) -> Option<Duration> {
    (deadline != Deadline::NEVER).then(|| deadline.remaining().min(LONGEST))
}

/// `duration` as the system takes it, if it has no more seconds than a `time_t` holds.
pub(super) fn timespec_of(duration: Duration) -> Option<timespec> {
    Some(timespec {
        tv_sec: duration.as_secs().try_into().ok()?,
        // Less than a second: fits wherever the system counts nanoseconds.
        tv_nsec: duration.subsec_nanos() as _,
    })
}

/// The time of a clock that each of our systems has and that is not set.
pub(super) fn now_by(clock: clockid_t) -> Duration {
    let mut now = timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is a valid place for the result.
    let result = unsafe { libc::clock_gettime(clock, &raw mut now) };
    debug_assert_eq!(result, 0, "every system here has its monotonic clock");
    // A monotonic clock is not negative, and its nanoseconds are less than a second.
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_keeps_its_nanoseconds() {
        let exact = timespec_of(Duration::new(7, 999_999_999)).unwrap();
        assert_eq!((exact.tv_sec, exact.tv_nsec), (7, 999_999_999));
        let zero = timespec_of(Duration::ZERO).unwrap();
        assert_eq!((zero.tv_sec, zero.tv_nsec), (0, 0));
    }

    #[test]
    fn what_does_not_fit_is_no_timeout() {
        let longest = Duration::new(libc::time_t::MAX as u64, 999_999_999);
        assert!(timespec_of(longest).is_some());
        assert!(timespec_of(longest + Duration::from_nanos(1)).is_none());
        assert!(timespec_of(Duration::MAX).is_none());
        assert!(absolute(Deadline::NEVER).is_none());
        // The last deadline before `NEVER`.
        let last = Deadline::after(Duration::MAX - Duration::from_nanos(1));
        assert!(absolute(last).is_none());
    }

    #[test]
    fn an_absolute_deadline_is_on_the_clock() {
        let deadline = Deadline::after(Duration::from_secs(100));
        let at = absolute(deadline).unwrap();
        let at = Duration::new(at.tv_sec as u64, at.tv_nsec as u32);
        assert_eq!(Some(at), deadline.since_origin());
    }

    #[test]
    fn a_relative_time_is_what_is_left_or_a_day() {
        assert_eq!(left(Deadline::NEVER), None);
        assert_eq!(left(Deadline::now()), Some(Duration::ZERO));
        let hour = Duration::from_secs(3600);
        let some = left(Deadline::after(hour)).unwrap();
        assert!(some <= hour && some > hour - Duration::from_secs(60));
        assert_eq!(left(Deadline::after(100 * hour)), Some(LONGEST));
        let last = Deadline::after(Duration::MAX - Duration::from_nanos(1));
        assert!(last == Deadline::NEVER || left(last) == Some(LONGEST));
    }

    #[test]
    fn the_clock_runs() {
        let before = now_by(libc::CLOCK_MONOTONIC);
        std::thread::sleep(Duration::from_millis(2));
        assert!(now_by(libc::CLOCK_MONOTONIC) - before >= Duration::from_millis(2));
    }
}
