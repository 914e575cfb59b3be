use super::RealtimeDeadline;
use crate::Deadline;

/// Until when an operation waits, on either of POSIX's two clocks.
///
/// A [`Deadline`] and a [`RealtimeDeadline`] convert into it. Operations that know one clock only
/// take that type instead.
///
/// An absolute time stays right when a signal interrupts the wait. It is not negative, and what
/// the system's seconds cannot hold never comes.
///
/// # Examples
///
/// ```
/// use core::{pin::pin, time::Duration};
/// use pintle_park::Deadline;
/// use pintle_park::posix::{LockError, Mutex, MutexAttr, RealtimeDeadline, Timeout};
///
/// let mutex = pin!(Mutex::with_attr(MutexAttr::new().error_check(), 0));
/// let mutex = mutex.as_ref();
/// let soon = Duration::from_millis(1);
/// std::thread::scope(|scope| {
///     let _guard = mutex.lock().unwrap();
///     scope.spawn(|| {
///         for timeout in [
///             Timeout::from(Deadline::after(soon)),
///             Timeout::from(RealtimeDeadline::after(soon)),
///         ] {
///             let outcome = mutex.lock_until(timeout);
///             assert!(matches!(outcome, Err(LockError::TimedOut)));
///         }
///     }).join().unwrap();
/// });
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
