//! What the feature `tracing-01` tells of tasks, and that it does them no harm.
#![cfg(all(not(loom), feature = "tracing-01", feature = "alloc"))]

#[path = "tracing/hostile.rs"]
mod hostile;
#[path = "tracing/listener.rs"]
mod listener;
mod support;

use std::{
    future::{pending, poll_fn},
    panic::Location,
    sync::{Arc, Mutex},
};

use listener::{listen, nothing};
use pintle_task::{
    future::{Yield, yield_now},
    scheduler::{
        Injector, LocalScheduler, LocalStaticScheduler, Scheduler, StaticScheduler,
        StaticStealingScheduler, StealingScheduler, new_static_stealing,
    },
    task::{JoinSet, Poll, PoolStorage, StaticStorage, Task, TaskPool, Waker},
};
use support::{poll_with, quietly, ready};

/// The line after this one.
#[track_caller]
fn next_line() -> u32 {
    Location::caller().line() + 1
}

#[test]
fn a_task_has_a_span() {
    let mut id = None;
    let mut line = 0;
    let said = listen(nothing, || {
        let scheduler = Scheduler::new();
        let builder = scheduler.build_task().name("blink").kind("driver");
        line = next_line();
        let task = builder.spawn(yield_now());
        id = Some(task.id());
        while scheduler.tick().has_remaining {}
        assert!(task.is_complete());
    });
    let size = size_of::<Yield>();
    let spawn = format!(
        "spawn 1 kind=driver task.name=blink task.id={} size.bytes={size} \
         loc.file={} loc.line={line} loc.col=28",
        id.unwrap(),
        file!(),
    );
    let polls = [
        "enter 1",
        "waker.wake_by_ref 1",
        "exit 1",
        "enter 1",
        "exit 1",
        "close 1",
    ];
    assert_eq!(said[0], spawn);
    assert_eq!(said[1..], polls);
}

#[test]
fn a_span_has_the_location_that_it_is_given() {
    let elsewhere = *Location::caller();
    let said = listen(nothing, || {
        let scheduler = Scheduler::new();
        let builder = scheduler.build_task().location(elsewhere);
        drop(builder.spawn(async {}));
    });
    let (line, column) = (elsewhere.line(), elsewhere.column());
    let location = format!("loc.file={} loc.line={line} loc.col={column}", file!());
    assert!(said[0].ends_with(&location), "{}", said[0]);
    assert!(!said[0].contains("task.name"));
}

