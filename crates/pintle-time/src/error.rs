//! [`TimerError`] and [`AlreadyInitialized`].

use core::error::Error;
use core::fmt;
use core::time::Duration;

/// Why a sleep, a timeout or an interval could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimerError {
    /// [`set_global_timer`](crate::set_global_timer) has not been called yet.
    NoGlobalTimer,
    /// The duration is longer than the timer's clock can measure.
    DurationTooLong {
        /// What was asked for.
        requested: Duration,
        /// The longest duration that the clock can measure.
        max: Duration,
    },
    /// An interval's period is zero.
    ZeroPeriod,
}

// === impl TimerError ===

impl fmt::Display for TimerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGlobalTimer => f.write_str("no global timer has been set"),
            Self::DurationTooLong { requested, max } => {
                write!(
                    f,
                    "duration {requested:?} is longer than the timer's maximum of {max:?}"
                )
            }
            Self::ZeroPeriod => f.write_str("an interval's period must be longer than zero"),
        }
    }
}

impl Error for TimerError {}

/// The [global timer](crate::set_global_timer) has been set before, and stays what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlreadyInitialized;

// === impl AlreadyInitialized ===

impl fmt::Display for AlreadyInitialized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the global timer has already been set")
    }
}

impl Error for AlreadyInitialized {}
