//! One core: an interrupt's `try_turn` comes while the code that it interrupts holds the lock.
//! Whatever that code was doing, it sees to the turn as it lets go.

mod support;

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::sync::Arc;

use pintle_lock::blocking::ScopedRawMutex;
use pintle_lock::spin::Spinlock;
use pintle_time::{Clock, Sleep, Timer};
use support::{Count, MS, call, go, now, poll, set_now};

/// A lock under which an interrupt comes, at the end of the next stay that is not one's own.
struct Interrupted(Spinlock);

type Interrupt = Box<dyn FnOnce()>;

thread_local! {
    static PENDING: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
    static TOLD: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: by the spin lock's promise.
unsafe impl ScopedRawMutex for Interrupted {
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        self.0.try_with_lock(|| {
            let result = f();
            if let Some(interrupt) = PENDING.take() {
                interrupt();
            }
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

type StaticTimer = &'static Timer<Interrupted>;
type Armed = (Pin<Box<Sleep<'static, Interrupted>>>, Arc<Count>);

fn timer() -> Timer<Interrupted> {
    set_now(0);
    TOLD.set(0);
    Timer::new_with_raw_mutex(Clock::new(MS, now), Interrupted(Spinlock::new()))
}

fn plain() -> StaticTimer {
    Box::leak(Box::new(timer()))
}

fn hooked() -> StaticTimer {
    Box::leak(Box::new(timer().with_hook(|| TOLD.set(TOLD.get() + 1))))
}

fn told() -> usize {
    TOLD.take()
}

fn armed(timer: StaticTimer, ticks: u64) -> Armed {
    let mut sleep = Box::pin(timer.sleep_ticks(ticks));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    (sleep, count)
}

/// From now on the next stay under the lock is interrupted when the clock shows `ticks`.
fn interrupt_at(timer: StaticTimer, ticks: u64) {
    PENDING.set(Some(Box::new(move || {
        set_now(ticks);
        assert!(timer.try_turn().is_none(), "the lock is held");
    })));
}

fn was_interrupted() -> bool {
    PENDING.with_borrow(Option::is_none)
}

#[test]
fn a_turn_that_is_interrupted() {
    let timer = plain();
    let (_first, first) = armed(timer, 5);
    let (_second, second) = armed(timer, 6);
    go(5);
    interrupt_at(timer, 6);
    assert_eq!(timer.turn().expired, 2);
    assert_eq!((first.get(), second.get()), (1, 1));
}

/// It has looked at the clock again, and is interrupted then.
#[test]
fn a_turn_that_is_interrupted_late() {
    let timer = plain();
    let mut first = pin!(timer.sleep_ticks(5));
    let waker = call(move || {
        go(1);
        interrupt_at(timer, 7);
    });
    assert!(poll(first.as_mut(), waker).is_pending());
    let (_second, second) = armed(timer, 6);
    let (_third, third) = armed(timer, 7);
    go(5);
    let turn = timer.turn();
    assert!(was_interrupted());
    assert_eq!((second.get(), third.get()), (1, 1));
    assert_eq!((turn.now, turn.expired), (7, 3));
    assert!(!turn.has_remaining());
}

/// It does not read the clock, and so leaves the turn to the driver.
#[test]
fn a_turn_to_a_moment_that_is_interrupted() {
    let timer = hooked();
    let (_first, first) = armed(timer, 5);
    let (_second, second) = armed(timer, 6);
    told();
    interrupt_at(timer, 6);
    timer.turn_to(5);
    assert_eq!((first.get(), second.get(), told()), (1, 0, 1));
    timer.turn();
    assert_eq!(second.get(), 1);
}

#[test]
fn starting_and_resetting_that_are_interrupted() {
    let timer = plain();
    let (_due, due) = armed(timer, 5);
    interrupt_at(timer, 5);
    let (mut other, _) = armed(timer, 100);
    assert_eq!(due.get(), 1);

    let (_due, due) = armed(timer, 5);
    interrupt_at(timer, 10);
    other.as_mut().reset_ticks(200);
    assert_eq!(due.get(), 1);

    // To the past.
    let (_due, due) = armed(timer, 5);
    interrupt_at(timer, 15);
    other.as_mut().reset_ticks(0);
    assert_eq!(due.get(), 1);
}

/// A sleep is over already as it is to be started: a turn on the way has seen its deadline.
#[test]
fn starting_in_vain_that_is_interrupted() {
    let timer = plain();
    let (_first, _) = armed(timer, 10);
    let (_due, due) = armed(timer, 12);
    timer.turn_to(10);
    let mut late = pin!(timer.sleep_ticks(3));
    interrupt_at(timer, 12);
    assert!(poll(late.as_mut(), Count::new()).is_ready());
    assert!(was_interrupted());
    assert_eq!(due.get(), 1);
}

#[test]
fn what_does_not_turn_tells_the_driver() {
    let timer = hooked();
    let (_due, due) = armed(timer, 5);
    let (mut other, _) = armed(timer, 100);
    let (dropped, _) = armed(timer, 100);
    told();

    // Once for each interrupt.
    interrupt_at(timer, 5);
    drop(dropped);
    assert_eq!((told(), due.get()), (1, 0));
    interrupt_at(timer, 6);
    assert!(poll(other.as_mut(), Count::new()).is_pending());
    assert!(told() > 0);
    interrupt_at(timer, 7);
    let _ = format!("{timer:?}");
    assert!(told() > 0);
    // Here the answer is that the time has come.
    interrupt_at(timer, 8);
    assert!(timer.next_deadline().unwrap() < timer.now());
    assert!(was_interrupted());

    timer.turn();
    assert_eq!(due.get(), 1);
    told();
    drop(other);
    assert_eq!(told(), 0);
}

/// The hook may poll, reset and drop sleeps, which lets go of the lock in its turn.
#[test]
fn a_hook_that_uses_sleeps() {
    thread_local! {
        static MINE: RefCell<Vec<Armed>> = const { RefCell::new(Vec::new()) };
    }
    let timer: StaticTimer = Box::leak(Box::new(timer().with_hook(|| {
        TOLD.set(TOLD.get() + 1);
        assert!(TOLD.get() < 10, "the hook calls itself");
        let mut mine = MINE.take();
        if let Some((sleep, count)) = mine.first_mut() {
            assert!(poll(sleep.as_mut(), count.clone()).is_pending());
            assert!(poll(sleep.as_mut(), Count::new()).is_pending());
        }
        mine.pop();
        MINE.set(mine);
    })));
    let (_due, due) = armed(timer, 5);
    let (dropped, _) = armed(timer, 100);
    MINE.set(vec![armed(timer, 100), armed(timer, 100)]);
    told();
    interrupt_at(timer, 5);
    drop(dropped);
    assert_eq!(told(), 1);
    timer.turn();
    assert_eq!(due.get(), 1);
    MINE.take();
}
