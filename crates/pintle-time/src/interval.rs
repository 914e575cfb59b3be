//! [`Interval`]: ticks that come again and again, without drift.
//!
//! An interval holds a time and a period, and nothing that a timer could point to: it can be moved
//! between two ticks, and is borrowed by one. The place in the timer is in the future that
//! [`tick`](Interval::tick) returns, which its task pins by awaiting it.
//!
//! ```text
//!  Interval { next, period }  ──tick()──▶  Tick { &mut Interval, Sleep until next }
//!            ▲                                 │                        │
//!            │        next += period           │ ready                  │ dropped before
//!            └─────────────────────────────────┘                        │
//!            └─ ─ ─ ─ ─ ─ ─ ─ ─ ─ as it was ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┘
//! ```

mod missed_tick;
mod stream;
mod tick;

pub use self::missed_tick::MissedTickBehavior;
pub use self::stream::IntervalStream;
pub use self::tick::Tick;

use core::fmt;
use core::time::Duration;

use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use crate::slack::coalesce;
use crate::{Instant, Sleep, Timer, TimerError};

/// Ticks once per period.
///
/// Made by [`Timer::interval`], [`Timer::interval_at`], and the functions of these names over the
/// global timer. Names and behaviour are those of tokio's `Interval`; so
///
/// ```
/// # async fn test(timer: &pintle_time::Timer) {
/// # use pintle_time::Duration;
/// # fn sample() {}
/// let mut interval = timer.interval(Duration::from_millis(10));
/// for _ in 0..5 {
///     interval.tick().await; // the first at once
///     sample();
/// }
/// # }
/// ```
///
/// # No drift
///
/// The *n*-th tick is due at `start + n × period`, computed to the nanosecond; only then is it
/// rounded up to a tick of the clock. That the task was late for one tick, by less than counts as
/// [missed](MissedTickBehavior), does not move the next.
///
/// "Now", which an interval starts at or is reset from, is what the clock shows: the moment at which
/// its current tick began. A tick that is due later than the clock can count never comes.
///
/// # In poll functions and as a stream
///
/// tokio's `poll_tick` needs a sleep that stays between two polls, which tokio allocates. Ours is
/// in [`IntervalStream`], to be pinned where you like.
pub struct Interval<'timer, Lock: ScopedRawMutex = DefaultMutex> {
    timer: &'timer Timer<Lock>,
    next: Instant,
    period: Duration,
    slack: Duration,
    behavior: MissedTickBehavior,
}

// === impl Timer ===

impl<Lock: ScopedRawMutex> Timer<Lock> {
    /// Ticks now, and from then on once per `period`.
    ///
    /// Reads the clock; takes no lock before a tick is polled.
    ///
    /// # Panics
    ///
    /// If `period` is zero.
    #[track_caller]
    pub fn interval(&self, period: Duration) -> Interval<'_, Lock> {
        self.interval_at(self.now(), period)
    }

    /// Ticks at `start`, and from then on once per `period`.
    ///
    /// # Panics
    ///
    /// If `period` is zero.
    #[track_caller]
    pub fn interval_at(&self, start: Instant, period: Duration) -> Interval<'_, Lock> {
        match self.try_interval_at(start, period) {
            Ok(interval) => interval,
            Err(error) => panic!("cannot make an interval: {error}"),
        }
    }

    /// Ticks now, and from then on once per `period`.
    ///
    /// # Errors
    ///
    /// [`ZeroPeriod`](TimerError::ZeroPeriod) if `period` is zero.
    pub fn try_interval(&self, period: Duration) -> Result<Interval<'_, Lock>, TimerError> {
        self.try_interval_at(self.now(), period)
    }

    /// Ticks at `start`, and from then on once per `period`.
    ///
    /// # Errors
    ///
    /// [`ZeroPeriod`](TimerError::ZeroPeriod) if `period` is zero.
    pub fn try_interval_at(
        &self,
        start: Instant,
        period: Duration,
    ) -> Result<Interval<'_, Lock>, TimerError> {
        if period.is_zero() {
            return Err(TimerError::ZeroPeriod);
        }
        Ok(Interval {
            timer: self,
            next: start,
            period,
            slack: Duration::ZERO,
            behavior: MissedTickBehavior::default(),
        })
    }
}

// === impl Interval ===

impl<'timer, Lock: ScopedRawMutex> Interval<'timer, Lock> {
    /// Waits for the next tick, and returns the moment at which it was due.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost: a tick that was not returned is the next one.
    pub fn tick(&mut self) -> Tick<'_, 'timer, Lock> {
        Tick::new(self)
    }

    /// Puts the next tick one period from now.
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// Puts the next tick at now. Those that follow come once per period from then.
    pub fn reset_immediately(&mut self) {
        self.reset_after(Duration::ZERO);
    }

    /// Puts the next tick `after` from now. Those that follow come once per period from then.
    pub fn reset_after(&mut self, after: Duration) {
        self.next = saturating_add(self.timer.now(), after);
    }

    /// Puts the next tick at `deadline`; if that is over, it comes at once. Those that follow come
    /// once per period from then.
    pub fn reset_at(&mut self, deadline: Instant) {
        self.next = deadline;
    }

    /// The time from one tick to the next.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.period
    }

    /// What happens when a tick is missed.
    #[must_use]
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.behavior
    }

    /// Says what happens when a tick is missed; [`Burst`](MissedTickBehavior::Burst) if not said.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.behavior = behavior;
    }

    /// By how much a tick may slip to share its wake-up with others.
    #[must_use]
    pub fn slack(&self) -> Duration {
        self.slack
    }

    /// Lets each tick slip by up to `slack`, to share its wake-up with others; by nothing if not
    /// said (see [`Sleep::slack`]). It does not add up: ticks stay due at multiples of the period.
    ///
    /// Slack as long as the period or more makes ticks come in bunches.
    pub fn set_slack(&mut self, slack: Duration) {
        self.slack = slack;
    }

    /// A sleep until the next tick; none if the clock never gets there.
    fn sleep(&self) -> Option<Sleep<'timer, Lock>> {
        let clock = self.timer.clock();
        let due = (self.next != NEVER).then(|| clock.checked_ticks_at(self.next))??;
        let deadline = coalesce(due, clock.ticks_within(self.slack));
        Some(Sleep::new(self.timer, self.period, deadline))
    }

    /// Takes the tick that is due.
    fn complete(&mut self) -> Instant {
        let due = self.next;
        let clock = self.timer.clock();
        // What slack allows is not late, nor is what the clock cannot tell sooner.
        let latest = clock.ticks_at(due);
        let latest = latest.saturating_add(clock.ticks_within(self.slack));
        let expected = Instant::from_start(clock.ticks_to_duration(latest));
        let now = self.timer.now();
        self.next = if MissedTickBehavior::is_missed(expected, now, self.period) {
            self.behavior.next(due, now, self.period)
        } else {
            saturating_add(due, self.period)
        };
        due
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Interval<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval")
            .field("next", &self.next)
            .field("period", &self.period)
            .field("slack", &self.slack)
            .field("missed_tick_behavior", &self.behavior)
            .finish_non_exhaustive()
    }
}

/// The last moment that can be told. A tick there never comes.
const NEVER: Instant = Instant::from_start(Duration::MAX);

fn saturating_add(instant: Instant, duration: Duration) -> Instant {
    instant.checked_add(duration).unwrap_or(NEVER)
}
