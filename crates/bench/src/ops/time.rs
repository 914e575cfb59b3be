//! Sleeps that end early.

use std::{
    hint::black_box,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    task::Waker,
    time::{Duration, Instant},
};

use super::{Numbers, poll};
use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[Op {
    name: "sleep_create_poll_drop",
    what: "On a timer without other sleeps: start one whose end is random in 100,000 ticks of a millisecond, poll it, drop it. (nexus-timer is no future: schedule a waker, cancel it.)",
    contenders: &[
        Contender::new("pintle", pintle),
        Contender::new("pintle in ticks", pintle_in_ticks),
        Contender::new("tokio", tokio),
        Contender::new("nexus-timer", nexus_timer),
    ],
}];

/// Of a millisecond each.
const TICKS: u64 = 100_000;

fn timer() -> pintle_time::Timer {
    use pintle_time::{Clock, Timer};

    // A clock that costs a load, as the clocks of kernels and of firmware do.
    static NOW: AtomicU64 = AtomicU64::new(0);
    Timer::new(Clock::new(Duration::from_millis(1), || {
        NOW.load(Ordering::Relaxed)
    }))
}

fn pintle(n: usize) {
    let timer = timer();
    let mut numbers = Numbers::new();
    for _ in 0..n {
        let duration = Duration::from_millis(1 + numbers.below(TICKS));
        let mut sleep = pin!(timer.sleep(duration));
        black_box(poll(sleep.as_mut()).is_pending());
    }
}

fn pintle_in_ticks(n: usize) {
    let timer = timer();
    let mut numbers = Numbers::new();
    for _ in 0..n {
        let mut sleep = pin!(timer.sleep_ticks(1 + numbers.below(TICKS)));
        black_box(poll(sleep.as_mut()).is_pending());
    }
}

fn tokio(n: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime needs nothing of the system");
    runtime.block_on(async {
        let mut numbers = Numbers::new();
        let start = tokio::time::Instant::now();
        for _ in 0..n {
            let end = start + Duration::from_millis(1 + numbers.below(TICKS));
            let mut sleep = pin!(tokio::time::sleep_until(end));
            black_box(poll(sleep.as_mut()).is_pending());
        }
    });
}

fn nexus_timer(n: usize) {
    let mut numbers = Numbers::new();
    let start = Instant::now();
    let mut wheel = nexus_timer::Wheel::unbounded(64, start);
    for _ in 0..n {
        let end = start + Duration::from_millis(1 + numbers.below(TICKS));
        let handle = wheel.schedule(end, Waker::noop().clone());
        black_box(wheel.cancel(handle).is_some());
    }
}
