//! Wakers that use the timer, and wakers that panic.

mod support;

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use pintle_time::Sleep;
use support::{Count, MS, call, go, poll, set_now, static_timer};

thread_local! {
    /// What a waker finds.
    static OTHERS: RefCell<Vec<Pin<Box<Sleep<'static>>>>> = const { RefCell::new(Vec::new()) };
}

fn others<R>(f: impl FnOnce(&mut Vec<Pin<Box<Sleep<'static>>>>) -> R) -> R {
    OTHERS.with_borrow_mut(f)
}

/// A waker that resets two sleeps that are due in the same turn, one to later, one to the past, arms
/// one that has completed, and drops one.
#[test]
fn wakers_may_arm_cancel_and_reset() {
    set_now(0);
    let timer = static_timer(MS);
    let counts: Vec<_> = (0..4).map(|_| Count::new()).collect();
    // The first of its batch, or there would be nothing left to do. More than a batch is between.
    let mut first = Box::pin(timer.sleep_ticks(5));
    let again = counts[3].clone();
    let waker = call(move || {
        others(|others| {
            others[0].as_mut().reset_ticks(10);
            others[1].as_mut().reset_ticks(0);
            drop(others.remove(2));
            others[2].as_mut().reset_ticks(20);
            assert!(poll(others[2].as_mut(), again.clone()).is_pending());
        });
    });
    assert!(poll(first.as_mut(), waker).is_pending());
    let fill: Vec<_> = (0..20)
        .map(|_| {
            let mut sleep = Box::pin(timer.sleep_ticks(5));
            assert!(poll(sleep.as_mut(), Count::new()).is_pending());
            sleep
        })
        .collect();
    let mut sleeps: Vec<_> = (0..3).map(|_| Box::pin(timer.sleep_ticks(5))).collect();
    for (sleep, count) in sleeps.iter_mut().zip(&counts) {
        assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    }
    let mut done = Box::pin(timer.sleep_ticks(0));
    assert!(poll(done.as_mut(), Count::new()).is_ready());
    sleeps.push(done);
    others(|others| *others = sleeps);

    go(5);
    let turn = timer.turn();
    assert_eq!(
        (turn.expired, turn.ticks_to_next_deadline()),
        (21, Some(10))
    );
    assert_eq!(counts[0].get(), 0, "reset to later");
    assert_eq!(counts[1].get(), 1, "reset to the past");
    assert_eq!((counts[2].get(), Arc::strong_count(&counts[2])), (0, 1));
    go(10);
    assert_eq!((timer.turn().expired, counts[0].get()), (1, 1));
    go(10);
    assert_eq!((timer.turn().expired, counts[3].get()), (1, 1));
    drop((first, fill, others(std::mem::take)));
    assert!(!timer.turn().has_remaining());
}

/// A waker whose functions panic as it is told.
struct Moody {
    clone: bool,
    wake: bool,
    drop: bool,
}

impl Moody {
    fn waker(&'static self) -> Waker {
        // SAFETY: the functions take the pointer for what it is, and hold nothing.
        unsafe { Waker::from_raw(self.raw()) }
    }

    fn raw(&'static self) -> RawWaker {
        static VTABLE: RawWakerVTable = RawWakerVTable::new(
            |it| {
                let it = Moody::of(it);
                assert!(!it.clone, "clone, on purpose");
                it.raw()
            },
            |it| assert!(!Moody::of(it).wake, "wake, on purpose"),
            |it| assert!(!Moody::of(it).wake, "wake, on purpose"),
            |it| assert!(!Moody::of(it).drop, "drop, on purpose"),
        );
        RawWaker::new(ptr::from_ref(self).cast(), &VTABLE)
    }

    fn of(it: *const ()) -> &'static Self {
        // SAFETY: it comes from `raw`, of a static.
        unsafe { &*it.cast() }
    }
}

static CLONE: Moody = Moody {
    clone: true,
    wake: false,
    drop: false,
};
static WAKE: Moody = Moody {
    clone: false,
    wake: true,
    drop: false,
};
static DROP: Moody = Moody {
    clone: false,
    wake: false,
    drop: true,
};

/// Polls with a waker that is not dropped.
fn poll_moody(sleep: &mut Pin<Box<Sleep<'static>>>, moody: &'static Moody) -> bool {
    let waker = std::mem::ManuallyDrop::new(moody.waker());
    let mut cx = std::task::Context::from_waker(&waker);
    sleep.as_mut().poll(&mut cx).is_pending()
}

fn panics<R>(f: impl FnOnce() -> R) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

#[test]
fn a_waker_that_panics_takes_nothing_along() {
    set_now(0);
    let timer = static_timer(MS);
    let count = Count::new();
    let mut bystander = Box::pin(timer.sleep_ticks(5));
    assert!(poll(bystander.as_mut(), count.clone()).is_pending());

    // From clone: by the first poll, and by one with another waker.
    let mut sleep = Box::pin(timer.sleep_ticks(5));
    assert!(panics(|| poll_moody(&mut sleep, &CLONE)));
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    assert!(panics(|| poll_moody(&mut sleep, &CLONE)));
    assert_eq!(Arc::strong_count(&count), 3, "it has the waker that it had");

    // From drop: when it is exchanged, and when its sleep is dropped or completes by a poll.
    let mut exchanged = Box::pin(timer.sleep_ticks(5));
    assert!(poll_moody(&mut exchanged, &DROP));
    assert!(panics(|| poll(exchanged.as_mut(), count.clone())));
    let mut dropped = Box::pin(timer.sleep_ticks(5));
    assert!(poll_moody(&mut dropped, &DROP));
    assert!(panics(|| drop(dropped)));

    // From wake: by a reset to the past.
    let mut reset = Box::pin(timer.sleep_ticks(5));
    assert!(poll_moody(&mut reset, &WAKE));
    assert!(panics(|| reset.as_mut().reset_ticks(0)));
    assert!(reset.is_elapsed());
    reset.as_mut().reset_ticks(7);
    assert!(poll(reset.as_mut(), count.clone()).is_pending());

    go(5);
    let mut completes = Box::pin(timer.sleep_ticks(1));
    assert!(poll_moody(&mut completes, &DROP));
    assert_eq!((timer.turn().expired, count.get()), (3, 3));
    go(1);
    assert!(panics(|| poll(completes.as_mut(), count.clone())));
    assert!(poll(completes.as_mut(), count.clone()).is_ready());
    go(1);
    assert_eq!((timer.turn().expired, count.get()), (1, 4));
    assert!(!timer.turn().has_remaining());
    assert_eq!(timer.next_deadline(), None);
    assert_eq!(Arc::strong_count(&count), 1);
}

/// A slot is half drained, and what was not due has been sorted: the rest is due all the same.
#[test]
fn a_waker_that_panics_halfway_through_a_slot() {
    set_now(0);
    let timer = static_timer(MS);
    let count = Count::new();
    let mut later = Box::pin(timer.sleep_ticks(70));
    assert!(poll(later.as_mut(), Count::new()).is_pending());
    let due: Vec<_> = (0..20)
        .map(|index| {
            let mut sleep = Box::pin(timer.sleep_ticks(64));
            let waker = match index {
                0 => call(|| panic!("on purpose")),
                _ => count.clone().into(),
            };
            assert!(poll(sleep.as_mut(), waker).is_pending());
            sleep
        })
        .collect();
    go(64);
    assert!(panics(|| timer.turn()));
    assert_eq!(count.get(), 15);
    assert_eq!((timer.turn().expired, count.get()), (4, 19));
    drop((later, due));
    assert!(!timer.turn().has_remaining());
}
