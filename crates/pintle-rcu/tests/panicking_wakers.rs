//! Tasks that wait for a grace period, and whose wakers panic: the others are woken all the same.
#![cfg(not(loom))]
#![allow(unsafe_code, reason = "a barrier")]

use core::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};
use pintle_rcu::domain::{Barrier, Cookie, Domain, Fences, Slot};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering::*},
};
use std::task::Wake;

/// Panics when it is woken.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a waker");
    }
}

/// Whether it was woken.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn the_lead_is_left_by_a_task_whose_waker_panics() {
    static DOMAIN: Domain<Fences> = Domain::with_barrier(Fences);
    static CORE: Slot = Slot::new();

    let reader = DOMAIN.reader(&CORE).unwrap();
    let panics = Waker::from(Arc::new(Panics));
    let mut context = Context::from_waker(&panics);
    let mut task = pin!(DOMAIN.grace_period());
    let section = reader.enter();
    assert!(task.as_mut().poll(&mut context).is_pending());
    // The reader calls the waker.
    assert!(catch_unwind(AssertUnwindSafe(|| drop(section))).is_err());
    // So does the task itself, when it leaves the lead.
    let last = catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(&mut context)));
    assert!(last.is_err());
    let poll = pin!(DOMAIN.grace_period()).poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_ready());
}

/// A barrier within whose light side, once, a grace period is polled.
struct Strikes;

static ARMED: Mutex<Option<Cookie>> = Mutex::new(None);
static STRUCK: Domain<Strikes> = Domain::with_barrier(Strikes);

// SAFETY: it is `Fences`, and does something besides.
unsafe impl Barrier for Strikes {
    fn light(&self) {
        Fences.light();
        let armed = ARMED.lock().unwrap().take();
        if let Some(cookie) = armed {
            assert!(catch_unwind(|| STRUCK.poll(cookie)).is_err());
        }
    }

    fn heavy(&self) {
        Fences.heavy();
    }
}

/// Somebody ends the grace period just when the reader has left and not looked who waits, and so wakes all.
#[test]
fn followers_are_woken_if_the_leaders_waker_panics() {
    static CORE: Slot = Slot::new();

    let reader = STRUCK.reader(&CORE).unwrap();
    let section = reader.enter();
    let cookie = STRUCK.start_poll();
    let panics = Waker::from(Arc::new(Panics));
    let mut leader = pin!(STRUCK.grace_period_of(cookie));
    let poll = leader.as_mut().poll(&mut Context::from_waker(&panics));
    assert!(poll.is_pending());
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(woken.clone());
    let mut follower = pin!(STRUCK.grace_period_of(cookie));
    let poll = follower.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
    *ARMED.lock().unwrap() = Some(cookie);
    drop(section);
    assert!(STRUCK.is_over(cookie));
    assert!(woken.0.load(Relaxed), "the follower sleeps on");
}
