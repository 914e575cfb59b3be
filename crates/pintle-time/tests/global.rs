//! The global timer. One test, for the timer is the process's.

mod support;

use std::future::pending;
use std::pin::pin;
use std::task::Poll;

use pintle_time::{Clock, Duration, Instant, Timer, TimerError};
use support::{Count, MS, go, poll, set_now};

static TIMER: Timer = Timer::new(Clock::new(MS, support::now));

#[test]
fn the_global_timer() {
    set_now(100);
    assert_eq!(
        pintle_time::try_sleep(MS).err(),
        Some(TimerError::NoGlobalTimer)
    );
    assert_eq!(
        pintle_time::try_timeout(MS, pending::<()>()).err(),
        Some(TimerError::NoGlobalTimer)
    );
    assert_eq!(Instant::try_now(), Err(TimerError::NoGlobalTimer));
    let instant = TIMER.now();
    let error = Some(TimerError::NoGlobalTimer);
    assert_eq!(pintle_time::try_sleep_until(instant).err(), error);
    assert_eq!(
        pintle_time::try_timeout_at(instant, pending::<()>()).err(),
        error
    );
    assert_eq!(pintle_time::try_interval(MS).err(), error);
    assert_eq!(pintle_time::try_interval_at(instant, MS).err(), error);
    assert!(std::panic::catch_unwind(|| drop(pintle_time::sleep(MS))).is_err());

    pintle_time::set_global_timer(&TIMER).unwrap();
    let error = pintle_time::set_global_timer(&TIMER).unwrap_err();
    assert_eq!(error.to_string(), "the global timer has already been set");

    // Defect 25: `elapsed` told the time since the clock's start.
    let start = Instant::now();
    go(7);
    assert_eq!(start.elapsed(), 7 * MS);
    assert_eq!((start + 20 * MS).elapsed(), Duration::ZERO);
    assert_eq!(Instant::now() - start, 7 * MS);

    let count = Count::new();
    let mut sleep = pin!(pintle_time::sleep(5 * MS));
    let mut timeout = pin!(pintle_time::timeout(5 * MS, pending::<()>()));
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    assert!(poll(timeout.as_mut(), count.clone()).is_pending());
    go(6);
    assert_eq!(TIMER.turn().expired, 2);
    assert!(poll(sleep.as_mut(), count.clone()).is_ready());
    assert!(matches!(
        poll(timeout.as_mut(), count.clone()),
        Poll::Ready(Err(_))
    ));
    assert_eq!(count.get(), 2);

    every_form();
}

/// What tests of the timer's own methods have tried.
fn every_form() {
    let count = Count::new();
    let start = Instant::now();
    let mut until = pin!(pintle_time::sleep_until(start + 10 * MS));
    let mut at = pin!(pintle_time::timeout_at(start + 10 * MS, pending::<()>()));
    let mut interval = pintle_time::interval(10 * MS);
    assert!(poll(pin!(interval.tick()), count.clone()).is_ready());
    let mut late = pintle_time::interval_at(start + 10 * MS, 10 * MS);
    assert!(poll(until.as_mut(), count.clone()).is_pending());
    assert!(poll(at.as_mut(), count.clone()).is_pending());
    assert!(poll(pin!(interval.tick()), count.clone()).is_pending());
    assert!(poll(pin!(late.tick()), count.clone()).is_pending());
    go(10);
    assert_eq!(TIMER.turn().expired, 2);
    assert!(poll(until.as_mut(), count.clone()).is_ready());
    let Poll::Ready(Err(elapsed)) = poll(at.as_mut(), count.clone()) else {
        panic!("it is over");
    };
    assert_eq!(elapsed.duration(), 10 * MS);
    assert!(poll(pin!(interval.tick()), count.clone()).is_ready());
    assert!(poll(pin!(late.tick()), count).is_ready());
    assert!(pintle_time::try_interval(Duration::ZERO).is_err());
    assert!(pintle_time::try_interval_at(start, Duration::ZERO).is_err());
    #[cfg(feature = "alloc")]
    {
        let mut queue = pintle_time::DelayQueue::with_capacity(3);
        assert!(queue.capacity() >= 3);
        queue.insert_at("due", start);
        assert_eq!(queue.try_next().unwrap().into_inner(), "due");
    }
}
