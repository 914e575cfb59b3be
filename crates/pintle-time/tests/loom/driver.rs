//! A driver that is told of earlier deadlines by the timer's hook.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use pintle_core::atomic::{AtomicUsize, Ordering::Relaxed};
use pintle_core::model::check;
use pintle_core::thread;
use pintle_lock::spin::Spinlock;
use pintle_time::{Clock, Timer};

use crate::support::{MS, go, now, set_now};
use crate::{Owner, armed};

thread_local! {
    /// The timer of the model's hook, and the deadline that it has programmed. All of a model's
    /// threads are on one thread of the machine.
    static HOOKED: Cell<Option<&'static Timer>> = const { Cell::new(None) };
    static ALARM: Cell<u64> = const { Cell::new(u64::MAX) };
}

fn tell() {
    let timer = HOOKED.get().unwrap();
    let next = timer.next_deadline();
    ALARM.set(next.map_or(u64::MAX, |next| (next - origin()).as_millis() as u64));
}

fn origin() -> pintle_time::Instant {
    Clock::new(MS, || 0).now()
}

/// Two arms, a turn, and a driver that knows only what the hook tells it: whatever comes last, the
/// alarm is not after the earliest deadline.
#[test]
fn arm_vs_turn_vs_hook() {
    check(|| {
        set_now(0);
        ALARM.set(u64::MAX);
        let timer = Timer::new(Clock::new(MS, now)).with_hook(tell);
        let timer = Box::into_raw(Box::new(timer));
        let owner = Owner(timer);
        // SAFETY: it lives until the owner is dropped, after all threads and sleeps are gone.
        let timer: &'static Timer = unsafe { &*timer };
        HOOKED.set(Some(timer));
        let (first, first_count) = armed(timer, 5);
        assert_eq!(ALARM.get(), 5);
        let arming = thread::spawn(move || armed(timer, 7));
        go(5);
        let turn = timer.turn();
        assert_eq!((turn.expired, first_count.get()), (1, 1));
        // The driver sets its alarm by the turn, and by the hook as it comes.
        if let Some(ticks) = turn.ticks_to_next_deadline() {
            ALARM.set(ALARM.get().min(turn.now + ticks));
        }
        let (second, second_count) = arming.join().unwrap();
        assert!(ALARM.get() <= 12, "the alarm is at {}", ALARM.get());
        go(20);
        assert_eq!(timer.turn().expired, 1);
        assert_eq!(second_count.get(), 1);
        drop((first, second));
        drop(owner);
    });
}

/// An interrupt that fails while a sleep is dropped, which does not turn the timer: the hook tells
/// the driver that there is something to do, unless the drop was past its look at the note.
#[test]
fn try_turn_vs_drop_vs_hook() {
    thread_local! {
        static TOLD: Cell<usize> = const { Cell::new(0) };
    }
    check(|| {
        set_now(0);
        TOLD.set(0);
        let clock = Clock::new(MS, now);
        let timer = Timer::new_with_raw_mutex(clock, Spinlock::new())
            .with_hook(|| TOLD.set(TOLD.get() + 1));
        let timer = Box::into_raw(Box::new(timer));
        let _owner = Owner(timer);
        // SAFETY: it lives until the owner is dropped, after all threads and sleeps are gone.
        let timer: &'static Timer<Spinlock> = unsafe { &*timer };
        let (due, due_count) = armed(timer, 10);
        let (other, _) = armed(timer, 100);
        let before = TOLD.get();
        let interrupt = thread::spawn(move || {
            go(10);
            timer.try_turn().map(|turn| turn.expired)
        });
        drop(other);
        match interrupt.join().unwrap() {
            Some(expired) => assert_eq!((expired, due_count.get()), (1, 1)),
            None => {
                assert_eq!(due_count.get(), 0);
                // Told, or the next to come will turn.
                if TOLD.get() == before {
                    drop(armed(timer, 1000));
                } else {
                    timer.turn();
                }
                assert_eq!(due_count.get(), 1);
            }
        }
        drop(due);
    });
}

/// Who makes up for an interrupt's failed turn reads the clock no earlier than the interrupt did,
/// though the clock itself orders nothing. Else the note is taken, and nothing done.
#[test]
fn try_turn_vs_arm_vs_clock() {
    thread_local! {
        static CLOCK: RefCell<Option<Arc<AtomicUsize>>> = const { RefCell::new(None) };
    }
    fn counter() -> Arc<AtomicUsize> {
        CLOCK.with_borrow(|clock| clock.clone().unwrap())
    }
    check(|| {
        CLOCK.set(Some(Arc::new(AtomicUsize::new(0))));
        let clock = Clock::new(MS, || counter().load(Relaxed) as u64);
        let timer = Timer::new_with_raw_mutex(clock, Spinlock::new());
        let timer = Box::into_raw(Box::new(timer));
        let _owner = Owner(timer);
        // SAFETY: it lives until the owner is dropped, after all threads and sleeps are gone.
        let timer: &'static Timer<Spinlock> = unsafe { &*timer };
        let (due, count) = armed(timer, 10);
        let interrupt = thread::spawn(move || {
            counter().store(10, Relaxed);
            timer.try_turn().is_some()
        });
        let (other, _) = armed(timer, 100);
        if !interrupt.join().unwrap() && count.get() == 0 {
            drop(armed(timer, 1000));
        }
        assert_eq!(count.get(), 1);
        drop((due, other));
        CLOCK.take();
    });
}
