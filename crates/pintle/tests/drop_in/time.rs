//! A kernel's clock, its timer interrupt, and tasks with deadlines: with the names and shapes of
//! `maitake::time`, all of them.

use std::{
    collections::HashSet,
    fmt::Write,
    future::{self, Future, Ready},
    pin::{Pin, pin},
    sync::atomic::{AtomicU64, Ordering::*},
    task::{Context, Poll, Waker},
};

use maitake::time::{
    self, AlreadyInitialized, Clock, Duration, Instant, Sleep, Timeout, Timer, TimerError, Turn,
    clock::{self, Ticks},
    set_global_timer,
    timeout::{self, Elapsed},
};

static PIT_TICKS: AtomicU64 = AtomicU64::new(0);

fn pit_ticks() -> Ticks {
    PIT_TICKS.load(Acquire)
}

/// As mycelium's kernel has it: a clock, a timer in a static, and an interrupt that drives it.
const PIT: Clock = Clock::new(Duration::from_millis(10), pit_ticks).named("PIT");

static TIMER: Timer = Timer::new(PIT);

fn pit_interrupt(ticks: Ticks) -> Option<Turn> {
    PIT_TICKS.fetch_add(ticks, Release);
    TIMER.try_turn()
}

/// A task that holds a sleep by name.
struct Blink {
    sleep: Pin<Box<Sleep<'static>>>,
    on: bool,
}

impl Future for Blink {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if self.sleep.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.on = !self.on;
        Poll::Ready(self.on)
    }
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The timer is the process's, so this is one test.
#[test]
fn a_kernel() -> Result<(), TimerError> {
    before_there_is_a_timer();
    let installed: Result<(), AlreadyInitialized> = set_global_timer(&TIMER);
    installed.expect("the timer should be set only once");
    let again = set_global_timer(&TIMER).unwrap_err();
    assert!(format!("{again:?}").contains("AlreadyInitialized"));

    clocks();
    instants()?;
    sleeps()?;
    timeouts()?;
    Ok(())
}

fn before_there_is_a_timer() {
    assert_eq!(Instant::try_now(), Err(TimerError::NoGlobalTimer));
    let error = time::try_sleep(Duration::from_secs(1)).unwrap_err();
    match error {
        TimerError::NoGlobalTimer => {}
        TimerError::DurationTooLong { requested, max } => panic!("{requested:?} > {max:?}"),
        other => panic!("{other}"),
    }
    assert!(time::try_timeout(Duration::from_secs(1), future::ready(())).is_err());
}

fn clocks() {
    let clock: &clock::Clock = TIMER.clock();
    assert_eq!(clock.tick_duration(), Duration::from_millis(10));
    assert_eq!(clock.name(), "PIT");
    assert_eq!(clock.max_duration(), TIMER.max_duration());
    assert!(format!("{:?}", clock.clone()).contains("PIT"));
    assert!(format!("{TIMER:?}").contains("Timer"));
}

fn instants() -> Result<(), TimerError> {
    let start: Instant = Instant::now();
    assert_eq!(start, Instant::try_now()?);
    assert_eq!(start, TIMER.now());
    assert!(pit_interrupt(7).is_some());
    let second = Duration::from_secs(1);
    assert_eq!(start.elapsed(), 7 * TIMER.clock().tick_duration());
    let now: clock::Instant = TIMER.now();
    assert_eq!(now.duration_since(start), now - start);
    assert_eq!(start.checked_duration_since(now), None);
    assert_eq!(now.checked_add(second), Some(now + second));
    assert_eq!(now.checked_sub(Duration::MAX), None);
    let mut moved = now;
    moved += second;
    assert!(moved > now && moved.max(now) == moved);
    moved -= second;
    assert_eq!(moved - Duration::ZERO, now);
    assert!(HashSet::from([now]).contains(&moved));
    let mut line = String::new();
    write!(line, "[{now}] {now:?}").unwrap();
    Ok(())
}

