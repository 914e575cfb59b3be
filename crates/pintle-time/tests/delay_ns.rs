//! Delays for the drivers of embedded-hal: never short, and at most two ticks long.
#![cfg(all(not(loom), feature = "embedded-hal-async"))]

use embedded_hal_async::delay::DelayNs;
use pintle_time::clock::ManualClock;
use pintle_time::{Duration, Timer};

static CLOCK: ManualClock = ManualClock::new(TICK);
static TIMER: Timer = Timer::new(CLOCK.clock());
const TICK: Duration = Duration::from_nanos(700);

/// How long a delay takes by the clock, which may have stood anywhere in its tick.
fn took(delay: impl Future<Output = ()>) -> Duration {
    let start = TIMER.now();
    CLOCK.run(&TIMER, delay);
    TIMER.now() - start
}

#[track_caller]
fn is_enough(took: Duration, wanted: Duration) {
    let surely = took.saturating_sub(TICK);
    assert!(
        surely >= wanted && took <= wanted + 2 * TICK,
        "{took:?} for {wanted:?}"
    );
}

#[test]
fn never_short() {
    let mut delay = TIMER.delay();
    for n in [1, 2, 699, 700, 701, 1000, 123_456, u32::MAX] {
        is_enough(took(delay.delay_ns(n)), Duration::from_nanos(n.into()));
        is_enough(took(delay.delay_us(n)), Duration::from_micros(n.into()));
        is_enough(took(delay.delay_ms(n)), Duration::from_millis(n.into()));
    }
    assert_eq!(took(delay.delay_ns(0)), Duration::ZERO);
    assert_eq!(took(delay.delay_us(0)), Duration::ZERO);
    assert_eq!(took(delay.delay_ms(0)), Duration::ZERO);
}
