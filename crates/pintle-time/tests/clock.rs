//! Clocks that tests set: their time, and how it drives a timer.
#![cfg(not(loom))]

mod support;

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;

use pintle_time::clock::ManualClock;
use pintle_time::{Duration, Timer};
use support::{Count, MS, poll, set_now};

#[test]
fn it_is_advanced_and_set() {
    static CLOCK: ManualClock = ManualClock::new(Duration::from_millis(10));
    assert_eq!(CLOCK.now_ticks(), 0);
    CLOCK.advance(25 * MS);
    assert_eq!(CLOCK.now_ticks(), 2);
    CLOCK.advance_ticks(3);
    assert_eq!(CLOCK.clock().now_ticks(), 5);
    CLOCK.set(100);
    assert_eq!(CLOCK.clock().now().to_string(), "1s");
    CLOCK.advance(Duration::MAX);
    assert_eq!(CLOCK.now_ticks(), u64::MAX);
    CLOCK.set(1);
    assert_eq!(
        format!("{CLOCK:?}"),
        "ManualClock { now: 1, tick_duration: 10ms, paused: true, .. }"
    );
    // There is no source to follow.
    CLOCK.resume();
    assert_eq!(CLOCK.now_ticks(), 1);
}

#[test]
fn it_follows_its_source_while_it_is_not_paused() {
    static CLOCK: ManualClock =
        ManualClock::over(pintle_time::Clock::new(MS, support::now).named("source"));
    set_now(1000);
    assert!(CLOCK.is_paused());
    assert_eq!(CLOCK.now_ticks(), 0);
    CLOCK.resume();
    assert_eq!(CLOCK.now_ticks(), 0);
    set_now(1010);
    assert_eq!(CLOCK.now_ticks(), 10);
    CLOCK.advance(5 * MS);
    assert_eq!(CLOCK.now_ticks(), 15);
    set_now(1020);
    assert_eq!(CLOCK.now_ticks(), 25);
    CLOCK.resume();
    assert_eq!(CLOCK.now_ticks(), 25);
    CLOCK.pause();
    set_now(2000);
    assert_eq!(CLOCK.now_ticks(), 25);
    CLOCK.set(7);
    assert_eq!(CLOCK.now_ticks(), 7);
    CLOCK.resume();
    set_now(2001);
    assert_eq!(CLOCK.now_ticks(), 8);
    // A source that goes back does not take us along.
    set_now(0);
    assert_eq!(CLOCK.now_ticks(), 7);
}

/// What the source counts between two of our readings of it is not lost.
#[test]
fn it_keeps_up_with_its_source_however_often_it_is_set() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    /// Goes on with each reading, as a fast one does.
    static SOURCE: AtomicUsize = AtomicUsize::new(0);
    static CLOCK: ManualClock = ManualClock::over(pintle_time::Clock::new(MS, || {
        SOURCE.fetch_add(1, SeqCst) as u64
    }));
    CLOCK.resume();
    let ahead = SOURCE.load(SeqCst) as u64 - 1;
    for _ in 0..10 {
        CLOCK.advance_ticks(100);
        CLOCK.resume();
    }
    assert_eq!(
        CLOCK.now_ticks() + ahead,
        1000 + SOURCE.load(SeqCst) as u64 - 1
    );
}

#[test]
fn time_jumps_from_deadline_to_deadline() {
    static CLOCK: ManualClock = ManualClock::new(MS);
    static TIMER: Timer = Timer::new(CLOCK.clock());
    let mut near = pin!(TIMER.sleep_ticks(3));
    let mut far = pin!(TIMER.sleep_ticks(1 << 40));
    let count = Count::new();
    assert!(CLOCK.advance_to_next(&TIMER).is_none());
    assert!(poll(near.as_mut(), count.clone()).is_pending());
    assert!(poll(far.as_mut(), count.clone()).is_pending());
    let turn = CLOCK.advance_to_next(&TIMER).unwrap();
    assert_eq!((turn.now, turn.expired), (3, 1));
    let turn = CLOCK.advance_to_next(&TIMER).unwrap();
    assert_eq!((turn.now, turn.expired), (1 << 40, 1));
    assert!(CLOCK.advance_to_next(&TIMER).is_none());
    assert_eq!(CLOCK.now_ticks(), 1 << 40);

    // A deadline that has passed: the time does not go back.
    let mut late = pin!(TIMER.sleep_ticks(3));
    assert!(poll(late.as_mut(), count.clone()).is_pending());
    CLOCK.advance_ticks(10);
    assert_eq!(CLOCK.advance_to_next(&TIMER).unwrap().expired, 1);
    assert_eq!(CLOCK.now_ticks(), (1 << 40) + 10);
    assert_eq!(count.get(), 3);
}

#[test]
fn a_run_takes_no_longer_than_its_sleeps() {
    static CLOCK: ManualClock = ManualClock::new(MS);
    static TIMER: Timer = Timer::new(CLOCK.clock());
    let output = CLOCK.run(&TIMER, async {
        TIMER.sleep_ticks(100).await;
        assert_eq!(CLOCK.now_ticks(), 100);
        // Wakes itself: time stands still.
        let mut yields = 0;
        poll_fn(|cx| {
            yields += 1;
            cx.waker().wake_by_ref();
            if yields < 10 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        assert_eq!(CLOCK.now_ticks(), 100);
        let elapsed = TIMER.timeout(5 * MS, pending::<()>()).await.unwrap_err();
        assert_eq!(CLOCK.now_ticks(), 106);
        elapsed.duration()
    });
    assert_eq!(output, 5 * MS);
}

#[test]
#[should_panic = "no sleep left to wake it"]
fn a_run_that_would_never_end() {
    static CLOCK: ManualClock = ManualClock::new(MS);
    static TIMER: Timer = Timer::new(CLOCK.clock());
    CLOCK.run(&TIMER, pending::<()>());
}

#[test]
#[should_panic = "another clock"]
fn a_run_by_another_clock() {
    static CLOCK: ManualClock = ManualClock::new(MS);
    set_now(0);
    let timer = support::timer(MS);
    CLOCK.run(&timer, timer.sleep_ticks(5));
}
