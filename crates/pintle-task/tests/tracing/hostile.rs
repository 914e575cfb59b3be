//! Listeners that do what no listener should.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

use super::{
    listener::listen,
    support::{Alive, Token, quietly, ready},
};
use pintle_task::{
    scheduler::{Scheduler, StaticScheduler},
    task::{Context, JoinHandle, Poll, StaticStorage, Task, TaskRef, Waker},
};

/// A task that keeps two wakers, is pending twice and wakes itself by value in between, and whose life counts.
struct Worker {
    polls: usize,
    kept: Option<Waker>,
    _alive: Token,
}

impl Future for Worker {
    type Output = &'static str;

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.polls += 1;
        match self.polls {
            1 => {
                self.kept = Some(cx.waker().clone());
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            2 => {
                self.kept.take().unwrap().wake();
                self.kept = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready("done"),
        }
    }
}

fn worker(alive: &Alive) -> Worker {
    Worker {
        polls: 0,
        kept: None,
        _alive: alive.token(),
    }
}

/// Panics may leave `tick`: those of others than tasks, and without `std` all.
fn run(scheduler: &Scheduler) {
    for _ in 0..20 {
        let _ = quietly(|| scheduler.tick());
    }
    assert!(!scheduler.has_remaining());
}

#[test]
fn a_listener_that_panics_harms_nothing_but_its_task() {
    let calls = [
        ("spawn", 1),
        ("enter", 3),
        ("exit", 3),
        ("close", 1),
        ("waker.clone", 2),
        ("waker.wake_by_ref", 1),
        ("waker.wake", 1),
        ("waker.drop", 1),
    ];
    for (what, times) in calls {
        for nth in 1..=times {
            a_listener_panics_once(what, nth);
        }
    }
}

/// The `nth` time that it hears `what` of the first task.
fn a_listener_panics_once(what: &'static str, nth: usize) {
    let alive = Alive::new();
    let heard = Arc::new(AtomicUsize::new(0));
    let (counts, panics) = (heard.clone(), format!("{what} 1"));
    let hear = move |line: &str| {
        let of_first = line == panics || line.starts_with(&format!("{panics} "));
        if of_first && counts.fetch_add(1, SeqCst) + 1 == nth {
            panic!("a listener panics, as it should");
        }
    };
    let scheduler = Scheduler::new();
    listen(hear, || {
        let spawned = quietly(|| scheduler.spawn(worker(&alive)));
        assert_eq!(spawned.is_err(), what == "spawn");
        assert_eq!(alive.count(), usize::from(what != "spawn"));
        // The scheduler goes on, with this task too.
        let other = scheduler.spawn(worker(&alive));
        run(&scheduler);
        assert_eq!(ready(other), Ok("done"));
        if let Ok(task) = spawned {
            assert!(task.is_complete(), "{what}: the task is complete");
            let result = ready(task);
            // Whatever happens while it is polled and dropped is the task's panic.
            let error = result.expect_err("the listener panics in the task");
            assert!(!error.is_canceled(), "{what}");
        }
    });
    assert!(heard.load(SeqCst) >= nth, "{what} is said {nth} times");
    assert_eq!(alive.count(), 0, "{what}, {nth}");
}

#[test]
fn a_listener_that_panics_leaves_residents_alone() {
    for what in [
        "spawn",
        "enter",
        "exit",
        "close",
        "waker.wake_by_ref",
        "waker.wake",
    ] {
        let scheduler: &'static StaticScheduler = Box::leak(Box::default());
        let has_panicked = AtomicBool::new(false);
        let panics = format!("{what} 1");
        let hear = move |line: &str| {
            let of_first = line == panics || line.starts_with(&format!("{panics} "));
            if of_first && !has_panicked.swap(true, SeqCst) {
                panic!("a listener panics, as it should");
            }
        };
        let alive = Alive::new();
        let spawn = || {
            let task = Box::leak(Box::new(Task::new(worker(&alive))));
            scheduler.spawn_allocated::<_, StaticStorage>(task)
        };
        listen(hear, || {
            let spawned = quietly(spawn);
            assert_eq!(spawned.is_err(), what == "spawn");
            let other = spawn();
            for _ in 0..20 {
                let _ = quietly(|| scheduler.tick());
            }
            assert_eq!(ready(other), Ok("done"));
            if let Ok(task) = spawned {
                assert!(!ready(task).unwrap_err().is_canceled(), "{what}");
            }
        });
        // What was never spawned is never dropped: nobody has it.
        assert_eq!(alive.count(), usize::from(what == "spawn"), "{what}");
    }
}

#[test]
fn a_call_of_a_waker_is_obeyed_also_if_a_listener_panics() {
    let is_hostile = Arc::new(AtomicBool::new(false));
    let hostile = is_hostile.clone();
    let hear = move |line: &str| {
        if line.starts_with("waker") && hostile.load(SeqCst) {
            panic!("a listener panics, as it should");
        }
    };
    let alive = Alive::new();
    listen(hear, || {
        let scheduler = Scheduler::new();
        let wakers = Arc::new(Mutex::new(Vec::<Waker>::new()));
        let (keeps, token) = (wakers.clone(), alive.token());
        let task = scheduler.spawn(std::future::poll_fn(move |cx| {
            let _token = &token;
            *keeps.lock().unwrap() = vec![cx.waker().clone(), cx.waker().clone()];
            Poll::<()>::Pending
        }));
        let take = || std::mem::take(&mut *wakers.lock().unwrap());
        scheduler.tick();
        let kept = take();
        let polls = |f: &dyn Fn()| {
            is_hostile.store(true, SeqCst);
            assert!(quietly(f).is_err());
            is_hostile.store(false, SeqCst);
            scheduler.tick().polled
        };
        assert_eq!(polls(&|| kept[0].wake_by_ref()), 1);
        drop(take());
        assert_eq!(polls(&|| drop(kept[0].clone())), 0);
        let slots = kept.into_iter().map(|waker| Mutex::new(Some(waker)));
        let slots = slots.collect::<Vec<_>>();
        assert_eq!(
            polls(&|| slots[0].lock().unwrap().take().unwrap().wake()),
            1
        );
        drop(take());
        assert_eq!(polls(&|| drop(slots[1].lock().unwrap().take())), 0);
        assert_eq!(alive.count(), 1);
        // It was the last waker, and this is the last reference.
        drop(task);
        assert_eq!(alive.count(), 0, "none of the references is leaked");
    });
}

#[test]
fn a_listener_may_use_tasks() {
    // What listeners of a real program do by way of a log, a channel or a timer.
    type Spawned = Arc<Mutex<Vec<JoinHandle<()>>>>;

    let scheduler = Scheduler::new();
    let known = Arc::new(Mutex::new(Vec::<TaskRef>::new()));
    let spawned = Spawned::default();
    let (busy, lines) = (AtomicBool::new(false), Arc::new(AtomicUsize::new(0)));
    let (tasks, keeps, spawns, counts) = (
        known.clone(),
        spawned.clone(),
        scheduler.clone(),
        lines.clone(),
    );
    let hear = move |_: &str| {
        // It hears of what it does itself, and of what comes of it.
        if counts.load(SeqCst) == 100 || busy.swap(true, SeqCst) {
            return;
        }
        counts.fetch_add(1, SeqCst);
        keeps.lock().unwrap().push(spawns.spawn(async {}));
        let tasks = tasks.lock().unwrap().clone();
        for task in tasks {
            // A wake-up, by a reference that is no ticket.
            pintle_task::scheduler::Schedule::schedule(&spawns, task);
        }
        drop(spawns.current_task());
        busy.store(false, SeqCst);
    };
    let alive = Alive::new();
    listen(hear, || {
        let task = scheduler.spawn(worker(&alive));
        known.lock().unwrap().push(task.task_ref());
        while scheduler.tick().has_remaining {}
        assert_eq!(ready(task), Ok("done"));
        let cancelled = scheduler.spawn(std::future::pending::<()>());
        known.lock().unwrap().push(cancelled.task_ref());
        scheduler.tick();
        cancelled.cancel();
        while scheduler.tick().has_remaining {}
        assert!(ready(cancelled).unwrap_err().is_canceled());
    });
    while scheduler.tick().has_remaining {}
    assert_eq!(lines.load(SeqCst), 100);
    assert!(spawned.lock().unwrap().iter().all(JoinHandle::is_complete));
    known.lock().unwrap().clear();
    assert_eq!(alive.count(), 0);
}
