//! The races of resident tasks and of the queue of their scheduler. What is leaked here is so by their nature.

use crate::stealing::Sleeper;
use crate::support::{Alive, CountWaker, Token, poll_with, ready};
use loom::sync::Notify;
use pintle_core::{
    atomic::{AtomicBool, Ordering::Relaxed},
    cell::UnsafeCell,
    model, thread,
};
use pintle_task::{
    scheduler::{Injector, StaticScheduler, Tick},
    task::{Context, JoinHandle, Poll, StaticStorage, Task, TaskRef, TaskStatus, Waker},
};
use std::{
    future::{Future, pending, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex},
};

fn scheduler() -> &'static StaticScheduler {
    Box::leak(Box::new(StaticScheduler::new()))
}

fn spawn<F>(scheduler: &'static StaticScheduler, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let task = Box::leak(Box::new(Task::new(future)));
    scheduler.spawn_allocated::<F, StaticStorage>(task)
}

/// Is ready when its flag is set, which is stored and loaded without any order. loom watches that its polls
/// do not overlap, and come one after the other.
struct Flagged {
    flag: Arc<AtomicBool>,
    polled: UnsafeCell<()>,
    _alive: Token,
}

// SAFETY: what the cell holds is nothing. loom says whether its uses are in order.
unsafe impl Send for Flagged {}

