//! [`Turn`].

use core::time::Duration;

use crate::clock::{Ticks, ticks_to_duration};

/// What a [turn of the timer](crate::Timer::turn) has done, and when the next is needed.
#[derive(Debug)]
pub struct Turn {
    /// The count of the timer's clock up to which sleeps have been completed.
    pub now: Ticks,
    /// How many sleeps this turn has completed.
    pub expired: usize,
    next: Option<Ticks>,
    tick_duration: Duration,
}

// === impl Turn ===

impl Turn {
    pub(super) const fn at(now: Ticks, tick_duration: Duration) -> Self {
        Self {
            now,
            expired: 0,
            next: None,
            tick_duration,
        }
    }

    pub(super) const fn with_next(self, next: Option<Ticks>) -> Self {
        Self { next, ..self }
    }

    /// For how many ticks from [`now`](Self::now) no sleep ends; `None` if no sleep is left.
    ///
    /// Never later than the earliest deadline there was at the end of the turn, those of sleeps
    /// that its wakers have started included. Exactly that unless many sleeps lie, or lay, near it, or
    /// the earliest has been dropped or reset: a turn does not search long, and not at all if nothing
    /// was due. A turn at the moment that it says will know more. (On targets of less than 64 bits it
    /// is no more than half a word's range ahead.)
    /// [`Timer::next_deadline`](crate::Timer::next_deadline) is always exact.
    #[must_use]
    pub fn ticks_to_next_deadline(&self) -> Option<Ticks> {
        self.next.map(|next| next.saturating_sub(self.now))
    }

    /// For how long from [`now`](Self::now) no sleep ends; `None` if no sleep is left.
    ///
    /// As exact as [`ticks_to_next_deadline`](Self::ticks_to_next_deadline).
    #[must_use]
    pub fn time_to_next_deadline(&self) -> Option<Duration> {
        self.ticks_to_next_deadline()
            .map(|ticks| ticks_to_duration(self.tick_duration, ticks))
    }

    /// The time from the clock's start to [`now`](Self::now).
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        ticks_to_duration(self.tick_duration, self.now)
    }

    /// Whether there are sleeps that have not ended yet.
    #[must_use]
    pub fn has_remaining(&self) -> bool {
        self.next.is_some()
    }
}
