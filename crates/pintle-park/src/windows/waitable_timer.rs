use super::handle::{Handle, SignalOutcome, object};
use super::{Access, Created, ErrorCode, FileTime, Name, ObjectError, Reset};
use crate::Deadline;
use core::{fmt, ptr, time::Duration};
use windows_sys::Win32::System::Threading::{
    CREATE_WAITABLE_TIMER_MANUAL_RESET, CancelWaitableTimer, CreateWaitableTimerExW,
    OpenWaitableTimerW, SetWaitableTimer, TIMER_ALL_ACCESS, TIMER_MODIFY_STATE,
};

/// A time that threads wait for, once or again and again, and that processes can share by its name.
///
/// With [`Reset::Auto`] one wait ends at each time it comes; with [`Reset::Manual`] every wait ends
/// from then on, until it is [`set`](Self::set) anew. It does not count: if it comes twice while
/// nobody waits, one wait ends.
///
/// How exact it is depends on the tick of the system's clock, 16 ms as a rule: it may come that much
/// late, and, as the time of the call is known only to the last tick, by less than that early. For a
/// time that must not be early wait with a [`Deadline`] instead. Its user wakes no sleeping machine.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_park::windows::{Due, Reset, WaitableTimer};
///
/// let timer = WaitableTimer::new(Reset::Auto)?;
/// let often = Duration::from_millis(2);
/// timer.set(Due::After(often), Some(often))?;
/// for _ in 0..3 {
///     timer.wait()?;
/// }
/// timer.cancel()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WaitableTimer {
    pub(super) handle: Handle,
}

/// When a [`WaitableTimer`] comes, the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// So long after the call, rounded up to 100 ns; at once, if it is zero. Longer than the system
    /// can count (29,000 years) is as long as it can.
    After(Duration),
    /// At this time, also if somebody sets the clock meanwhile; at once, if it has passed.
    At(FileTime),
}

/// Why a [`WaitableTimer`] could not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimerError {
    /// A period is 1 to `i32::MAX` milliseconds (24 days).
    Period,
    /// The system's: the handle's access does not include to modify.
    Other(ErrorCode),
}

// === impl WaitableTimer ===

object!(WaitableTimer);

impl WaitableTimer {
    /// A timer without a name, that is not set.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if the system is out of memory or handles.
    pub fn new(reset: Reset) -> Result<Self, ObjectError> {
        Ok(Self::create_raw(ptr::null(), reset, Access::All)?.into_inner())
    }

    /// A timer of this name: a new one, that is not set, or the one that there is.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if the name is another kind's, or not granted with that access.
    pub fn create(name: &Name, reset: Reset, access: Access) -> Result<Created<Self>, ObjectError> {
        Self::create_raw(name.as_ptr(), reset, access)
    }

    /// The timer of this name.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if there is none, or it is not granted with that access.
    pub fn open(name: &Name, access: Access) -> Result<Self, ObjectError> {
        let rights = access.rights(TIMER_MODIFY_STATE, TIMER_ALL_ACCESS);
        let handle = Handle::open(|| {
            // SAFETY: the name ends with a zero.
            unsafe { OpenWaitableTimerW(rights, 0, name.as_ptr()) }
        })?;
        Ok(Self { handle })
    }

    /// `name` is null, or ends with a zero.
    fn create_raw(
        name: *const u16,
        reset: Reset,
        access: Access,
    ) -> Result<Created<Self>, ObjectError> {
        let flags = match reset {
            Reset::Auto => 0,
            Reset::Manual => CREATE_WAITABLE_TIMER_MANUAL_RESET,
        };
        let rights = access.rights(TIMER_MODIFY_STATE, TIMER_ALL_ACCESS);
        let created = Handle::create(|| {
            // SAFETY: the name is null or ends with a zero, and no security attributes are fine.
            unsafe { CreateWaitableTimerExW(ptr::null(), name, flags, rights) }
        })?;
        Ok(created.map(|handle| Self { handle }))
    }