fn sleeps() -> Result<(), TimerError> {
    let duration = Duration::from_millis(100);
    let mut task = pin!(async {
        let sleep: Sleep<'static> = time::sleep(duration);
        assert_eq!(sleep.duration(), duration);
        sleep.await;
        TIMER.sleep(duration).await;
        TIMER.try_sleep(duration)?.await;
        time::try_sleep(duration)?.await;
        TIMER.sleep_ticks(3).await;
        Ok::<_, TimerError>("awake")
    });
    let mut blink = pin!(Blink {
        sleep: Box::pin(time::sleep(duration)),
        on: false,
    });
    assert!(poll(blink.as_mut()).is_pending());

    let turn: Turn = TIMER.turn();
    assert_eq!((turn.now, turn.expired), (pit_ticks(), 0));
    assert!(turn.has_remaining());
    let ticks: Ticks = turn.ticks_to_next_deadline().unwrap();
    assert_eq!(
        turn.time_to_next_deadline(),
        Some(Duration::from_millis(10) * ticks as u32)
    );
    assert_eq!(turn.elapsed(), Duration::from_millis(10) * turn.now as u32);
    assert!(format!("{turn:?}").contains("Turn"));

    // The idle loop.
    let mut expired = 0;
    let awake = loop {
        if let Poll::Ready(awake) = poll(task.as_mut()) {
            break awake?;
        }
        let ticks = TIMER.turn().ticks_to_next_deadline().unwrap();
        expired += pit_interrupt(ticks).map_or(0, |turn| turn.expired);
    };
    assert_eq!(awake, "awake");
    assert!(expired >= 5);
    assert_eq!(poll(blink.as_mut()), Poll::Ready(true));

    let too_long = TIMER.max_duration() + Duration::from_secs(1);
    let error = TIMER.try_sleep(too_long).unwrap_err();
    assert!(
        matches!(error, TimerError::DurationTooLong { requested, .. } if requested == too_long)
    );
    assert!(error.to_string().contains("too") || error.to_string().contains("longer"));
    Ok(())
}

async fn read_sector(ready: bool) -> &'static str {
    if !ready {
        future::pending::<()>().await;
    }
    "data"
}

fn timeouts() -> Result<(), TimerError> {
    let duration = Duration::from_millis(50);
    assert_eq!(
        poll(pin!(time::timeout(duration, read_sector(true)))),
        Poll::Ready(Ok("data"))
    );

    // As a function and as a module, under one name.
    let mut stuck: Pin<Box<Timeout<'static, _>>> =
        Box::pin(time::timeout(duration, read_sector(false)));
    assert!(poll(stuck.as_mut()).is_pending());
    let mut by_the_timer = pin!(TIMER.timeout(duration, read_sector(false)));
    assert!(poll(by_the_timer.as_mut()).is_pending());
    while TIMER.turn().has_remaining() {
        pit_interrupt(1);
    }
    let Poll::Ready(Err(elapsed)) = poll(stuck.as_mut()) else {
        panic!("it should have timed out");
    };
    let elapsed: timeout::Elapsed = elapsed;
    assert_eq!(elapsed.duration(), duration);
    assert_eq!(Duration::from(elapsed), duration);
    assert_eq!(
        poll(by_the_timer),
        Poll::Ready(Err::<&str, Elapsed>(elapsed))
    );
    let error: &dyn std::error::Error = &elapsed;
    assert!(!error.to_string().is_empty());

    let mut timeout: timeout::Timeout<'_, Ready<u8>> =
        TIMER.try_timeout(duration, future::ready(1))?;
    assert_eq!(timeout.duration(), duration);
    *timeout.get_mut() = future::ready(2);
    let _: &Ready<u8> = timeout.get_ref();
    assert_eq!(timeout.into_inner().into_inner(), 2);
    let mut timeout = pin!(time::try_timeout(duration, future::ready(3))?);
    assert_eq!(poll(timeout.as_mut().get_pin_mut()), Poll::Ready(3));
    Ok(())
}
