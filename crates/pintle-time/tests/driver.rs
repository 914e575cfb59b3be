//! What a driver needs: the hook, turns by a time of its own, and clocks that do as they like.

mod support;

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};
use pintle_lock::spin::Spinlock;
use pintle_time::{Clock, Duration, Sleep, Timer};
use support::{Count, MS, call, go, now, poll, set_now, static_timer, timer};

thread_local! {
    static TOLD: Cell<usize> = const { Cell::new(0) };
}

fn told() -> usize {
    TOLD.take()
}

fn tell() {
    TOLD.set(TOLD.get() + 1);
}

#[test]
fn the_hook_tells_of_earlier_deadlines_only() {
    const { assert!(size_of::<Option<fn()>>() == size_of::<fn()>()) };
    set_now(0);
    told();
    let timer = Timer::new(Clock::new(MS, now)).with_hook(tell);
    let mut sleeps: Vec<_> = [50, 70, 50, 30, 40]
        .into_iter()
        .map(|ticks| Box::pin(timer.sleep_ticks(ticks)))
        .collect();
    assert_eq!(told(), 0);
    let mut calls = vec![];
    for sleep in &mut sleeps {
        assert!(poll(sleep.as_mut(), Count::new()).is_pending());
        calls.push(told());
    }
    assert_eq!(calls, [1, 0, 0, 1, 0]);
    // Another waker, and a deadline that is put off, or is not the earliest.
    assert!(poll(sleeps[3].as_mut(), Count::new()).is_pending());
    sleeps[0].as_mut().reset_ticks(60);
    sleeps[3].as_mut().reset_ticks(35);
    assert_eq!(told(), 0);
    sleeps[1].as_mut().reset_ticks(20);
    assert_eq!(told(), 1);
    // The driver was told of 20, and nothing of what came after; so it comes at 20.
    drop(sleeps.remove(1));
    let mut later = pin!(timer.sleep_ticks(25));
    assert!(poll(later.as_mut(), Count::new()).is_pending());
    assert!(told() == 0 || timer.next_deadline().is_some());
    go(100);
    assert_eq!(timer.turn().expired, 5);
    // Nothing was left to come for.
    let mut alone = pin!(timer.sleep_ticks(1000));
    assert!(poll(alone.as_mut(), Count::new()).is_pending());
    assert_eq!(told(), 1);
    // Put off again and again, as an idle timeout is.
    for _ in 0..10 {
        go(10);
        alone.as_mut().reset_ticks(1000);
        assert_eq!(timer.turn().ticks_to_next_deadline(), Some(1000));
    }
    assert_eq!(told(), 0);
}

#[test]
fn a_hook_may_use_the_timer_and_may_panic() {
    thread_local! {
        static ALARM: Cell<Option<Duration>> = const { Cell::new(None) };
    }
    static TIMER: Timer = Timer::new(Clock::new(MS, now)).with_hook(|| {
        let next = TIMER.next_deadline().expect("one was just set");
        ALARM.set(Some(next - TIMER.now()));
        TIMER.turn();
        assert_ne!(ALARM.get(), Some(7 * MS), "on purpose");
    });
    set_now(0);
    let mut sleep = Box::pin(TIMER.sleep_ticks(8));
    assert!(poll(sleep.as_mut(), Count::new()).is_pending());
    assert_eq!(ALARM.get(), Some(8 * MS));
    let count = Count::new();
    let mut sleep = Box::pin(TIMER.sleep_ticks(7));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        poll(sleep.as_mut(), count.clone())
    }));
    assert!(polled.is_err());
    go(7);
    assert_eq!((TIMER.turn().expired, count.get()), (1, 1));
}

