//! Sleeps on the real clock: none early, none lost.
//!
//! Quick form about 2 s; with `PINTLE_FULL=1` a million sleeps over half a minute.
#![cfg(feature = "std")]

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Instant;

use pintle_core::model::full;
use pintle_time::{Clock, Duration, Sleep, Timer};

static TIMER: Timer = Timer::new(Clock::monotonic());
static MICROS: Timer = Timer::new(Clock::monotonic_micros());

/// Notes when it was woken.
struct Bell {
    due: Instant,
    rung: AtomicUsize,
    late_us: AtomicUsize,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let now = Instant::now();
        assert!(now >= self.due, "woken {:?} early", self.due - now);
        self.late_us
            .store((now - self.due).as_micros() as usize, SeqCst);
        self.rung.fetch_add(1, SeqCst);
    }
}

fn start(timer: &'static Timer, duration: Duration) -> (Pin<Box<Sleep<'static>>>, Arc<Bell>) {
    // Before the sleep: it may not end before `duration` has passed since.
    let bell = Arc::new(Bell {
        due: Instant::now() + duration,
        rung: AtomicUsize::new(0),
        late_us: AtomicUsize::new(0),
    });
    let mut sleep = Box::pin(timer.sleep(duration));
    let waker = Waker::from(bell.clone());
    let ready = sleep
        .as_mut()
        .poll(&mut Context::from_waker(&waker))
        .is_ready();
    assert!(!ready || Instant::now() >= bell.due);
    bell.rung.fetch_add(usize::from(ready), SeqCst);
    (sleep, bell)
}

fn soak(timer: &'static Timer) {
    let (count, span) = if full() {
        (1_000_000, 30_000_000)
    } else {
        (20_000, 1_500_000)
    };
    let stop = &AtomicBool::new(false);
    let armed: Vec<_> = thread::scope(|scope| {
        // Parks as a runtime would, though no longer than 1 ms: nobody tells it of new sleeps.
        let driver = scope.spawn(move || {
            while !stop.load(SeqCst) {
                let turn = timer.turn();
                let idle = turn.time_to_next_deadline().unwrap_or(Duration::MAX);
                thread::sleep(idle.min(Duration::from_millis(1)));
            }
            timer.turn();
        });
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let armed: Vec<_> = (0..count)
            .map(|_| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                start(timer, Duration::from_micros(random % span))
            })
            .collect();
        thread::sleep(Duration::from_micros(span) + Duration::from_millis(100));
        stop.store(true, SeqCst);
        driver.join().unwrap();
        armed
    });
    let mut late: Vec<_> = armed
        .iter()
        .map(|(sleep, bell)| {
            assert_eq!(bell.rung.load(SeqCst), 1, "lost: {sleep:?}");
            bell.late_us.load(SeqCst)
        })
        .collect();
    late.sort_unstable();
    println!(
        "{count} sleeps by {}: late by {} µs (median), {} µs (99 %), {} µs (worst)",
        timer.clock().name(),
        late[late.len() / 2],
        late[late.len() * 99 / 100],
        late[late.len() - 1],
    );
    assert!(!timer.turn().has_remaining());
}

#[test]
fn none_early_none_lost_in_milliseconds() {
    soak(&TIMER);
}

#[test]
fn none_early_none_lost_in_microseconds() {
    soak(&MICROS);
}
