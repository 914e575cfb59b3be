//! A sleep from its making to its end, one thread.

mod support;

use std::cell::Cell;
use std::future::Ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use pintle_lock::blocking::ScopedRawMutex;
use pintle_lock::spin::Spinlock;
use pintle_time::{Clock, Sleep, Timeout, Timer};
use support::{Count, MS, call, go, poll, set_now, static_timer, timer};

#[test]
fn it_is_fused() {
    set_now(0);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(1));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    assert!(!sleep.is_elapsed());
    go(1);
    timer.turn();
    for _ in 0..3 {
        assert!(poll(sleep.as_mut(), count.clone()).is_ready());
        assert!(sleep.is_elapsed());
    }
    assert_eq!(count.get(), 1);
}

#[test]
fn it_runs_from_its_making_and_needs_no_turn() {
    set_now(100);
    let timer = timer(MS);
    let mut early = pin!(timer.sleep_ticks(10));
    let mut never_polled = pin!(timer.sleep_ticks(10));
    assert_eq!(early.deadline() - timer.now(), 10 * MS);
    assert!(poll(early.as_mut(), Count::new()).is_pending());
    go(10);
    assert!(early.is_elapsed());
    assert!(poll(early.as_mut(), Count::new()).is_ready());
    assert!(poll(never_polled.as_mut(), Count::new()).is_ready());
    // It has left the wheel, and is not counted as expired in a turn.
    let turn = timer.turn();
    assert_eq!((turn.expired, turn.has_remaining()), (0, false));
}

#[test]
fn dropping_it_takes_it_off() {
    set_now(0);
    let timer = timer(MS);
    let counts: Vec<_> = (0..10).map(|_| Count::new()).collect();
    {
        let mut sleeps: Vec<_> = (0..10)
            .map(|i| Box::pin(timer.sleep_ticks(5 + i)))
            .collect();
        for (sleep, count) in sleeps.iter_mut().zip(&counts) {
            assert!(poll(sleep.as_mut(), count.clone()).is_pending());
            assert_eq!(Arc::strong_count(count), 2);
        }
        assert!(timer.turn().has_remaining());
    }
    assert!(!timer.turn().has_remaining());
    assert_eq!(timer.next_deadline(), None);
    go(100);
    assert_eq!(timer.turn().expired, 0);
    for count in &counts {
        assert_eq!((count.get(), Arc::strong_count(count)), (0, 1));
    }
}

#[test]
fn the_last_waker_is_woken() {
    set_now(0);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(5));
    let (first, second) = (Count::new(), Count::new());
    assert!(poll(sleep.as_mut(), first.clone()).is_pending());
    assert!(poll(sleep.as_mut(), second.clone()).is_pending());
    assert_eq!(Arc::strong_count(&first), 1);
    go(5);
    timer.turn();
    assert_eq!((first.get(), second.get()), (0, 1));
}

#[test]
fn the_same_waker_is_not_cloned_again() {
    set_now(0);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(5));
    let count = Count::new();
    let waker = std::task::Waker::from(count.clone());
    for _ in 0..3 {
        assert!(poll(sleep.as_mut(), waker.clone()).is_pending());
        // The test's two, and the timer's one.
        assert_eq!(Arc::strong_count(&count), 3);
    }
}

/// Promise 5: what panics takes nothing along.
#[test]
fn a_waker_that_panics() {
    set_now(0);
    let timer = static_timer(MS);
    let count = Count::new();
    let mut sleeps: Vec<_> = (0..40).map(|_| Box::pin(timer.sleep_ticks(5))).collect();
    for (i, sleep) in sleeps.iter_mut().enumerate() {
        let waker = if i == 7 {
            call(|| panic!("on purpose"))
        } else {
            count.clone().into()
        };
        assert!(poll(sleep.as_mut(), waker).is_pending());
    }
    go(5);
    assert!(catch_unwind(AssertUnwindSafe(|| timer.turn())).is_err());
    assert_eq!(count.get(), 15, "the others of its batch");
    assert_eq!(timer.turn().expired, 24);
    assert_eq!(count.get(), 39);
    for mut sleep in sleeps {
        assert!(poll(sleep.as_mut(), count.clone()).is_ready());
    }
}

/// Of two that panic in one batch, the first is heard of. Without `std` the second aborts.
#[cfg(feature = "std")]
#[test]
fn wakers_that_panic() {
    set_now(0);
    let timer = static_timer(MS);
    let count = Count::new();
    let mut sleeps: Vec<_> = (0..10).map(|_| Box::pin(timer.sleep_ticks(5))).collect();
    for (i, sleep) in sleeps.iter_mut().enumerate() {
        let waker = if i % 3 == 1 {
            call(move || panic!("on purpose, {i}"))
        } else {
            count.clone().into()
        };
        assert!(poll(sleep.as_mut(), waker).is_pending());
    }
    go(5);
    let panic = catch_unwind(AssertUnwindSafe(|| timer.turn())).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "on purpose, 1");
    assert_eq!(count.get(), 7);
    assert!(!timer.turn().has_remaining());
}

