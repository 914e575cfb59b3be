//! Slack: what it does to sleeps, and what it saves.
#![cfg(not(loom))]

mod support;

use std::future::{pending, ready};
use std::pin::pin;
use std::task::Poll;

use pintle_time::Duration;
use proptest::prelude::*;
use support::{Count, MS, go, now, poll, set_now, timer};

#[test]
fn a_sleep_ends_at_the_roundest_count_of_its_window() {
    set_now(0);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(99).slack(8 * MS));
    assert_eq!(sleep.duration(), 99 * MS);
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    go(103);
    assert_eq!(timer.turn().expired, 0);
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    go(1);
    assert_eq!(timer.turn().expired, 1);
    assert!(poll(sleep.as_mut(), count.clone()).is_ready());
    // A reset has no slack.
    let deadline = timer.now() + 5 * MS;
    sleep.as_mut().reset(deadline);
    assert_eq!(sleep.deadline(), deadline);
}

#[test]
fn a_timeout() {
    set_now(0);
    let timer = timer(MS);
    let deadline = timer.now() + 99 * MS;
    let mut timeout = pin!(timer.timeout_at(deadline, pending::<()>()).slack(8 * MS));
    assert_eq!(timeout.deadline() - timer.now(), 104 * MS);
    let count = Count::new();
    assert!(poll(timeout.as_mut(), count.clone()).is_pending());
    go(103);
    assert!(poll(timeout.as_mut(), count.clone()).is_pending());
    go(1);
    let Poll::Ready(Err(elapsed)) = poll(timeout.as_mut(), count.clone()) else {
        panic!("its time is over");
    };
    assert_eq!(elapsed.duration(), 99 * MS);
    // A deadline that has passed leaves one poll.
    let mut late = pin!(timer.timeout_at(deadline, ready(5)));
    assert_eq!(poll(late.as_mut(), count.clone()), Poll::Ready(Ok(5)));
    let mut late = pin!(timer.timeout_at(deadline, pending::<()>()));
    assert!(poll(late.as_mut(), count).is_ready());
}

/// The slack is rounded down: it is a promise.
#[test]
fn less_than_a_tick_is_no_slack() {
    set_now(0);
    let timer = timer(10 * MS);
    let sleep = timer.sleep_ticks(7).slack(9 * MS);
    assert_eq!(sleep.deadline() - timer.now(), 70 * MS);
    let sleep = timer.sleep_ticks(7).slack(Duration::MAX);
    let half = Duration::from_secs((1 << 63) / 100);
    assert!(sleep.deadline() - timer.now() >= half);
}

proptest! {
    /// As an idle loop sees it: each sleep within its window, and as few turns as the slack allows.
    #[test]
    fn many_sleeps_share_few_wake_ups(
        sleeps in proptest::collection::vec((1..60_000_u64, 1000..4000_u64), 1..300),
    ) {
        set_now(12_345);
        let start = now();
        let timer = timer(MS);
        let zero = timer.now();
        let mut pending: Vec<_> = sleeps
            .iter()
            .map(|&(ticks, slack)| {
                let slack = Duration::from_millis(slack);
                let mut sleep = Box::pin(timer.sleep_ticks(ticks).slack(slack));
                assert!(poll(sleep.as_mut(), Count::new()).is_pending());
                (sleep, zero + Duration::from_millis(ticks), slack)
            })
            .collect();
        let mut turns = 0;
        while let Some(next) = timer.next_deadline() {
            go((next - timer.now()).as_millis() as u64);
            let expired = timer.turn().expired;
            prop_assert!(expired > 0);
            turns += 1;
            let before = pending.len();
            pending.retain_mut(|(sleep, deadline, slack)| {
                let over = poll(sleep.as_mut(), Count::new()).is_ready();
                if over {
                    assert!(*deadline <= timer.now() && timer.now() <= *deadline + *slack);
                }
                !over
            });
            prop_assert_eq!(before - pending.len(), expired);
        }
        prop_assert!(pending.is_empty());
        // A window of 1000 ms and more has a multiple of 512 in it.
        prop_assert!(turns <= (now() - start) / 512 + 1);
    }
}
