//! [`Delay`]: a timer for the drivers of embedded-hal.

use core::fmt;
use core::time::Duration;

use embedded_hal_async::delay::DelayNs;
use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use crate::Timer;

/// Delays by a [`Timer`]: what a driver over embedded-hal-async asks for as `impl DelayNs`. Made by
/// [`Timer::delay`].
///
/// A delay is a [`Sleep`](crate::Sleep), so it is never shorter than asked for, may be up to two
/// ticks of the clock longer, and needs somebody who turns the timer. Where a driver counts on
/// microseconds, the clock has to tick as often. A delay of zero is over at once.
///
/// It is one reference: make as many as there are drivers.
///
/// # Cancellation
///
/// Dropping a delay's future takes it off the timer, in O(1).
///
/// # Examples
///
/// ```
/// use embedded_hal_async::delay::DelayNs;
/// use pintle_time::{Duration, Timer, clock::ManualClock};
///
/// /// Part of some driver.
/// async fn reset(delay: &mut impl DelayNs) {
///     // pull the line low …
///     delay.delay_us(50).await;
///     // … and high, and wait for the chip to start
///     delay.delay_ms(10).await;
/// }
///
/// static CLOCK: ManualClock = ManualClock::new(Duration::from_micros(10));
/// static TIMER: Timer = Timer::new(CLOCK.clock());
///
/// CLOCK.run(&TIMER, reset(&mut TIMER.delay()));
/// // Each was a tick of 10 µs longer, for the tick that had begun.
/// assert_eq!(TIMER.now().to_string(), "10.07ms");
/// ```
pub struct Delay<'timer, Lock: ScopedRawMutex = DefaultMutex> {
    timer: &'timer Timer<Lock>,
}

// === impl Timer ===

impl<Lock: ScopedRawMutex> Timer<Lock> {
    /// Delays by this timer, for drivers over embedded-hal-async.
    #[must_use]
    pub const fn delay(&self) -> Delay<'_, Lock> {
        Delay { timer: self }
    }
}

// === impl Delay ===

// No clock's range is as short as these durations (2³² ms are 50 days): a tick is at least 1 ns, so
// 2⁶⁴ of them are at least 584 years.
impl<Lock: ScopedRawMutex> DelayNs for Delay<'_, Lock> {
    async fn delay_ns(&mut self, ns: u32) {
        self.timer.sleep(Duration::from_nanos(ns.into())).await;
    }

    async fn delay_us(&mut self, us: u32) {
        self.timer.sleep(Duration::from_micros(us.into())).await;
    }

    async fn delay_ms(&mut self, ms: u32) {
        self.timer.sleep(Duration::from_millis(ms.into())).await;
    }
}

impl<Lock: ScopedRawMutex> Clone for Delay<'_, Lock> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Lock: ScopedRawMutex> Copy for Delay<'_, Lock> {}

impl<Lock: ScopedRawMutex> fmt::Debug for Delay<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Delay").field(&self.timer).finish()
    }
}