/// Spawns in each line, with the kind that is expected.
#[test]
fn every_way_to_spawn_says_where_and_what_kind() {
    static STEALING: StaticStealingScheduler<1> = new_static_stealing!();
    static POOL: TaskPool<Scheduler, Yield, 2> = TaskPool::new();
    static LOCAL_POOL: TaskPool<LocalScheduler, Yield, 2> = TaskPool::new();
    fn leak<T>(task: T) -> &'static mut T {
        Box::leak(Box::new(task))
    }

    let scheduler = &Scheduler::new();
    let local = &LocalScheduler::new();
    let r#static: &'static StaticScheduler = Box::leak(Box::default());
    let static_local: &'static LocalStaticScheduler = Box::leak(Box::default());
    let stealing = &StealingScheduler::new(1);
    let static_stealing = &STEALING;
    let injector = &Injector::<Scheduler>::new();
    let set = &mut JoinSet::on(scheduler.clone());
    let future = || Yield::new(0);

    let mut expected = Vec::new();
    let said = listen(nothing, || {
        let mut expect = |kind: &str, line: u32| expected.push((kind.to_owned(), line));
        expect("task", next_line());
        drop(scheduler.spawn(future()));
        expect("task", next_line());
        drop(scheduler.spawn_allocated(Box::new(Task::new(future()))));
        expect("task", next_line());
        drop(r#static.spawn(future()));
        expect("task", next_line());
        drop(r#static.spawn_allocated::<_, StaticStorage>(leak(Task::new(future()))));
        expect("task", next_line());
        drop(stealing.spawn(future()));
        expect("task", next_line());
        drop(stealing.spawn_allocated(Box::new(Task::new(future()))));
        expect("task", next_line());
        drop(static_stealing.spawn(future()));
        expect("task", next_line());
        drop(static_stealing.spawn_allocated::<_, StaticStorage>(leak(Task::new(future()))));
        expect("task", next_line());
        drop(injector.spawn(future()));
        expect("task", next_line());
        drop(injector.spawn_allocated::<StaticStorage, _>(leak(Task::new(future()))));
        expect("task", next_line());
        drop(set.spawn(future()));
        expect("task", next_line());
        drop(set.spawn_on(future(), scheduler));
        expect("task", next_line());
        drop(POOL.spawn(scheduler, future()));
        expect("task", next_line());
        drop(scheduler.build_task().spawn(future()));
        let (builder, pooled) = (scheduler.build_task(), POOL.allocate(future()).unwrap());
        expect("task", next_line());
        drop(builder.spawn_allocated::<PoolStorage, _>(pooled));

        expect("local", next_line());
        drop(local.spawn(future()));
        expect("local", next_line());
        drop(local.spawn_allocated(Box::new(Task::new(future()))));
        expect("local", next_line());
        drop(local.build_task().spawn_local(future()));
        expect("local", next_line());
        drop(static_local.spawn(future()));
        expect("local", next_line());
        drop(static_local.spawn_allocated::<_, StaticStorage>(leak(Task::new(future()))));
        expect("local", next_line());
        drop(LOCAL_POOL.spawn_local(local, future()));
        expect("mine", next_line());
        drop(local.build_task().kind("mine").spawn_local(future()));
        // What comes from another thread is not local.
        expect("task", next_line());
        drop(local.spawner().spawn(future()));
        expect("task", next_line());
        drop(static_local.spawner().spawn(future()));
    });
    let spawns = said.iter().filter(|line| line.starts_with("spawn"));
    for (said, (kind, line)) in spawns.clone().zip(&expected) {
        let location = format!("loc.file={} loc.line={line} ", file!());
        assert!(said.contains(&location), "line {line}: {said}");
        assert!(said.contains(&format!(" kind={kind} ")), "{said}");
    }
    assert_eq!(spawns.count(), expected.len());
}

#[test]
fn wakers_say_what_becomes_of_them() {
    let said = listen(nothing, || {
        let scheduler = Scheduler::new();
        let left = Arc::new(Mutex::new(None::<Waker>));
        let inner = left.clone();
        let task = scheduler.spawn(poll_fn(move |cx| {
            *inner.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }));
        assert_eq!(scheduler.tick().polled, 1);
        let waker = left.lock().unwrap().take().unwrap();
        waker.wake_by_ref();
        // It is queued: nothing happens, but it is said.
        let another = waker.clone();
        another.wake();
        drop(waker);
        assert_eq!(scheduler.tick().polled, 1);
        task.cancel();
        assert_eq!(scheduler.tick().completed, 1);
        // The span is closed, and the task still there.
        drop(left.lock().unwrap().take());
        drop(task);
    });
    let expected = [
        "enter 1",
        "waker.clone 1",
        "exit 1",
        "waker.wake_by_ref 1",
        "waker.clone 1",
        "waker.wake 1",
        "waker.drop 1",
        "enter 1",
        "waker.clone 1",
        "exit 1",
        "close 1",
        "waker.drop 1",
    ];
    assert_eq!(said[1..], expected);
}

#[test]
fn residents_tell_of_themselves_too() {
    let scheduler: &'static StaticScheduler = Box::leak(Box::default());
    let left = Arc::new(Mutex::new(None::<Waker>));
    let inner = left.clone();
    let said = listen(nothing, || {
        let task = poll_fn(move |cx| {
            *inner.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        });
        let task = Box::leak(Box::new(Task::new(task)));
        let task = scheduler.spawn_allocated::<_, StaticStorage>(task);
        assert_eq!(scheduler.tick().polled, 1);
        let waker = left.lock().unwrap().take().unwrap();
        waker.wake();
        assert_eq!(scheduler.tick().polled, 1);
        task.cancel();
        assert_eq!(scheduler.tick().completed, 1);
        let counts = task.task_ref().counts();
        assert_eq!((counts.polls, counts.wakes), (2, 1));
    });
    let expected = [
        "enter 1",
        "waker.clone 1",
        "exit 1",
        "waker.wake 1",
        "enter 1",
        "waker.clone 1",
        "exit 1",
        "close 1",
    ];
    assert_eq!(said[1..], expected);
}

#[test]
fn a_joiner_is_woken_like_any_task() {
    let said = listen(nothing, || {
        let scheduler = Scheduler::new();
        let first = scheduler.spawn(yield_now());
        let second = scheduler.spawn(first);
        while scheduler.tick().has_remaining {}
        assert!(second.is_complete());
    });
    let expected = [
        "enter 1",
        "waker.wake_by_ref 1",
        "exit 1",
        "enter 2",
        "waker.clone 2",
        "exit 2",
        "enter 1",
        "exit 1",
        "close 1",
        "waker.wake 2",
        "enter 2",
        "exit 2",
        "close 2",
    ];
    assert_eq!(said[2..], expected);
}

#[test]
fn a_span_is_closed_when_the_future_is_dropped() {
    let said = listen(nothing, || {
        // Cancelled before it was polled.
        let scheduler = Scheduler::new();
        scheduler.spawn(pending::<()>()).cancel();
        scheduler.tick();
        // Idle, and nobody is left who could wake it.
        drop(scheduler.spawn(pending::<()>()));
        scheduler.tick();
        // Queued in what is dropped.
        let task = scheduler.spawn(pending::<()>());
        drop(scheduler);
        assert!(ready(task).unwrap_err().is_canceled());
        let injector = Injector::<Scheduler>::new();
        drop(injector.spawn(pending::<()>()));
        drop(injector);
        // Local, and idle, in what is closed.
        let local = LocalScheduler::new();
        let task = local.spawn(pending::<()>());
        local.tick();
        local.close();
        assert!(ready(task).unwrap_err().is_canceled());
        // Never spawned.
        drop(Box::new(
            Task::<Scheduler, _, pintle_task::task::BoxStorage>::new(yield_now()),
        ));
    });
    let said = said.iter().map(|line| match line.starts_with("spawn") {
        true => &line[..7],
        false => line,
    });
    let expected = [
        "spawn 1", "close 1", "spawn 2", "enter 2", "exit 2", "close 2", "spawn 3", "close 3",
        "spawn 4", "close 4", "spawn 5", "enter 5", "exit 5", "close 5",
    ];
    assert_eq!(said.collect::<Vec<_>>(), expected);
}

#[test]
fn the_span_of_a_task_that_panics_is_closed() {
    let said = listen(nothing, || {
        let scheduler = Scheduler::new();
        let task = scheduler.spawn(async { panic!("as it should") });
        let tick = quietly(|| scheduler.tick());
        assert_eq!(tick.is_err(), cfg!(not(feature = "std")));
        let error = ready(task).unwrap_err();
        assert!(!error.is_canceled());
    });
    assert_eq!(said[1..], ["enter 1", "exit 1", "close 1"]);
}

#[test]
fn polls_and_wakes_are_counted_also_if_nobody_listens() {
    let scheduler = Scheduler::new();
    let task = scheduler.spawn(Yield::new(2));
    let task_ref = task.task_ref();
    let counts = || (task_ref.counts().polls, task_ref.counts().wakes);
    assert_eq!(counts(), (0, 0));
    while scheduler.tick().has_remaining {}
    assert_eq!(counts(), (3, 2));
    // Of a cancelled task nothing is polled.
    let task = scheduler.spawn(pending::<()>());
    task.cancel();
    scheduler.tick();
    assert_eq!(task.task_ref().counts(), Default::default());
    // Who waits is woken by one who joins.
    let joined = scheduler.spawn(yield_now());
    let joiner = scheduler.spawn(joined);
    while scheduler.tick().has_remaining {}
    let counts = joiner.task_ref().counts();
    assert_eq!((counts.polls, counts.wakes), (2, 1));
    assert!(poll_with(joiner, Waker::noop()).is_ready());
}