#[test]
fn a_clock_that_runs_backwards_loses_nothing() {
    set_now(999);
    let timer = timer(MS);
    let mut first = pin!(timer.sleep_ticks(1));
    assert!(poll(first.as_mut(), Count::new()).is_pending());
    set_now(1000);
    assert_eq!(timer.turn().expired, 1);
    set_now(500);
    let count = Count::new();
    // By the clock it has 600 ticks to go; by the timer 100.
    let mut sleep = pin!(timer.sleep_ticks(600));
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    // The timer has seen this deadline.
    let mut over = pin!(timer.sleep_ticks(400));
    assert!(poll(over.as_mut(), count.clone()).is_ready());
    set_now(1099);
    assert_eq!(timer.turn().expired, 0);
    set_now(600);
    assert_eq!(timer.turn().expired, 0);
    set_now(1100);
    assert_eq!(timer.turn().expired, 1);
    assert_eq!(count.get(), 1);
}

#[test]
fn a_clock_that_stalls_costs_nothing() {
    set_now(3);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(1));
    assert!(poll(sleep.as_mut(), Count::new()).is_pending());
    for _ in 0..1000 {
        let turn = timer.turn();
        assert_eq!(
            (turn.now, turn.expired, turn.ticks_to_next_deadline()),
            (3, 0, Some(1))
        );
        assert_eq!(turn.elapsed(), 3 * MS);
    }
}

/// A sleep that is leaked stays where it is; the timer may go elsewhere, and be dropped.
#[test]
fn a_leaked_sleep_harms_nobody() {
    set_now(0);
    let timer = timer(MS);
    let count = Count::new();
    let mut sleep = Box::pin(timer.sleep_ticks(5));
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    std::mem::forget(sleep);
    let moved = Box::new(timer);
    go(5);
    assert_eq!(moved.turn().expired, 1);
    assert_eq!(count.get(), 1);

    let mut sleep = Box::pin(moved.sleep_ticks(5));
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    std::mem::forget(sleep);
    drop(moved);
    assert_eq!(count.get(), 1);
}

#[test]
fn debug_forms() {
    set_now(5);
    let timer = Timer::new(Clock::new(MS, support::now).named("manual"));
    let sleep = timer.sleep_ticks(1);
    assert_eq!(
        format!("{timer:?}"),
        r#"Timer { clock: Clock { name: "manual", tick_duration: 1ms, .. }, reached: 0, sleeps: 0, .. }"#
    );
    assert_eq!(
        format!("{sleep:?}"),
        "Sleep { duration: 1ms, deadline: Instant(6ms), state: Idle, .. }"
    );
}

/// The bars of size: what a user pays per sleep and per timer.
#[test]
#[cfg(target_pointer_width = "64")]
fn sizes() {
    assert!(size_of::<Timer>() <= 3400, "{}", size_of::<Timer>());
    assert_eq!(size_of::<Sleep<'_>>(), 72);
    assert_eq!(size_of::<Timeout<'_, ()>>(), 72);
}

/// `Send` and `Sync` as promised, and not where the lock is for one thread.
#[test]
fn auto_traits() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<Timer>();
    sync::<Timer>();
    send::<Sleep<'static>>();
    sync::<Sleep<'static>>();
    send::<Timeout<'static, Ready<()>>>();
    sync::<Timeout<'static, Ready<()>>>();

    // Compiles only if there is one way to be `Neither`: the type is neither `Send` nor `Sync`.
    trait Neither<Way> {
        fn check() {}
    }
    impl<T> Neither<()> for T {}
    impl<T: Send> Neither<[(); 1]> for T {}
    impl<T: Sync> Neither<[(); 2]> for T {}
    <Sleep<'static, Local> as Neither<_>>::check();
    <Timeout<'static, Ready<()>, Local> as Neither<_>>::check();
    send::<Timer<Local>>();
}

/// A lock for one thread.
#[derive(Default)]
struct Local(Cell<bool>);

// SAFETY: it is not `Sync`, so two closures could run at once only if one is called by the other.
unsafe impl ScopedRawMutex for Local {
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        let _unlock = (!self.0.replace(true)).then(|| Unlock(&self.0))?;
        Some(f())
    }

    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        self.try_with_lock(f).expect("locked by the same thread")
    }

    fn is_locked(&self) -> bool {
        self.0.get()
    }
}

struct Unlock<'a>(&'a Cell<bool>);

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

#[test]
fn any_lock_will_do() {
    set_now(0);
    let timer = Timer::new_with_raw_mutex(Clock::new(MS, support::now), Local::default());
    let mut sleep = pin!(timer.sleep(MS));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    go(2);
    assert_eq!(timer.turn().expired, 1);
    assert_eq!(count.get(), 1);
    assert!(timer.try_turn().is_some());
}

