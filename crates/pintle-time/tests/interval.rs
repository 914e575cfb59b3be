//! Intervals: when they tick, what they do when a tick was missed, what a cancelled tick leaves.
#![cfg(not(loom))]

mod support;

use std::pin::pin;
use std::task::Poll;

use pintle_time::interval::{IntervalStream, MissedTickBehavior};
use pintle_time::{Duration, Instant, Interval, Timer, TimerError};
use proptest::prelude::*;
use support::{Count, MS, go, now, poll, set_now, timer};

fn at(timer: &Timer, ticks: u64) -> Instant {
    timer.now() - MS * now() as u32 + MS * ticks as u32
}

/// The tick that is due now.
#[track_caller]
fn take(interval: &mut Interval<'_>) -> Instant {
    match poll(pin!(interval.tick()), Count::new()) {
        Poll::Ready(due) => due,
        Poll::Pending => panic!("no tick is due"),
    }
}

fn is_due(interval: &mut Interval<'_>) -> bool {
    poll(pin!(interval.tick()), Count::new()).is_ready()
}

#[test]
fn it_ticks_at_once_and_then_once_per_period() {
    set_now(100);
    let timer = timer(MS);
    let mut interval = timer.interval(10 * MS);
    assert_eq!(take(&mut interval), at(&timer, 100));
    for round in 1..=3 {
        let count = Count::new();
        {
            let mut tick = pin!(interval.tick());
            assert!(poll(tick.as_mut(), count.clone()).is_pending());
            go(9);
            assert_eq!(timer.turn().expired, 0);
            go(1);
            assert_eq!(timer.turn().expired, 1);
            assert_eq!(count.get(), 1);
            let due = Poll::Ready(at(&timer, 100 + 10 * round));
            assert_eq!(poll(tick.as_mut(), count.clone()), due);
            // It is fused, and takes no further tick.
            go(10);
            assert_eq!(poll(tick.as_mut(), count.clone()), due);
            set_now(now() - 10);
        }
    }
    assert!(!is_due(&mut interval));
}

#[test]
fn a_start_of_ones_own() {
    set_now(100);
    let timer = timer(MS);
    let mut interval = timer.interval_at(at(&timer, 105), 10 * MS);
    assert!(!is_due(&mut interval));
    go(5);
    assert_eq!(take(&mut interval), at(&timer, 105));
    assert!(!is_due(&mut interval));
    // A start that is over.
    let mut interval = timer.interval_at(at(&timer, 90), 10 * MS);
    assert_eq!(take(&mut interval), at(&timer, 90));
}

#[test]
fn a_cancelled_tick_is_not_lost() {
    set_now(0);
    let timer = timer(MS);
    let mut interval = timer.interval(10 * MS);
    take(&mut interval);
    let count = Count::new();
    assert!(poll(pin!(interval.tick()), count.clone()).is_pending());
    assert_eq!(timer.next_deadline(), None);
    // Fired, and dropped before the task came to look.
    {
        let mut tick = pin!(interval.tick());
        assert!(poll(tick.as_mut(), count.clone()).is_pending());
        go(10);
        assert_eq!(timer.turn().expired, 1);
    }
    assert_eq!(count.get(), 1);
    assert_eq!(take(&mut interval), at(&timer, 10));
    // It may be moved between two ticks.
    let mut moved = Box::new(interval);
    assert!(!is_due(&mut moved));
    go(10);
    assert_eq!(take(&mut moved), at(&timer, 20));
}

/// Ticks taken one after the other until none is due.
fn burst(interval: &mut Interval<'_>, zero: Instant) -> Vec<u128> {
    let mut due = Vec::new();
    while let Poll::Ready(tick) = poll(pin!(interval.tick()), Count::new()) {
        due.push((tick - zero).as_millis());
    }
    due
}

