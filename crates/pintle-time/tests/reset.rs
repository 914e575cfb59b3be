//! Sleeps that are given another deadline, one thread.

mod support;

use std::pin::pin;
use std::sync::Arc;

use pintle_time::Duration;
use support::{Count, MS, go, poll, set_now, timer};

#[test]
fn a_reset_keeps_the_waker() {
    set_now(0);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(5));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    go(4);
    sleep.as_mut().reset(timer.now() + 5 * MS);
    assert_eq!(
        (sleep.duration(), sleep.deadline() - timer.now()),
        (5 * MS, 5 * MS)
    );
    go(4);
    assert_eq!((timer.turn().expired, count.get()), (0, 0));
    // Back, nearer than it was.
    sleep.as_mut().reset_ticks(100);
    sleep.as_mut().reset_ticks(1);
    assert_eq!(timer.turn().ticks_to_next_deadline(), Some(1));
    assert!(!sleep.is_elapsed());
    go(1);
    assert_eq!((timer.turn().expired, count.get()), (1, 1));
    assert!(sleep.is_elapsed());
    assert_eq!(Arc::strong_count(&count), 1);
}

#[test]
fn a_reset_to_the_past_wakes() {
    set_now(100);
    let timer = timer(MS);
    let past = timer.now() - 10 * MS;
    let mut sleep = pin!(timer.sleep_ticks(5));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    sleep.as_mut().reset(past);
    assert_eq!((count.get(), Arc::strong_count(&count)), (1, 1));
    assert!(sleep.is_elapsed());
    assert_eq!(sleep.duration(), Duration::ZERO);
    assert!(poll(sleep.as_mut(), count.clone()).is_ready());
    assert!(!timer.turn().has_remaining());
}

#[test]
fn a_reset_makes_a_sleep_anew() {
    set_now(0);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(5));
    // Before its first poll.
    sleep.as_mut().reset_ticks(7);
    let count = Count::new();
    for round in 1..4 {
        assert!(poll(sleep.as_mut(), count.clone()).is_pending());
        assert_eq!(timer.turn().ticks_to_next_deadline(), Some(7));
        go(7);
        timer.turn();
        assert_eq!(count.get(), round);
        assert!(poll(sleep.as_mut(), count.clone()).is_ready());
        sleep.as_mut().reset_ticks(7);
        assert!(!sleep.is_elapsed());
    }
    // Completed by a poll, without a turn.
    go(7);
    assert!(poll(sleep.as_mut(), count.clone()).is_ready());
    sleep.as_mut().reset_after(7 * MS);
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    assert_eq!(timer.turn().ticks_to_next_deadline(), Some(8));
}
