//! The races of a task and its scheduler, in every interleaving of up to three preemptions.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p pintle-task --test loom --all-features`
//!
//! loom watches the stage and the join waker's slot for unsynchronised accesses, and its threads for
//! deadlocks. That nothing is lost, leaked or dropped twice is watched by the tokens in `support`.
#![cfg(loom)]

#[path = "loom/local.rs"]
mod local;
#[path = "loom/orders.rs"]
mod orders;
#[path = "loom/resident.rs"]
mod resident;
#[path = "loom/sleep.rs"]
mod sleep;
#[path = "loom/stealing.rs"]
mod stealing;
mod support;
#[path = "support/local.rs"]
mod support_local;

use pintle_core::{
    atomic::{AtomicBool, Ordering::Relaxed},
    model, thread,
};
use pintle_task::{
    future::yield_now,
    scheduler::{Schedule, Scheduler, Tick},
    task::{Context, JoinHandle, Poll, TaskRef, Waker},
};
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
};
use support::{Alive, CountWaker, Token, poll_with, ready};

/// Is ready when its flag is set, which is stored and loaded without any order: whoever sets it
/// and wakes relies on the wake-up to make it seen.
struct Flagged {
    flag: Arc<AtomicBool>,
    _alive: Token,
}

impl Future for Flagged {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.flag.load(Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// A scheduler with one idle task, and what it takes to wake that.
struct Idle {
    scheduler: Scheduler,
    handle: JoinHandle<()>,
    waker: Waker,
    flag: Arc<AtomicBool>,
    alive: Alive,
}

fn idle() -> Idle {
    let scheduler = Scheduler::new();
    let alive = Alive::new();
    let flag = Arc::new(AtomicBool::new(false));
    let mut flagged = Flagged {
        flag: flag.clone(),
        _alive: alive.token(),
    };
    let slot = Arc::new(std::sync::Mutex::new(None));
    let waker = slot.clone();
    let handle = scheduler.spawn(poll_fn(move |cx| {
        waker
            .lock()
            .unwrap()
            .get_or_insert_with(|| cx.waker().clone());
        Pin::new(&mut flagged).poll(cx)
    }));
    assert_eq!(scheduler.tick().polled, 1);
    let waker = slot.lock().unwrap().take().unwrap();
    Idle {
        scheduler,
        handle,
        waker,
        flag,
        alive,
    }
}

#[test]
fn a_wake_up_during_a_poll_is_not_lost() {
    model::check(|| {
        let task = idle();
        // The poll that the other thread runs into.
        task.waker.wake_by_ref();
        let waking = thread::spawn({
            let (flag, waker) = (task.flag.clone(), task.waker);
            move || {
                flag.store(true, Relaxed);
                waker.wake();
            }
        });
        let first = task.scheduler.tick().completed;
        waking.join().unwrap();
        let second = task.scheduler.tick().completed;
        assert_eq!(first + second, 1);
        assert_eq!(ready(task.handle), Ok(()));
        assert_eq!(task.alive.count(), 0);
    });
}

#[test]
fn two_wake_ups_are_one_poll_that_sees_both() {
    model::check(|| {
        let task = idle();
        let waking = thread::spawn({
            let waker = task.waker.clone();
            move || waker.wake()
        });
        let setting = thread::spawn({
            let (flag, waker) = (task.flag.clone(), task.waker);
            move || {
                flag.store(true, Relaxed);
                waker.wake_by_ref();
            }
        });
        let first = task.scheduler.tick();
        waking.join().unwrap();
        setting.join().unwrap();
        let second = task.scheduler.tick();
        assert_eq!(first.completed + second.completed, 1);
        assert!(first.polled + second.polled <= 3);
        assert_eq!(task.alive.count(), 0);
        assert_eq!(ready(task.handle), Ok(()));
    });
}

#[test]
fn cancel_and_poll() {
    model::check(|| {
        let task = idle();
        task.flag.store(true, Relaxed);
        task.waker.wake_by_ref();
        let canceling = thread::spawn({
            let task: TaskRef = task.handle.task_ref();
            move || assert!(task.cancel())
        });
        let first = task.scheduler.tick().completed;
        canceling.join().unwrap();
        let second = task.scheduler.tick().completed;
        assert_eq!(first + second, 1);
        // Cancelled in time or too late, but cancelled.
        let error = ready(task.handle).unwrap_err();
        assert!(error.is_canceled());
        drop(task.waker);
        assert_eq!(task.alive.count(), 0);
    });
}

#[test]
fn cancel_and_wake_an_idle_task() {
    model::check(|| {
        let task = idle();
        let canceling = thread::spawn({
            let task: TaskRef = task.handle.task_ref();
            move || assert!(task.cancel())
        });
        task.waker.wake();
        let first = task.scheduler.tick().completed;
        canceling.join().unwrap();
        let second = task.scheduler.tick().completed;
        assert_eq!(first + second, 1);
        assert_eq!(task.alive.count(), 0);
        assert!(ready(task.handle).unwrap_err().is_canceled());
    });
}

#[test]
fn join_and_complete() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let mut handle = scheduler.spawn(async { 1 });
        let ticking = thread::spawn(move || {
            scheduler.tick();
        });
        let wakers = [CountWaker::new(), CountWaker::new()];
        let mut output = None;
        for waker in &wakers {
            if let Poll::Ready(ready) = poll_with(&mut handle, &waker.clone().into()) {
                output = Some(ready);
                break;
            }
        }
        ticking.join().unwrap();
        let woken = wakers.each_ref().map(|waker| waker.woken());
        let output = output.unwrap_or_else(|| {
            assert_eq!(woken, [0, 1], "the last waker is woken, and it alone");
            ready(&mut handle)
        });
        assert_eq!(output, Ok(1));
        assert!(woken.iter().sum::<usize>() <= 1);
        drop(handle);
        for waker in wakers {
            assert_eq!(Arc::strong_count(&waker), 1);
        }
    });
}

