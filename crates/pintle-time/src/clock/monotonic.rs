//! Clocks over [`std::time::Instant`].

use core::time::Duration;
use std::sync::OnceLock;
use std::time::Instant;

use super::{Clock, Ticks};

// === impl Clock ===

impl Clock {
    /// The operating system's monotonic clock, in milliseconds since its first reading in this
    /// process.
    ///
    /// Right for a runtime's timer: most of its sleeps are timeouts, and at this resolution they
    /// lie on the wheel's lowest levels. All clocks that this function returns have the same
    /// start.
    ///
    /// ```
    /// use pintle_time::{Clock, Duration, Timer};
    ///
    /// static TIMER: Timer = Timer::new(Clock::monotonic());
    ///
    /// let start = TIMER.now();
    /// std::thread::sleep(Duration::from_millis(5));
    /// assert!(TIMER.now() - start >= Duration::from_millis(4));
    /// ```
    #[must_use]
    pub const fn monotonic() -> Self {
        Self::new(Duration::from_millis(1), || {
            since_start().as_millis() as Ticks
        })
        .named("std::time::Instant (ms)")
    }

    /// The operating system's monotonic clock, in microseconds since its first reading in this
    /// process.
    ///
    /// For timers whose users care about less than a millisecond, and drive the timer as often.
    /// Its start is that of [`monotonic`](Self::monotonic).
    #[must_use]
    pub const fn monotonic_micros() -> Self {
        Self::new(Duration::from_micros(1), || {
            since_start().as_micros() as Ticks
        })
        .named("std::time::Instant (µs)")
    }
}

// The casts above keep 64 of 128 bits: enough for 584,000 years of microseconds.
fn since_start() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