/// A lock that fails to be taken, unless one waits, while the test's thread wishes so.
struct Busy(Spinlock);

thread_local! {
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: by the spin lock's promise.
unsafe impl ScopedRawMutex for Busy {
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        if BUSY.get() {
            None
        } else {
            self.0.try_with_lock(f)
        }
    }

    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        self.0.with_lock(f)
    }

    fn is_locked(&self) -> bool {
        BUSY.get() || ScopedRawMutex::is_locked(&self.0)
    }
}

fn busy_timer() -> Timer<Busy> {
    set_now(0);
    BUSY.set(false);
    let clock = Clock::new(MS, support::now);
    Timer::new_with_raw_mutex(clock, Busy(Spinlock::new()))
}

#[test]
fn a_failed_try_turn_is_paid_by_the_next_arm() {
    let timer = busy_timer();
    let mut sleep = pin!(timer.sleep_ticks(5));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    go(5);
    BUSY.set(true);
    assert!(timer.try_turn().is_none());
    assert_eq!(count.get(), 0);
    let mut other = pin!(timer.sleep_ticks(5));
    assert!(poll(other.as_mut(), Count::new()).is_pending());
    assert_eq!(count.get(), 1);
}

#[test]
fn a_failed_try_turn_is_paid_by_the_turn_that_was_in_its_way() {
    let timer: &'static Timer<Busy> = Box::leak(Box::new(busy_timer()));
    let mut sleep = pin!(timer.sleep_ticks(5));
    let mut later = pin!(timer.sleep_ticks(6));
    let count = Count::new();
    let interrupt = call(move || {
        go(1);
        BUSY.set(true);
        assert!(timer.try_turn().is_none());
    });
    assert!(poll(sleep.as_mut(), interrupt).is_pending());
    assert!(poll(later.as_mut(), count.clone()).is_pending());
    go(5);
    let turn = timer.turn();
    assert_eq!((turn.now, turn.expired, count.get()), (6, 2, 1));
}

#[test]
fn a_try_turn_that_loses_the_lock_says_so() {
    let timer: &'static Timer<Busy> = Box::leak(Box::new(busy_timer()));
    let mut sleeps: Vec<_> = (0..20).map(|_| Box::pin(timer.sleep_ticks(5))).collect();
    for sleep in &mut sleeps {
        assert!(poll(sleep.as_mut(), call(|| BUSY.set(true))).is_pending());
    }
    go(5);
    let turn = timer.try_turn().unwrap();
    assert_eq!((turn.expired, turn.ticks_to_next_deadline()), (16, Some(0)));
    assert!(timer.try_turn().is_none());
    BUSY.set(false);
    // Whether their wakers have started sleeps it can tell without the lock.
    let turn = timer.try_turn().unwrap();
    assert_eq!((turn.expired, turn.has_remaining()), (4, false));
}

#[test]
fn a_try_turn_with_nothing_due_needs_no_lock() {
    let timer = busy_timer();
    BUSY.set(true);
    assert!(!timer.try_turn().unwrap().has_remaining());
    let mut sleep = pin!(timer.sleep_ticks(5));
    assert!(poll(sleep.as_mut(), Count::new()).is_pending());
    go(4);
    let turn = timer.try_turn().unwrap();
    assert_eq!((turn.expired, turn.ticks_to_next_deadline()), (0, Some(1)));
    go(1);
    assert!(timer.try_turn().is_none());
}

#[test]
fn sleeping_until_a_moment() {
    set_now(10);
    let timer = timer(10 * MS);
    let mut sleep = pin!(timer.sleep_until(timer.now() + 15 * MS));
    assert_eq!(sleep.duration(), 15 * MS);
    assert_eq!(sleep.deadline() - timer.now(), 20 * MS);
    assert!(poll(sleep.as_mut(), Count::new()).is_pending());
    go(1);
    assert!(poll(sleep.as_mut(), Count::new()).is_pending());
    go(1);
    assert!(poll(sleep.as_mut(), Count::new()).is_ready());
    // It is over already.
    let mut sleep = pin!(timer.sleep_until(timer.now() - 15 * MS));
    assert!(poll(sleep.as_mut(), Count::new()).is_ready());
}

#[test]
fn turning_to_a_moment() {
    set_now(10);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(5));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    let turn = timer.turn_to(14);
    assert_eq!(
        (turn.now, turn.expired, turn.ticks_to_next_deadline()),
        (14, 0, Some(1))
    );
    // The clock has not come so far, but who drives the timer says so.
    let turn = timer.turn_to(15);
    assert_eq!(
        (turn.now, turn.expired, turn.has_remaining()),
        (15, 1, false)
    );
    assert_eq!(count.get(), 1);
    assert!(poll(sleep.as_mut(), count.clone()).is_ready());
}
