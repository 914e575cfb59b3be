//! [`Counter`].

use super::Ticks;

/// Something that counts, for a [`Clock`](super::Clock) that is more than a plain function.
///
/// [`HalfPeriod`](super::HalfPeriod) and [`ManualClock`](super::ManualClock) are counters.
///
/// # Examples
///
/// ```
/// use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// use pintle_time::clock::{Clock, Counter, Ticks};
/// use pintle_time::{Duration, Timer};
///
/// /// Time as one simulated machine of several sees it.
/// struct Machine {
///     cycles: AtomicUsize,
/// }
///
/// impl Counter for Machine {
///     fn now_ticks(&self) -> Ticks {
///         self.cycles.load(Relaxed) as Ticks
///     }
/// }
///
/// static MACHINES: [Machine; 2] = [const { Machine { cycles: AtomicUsize::new(0) } }; 2];
/// let clocks = MACHINES.each_ref().map(|machine| Clock::over(Duration::from_nanos(10), machine));
///
/// MACHINES[1].cycles.store(5, Relaxed);
/// assert_eq!(clocks[0].now_ticks(), 0);
/// assert_eq!(clocks[1].now_ticks(), 5);
/// ```
pub trait Counter: Sync {
    /// The count, which [must not go backwards](super::Clock#the-count-must-not-go-backwards).
    ///
    /// It is called with no lock of this crate held, from wherever a sleep is made or polled or a
    /// timer is turned.
    fn now_ticks(&self) -> Ticks;
}
