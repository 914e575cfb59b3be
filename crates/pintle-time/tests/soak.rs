//! Sleeps on the real clock: none early, none lost.
//!
//! Three threads start sleeps and cancel some of them, while two others turn the timer: one parks
//! until the next deadline as a runtime does, the other comes by `try_turn` as an interrupt does.
//! How late the wake-ups were is printed (`--nocapture`) and depends on the machine; that none was
//! early does not.
//!
//! Quick form about 2 s; with `PINTLE_FULL=1` a million sleeps per clock over half a minute.
#![cfg(feature = "std")]

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Instant;

use pintle_core::model::full;
use pintle_time::{Clock, Duration, Sleep, Timer};

static TIMER: Timer = Timer::new(Clock::monotonic());
static MICROS: Timer = Timer::new(Clock::monotonic_micros());

/// Threads that start and cancel sleeps.
const ARMING: usize = 3;

/// A thread that arms rests for so long after each of its bursts.
const REST: Duration = Duration::from_millis(1);

/// Far more than the last turns take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much there is to do.
struct Load {
    /// Sleeps to start, by all threads together.
    sleeps: usize,
    /// While they are started.
    span: Duration,
}

impl Load {
    fn of_today() -> Self {
        if full() {
            Self {
                sleeps: 1_000_000,
                span: Duration::from_secs(20),
            }
        } else {
            Self {
                sleeps: 20_000,
                span: Duration::from_secs(1),
            }
        }
    }

    /// How many sleeps a thread starts before it rests.
    fn burst(&self) -> usize {
        let bursts = self.span.as_millis() / REST.as_millis();
        (self.sleeps / ARMING).div_ceil(bursts as usize)
    }
}

/// Notes when it was woken.
struct Bell {
    due: Instant,
    rung: AtomicUsize,
    late_us: AtomicU64,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let now = Instant::now();
        assert!(now >= self.due, "woken {:?} early", self.due - now);
        let late = (now - self.due).as_micros();
        self.late_us
            .store(u64::try_from(late).expect("years late"), SeqCst);
        self.rung.fetch_add(1, SeqCst);
    }
}

struct Armed {
    sleep: Pin<Box<Sleep<'static>>>,
    bell: Arc<Bell>,
}

impl Armed {
    /// Starts a sleep. `None` if it is over at once.
    fn start(timer: &'static Timer, duration: Duration) -> Option<Self> {
        let bell = Arc::new(Bell {
            // Before the sleep: it may not end before `duration` has passed since.
            due: Instant::now() + duration,
            rung: AtomicUsize::new(0),
            late_us: AtomicU64::new(0),
        });
        let mut sleep = Box::pin(timer.sleep(duration));
        let waker = Waker::from(bell.clone());
        let over = sleep
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready();
        assert!(!over || Instant::now() >= bell.due, "over early");
        (!over).then_some(Self { sleep, bell })
    }

    /// Drops the sleep. Its waker may be on its way already.
    fn cancel(self) -> Arc<Bell> {
        drop(self.sleep);
        self.bell
    }
}

/// What a thread has started.
#[derive(Default)]
struct Started {
    kept: Vec<Armed>,
    cancelled: Vec<Arc<Bell>>,
    over: usize,
}

/// Starts and cancels sleeps at random for as long as `load` says.
fn arm(timer: &'static Timer, load: &Load, seed: u64) -> Started {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut below = |bound: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % bound
    };
    let span = load.span.as_micros() as u64;
    let mut started = Started::default();
    for i in 0..load.sleeps / ARMING {
        let micros = match below(16) {
            // Far beyond the end: to be cancelled.
            0 => 1000 * span,
            // Over before it is on the timer, or nearly.
            1 => below(10),
            2..5 => below(5000),
            _ => below(span / 2),
        };
        let far = micros > span;
        match Armed::start(timer, Duration::from_micros(micros)) {
            None => started.over += 1,
            // Most time-outs do not come: cancelled at once, or later, when it may have ended.
            Some(armed) if far || below(8) == 0 => started.cancelled.push(armed.cancel()),
            Some(armed) => started.kept.push(armed),
        }
        if !started.kept.is_empty() && below(8) == 0 {
            let victim = below(started.kept.len() as u64) as usize;
            let armed = started.kept.swap_remove(victim);
            started.cancelled.push(armed.cancel());
        }
        if i % load.burst() == 0 {
            thread::sleep(REST);
        }
    }
    started
}

fn soak(timer: &'static Timer) {
    let load = Load::of_today();
    let stop = AtomicBool::new(false);
    let all: Vec<Started> = thread::scope(|scope| {
        let (load, stop) = (&load, &stop);
        // Parks as a runtime would, though no longer than 1 ms: nobody tells it of new sleeps.
        scope.spawn(move || {
            while !stop.load(SeqCst) {
                let idle = timer.turn().time_to_next_deadline();
                thread::sleep(idle.map_or(REST, |idle| idle.min(REST)));
            }
        });
        scope.spawn(move || {
            while !stop.load(SeqCst) {
                timer.try_turn();
                thread::sleep(REST / 2);
            }
        });
        let arming: Vec<_> = (1..=ARMING as u64)
            .map(|seed| scope.spawn(move || arm(timer, load, seed)))
            .collect();
        let armed = arming.into_iter().map(|thread| thread.join());
        let all = armed.collect::<Result<_, _>>();
        thread::sleep(load.span / 2);
        stop.store(true, SeqCst);
        all.expect("a thread that arms")
    });

    // All other threads are gone. What is late by now is fired by a turn, or lost.
    let start = Instant::now();
    while timer.turn().has_remaining() {
        assert!(start.elapsed() < PATIENCE, "lost: {timer:?} is not empty");
        thread::sleep(REST);
    }
    let mut late = Vec::new();
    let (mut over, mut cancelled) = (0, 0);
    for started in &all {
        over += started.over;
        cancelled += started.cancelled.len();
        for bell in &started.cancelled {
            assert!(bell.rung.load(SeqCst) <= 1, "woken twice");
        }
        for Armed { sleep, bell } in &started.kept {
            assert_eq!(bell.rung.load(SeqCst), 1, "lost or woken twice: {sleep:?}");
            late.push(bell.late_us.load(SeqCst));
        }
    }
    assert_eq!(over + cancelled + late.len(), load.sleeps / ARMING * ARMING);
    late.sort_unstable();
    let percentile = |per_mille: usize| late[(late.len() - 1) * per_mille / 1000];
    println!(
        "{} sleeps by {}: {} fired, {cancelled} cancelled, {over} over at once. Late by µs: {} (median), {} (90 %), {} \
         (99 %), {} (99.9 %), {} (worst)",
        load.sleeps / ARMING * ARMING,
        timer.clock().name(),
        late.len(),
        percentile(500),
        percentile(900),
        percentile(990),
        percentile(999),
        percentile(1000),
    );
}

#[test]
fn none_early_none_lost_in_milliseconds() {
    soak(&TIMER);
}

#[test]
fn none_early_none_lost_in_microseconds() {
    soak(&MICROS);
}