#[test]
fn missed_ticks() {
    for (behavior, first, then) in [
        (MissedTickBehavior::Burst, vec![100, 200, 300], vec![400]),
        (MissedTickBehavior::Delay, vec![100], vec![]),
        (MissedTickBehavior::Skip, vec![100], vec![400]),
    ] {
        set_now(0);
        let timer = timer(MS);
        let zero = timer.now();
        let mut interval = timer.interval(100 * MS);
        assert_eq!(interval.missed_tick_behavior(), MissedTickBehavior::Burst);
        interval.set_missed_tick_behavior(behavior);
        assert_eq!(interval.missed_tick_behavior(), behavior);
        assert_eq!(burst(&mut interval, zero), [0]);
        set_now(350);
        assert_eq!(burst(&mut interval, zero), first, "{behavior:?}");
        set_now(400);
        assert_eq!(burst(&mut interval, zero), then, "{behavior:?}");
        if behavior == MissedTickBehavior::Delay {
            set_now(449);
            assert_eq!(burst(&mut interval, zero), []);
            set_now(450);
            assert_eq!(burst(&mut interval, zero), [450]);
        }
    }
}

#[test]
fn a_little_late_is_not_missed() {
    set_now(0);
    let timer = timer(MS);
    let zero = timer.now();
    let mut interval = timer.interval(100 * MS);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    assert_eq!(burst(&mut interval, zero), [0]);
    set_now(105);
    assert_eq!(burst(&mut interval, zero), [100]);
    set_now(200);
    assert_eq!(burst(&mut interval, zero), [200]);
    set_now(306);
    assert_eq!(burst(&mut interval, zero), [300]);
    set_now(400);
    assert_eq!(burst(&mut interval, zero), []);
    set_now(406);
    assert_eq!(burst(&mut interval, zero), [406]);
}

/// That the clock's next tick is as far away as a missed tick may be late is nobody's fault.
#[test]
fn a_coarse_clock_makes_no_tick_late() {
    for behavior in [MissedTickBehavior::Delay, MissedTickBehavior::Skip] {
        set_now(0);
        let timer = timer(10 * MS);
        let zero = timer.now();
        let mut interval = timer.interval(24 * MS);
        interval.set_missed_tick_behavior(behavior);
        for (now, due) in [(0, 0), (3, 24), (5, 48), (8, 72), (10, 96)] {
            set_now(now);
            assert_eq!(burst(&mut interval, zero), [due], "{behavior:?}");
        }
        // One tick of the clock later than it could have been.
        set_now(13);
        assert_eq!(burst(&mut interval, zero), [120]);
        let next = if behavior == MissedTickBehavior::Delay {
            154
        } else {
            144
        };
        set_now(16);
        assert_eq!(burst(&mut interval, zero), [next]);
    }
}

/// A tick that the clock will never show does not come, not even when the count is at its end.
#[test]
fn the_end_of_time() {
    for (tick, last) in [
        (MS, u64::MAX),
        (Duration::from_nanos(1), u64::MAX),
        // The last count whose moment can be told.
        (Duration::from_nanos(u64::MAX), 1_000_000_000),
    ] {
        set_now(last);
        let timer = timer(tick);
        let mut interval = timer.interval(tick * 3);
        take(&mut interval);
        set_now(u64::MAX);
        assert!(!is_due(&mut interval), "{tick:?}");
        let mut stream = pin!(IntervalStream::from(interval));
        let waker = std::task::Waker::noop();
        let mut cx = std::task::Context::from_waker(waker);
        assert!(stream.as_mut().poll_tick(&mut cx).is_pending());
        set_now(last);
        // It may be called back.
        stream.as_mut().interval_mut().reset_immediately();
        assert!(stream.as_mut().poll_tick(&mut cx).is_ready());
        assert!(stream.as_mut().poll_tick(&mut cx).is_pending());
        assert_eq!(timer.next_deadline(), None);
    }
}

#[test]
fn resets() {
    set_now(0);
    let timer = timer(MS);
    let zero = timer.now();
    let mut interval = timer.interval(100 * MS);
    assert_eq!(interval.period(), 100 * MS);
    take(&mut interval);
    set_now(30);
    interval.reset();
    set_now(129);
    assert_eq!(burst(&mut interval, zero), []);
    set_now(130);
    assert_eq!(burst(&mut interval, zero), [130]);
    interval.reset_immediately();
    assert_eq!(burst(&mut interval, zero), [130]);
    interval.reset_after(5 * MS);
    set_now(135);
    assert_eq!(burst(&mut interval, zero), [135]);
    interval.reset_at(zero + 1000 * MS);
    set_now(999);
    assert_eq!(burst(&mut interval, zero), []);
    set_now(1000);
    assert_eq!(burst(&mut interval, zero), [1000]);
    set_now(1100);
    assert_eq!(burst(&mut interval, zero), [1100]);
    // Never again.
    interval.reset_after(Duration::MAX);
    set_now(u64::MAX - 1);
    assert_eq!(burst(&mut interval, zero), []);
}

