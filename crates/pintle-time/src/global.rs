//! The global timer, and the functions that use it.

use core::future::Future;
use core::ptr;
use core::time::Duration;

use pintle_core::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::{AlreadyInitialized, Instant, Interval, Sleep, Timeout, Timer, TimerError};

/// Null until it is set, then for ever a `&'static Timer`.
static GLOBAL: AtomicPtr<Timer> = AtomicPtr::new(ptr::null_mut());

/// Makes `timer` the one that [`sleep`], [`timeout`], [`interval`], their other forms and
/// [`Instant::now`](crate::Instant::now) use.
///
/// An application does this once, as it starts. Libraries that are to be used with any timer take
/// a `&Timer` instead. May be called anywhere.
///
/// # Errors
///
/// [`AlreadyInitialized`] if there is a global timer already; it stays.
///
/// # Examples
///
/// ```standalone_crate
/// use pintle_time::{Clock, Duration, Instant, Timer};
///
/// static TIMER: Timer = Timer::new(Clock::new(Duration::from_millis(1), || 42));
///
/// assert!(Instant::try_now().is_err());
/// pintle_time::set_global_timer(&TIMER).unwrap();
/// assert_eq!(Instant::now().to_string(), "42ms");
/// assert!(pintle_time::set_global_timer(&TIMER).is_err());
/// ```
pub fn set_global_timer(timer: &'static Timer) -> Result<(), AlreadyInitialized> {
    let timer = ptr::from_ref(timer).cast_mut();
    // Release pairs with the Acquire in `timer`: whoever finds the timer finds it initialised.
    match GLOBAL.compare_exchange(ptr::null_mut(), timer, Release, Relaxed) {
        Ok(_) => Ok(()),
        Err(_) => Err(AlreadyInitialized),
    }
}

/// The global timer.
pub(crate) fn timer() -> Result<&'static Timer, TimerError> {
    // Acquire pairs with the Release in `set_global_timer`.
    let timer = GLOBAL.load(Acquire);
    // SAFETY: it is null or comes from a `&'static Timer`.
    unsafe { timer.as_ref() }.ok_or(TimerError::NoGlobalTimer)
}

/// A future that completes when at least `duration` has passed from now, by the global timer.
///
/// See [`Timer::sleep`].
///
/// # Panics
///
/// If no global timer [has been set](set_global_timer), or `duration` is longer than its clock
/// can measure.
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep<'static> {
    match try_sleep(duration) {
        Ok(sleep) => sleep,
        Err(error) => panic!("cannot sleep: {error}"),
    }
}

/// A future that completes when at least `duration` has passed from now, by the global timer.
///
/// See [`Timer::try_sleep`].
///
/// # Errors
///
/// [`NoGlobalTimer`](TimerError::NoGlobalTimer) if none [has been set](set_global_timer);
/// [`DurationTooLong`](TimerError::DurationTooLong) if `duration` is longer than its clock can
/// measure.
pub fn try_sleep(duration: Duration) -> Result<Sleep<'static>, TimerError> {
    timer()?.try_sleep(duration)
}

/// Runs `future` for at most `duration` from now, by the global timer.
///
/// See [`Timer::timeout`].
///
/// # Panics
///
/// If no global timer [has been set](set_global_timer), or `duration` is longer than its clock
/// can measure.
#[track_caller]
pub fn timeout<F: Future>(duration: Duration, future: F) -> Timeout<'static, F> {
    match try_timeout(duration, future) {
        Ok(timeout) => timeout,
        Err(error) => panic!("cannot set a timeout: {error}"),
    }
}

/// Runs `future` for at most `duration` from now, by the global timer.
///
/// See [`Timer::try_timeout`].
///
/// # Errors
///
/// [`NoGlobalTimer`](TimerError::NoGlobalTimer) if none [has been set](set_global_timer);
/// [`DurationTooLong`](TimerError::DurationTooLong) if `duration` is longer than its clock can
/// measure. The future is dropped.
pub fn try_timeout<F: Future>(
    duration: Duration,
    future: F,
) -> Result<Timeout<'static, F>, TimerError> {
    timer()?.try_timeout(duration, future)
}

/// Ticks now, and from then on once per `period`, by the global timer.
///
/// See [`Timer::interval`].
///
/// # Panics
///
/// If no global timer [has been set](set_global_timer), or `period` is zero.
#[track_caller]
pub fn interval(period: Duration) -> Interval<'static> {
    match try_interval(period) {
        Ok(interval) => interval,
        Err(error) => panic!("cannot make an interval: {error}"),
    }
}

/// Ticks at `start`, and from then on once per `period`, by the global timer.
///
/// See [`Timer::interval_at`].
///
/// # Panics
///
/// If no global timer [has been set](set_global_timer), or `period` is zero.
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval<'static> {
    match try_interval_at(start, period) {
        Ok(interval) => interval,
        Err(error) => panic!("cannot make an interval: {error}"),
    }
}

/// Ticks now, and from then on once per `period`, by the global timer.
///
/// See [`Timer::try_interval`].
///
/// # Errors
///
/// [`NoGlobalTimer`](TimerError::NoGlobalTimer) if none [has been set](set_global_timer);
/// [`ZeroPeriod`](TimerError::ZeroPeriod) if `period` is zero.
pub fn try_interval(period: Duration) -> Result<Interval<'static>, TimerError> {
    timer()?.try_interval(period)
}

/// Ticks at `start`, and from then on once per `period`, by the global timer.
///
/// See [`Timer::try_interval_at`].
///
/// # Errors
///
/// [`NoGlobalTimer`](TimerError::NoGlobalTimer) if none [has been set](set_global_timer);
/// [`ZeroPeriod`](TimerError::ZeroPeriod) if `period` is zero.
pub fn try_interval_at(start: Instant, period: Duration) -> Result<Interval<'static>, TimerError> {
    timer()?.try_interval_at(start, period)
}

/// A future that completes at `deadline`, by the global timer.
///
/// See [`Timer::sleep_until`].
///
/// # Panics
///
/// If no global timer [has been set](set_global_timer).
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep<'static> {
    match try_sleep_until(deadline) {
        Ok(sleep) => sleep,
        Err(error) => panic!("cannot sleep: {error}"),
    }
}

/// A future that completes at `deadline`, by the global timer.
///
/// See [`Timer::sleep_until`].
///
/// # Errors
///
/// [`NoGlobalTimer`](TimerError::NoGlobalTimer) if none [has been set](set_global_timer).
pub fn try_sleep_until(deadline: Instant) -> Result<Sleep<'static>, TimerError> {
    Ok(timer()?.sleep_until(deadline))
}

/// Runs `future` until `deadline` at most, by the global timer.
///
/// See [`Timer::timeout_at`].
///
/// # Panics
///
/// If no global timer [has been set](set_global_timer).
#[track_caller]
pub fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<'static, F> {
    match try_timeout_at(deadline, future) {
        Ok(timeout) => timeout,
        Err(error) => panic!("cannot set a timeout: {error}"),
    }
}

/// Runs `future` until `deadline` at most, by the global timer.
///
/// See [`Timer::timeout_at`].
///
/// # Errors
///
/// [`NoGlobalTimer`](TimerError::NoGlobalTimer) if none [has been set](set_global_timer). The future
/// is dropped.
pub fn try_timeout_at<F: Future>(
    deadline: Instant,
    future: F,
) -> Result<Timeout<'static, F>, TimerError> {
    Ok(timer()?.timeout_at(deadline, future))
}
