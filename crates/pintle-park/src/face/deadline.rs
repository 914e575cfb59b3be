use crate::sys;
use core::{fmt, time::Duration};

/// A point in time on the monotonic clock that waits are measured by.
///
/// It plays the part of `std::time::Instant` where there is no `std`, and converts from it where
/// there is. A wait that is resumed after a spurious wake-up or a signal takes the same deadline
/// again, so no time is lost or gained.
///
/// The clock is `CLOCK_MONOTONIC` on Linux and Android, which stands still while the machine is
/// suspended, `CLOCK_UPTIME_RAW` on macOS, which does, too, `CLOCK_MONOTONIC` on the BSDs,
/// `QueryPerformanceCounter` on Windows, which does not, and `std::time::Instant` elsewhere. In a loom model time does not pass by itself:
/// a deadline made [`after`](Self::after) zero has passed, and a wait for any other one except
/// [`NEVER`](Self::NEVER) may time out whenever another thread has had a chance to run.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_park::Deadline;
///
/// let soon = Deadline::after(Duration::from_millis(1));
/// assert!(soon < Deadline::NEVER);
/// while !soon.has_passed() {}
/// assert_eq!(soon.remaining(), Duration::ZERO);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline {
    /// Since the clock's origin, which is the platform's choice.
    at: Duration,
}

impl Deadline {
    /// The deadline that does not come: a wait for it is a wait without a timeout.
    pub const NEVER: Self = Self { at: Duration::MAX };

    /// The current time.
    #[must_use]
    pub fn now() -> Self {
        Self { at: sys::now() }
    }

    /// The time `timeout` from now; [`NEVER`](Self::NEVER) if that is beyond what a clock can show.
    ///
    /// With `Duration::ZERO` the deadline has passed when this returns.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self::now().saturating_add(timeout)
    }

    /// This deadline put off by `duration`; [`NEVER`](Self::NEVER) if that is beyond what a clock
    /// can show.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self {
            at: self.at.saturating_add(duration),
        }
    }

    /// The time left, zero if it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        if self == Self::NEVER {
            return Duration::MAX;
        }
        self.at.saturating_sub(sys::now())
    }

    /// Whether the time has come.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }

    /// The time since the clock's origin, `None` for [`NEVER`](Self::NEVER).
    pub(crate) fn since_origin(self) -> Option<Duration> {
        (self != Self::NEVER).then_some(self.at)
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.since_origin() {
            Some(at) => f.debug_tuple("Deadline").field(&at).finish(),
            None => f.write_str("Deadline::NEVER"),
        }
    }
}

#[cfg(feature = "std")]
impl From<std::time::Instant> for Deadline {
    /// The same point in time. It may come out a few nanoseconds late, never early.
    fn from(instant: std::time::Instant) -> Self {
        // `after` reads its clock later than this line reads std's: the sum is not early.
        Self::after(instant.saturating_duration_since(std::time::Instant::now()))
    }
}