#[test]
fn slack_moves_a_tick_and_not_the_next() {
    set_now(0);
    let timer = timer(MS);
    let zero = timer.now();
    let mut interval = timer.interval_at(zero + 100 * MS, 100 * MS);
    interval.set_slack(30 * MS);
    assert_eq!(interval.slack(), 30 * MS);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for (window, wake) in [(100, 128), (200, 224), (300, 320), (400, 416)] {
        set_now(wake - 1);
        assert_eq!(burst(&mut interval, zero), []);
        set_now(wake);
        assert_eq!(burst(&mut interval, zero), [window]);
    }
}

#[test]
fn a_period_of_zero_is_refused() {
    set_now(0);
    let timer = timer(MS);
    let error = timer.try_interval(Duration::ZERO).unwrap_err();
    assert_eq!(error, TimerError::ZeroPeriod);
    assert_eq!(
        error.to_string(),
        "an interval's period must be longer than zero"
    );
    assert!(timer.try_interval_at(timer.now(), Duration::ZERO).is_err());
    assert!(timer.try_interval_at(timer.now(), MS).is_ok());
}

#[test]
#[should_panic = "must be longer than zero"]
fn a_period_of_zero_panics() {
    timer(MS).interval(Duration::ZERO);
}

#[test]
fn in_place() {
    set_now(0);
    let timer = timer(MS);
    let zero = timer.now();
    let mut stream = pin!(IntervalStream::from(timer.interval(10 * MS)));
    let count = Count::new();
    let waker = std::task::Waker::from(count.clone());
    let mut cx = std::task::Context::from_waker(&waker);
    assert_eq!(stream.as_mut().poll_tick(&mut cx), Poll::Ready(zero));
    assert!(stream.as_mut().poll_tick(&mut cx).is_pending());
    go(10);
    timer.turn();
    assert_eq!(count.get(), 1);
    assert_eq!(
        stream.as_mut().poll_tick(&mut cx),
        Poll::Ready(zero + 10 * MS)
    );
    assert!(stream.as_mut().poll_tick(&mut cx).is_pending());
    // A change takes the old deadline off.
    stream.as_mut().interval_mut().reset_after(500 * MS);
    assert_eq!(timer.next_deadline(), None);
    assert!(stream.as_mut().poll_tick(&mut cx).is_pending());
    assert_eq!(timer.next_deadline(), Some(zero + 510 * MS));
    assert_eq!(stream.interval().period(), 10 * MS);
}

#[test]
#[cfg(feature = "stream")]
fn as_a_stream() {
    use futures::{FutureExt, StreamExt};

    set_now(0);
    let timer = timer(MS);
    let mut stream = pin!(IntervalStream::from(timer.interval(10 * MS)));
    assert!(stream.next().now_or_never().is_some());
    assert!(stream.next().now_or_never().is_none());
    go(10);
    assert!(stream.next().now_or_never().is_some());
}

proptest! {
    /// However late its task is for each tick: none comes early, and none moves another.
    #[test]
    fn no_drift(
        tick in 1..20_u64,
        period in 1..50_000_u64,
        late in proptest::collection::vec(0..30_u64, 1..50),
    ) {
        set_now(1000);
        let tick = Duration::from_micros(tick * 7);
        let period = Duration::from_micros(period);
        let timer = timer(tick);
        let start = timer.now();
        let mut interval = timer.interval(period);
        for (round, late) in late.into_iter().enumerate() {
            let expected = start + period * round as u32;
            let count = Count::new();
            let mut next = pin!(interval.tick());
            if let Poll::Ready(due) = poll(next.as_mut(), count.clone()) {
                prop_assert_eq!(due, expected);
                prop_assert!(timer.now() >= expected);
            } else {
                let deadline = timer.next_deadline().unwrap();
                // The first tick of the clock at which it is due.
                prop_assert!(deadline >= expected && deadline - expected < tick);
                go(((deadline - timer.now()).as_nanos() / tick.as_nanos()) as u64 + late);
                prop_assert_eq!(poll(next.as_mut(), count.clone()), Poll::Ready(expected));
            }
        }
    }
}