/// A turn is halfway through a slot. Who asks then is told of what lies there, and of what does not;
/// the hook tells of all that starts later and ends earlier, though it is after the end of a
/// sleep that has gone, or after the beginning of the slot that comes next.
#[test]
fn the_hook_tells_of_what_is_earlier_than_was_said_during_a_turn() {
    static TIMER: Timer = Timer::new(Clock::new(MS, now)).with_hook(tell);
    static RAN: AtomicUsize = AtomicUsize::new(0);

    fn armed(ticks: u64) -> Pin<Box<Sleep<'static>>> {
        let mut sleep = Box::pin(TIMER.sleep_ticks(ticks));
        assert!(poll(sleep.as_mut(), Count::new()).is_pending());
        sleep
    }

    fn next() -> u128 {
        (TIMER.next_deadline().unwrap() - TIMER.now()).as_millis()
    }

    /// As a batch is woken, there are 16 in it, and one sleep in the same slot is not due.
    fn halfway(f: impl Fn(&mut Option<Pin<Box<Sleep<'static>>>>) + Send + 'static) {
        let unsorted = Arc::new(Mutex::new(None));
        let waker = call({
            let unsorted = unsorted.clone();
            let f = Mutex::new(f);
            move || f.lock().unwrap()(&mut unsorted.lock().unwrap())
        });
        let due: Vec<_> = (0..16)
            .map(|index| {
                let mut sleep = Box::pin(TIMER.sleep_ticks(64));
                let waker = match index {
                    0 => waker.clone(),
                    _ => Count::new().into(),
                };
                assert!(poll(sleep.as_mut(), waker).is_pending());
                sleep
            })
            .collect();
        *unsorted.lock().unwrap() = Some(armed(70));
        let before = RAN.load(Relaxed);
        go(64);
        assert_eq!(TIMER.turn().expired, 16);
        assert_eq!(RAN.load(Relaxed), before + 1);
        drop(due);
        unsorted.lock().unwrap().take();
    }

    set_now(0);
    halfway(|_| {
        drop(armed(2));
        assert_eq!(next(), 6);
        told();
        let earlier = armed(3);
        assert_eq!((told(), next()), (1, 3));
        drop(earlier);
        RAN.fetch_add(1, Relaxed);
    });

    // At the beginning of a slot again.
    set_now(1024);
    // More than a turn looks at.
    let far: Vec<_> = (0..20).map(|_| armed(150)).collect();
    halfway(|unsorted| {
        unsorted.take();
        assert_eq!(next(), 150 - 64);
        // Another core ends what we are halfway through.
        assert_eq!(TIMER.turn().expired, 0);
        told();
        let earlier = armed(140 - 64);
        assert_eq!((told(), next()), (1, 140 - 64));
        drop(earlier);
        RAN.fetch_add(1, Relaxed);
    });
    drop(far);

    set_now(2048);
    halfway(|unsorted| {
        drop(armed(2));
        unsorted.take();
        assert_eq!(TIMER.next_deadline(), None);
        told();
        let only = armed(10);
        assert_eq!((told(), next()), (1, 10));
        drop(only);
        RAN.fetch_add(1, Relaxed);
    });

    set_now(3072);
    halfway(|unsorted| {
        assert_eq!(next(), 6);
        // More than a turn looks at, and nobody asks for them.
        let far: Vec<_> = (0..20).map(|_| armed(150 - 64)).collect();
        unsorted.take();
        assert_eq!(TIMER.turn().ticks_to_next_deadline(), Some(128 - 64));
        drop(far);
        RAN.fetch_add(1, Relaxed);
    });
}

/// By slots of one tick and of many: across ten years, to the end, and back again.
#[test]
fn a_clock_that_jumps() {
    const YEAR: u64 = 365 * 24 * 60 * 60 * 1000;
    for slots in [1, 1 << 4, 1 << 10, 1 << 32] {
        set_now(12_345);
        let timer = Timer::new_with_slots(Clock::new(MS, now), DefaultMutex::new(), slots);
        let ends = [1, 100, 5000, YEAR, 9 * YEAR, 10 * YEAR, 11 * YEAR, 1 << 62];
        let mut sleeps =
            ends.map(|ticks| (ticks, Box::pin(timer.sleep_ticks(ticks)), Count::new()));
        for (_, sleep, count) in &mut sleeps {
            assert!(poll(sleep.as_mut(), count.clone()).is_pending());
        }
        let start = now();
        for (jump, expired) in [(10 * YEAR, 6), (20 * YEAR, 0), (1 << 62, 1)] {
            set_now(start + jump);
            assert_eq!(timer.turn().expired, expired);
            for (ticks, _, count) in &sleeps {
                assert_eq!(
                    count.get(),
                    usize::from(*ticks <= jump),
                    "{ticks} at {jump}"
                );
            }
            // Back by eight years: nothing ends twice, or early, and what is started is not lost.
            set_now(start + jump - 8 * YEAR);
            assert_eq!(timer.turn().expired, 0);
            let count = Count::new();
            let mut sleep = pin!(timer.sleep_ticks(9 * YEAR));
            assert!(poll(sleep.as_mut(), count.clone()).is_pending());
            go(9 * YEAR - 1);
            timer.turn();
            assert_eq!(count.get(), 0);
            go(1);
            timer.turn();
            assert_eq!(count.get(), 1);
        }
        assert!(!timer.turn().has_remaining());
    }
}