    /// Sets it: to come when it is `due`, and then each time a `period` has passed, if there is one.
    ///
    /// If it is set already it is set anew, and a signal that nobody has waited for is taken back. The
    /// period is rounded up to milliseconds.
    ///
    /// # Errors
    ///
    /// [`TimerError`], and it is as it was.
    pub fn set(&self, due: Due, period: Option<Duration>) -> Result<(), TimerError> {
        let period = match period {
            None => 0,
            Some(period) => match i32::try_from(period.as_nanos().div_ceil(1_000_000)) {
                Ok(period @ 1..) => period,
                _ => return Err(TimerError::Period),
            },
        };
        let due = due.ticks();
        // SAFETY: the handle is open, `due` is a time, and there is no routine to be called.
        let set = unsafe {
            SetWaitableTimer(
                self.handle.raw(),
                &raw const due,
                period,
                None,
                ptr::null(),
                0,
            )
        };
        ErrorCode::check(set).map_err(TimerError::Other)
    }

    /// Stops it: it does not come any more. A signal that has come stays.
    ///
    /// # Errors
    ///
    /// [`ErrorCode`], if the handle's access does not include to modify.
    pub fn cancel(&self) -> Result<(), ErrorCode> {
        // SAFETY: the handle is open.
        ErrorCode::check(unsafe { CancelWaitableTimer(self.handle.raw()) })
    }

    /// Waits until it comes: for ever, if it is not set. Blocks.
    ///
    /// # Errors
    ///
    /// [`ErrorCode`], if the handle's access does not include to wait.
    pub fn wait(&self) -> Result<(), ErrorCode> {
        while self.wait_until(Deadline::NEVER)? == SignalOutcome::TimedOut {}
        Ok(())
    }

    /// Waits until it comes, for `timeout` at most.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_timeout(&self, timeout: Duration) -> Result<SignalOutcome, ErrorCode> {
        self.wait_until(Deadline::after(timeout))
    }

    /// Waits until it comes, until `deadline` at the latest. A deadline that has passed looks whether
    /// it has come.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_until(&self, deadline: impl Into<Deadline>) -> Result<SignalOutcome, ErrorCode> {
        self.handle.wait_signal(deadline.into())
    }
}

// === impl Due ===

impl Due {
    /// As the system takes it: negative is relative, in 100 ns.
    fn ticks(self) -> i64 {
        match self {
            Self::After(duration) => {
                let ticks = i64::try_from(duration.as_nanos().div_ceil(100));
                // A relative zero is an absolute one, which has passed.
                -ticks.unwrap_or(i64::MAX)
            }
            Self::At(time) => i64::try_from(time.ticks()).unwrap_or(i64::MAX),
        }
    }
}

// === impl TimerError ===

impl fmt::Display for TimerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Period => f.write_str("a timer's period is 1 ms to 24 days"),
            Self::Other(code) => fmt::Display::fmt(code, f),
        }
    }
}

impl core::error::Error for TimerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up_and_saturate() {
        assert_eq!(Due::After(Duration::ZERO).ticks(), 0);
        assert_eq!(Due::After(Duration::from_nanos(1)).ticks(), -1);
        assert_eq!(Due::After(Duration::from_nanos(101)).ticks(), -2);
        assert_eq!(Due::After(Duration::from_secs(1)).ticks(), -10_000_000);
        assert_eq!(Due::After(Duration::MAX).ticks(), -i64::MAX);
        assert_eq!(Due::At(FileTime::from_ticks(5)).ticks(), 5);
        assert_eq!(Due::At(FileTime::from_ticks(u64::MAX)).ticks(), i64::MAX);
    }

    #[cfg(feature = "std")]
    #[test]
    fn the_unix_epoch_in_file_time() {
        use std::time::SystemTime;

        let epoch = FileTime::from(SystemTime::UNIX_EPOCH);
        // From the documentation of `RtlSecondsSince1970ToTime`.
        assert_eq!(epoch.ticks(), 116_444_736_000_000_000);
        let later = SystemTime::UNIX_EPOCH + Duration::from_nanos(100);
        assert_eq!(FileTime::from(later).ticks(), epoch.ticks() + 1);
    }
}
