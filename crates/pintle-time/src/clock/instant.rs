//! [`Instant`].

use core::fmt;
use core::ops::{Add, AddAssign, Sub, SubAssign};
use core::time::Duration;

/// A moment, as the time since its [`Clock`](crate::Clock)'s start.
///
/// Two instants may be compared and subtracted if they come from clocks with the same start. Its
/// resolution is the clock's tick: an instant is the moment at which the tick *began* that the
/// clock was in.
///
/// # Examples
///
/// ```
/// use pintle_time::{Clock, Duration, Timer};
///
/// let timer = Timer::new(Clock::new(Duration::from_millis(10), || 42));
/// let start = timer.now();
/// let later = start + Duration::from_secs(1);
///
/// assert!(later > start);
/// assert_eq!(later - start, Duration::from_secs(1));
/// assert_eq!(start - later, Duration::ZERO);
/// assert_eq!(start.to_string(), "420ms");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

// === impl Instant ===

impl Instant {
    pub(crate) const fn from_start(since_start: Duration) -> Self {
        Self(since_start)
    }

    pub(crate) const fn since_start(self) -> Duration {
        self.0
    }

    pintle_core::not_loom! {
        /// The current time of the [global timer](crate::set_global_timer)'s clock.
        ///
        /// With a timer of your own at hand, ask its [`now`](crate::Timer::now).
        ///
        /// # Panics
        ///
        /// If there is no global timer yet.
        #[must_use]
        #[track_caller]
        pub fn now() -> Self {
            match Self::try_now() {
                Ok(now) => now,
                Err(error) => panic!("{error}"),
            }
        }

        /// The current time of the [global timer](crate::set_global_timer)'s clock, if there is one.
        ///
        /// # Errors
        ///
        /// [`NoGlobalTimer`](crate::TimerError::NoGlobalTimer) before
        /// [`set_global_timer`](crate::set_global_timer) was called.
        pub fn try_now() -> Result<Self, crate::TimerError> {
            crate::global::timer().map(crate::Timer::now)
        }

        /// How much time has passed since this instant, by the
        /// [global timer](crate::set_global_timer)'s clock; zero if it lies ahead.
        ///
        /// # Panics
        ///
        /// If there is no global timer yet.
        #[must_use]
        #[track_caller]
        pub fn elapsed(&self) -> Duration {
            Self::now().duration_since(*self)
        }
    }

    /// How much later this instant is than `earlier`; zero if it is not later.
    #[must_use]
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// How much later this instant is than `earlier`, or `None` if it is not as late.
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        self.0.checked_sub(earlier.0)
    }

    /// The instant that is `duration` later, unless it cannot be told.
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_add(duration).map(Self)
    }

    /// The instant that is `duration` earlier, unless that is before the clock's start.
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_sub(duration).map(Self)
    }
}

/// Panics if the sum cannot be told; see [`Instant::checked_add`].
impl Add<Duration> for Instant {
    type Output = Instant;

    #[track_caller]
    fn add(self, duration: Duration) -> Instant {
        self.checked_add(duration)
            .expect("overflow when adding a duration to an instant")
    }
}

/// Panics as the sum does.
impl AddAssign<Duration> for Instant {
    #[track_caller]
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

/// Panics if the difference is before the clock's start; see [`Instant::checked_sub`].
impl Sub<Duration> for Instant {
    type Output = Instant;

    #[track_caller]
    fn sub(self, duration: Duration) -> Instant {
        self.checked_sub(duration)
            .expect("overflow when subtracting a duration from an instant")
    }
}

/// Panics as the difference does.
impl SubAssign<Duration> for Instant {
    #[track_caller]
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

/// Zero where the right side is later, as [`Instant::duration_since`].
impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Instant) -> Duration {
        self.duration_since(earlier)
    }
}

/// Shows the time since the clock's start, as in `1.5s`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
