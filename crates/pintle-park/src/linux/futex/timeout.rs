use super::RealtimeDeadline;
use crate::{Deadline, linux::raw};
use core::time::Duration;
use libc::{c_int, clockid_t};

/// Until when an operation waits, on either of the two clocks that the kernel knows for it.
///
/// A [`Deadline`] and a [`RealtimeDeadline`] convert into it. Operations that know one clock only
/// take that type instead.
///
/// An absolute time stays right when a signal interrupts the wait. It is not negative, and what
/// the kernel's 64-bit seconds cannot hold never comes.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU32;
/// use core::time::Duration;
/// use pintle_park::Deadline;
/// use pintle_park::linux::futex::{Futex, Private, RealtimeDeadline, Timeout, WaitError};
///
/// let word: Futex<Private> = Futex::new(0);
/// let soon = Duration::from_millis(1);
/// for timeout in [
///     Timeout::from(Deadline::after(soon)),
///     Timeout::from(RealtimeDeadline::after(soon)),
/// ] {
///     assert_eq!(word.wait_bitset(0, NonZeroU32::MAX, timeout), Err(WaitError::TimedOut));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timeout {
    /// There is none.
    Never,
    /// A time on `CLOCK_MONOTONIC`, which nobody sets.
    Monotonic(Deadline),
    /// A time on `CLOCK_REALTIME`; setting that clock moves it.
    Realtime(RealtimeDeadline),
}

// === impl Timeout ===

impl Timeout {
    /// Since the clock's origin.
    pub(super) fn at(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Monotonic(deadline) => deadline.since_origin(),
            Self::Realtime(deadline) => deadline.since_epoch(),
        }
    }

    /// The flag of a classic operation.
    pub(super) fn flag(self) -> c_int {
        match self {
            Self::Never | Self::Monotonic(_) => 0,
            Self::Realtime(_) => raw::REALTIME,
        }
    }

    /// The argument of a futex2 call.
    pub(super) fn clock(self) -> clockid_t {
        match self {
            Self::Never | Self::Monotonic(_) => libc::CLOCK_MONOTONIC,
            Self::Realtime(_) => libc::CLOCK_REALTIME,
        }
    }
}

impl From<Deadline> for Timeout {
    fn from(deadline: Deadline) -> Self {
        Self::Monotonic(deadline)
    }
}

impl From<RealtimeDeadline> for Timeout {
    fn from(deadline: RealtimeDeadline) -> Self {
        Self::Realtime(deadline)
    }
}

#[cfg(feature = "std")]
impl From<std::time::Instant> for Timeout {
    fn from(instant: std::time::Instant) -> Self {
        Self::Monotonic(instant.into())
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timeout {
    fn from(time: std::time::SystemTime) -> Self {
        Self::Realtime(time.into())
    }
}
