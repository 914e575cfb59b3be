//! Schedulers with one queue whose driver sleeps: no wake-up is missed.

use crate::stealing::Sleeper;
use loom::sync::Notify;
use pintle_core::{model, thread};
use pintle_task::{
    scheduler::Scheduler,
    task::{Context, Waker},
};
use std::{future::Future, pin::pin, sync::Arc};

/// Ticks until so many tasks are complete, and sleeps in between.
fn run(scheduler: &Scheduler, count: usize) {
    let sleeper = Arc::new(Sleeper(Notify::new()));
    let waker = Waker::from(sleeper.clone());
    let mut cx = Context::from_waker(&waker);
    let mut completed = 0;
    loop {
        let tick = scheduler.tick();
        completed += tick.completed;
        if completed >= count {
            return;
        }
        if tick.polled == 0 {
            // Somebody may be in the middle of a push.
            thread::yield_now();
        }
        while scheduler.poll_ready(&mut cx).is_pending() {
            sleeper.0.wait();
        }
    }
}

#[test]
fn a_push_and_a_driver_who_falls_asleep() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let pushing = thread::spawn({
            let scheduler = scheduler.clone();
            move || drop(scheduler.spawn(async {}))
        });
        run(&scheduler, 1);
        pushing.join().unwrap();
    });
}

#[test]
fn anothers_tick_and_a_driver_who_falls_asleep() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let pushing = thread::spawn({
            let scheduler = scheduler.clone();
            move || {
                assert_eq!(scheduler.tick().polled, 0);
                drop(scheduler.spawn(async {}));
            }
        });
        run(&scheduler, 1);
        pushing.join().unwrap();
    });
}

#[test]
fn the_end_and_a_driver_who_falls_asleep() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let closing = thread::spawn({
            let scheduler = scheduler.clone();
            move || scheduler.close()
        });
        let sleeper = Arc::new(Sleeper(Notify::new()));
        let waker = Waker::from(sleeper.clone());
        let mut run = pin!(scheduler.run());
        while run
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
        {
            sleeper.0.wait();
        }
        closing.join().unwrap();
    });
}