#[test]
fn detach_and_complete() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let alive = Alive::new();
        let output = alive.token();
        let mut handle = scheduler.spawn(async move { output });
        let waker = CountWaker::new();
        assert!(poll_with(&mut handle, &waker.clone().into()).is_pending());
        let ticking = thread::spawn(move || {
            scheduler.tick();
        });
        drop(handle);
        ticking.join().unwrap();
        assert_eq!(alive.count(), 0);
        assert_eq!(Arc::strong_count(&waker), 1);
        assert!(waker.woken() <= 1);
    });
}

#[test]
fn the_last_reference_and_a_wake_up() {
    model::check(|| {
        let task = idle();
        drop(task.handle);
        let dropping = thread::spawn({
            let waker = task.waker.clone();
            move || drop(waker)
        });
        task.flag.store(true, Relaxed);
        task.waker.wake();
        task.scheduler.tick();
        dropping.join().unwrap();
        assert_eq!(task.alive.count(), 0);
    });
}

#[test]
fn the_last_two_references() {
    model::check(|| {
        let task = idle();
        drop(task.handle);
        let dropping = thread::spawn({
            let waker = task.waker.clone();
            move || drop(waker)
        });
        drop(task.waker);
        dropping.join().unwrap();
        assert_eq!(task.alive.count(), 0);
    });
}

#[test]
fn the_current_task_of_another_thread() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let alive = Alive::new();
        let token = alive.token();
        // After its poll nobody has a reference but who has asked for it.
        drop(scheduler.spawn(async move {
            let _token = token;
            std::future::pending::<()>().await;
        }));
        let asking = thread::spawn({
            let scheduler = scheduler.clone();
            move || drop(scheduler.current_task())
        });
        scheduler.tick();
        asking.join().unwrap();
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn two_ask_for_the_current_task() {
    model::check_bounded(2, || {
        let scheduler = Scheduler::new();
        let alive = Alive::new();
        let token = alive.token();
        drop(scheduler.spawn(async move {
            let _token = token;
            yield_now().await;
            std::future::pending::<()>().await;
        }));
        let asking = [(); 2].map(|()| {
            let scheduler = scheduler.clone();
            thread::spawn(move || drop(scheduler.current_task()))
        });
        scheduler.tick();
        for asking in asking {
            asking.join().unwrap();
        }
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn the_end_and_a_wake_up() {
    model::check(|| {
        let task = idle();
        let waking = thread::spawn(move || task.waker.wake());
        drop(task.scheduler);
        waking.join().unwrap();
        assert_eq!(task.alive.count(), 0);
        assert!(ready(task.handle).unwrap_err().is_canceled());
    });
}

#[test]
fn the_end_two_wake_ups_and_a_tick() {
    model::check_bounded(2, || {
        let scheduler = Scheduler::new();
        let alive = Alive::new();
        let spawning = [(); 2].map(|()| {
            let (scheduler, token) = (scheduler.clone(), alive.token());
            thread::spawn(move || {
                drop(scheduler.spawn(async move { drop(token) }));
                scheduler.tick();
            })
        });
        scheduler.close();
        for spawning in spawning {
            spawning.join().unwrap();
        }
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn two_schedule_one_reference() {
    model::check(|| {
        let task = idle();
        let scheduling = thread::spawn({
            let (scheduler, task) = (task.scheduler.clone(), task.handle.task_ref());
            move || scheduler.schedule(task)
        });
        task.flag.store(true, Relaxed);
        task.scheduler.schedule(task.handle.task_ref());
        scheduling.join().unwrap();
        let tick = task.scheduler.tick();
        assert_eq!((tick.polled, tick.completed), (1, 1));
        assert_eq!(tick.woken_external, 1);
    });
}

#[test]
fn a_scheduler_ticked_by_two_threads() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let alive = Alive::new();
        let handles = [(); 2].map(|()| {
            let token = alive.token();
            scheduler.spawn(async move { drop(token) })
        });
        let ticking = thread::spawn({
            let scheduler = scheduler.clone();
            move || scheduler.tick().completed
        });
        let mut completed = scheduler.tick().completed;
        completed += ticking.join().unwrap();
        completed += scheduler.tick().completed;
        assert_eq!(completed, 2);
        assert_eq!(alive.count(), 0);
        for handle in handles {
            assert_eq!(ready(handle), Ok(()));
        }
    });
}

#[test]
fn two_ticks_share_the_counts() {
    model::check(|| {
        let task = idle();
        task.waker.wake_by_ref();
        drop(task.scheduler.spawn(async {}));
        let ticking = thread::spawn({
            let scheduler = task.scheduler.clone();
            move || scheduler.tick()
        });
        let here = task.scheduler.tick();
        let there = ticking.join().unwrap();
        let last = task.scheduler.tick();
        let sum = |count: fn(&Tick) -> usize| count(&here) + count(&there) + count(&last);
        assert_eq!(sum(|tick| tick.spawned), 1);
        assert_eq!(sum(|tick| tick.woken_external), 1);
    });
}
