//! The races of a timer, explored.
//!
//! The clock is a thread-local of the test's thread, on which loom runs all threads of a model:
//! each model sets it as it likes, and loom explores no interleavings of it.
#![cfg(loom)]

#[path = "loom/clock.rs"]
mod clock;
#[path = "loom/driver.rs"]
mod driver;
#[path = "loom/horizon.rs"]
mod horizon;
mod support;

use std::pin::Pin;
use std::sync::Arc;

use pintle_core::model::check;
use pintle_core::thread;
use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};
use pintle_lock::spin::Spinlock;
use pintle_time::{Clock, Sleep, Timer};
use support::{Count, MS, go, now, poll, set_now};

/// A timer on the heap whose sleeps are `'static`, and which is freed all the same.
struct Owner<Lock: ScopedRawMutex = DefaultMutex>(*mut Timer<Lock>);

impl Owner {
    fn new() -> (Self, &'static Timer) {
        Self::with_lock(DefaultMutex::new())
    }
}

impl<Lock: ScopedRawMutex + 'static> Owner<Lock> {
    fn with_lock(lock: Lock) -> (Self, &'static Timer<Lock>) {
        set_now(0);
        let timer = Timer::new_with_raw_mutex(Clock::new(MS, now), lock);
        let timer = Box::into_raw(Box::new(timer));
        // SAFETY: it lives until the owner is dropped, after all threads and sleeps are gone.
        (Self(timer), unsafe { &*timer })
    }
}

