use core::{fmt, time::Duration};

/// A point in time on `CLOCK_REALTIME`: what the wall's clock shows, counted from 1970.
///
/// When somebody sets the clock, a wait until such a deadline ends earlier or later. For a wait
/// that is to last, a [`Deadline`](crate::Deadline) is right; this is for appointments, and for
/// what knows no other clock.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_park::posix::RealtimeDeadline;
///
/// let soon = RealtimeDeadline::after(Duration::from_millis(1));
/// assert!(soon < RealtimeDeadline::NEVER);
/// assert_eq!(RealtimeDeadline::from_epoch(Duration::MAX), RealtimeDeadline::NEVER);
/// assert_eq!(RealtimeDeadline::after(Duration::MAX), RealtimeDeadline::NEVER);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RealtimeDeadline {
    since_epoch: Duration,
}

// === impl RealtimeDeadline ===

impl RealtimeDeadline {
    /// The deadline that does not come: no timeout.
    pub const NEVER: Self = Self::from_epoch(Duration::MAX);

    /// The time so long after 1970-01-01 00:00:00 UTC, leap seconds not counted.
    #[must_use]
    pub const fn from_epoch(since_epoch: Duration) -> Self {
        Self { since_epoch }
    }

    /// The current time; 1970 for a clock that has been set to before it.
    #[must_use]
    pub fn now() -> Self {
        let mut now = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: `now` is a valid place for the result.
        let result = unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
        debug_assert_eq!(result, 0, "every Unix has CLOCK_REALTIME");
        // Nanoseconds are less than a second, whatever the sign of the seconds.
        Self::from_epoch(Duration::new(
            u64::try_from(now.tv_sec).unwrap_or(0),
            now.tv_nsec as u32,
        ))
    }

    /// The time `timeout` from now; [`NEVER`](Self::NEVER) if that is beyond what a clock can show.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self::now().saturating_add(timeout)
    }

    /// This deadline put off by `duration`; [`NEVER`](Self::NEVER) if that is beyond what a clock
    /// can show.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self::from_epoch(self.since_epoch.saturating_add(duration))
    }

    /// Whether the clock shows this time, or a later one.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self != Self::NEVER && self <= Self::now()
    }

    /// The time since 1970, `None` for [`NEVER`](Self::NEVER).
    #[must_use]
    pub fn since_epoch(self) -> Option<Duration> {
        (self != Self::NEVER).then_some(self.since_epoch)
    }
}

impl fmt::Debug for RealtimeDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.since_epoch() {
            Some(at) => f.debug_tuple("RealtimeDeadline").field(&at).finish(),
            None => f.write_str("RealtimeDeadline::NEVER"),
        }
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for RealtimeDeadline {
    /// The same point in time; before 1970 it has passed either way.
    fn from(time: std::time::SystemTime) -> Self {
        let since_epoch = time.duration_since(std::time::UNIX_EPOCH);
        Self::from_epoch(since_epoch.unwrap_or_default())
    }
}