/// It stands still, for as long as it likes, while sleeps come and go.
#[test]
fn a_clock_that_stalls() {
    set_now(77);
    let timer = Timer::new_with_slots(Clock::new(MS, now), DefaultMutex::new(), 64);
    let count = Count::new();
    for round in 0..1000 {
        let mut sleep = pin!(timer.sleep_ticks(1 + round % 70));
        assert!(poll(sleep.as_mut(), count.clone()).is_pending());
        let turn = timer.turn();
        assert_eq!((turn.now, turn.expired), (77, 0));
        assert_eq!(turn.ticks_to_next_deadline(), Some(1 + round % 70));
    }
    assert_eq!(count.get(), 0);
    assert!(!timer.turn().has_remaining());
}

#[test]
#[should_panic(expected = "a power of two")]
fn slots_of_no_width() {
    let _ = Timer::new_with_slots(Clock::new(MS, now), DefaultMutex::new(), 0);
}

/// What a turn says counts the sleeps that its wakers have started, though it reads no clock.
#[test]
fn sleeps_that_start_in_a_turn_to_a_moment() {
    set_now(0);
    let timer = static_timer(MS);
    let started = Arc::new(Mutex::new(None));
    let waker = call({
        let started = started.clone();
        move || {
            let mut sleep = Box::pin(timer.sleep_ticks(20));
            assert!(poll(sleep.as_mut(), Count::new()).is_pending());
            *started.lock().unwrap() = Some(sleep);
        }
    });
    let mut first = pin!(timer.sleep_ticks(5));
    let mut last = pin!(timer.sleep_ticks(100));
    assert!(poll(first.as_mut(), waker).is_pending());
    assert!(poll(last.as_mut(), Count::new()).is_pending());
    let turn = timer.turn_to(5);
    assert_eq!((turn.expired, turn.ticks_to_next_deadline()), (1, Some(15)));
    started.lock().unwrap().take();
}

/// A turn was ahead of the clock: what it has seen has passed, for sleeps that are started or reset.
#[test]
fn a_reset_to_what_a_turn_has_seen() {
    set_now(0);
    let timer = timer(MS);
    let (first, other) = (Count::new(), Count::new());
    let mut sleep = pin!(timer.sleep_ticks(100));
    let mut reset = pin!(timer.sleep_ticks(200));
    assert!(poll(sleep.as_mut(), first.clone()).is_pending());
    assert!(poll(reset.as_mut(), other.clone()).is_pending());
    assert_eq!((timer.turn_to(100).expired, first.get()), (1, 1));
    reset.as_mut().reset_ticks(100);
    assert_eq!((other.get(), reset.is_elapsed()), (1, true));
    assert!(poll(reset.as_mut(), other.clone()).is_ready());
    let mut started = pin!(timer.sleep_ticks(100));
    assert!(poll(started.as_mut(), Count::new()).is_ready());
    assert!(!timer.turn_to(100).has_remaining());
}

thread_local! {
    static HELD: Cell<bool> = const { Cell::new(false) };
}

/// A lock that can be asked whether this thread holds it.
struct Watched(Spinlock);

// SAFETY: by the spin lock's promise.
unsafe impl ScopedRawMutex for Watched {
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        self.0.try_with_lock(|| {
            HELD.set(true);
            let result = f();
            HELD.set(false);
            result
        })
    }

    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        self.try_with_lock(f).expect("nobody else is there")
    }

    fn is_locked(&self) -> bool {
        ScopedRawMutex::is_locked(&self.0)
    }
}

/// To read it may be slow, or take a lock of its own; and a hook may do as it likes.
#[test]
fn no_clock_is_read_and_no_hook_called_under_the_lock() {
    fn alone() {
        assert!(!HELD.get(), "under the lock");
    }
    fn clock() -> u64 {
        alone();
        now()
    }
    set_now(0);
    let timer =
        Timer::new_with_raw_mutex(Clock::new(MS, clock), Watched(Spinlock::new())).with_hook(alone);
    let mut sleeps: Vec<_> = (0..40)
        .map(|index| Box::pin(timer.sleep_ticks(60 + index)))
        .collect();
    for sleep in &mut sleeps {
        assert!(poll(sleep.as_mut(), Count::new()).is_pending());
        assert!(poll(sleep.as_mut(), Count::new()).is_pending());
    }
    sleeps[30].as_mut().reset_ticks(10);
    sleeps[31].as_mut().reset_ticks(0);
    let _ = (timer.next_deadline(), format!("{timer:?}"));
    go(10);
    assert_eq!(timer.turn().expired, 1);
    go(60);
    assert_eq!(timer.try_turn().unwrap().expired, 11);
    assert_eq!(timer.turn_to(80).expired, 10);
    assert!(poll(sleeps[30].as_mut(), Count::new()).is_ready());
    drop(sleeps);
    assert!(!timer.turn().has_remaining());
}