impl Future for Flagged {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.polled.with_mut(|_| ());
        match self.flag.load(Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// A scheduler with one idle task, and what it takes to wake that.
struct Idle {
    scheduler: &'static StaticScheduler,
    handle: JoinHandle<()>,
    waker: Waker,
    flag: Arc<AtomicBool>,
    alive: Alive,
}

fn idle() -> Idle {
    let scheduler = scheduler();
    let alive = Alive::new();
    let flag = Arc::new(AtomicBool::new(false));
    let mut flagged = Flagged {
        flag: flag.clone(),
        polled: UnsafeCell::new(()),
        _alive: alive.token(),
    };
    let slot = Arc::new(Mutex::new(None));
    let waker = slot.clone();
    let handle = spawn(
        scheduler,
        poll_fn(move |cx| {
            waker
                .lock()
                .unwrap()
                .get_or_insert_with(|| cx.waker().clone());
            Pin::new(&mut flagged).poll(cx)
        }),
    );
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
    model::check_bounded(2, || {
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
        assert!(first.polled + second.polled <= 2);
        assert_eq!(task.alive.count(), 0);
        assert_eq!(ready(task.handle), Ok(()));
    });
}

#[test]
fn cancel_and_complete() {
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
        let second = task.scheduler.tick();
        assert_eq!(first + second.completed, 1);
        // The ticket of a cancellation that came too late is void.
        assert!(!second.has_remaining);
        assert!(ready(task.handle).unwrap_err().is_canceled());
        assert_eq!(task.alive.count(), 0);
        task.waker.wake();
        assert_eq!(task.scheduler.tick().polled, 0);
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
        let scheduler = scheduler();
        let mut handle = spawn(scheduler, async { 1 });
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
        let scheduler = scheduler();
        let alive = Alive::new();
        let output = alive.token();
        let mut handle = spawn(scheduler, async move { output });
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
fn two_tick_one_after_the_other() {
    model::check_bounded(2, || {
        let task = idle();
        task.waker.wake_by_ref();
        let waking = thread::spawn({
            let waker = task.waker.clone();
            move || waker.wake()
        });
        let ticking = thread::spawn({
            let scheduler = task.scheduler;
            move || scheduler.tick()
        });
        let here = task.scheduler.tick();
        let there = ticking.join().unwrap();
        waking.join().unwrap();
        let last = task.scheduler.tick();
        let sum = |count: fn(&Tick) -> usize| count(&here) + count(&there) + count(&last);
        assert!((1..=2).contains(&sum(|tick| tick.polled)));
        assert_eq!(sum(Tick::woken), sum(|tick| tick.polled));
        assert!(!last.has_remaining);
        drop(task.handle);
    });
}

#[test]
fn pushes_and_a_tick_keep_the_order_of_each_thread() {
    model::check_bounded(2, || {
        let scheduler = scheduler();
        let order = Arc::new(Mutex::new(Vec::new()));
        let push = |name: usize| {
            let order = order.clone();
            move || {
                drop(spawn(
                    scheduler,
                    async move { order.lock().unwrap().push(name) },
                ))
            }
        };
        let (first, second, third) = (push(1), push(2), push(3));
        let pushing = thread::spawn(move || {
            first();
            second();
        });
        let another = thread::spawn(third);
        let mut polled = scheduler.tick().polled;
        pushing.join().unwrap();
        another.join().unwrap();
        polled += scheduler.tick().polled;
        assert_eq!(polled, 3);
        assert!(!scheduler.has_remaining());
        let order = order.lock().unwrap();
        let of_one: Vec<_> = order.iter().filter(|name| **name < 3).collect();
        assert_eq!(of_one, [&1, &2]);
    });
}

#[test]
fn a_push_and_a_driver_who_falls_asleep() {
    model::check(|| {
        let scheduler = scheduler();
        let pushing = thread::spawn(move || drop(spawn(scheduler, async {})));
        let sleeper = Arc::new(Sleeper(Notify::new()));
        let waker = Waker::from(sleeper.clone());
        let mut cx = Context::from_waker(&waker);
        while scheduler.tick().completed == 0 {
            while scheduler.poll_ready(&mut cx).is_pending() {
                sleeper.0.wait();
            }
            // Somebody may be in the middle of a push.
            thread::yield_now();
        }
        pushing.join().unwrap();
    });
}

#[test]
fn a_theft_and_a_wake_up() {
    model::check_bounded(2, || {
        let task = idle();
        task.waker.wake_by_ref();
        drop(task.scheduler.spawn(async {}));
        let thief = scheduler();
        let waking = thread::spawn({
            let waker = task.waker.clone();
            move || waker.wake()
        });
        let stealer = task.scheduler.try_steal().unwrap();
        assert_eq!(stealer.spawn_n(&thief, 3), 1);
        drop(stealer);
        assert_eq!(thief.tick().completed, 1);
        waking.join().unwrap();
        let tick = task.scheduler.tick();
        assert_eq!((tick.polled, tick.spawned), (1, 1));
        assert_eq!(tick.woken_external, 1);
        drop(task.handle);
    });
}

#[test]
fn another_thread_asks_what_is_polled() {
    model::check_bounded(2, || {
        let task = idle();
        task.waker.wake_by_ref();
        // Counted, and nobody has a reference after its poll.
        drop(task.scheduler.spawn(async {}));
        let asking = thread::spawn({
            let (scheduler, task) = (task.scheduler, task.handle.task_ref());
            move || {
                drop(scheduler.current_task());
                assert_ne!(task.status(), TaskStatus::Complete);
            }
        });
        assert_eq!(task.scheduler.tick().polled, 2);
        asking.join().unwrap();
        assert!(!task.handle.is_complete());
    });
}

#[test]
fn who_cancels_a_resident_of_an_injector_sees_its_scheduler() {
    model::check(|| {
        let injector = Injector::<&'static StaticScheduler>::new();
        let task = Box::leak(Box::new(Task::new(pending::<()>())));
        let handle = injector.spawn_allocated::<StaticStorage, _>(task);
        let canceling = thread::spawn({
            let task = handle.task_ref();
            move || assert!(task.cancel())
        });
        let scheduler = scheduler();
        assert!(injector.try_steal().unwrap().spawn_one(&scheduler));
        scheduler.tick();
        canceling.join().unwrap();
        scheduler.tick();
        assert!(ready(handle).unwrap_err().is_canceled());
    });
}