impl<Lock: ScopedRawMutex> Drop for Owner<Lock> {
    fn drop(&mut self) {
        // SAFETY: it comes from a box, and its threads and sleeps are gone.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

fn armed<Lock: ScopedRawMutex>(
    timer: &'static Timer<Lock>,
    ticks: u64,
) -> (Pin<Box<Sleep<'static, Lock>>>, Arc<Count>) {
    let mut sleep = Box::pin(timer.sleep_ticks(ticks));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    (sleep, count)
}

/// No waker is left behind by a sleep that is gone.
fn assert_released(count: &Arc<Count>) {
    assert_eq!(Arc::strong_count(count), 1);
}

#[test]
fn arm_vs_turn() {
    check(|| {
        let (_owner, timer) = Owner::new();
        let turner = thread::spawn(move || {
            go(10);
            timer.turn().expired
        });
        let mut sleep = Box::pin(timer.sleep_ticks(10));
        let count = Count::new();
        let ready = poll(sleep.as_mut(), count.clone()).is_ready();
        let expired = turner.join().unwrap();
        assert_eq!(expired, count.get());
        // Whoever was not in time for the turn is in time for the next.
        go(20);
        let total = expired + timer.turn().expired;
        assert_eq!(total, if ready { 0 } else { 1 });
        assert_eq!(count.get(), total);
        assert!(poll(sleep.as_mut(), count.clone()).is_ready());
        drop(sleep);
        assert_released(&count);
    });
}

#[test]
fn cancel_vs_fire() {
    check(|| {
        let (_owner, timer) = Owner::new();
        let (sleep, count) = armed(timer, 10);
        let (other, other_count) = armed(timer, 10);
        let turner = thread::spawn(move || {
            go(10);
            timer.turn().expired
        });
        drop(sleep);
        let expired = turner.join().unwrap();
        assert_eq!(expired, 1 + count.get());
        assert_eq!(other_count.get(), 1);
        assert_released(&count);
        drop(other);
        assert_released(&other_count);
    });
}

#[test]
fn turn_vs_turn() {
    check(|| {
        let (_owner, timer) = Owner::new();
        let sleeps = [armed(timer, 1), armed(timer, 70)];
        let turner = thread::spawn(move || {
            go(70);
            timer.turn().expired
        });
        go(1);
        let expired = timer.turn().expired;
        let expired = expired + turner.join().unwrap();
        assert_eq!(expired, 2);
        for (mut sleep, count) in sleeps {
            assert_eq!(count.get(), 1);
            assert!(poll(sleep.as_mut(), count.clone()).is_ready());
            drop(sleep);
            assert_released(&count);
        }
        assert!(!timer.turn().has_remaining());
    });
}

#[test]
fn another_waker_vs_fire() {
    check(|| {
        let (_owner, timer) = Owner::new();
        let (mut sleep, first) = armed(timer, 10);
        let turner = thread::spawn(move || {
            go(10);
            timer.turn().expired
        });
        let second = Count::new();
        let ready = poll(sleep.as_mut(), second.clone()).is_ready();
        let expired = turner.join().unwrap();
        if ready {
            // Either the turn woke us before, or we were past the deadline and left.
            assert_eq!((first.get(), second.get()), (expired, 0));
        } else {
            assert_eq!((first.get(), second.get(), expired), (0, 1, 1));
        }
        assert!(poll(sleep.as_mut(), second.clone()).is_ready());
        drop(sleep);
        assert_released(&first);
        assert_released(&second);
    });
}

/// Moved in time, or fired and armed anew by the next poll; the waker is not lost either way.
#[test]
fn reset_vs_fire() {
    check(|| {
        let (_owner, timer) = Owner::new();
        let (mut sleep, count) = armed(timer, 10);
        let turner = thread::spawn(move || {
            go(10);
            timer.turn().expired
        });
        sleep.as_mut().reset_ticks(100);
        let deadline = sleep.deadline();
        let expired = turner.join().unwrap();
        assert_eq!(count.get(), expired);
        if expired > 0 {
            assert!(poll(sleep.as_mut(), count.clone()).is_pending());
        }
        assert_eq!(timer.next_deadline(), Some(deadline));
        go(100);
        assert_eq!(timer.turn().expired, 1);
        assert_eq!(count.get(), expired + 1);
        assert!(poll(sleep.as_mut(), count.clone()).is_ready());
        drop(sleep);
        assert_released(&count);
    });
}

/// A task that frees its sleep as soon as it is ready, while the turn is about to leave it.
#[test]
fn free_vs_fire() {
    check(|| {
        let (_owner, timer) = Owner::new();
        let (mut sleep, count) = armed(timer, 10);
        let turner = thread::spawn(move || {
            go(10);
            timer.turn()
        });
        if poll(sleep.as_mut(), count.clone()).is_ready() {
            drop(sleep);
        }
        turner.join().unwrap();
        assert_released(&count);
    });
}

/// An interrupt that cannot get the lock: its turn is noted, or was not needed.
///
/// The lock is the real spin lock: loom does not explore a failing `try_lock` of its own mutex.
#[test]
fn try_turn_vs_arm() {
    check(|| {
        let (_owner, timer) = Owner::with_lock(Spinlock::new());
        let (first, first_count) = armed(timer, 10);
        let interrupt = thread::spawn(move || {
            go(10);
            timer.try_turn().map(|turn| turn.expired)
        });
        let mut second = Box::pin(timer.sleep_ticks(100));
        let second_count = Count::new();
        assert!(poll(second.as_mut(), second_count.clone()).is_pending());
        match interrupt.join().unwrap() {
            Some(expired) => assert_eq!(expired, first_count.get()),
            // Arming pays, unless it was through before the turn was noted. Then the next does.
            None if first_count.get() == 0 => drop(armed(timer, 1000)),
            None => {}
        }
        assert_eq!(first_count.get(), 1);
        assert_eq!(second_count.get(), 0);
        drop((first, second));
        assert_released(&first_count);
        assert_released(&second_count);
    });
}

/// The same, where a turn holds the lock: it looks again before it stops, or leaves a note.
#[test]
fn try_turn_vs_turn() {
    check(|| {
        let (_owner, timer) = Owner::with_lock(Spinlock::new());
        let (sleep, count) = armed(timer, 10);
        let interrupt = thread::spawn(move || {
            go(10);
            timer.try_turn().map(|turn| turn.expired)
        });
        timer.turn();
        if interrupt.join().unwrap().is_none() && count.get() == 0 {
            drop(armed(timer, 1000));
        }
        assert_eq!(count.get(), 1);
        drop(sleep);
        assert_released(&count);
    });
}

/// Sleeps that leave a batch while it is being fired, and a slot while it is being drained.
#[test]
fn cancel_and_arm_vs_cascade() {
    check(|| {
        let (_owner, timer) = Owner::new();
        // One slot of level 1, drained when the clock reads 64.
        let (early, early_count) = armed(timer, 64);
        let (late, late_count) = armed(timer, 65);
        let turner = thread::spawn(move || {
            go(64);
            timer.turn().expired
        });
        drop(late);
        let (third, third_count) = armed(timer, 66);
        let expired = turner.join().unwrap();
        assert_eq!((expired, early_count.get()), (1, 1));
        assert_eq!((late_count.get(), third_count.get()), (0, 0));
        go(66);
        assert_eq!(timer.turn().expired, 1);
        assert_eq!(third_count.get(), 1);
        drop((early, third));
        assert_released(&early_count);
        assert_released(&late_count);
        assert_released(&third_count);
    });
}

/// A turn that follows an arm finds its deadline, though it does not take the lock to look; a turn
/// beside it finds it, or the arm is after the turn.
#[test]
fn arm_vs_empty_turn() {
    check(|| {
        let (_owner, timer) = Owner::new();
        let (far, far_count) = armed(timer, 1000);
        let arming = thread::spawn(move || armed(timer, 10));
        let seen = timer.turn().ticks_to_next_deadline();
        assert!([Some(10), Some(1000)].contains(&seen));
        let (sleep, count) = arming.join().unwrap();
        // As soon as the arm has happened, a look without the lock is enough.
        assert_eq!(timer.turn().ticks_to_next_deadline(), Some(10));
        go(10);
        assert_eq!(timer.turn().expired, 1);
        assert_eq!((count.get(), far_count.get()), (1, 0));
        drop((sleep, far));
        assert_released(&count);
    });
}
