//! Workers that steal from each other, one step at a time.
//!
//! With `std`, for without it nobody knows which worker he is on, and all tasks go through the injector.
#![cfg(feature = "std")]

mod support;

use pintle_task::{
    future::yield_now,
    scheduler::{StaticStealingScheduler, StealingScheduler, new_static_stealing},
    task::{Context, JoinHandle},
};
use std::{
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
};
use support::{Alive, CountWaker, Gate, ready};

/// Whether the worker says that there is something to do, else it sleeps by `waker`.
fn is_ready(worker: &mut pintle_task::scheduler::Worker<'_>, waker: &Arc<CountWaker>) -> bool {
    let waker = waker.clone().into();
    worker
        .poll_ready(&mut Context::from_waker(&waker))
        .is_ready()
}

#[test]
fn there_are_as_many_workers_as_were_asked_for() {
    let scheduler = StealingScheduler::new(2);
    assert_eq!(scheduler.workers(), 2);
    let first = scheduler.worker().unwrap();
    let second = scheduler.worker().unwrap();
    assert_eq!([first.index(), second.index()], [0, 1]);
    assert!(scheduler.worker().is_none());
    drop(first);
    assert_eq!(scheduler.worker().unwrap().index(), 0);
}

#[test]
#[should_panic(expected = "at least one worker")]
fn a_scheduler_without_workers_is_refused() {
    let _ = StealingScheduler::new(0);
}

#[test]
fn half_is_stolen() {
    let scheduler = StealingScheduler::new(2);
    let mut first = scheduler.worker().unwrap();
    let mut second = scheduler.worker().unwrap();
    let gate = Gate::new();
    let handles: Vec<JoinHandle<()>> = (0..9).map(|_| scheduler.spawn(gate.wait())).collect();
    assert_eq!(first.tick().polled, 9);

    // Woken by a task of the first worker they are in its queue: one as the newest, eight in the ring.
    scheduler.spawn(async move { gate.open() });
    let tick = first.tick_n(1);
    assert_eq!((tick.polled, tick.spawned, tick.woken_external), (1, 1, 9));
    assert!(tick.has_remaining);
    let tick = second.tick_n(1);
    assert_eq!(tick.polled, 1);
    assert_eq!(second.tick().polled, 3 + 2 + 1 + 1);
    assert_eq!(first.tick().polled, 1);
    for handle in handles {
        assert_eq!(ready(handle), Ok(()));
    }
}

#[test]
fn the_newest_runs_first_but_not_for_ever() {
    let scheduler = StealingScheduler::new(1);
    let mut worker = scheduler.worker().unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));

    fn chain(
        scheduler: &StealingScheduler,
        order: &Arc<Mutex<Vec<usize>>>,
        left: usize,
    ) -> JoinHandle<()> {
        let (again, order) = (scheduler.clone(), order.clone());
        scheduler.spawn(async move {
            order.lock().unwrap().push(left);
            if left != 0 {
                drop(chain(&again, &order, left - 1));
            }
        })
    }
    let other = order.clone();
    let root = scheduler.clone();
    scheduler.spawn({
        let order = order.clone();
        async move {
            root.spawn(async move { other.lock().unwrap().push(100) });
            drop(chain(&root, &order, 5));
        }
    });
    worker.tick();
    assert_eq!(*order.lock().unwrap(), [5, 4, 3, 100, 2, 1, 0]);
}

#[test]
fn what_is_too_much_for_a_ring_overflows() {
    let scheduler = StealingScheduler::new(1);
    let mut worker = scheduler.worker().unwrap();
    let alive = Alive::new();
    let (spawner, tokens) = (scheduler.clone(), alive.clone());
    scheduler.spawn(async move {
        for _ in 0..1_000 {
            let token = tokens.token();
            spawner.spawn(async move {
                yield_now().await;
                drop(token);
            });
        }
    });
    let (mut polled, mut spawned, mut completed, mut yielded) = (0, 0, 0, 0);
    loop {
        let tick = worker.tick();
        polled += tick.polled;
        spawned += tick.spawned;
        completed += tick.completed;
        yielded += tick.woken_internal;
        assert_eq!(tick.woken_external, 0);
        if !tick.has_remaining {
            break;
        }
    }
    assert_eq!((polled, spawned), (2_001, 1_001));
    assert_eq!((completed, yielded), (1_001, 1_000));
    assert_eq!(alive.count(), 0);
}

#[test]
fn the_injector_is_not_starved() {
    let scheduler = StealingScheduler::new(1);
    let mut worker = scheduler.worker().unwrap();
    let busy = scheduler.spawn(async {
        loop {
            yield_now().await;
        }
    });
    worker.tick_n(10);
    let other = scheduler.spawn(async {});
    worker.tick_n(62);
    assert!(other.is_complete());
    busy.cancel();
    worker.tick();
}

#[test]
fn a_sleeping_worker_is_woken_once() {
    let scheduler = StealingScheduler::new(2);
    let mut first = scheduler.worker().unwrap();
    let mut second = scheduler.worker().unwrap();
    let wakers = [CountWaker::new(), CountWaker::new()];
    let woken = || [wakers[0].woken(), wakers[1].woken()];
    assert!(!is_ready(&mut first, &wakers[0]));
    assert!(!is_ready(&mut second, &wakers[1]));

    scheduler.spawn(async {});
    assert_eq!(woken(), [1, 0]);
    // The first is on its way, so nobody wakes the second.
    scheduler.spawn(async {});
    assert_eq!(woken(), [1, 0]);
    assert!(is_ready(&mut first, &wakers[0]));
    // It finds one, and as there may be more it wakes the second.
    assert_eq!(first.tick().polled, 2);
    assert_eq!(woken(), [1, 1]);
    assert!(!is_ready(&mut first, &wakers[0]));
    assert!(is_ready(&mut second, &wakers[1]));
    assert_eq!(second.tick().polled, 0);
    assert!(!is_ready(&mut second, &wakers[1]));

    // Awake, a worker is not woken.
    drop(second);
    assert_eq!(first.tick().polled, 0);
    scheduler.spawn(async {});
    assert_eq!(woken(), [1, 1]);
    assert!(is_ready(&mut first, &wakers[0]), "there is work");
    assert_eq!(first.tick().polled, 1);
}

#[test]
fn a_worker_that_goes_leaves_its_tasks_to_others() {
    let scheduler = StealingScheduler::new(2);
    let mut first = scheduler.worker().unwrap();
    let mut second = scheduler.worker().unwrap();
    let waker = CountWaker::new();
    let root = scheduler.clone();
    scheduler.spawn(async move {
        for _ in 0..3 {
            root.spawn(async {});
        }
    });
    assert_eq!(first.tick_n(1).polled, 1);
    assert_eq!(second.tick().polled, 2);
    assert!(!is_ready(&mut second, &waker), "nobody steals the newest");
    drop(first);
    assert_eq!(waker.woken(), 1);
    assert_eq!(second.tick().polled, 1);
}

#[test]
fn run_is_a_future() {
    let scheduler = StealingScheduler::new(1);
    let mut worker = scheduler.worker().unwrap();
    let waker = CountWaker::new();
    let handle = scheduler.spawn(async { 6 * 7 });
    {
        let mut run = pin!(worker.run());
        let std_waker = waker.clone().into();
        let mut cx = Context::from_waker(&std_waker);
        assert!(run.as_mut().poll(&mut cx).is_pending());
        assert_eq!(waker.woken(), 0);
        let later = scheduler.spawn(async {});
        assert_eq!(waker.woken(), 1);
        assert!(run.as_mut().poll(&mut cx).is_pending());
        assert!(later.is_complete());
    }
    assert_eq!(ready(handle), Ok(42));
}

#[test]
fn the_end_leaks_nothing() {
    let alive = Alive::new();
    let gate = Gate::new();
    let scheduler = StealingScheduler::new(2);
    let (wait, token) = (gate.wait(), alive.token());
    let idle = scheduler.spawn(async move {
        wait.await;
        drop(token);
    });
    let mut worker = scheduler.worker().unwrap();
    worker.tick();
    // In a ring, and as the newest.
    let (root, tokens) = (scheduler.clone(), alive.clone());
    scheduler.spawn(async move {
        for _ in 0..3 {
            let token = tokens.token();
            root.spawn(async move { drop(token) });
        }
    });
    worker.tick_n(1);
    drop(worker);
    // In the injector.
    let token = alive.token();
    let queued = scheduler.spawn(async move { drop(token) });
    assert_eq!(alive.count(), 5);
    drop(scheduler);
    assert_eq!(alive.count(), 1);
    assert!(ready(queued).unwrap_err().is_canceled());
    gate.open();
    assert_eq!(alive.count(), 0);
    assert!(ready(idle).unwrap_err().is_canceled());
}

#[test]
fn a_closed_scheduler_cancels_what_its_workers_have() {
    let alive = Alive::new();
    let scheduler = StealingScheduler::new(1);
    let mut worker = scheduler.worker().unwrap();
    let (root, tokens) = (scheduler.clone(), alive.clone());
    scheduler.spawn(async move {
        for _ in 0..3 {
            let token = tokens.token();
            root.spawn(async move {
                yield_now().await;
                drop(token);
            });
        }
    });
    worker.tick_n(1);
    scheduler.close();
    let waker = CountWaker::new();
    let tick = worker.tick();
    assert_eq!((tick.polled, tick.completed), (3, 3));
    assert_eq!(alive.count(), 0);
    assert!(is_ready(&mut worker, &waker));
    let late = scheduler.spawn(async {});
    assert!(ready(late).unwrap_err().is_canceled());
}

#[test]
fn workers_of_two_schedulers_on_one_thread() {
    let outer = StealingScheduler::new(1);
    let inner = StealingScheduler::new(1);
    let mut worker = outer.worker().unwrap();
    let (out, within) = (outer.clone(), inner.clone());
    let task = outer.spawn(async move {
        let mut nested = within.worker().unwrap();
        let out = out.clone();
        let check = out.clone();
        let current = out.current_task();
        assert!(within.current_task().is_none());
        within.spawn(async move { drop(check.spawn(async {})) });
        assert_eq!(nested.tick().completed, 1);
        assert_eq!(out.current_task(), current);
        current.unwrap().id()
    });
    assert!(outer.current_task().is_none());
    assert_eq!(worker.tick().completed, 2);
    let id = task.id();
    assert_eq!(ready(task), Ok(id));
}

#[test]
fn cores_that_are_told_apart() {
    use std::cell::Cell;
    use std::thread_local;

    thread_local! { static CORE: Cell<usize> = const { Cell::new(1) }; }

    static SCHEDULER: StaticStealingScheduler<2> = {
        let scheduler: StaticStealingScheduler<2> = new_static_stealing!();
        // SAFETY: this test runs on one thread, and changes its number between two ticks.
        unsafe { scheduler.with_core_id(|| CORE.get()) }
    };

    let mut one = SCHEDULER.worker().unwrap();
    assert_eq!(one.index(), 1);
    assert!(SCHEDULER.worker().is_none());
    CORE.set(2);
    assert!(SCHEDULER.worker().is_none());
    CORE.set(1);
    let handle = SCHEDULER.spawn(async {
        for _ in 0..3 {
            SCHEDULER.spawn(async {});
        }
        SCHEDULER.current_task().is_some()
    });
    assert_eq!(one.tick_n(1).spawned, 4);
    CORE.set(0);
    let mut zero = SCHEDULER.worker().unwrap();
    assert_eq!(zero.tick_n(1).polled, 1);
    assert_eq!(zero.tick().polled, 1);
    CORE.set(1);
    assert_eq!(one.tick().polled, 1);
    assert_eq!(ready(handle), Ok(true));
}

#[test]
#[should_panic(expected = "share a stub")]
fn one_stub_serves_one_scheduler() {
    fn leaked() -> &'static StaticStealingScheduler<1> {
        Box::leak(Box::new(new_static_stealing!()))
    }
    let first = leaked();
    drop(first.spawn(async {}));
    drop(leaked().spawn(async {}));
}

#[test]
fn a_handler_on_top_of_a_worker_that_changes_its_queue_goes_elsewhere() {
    // The waker of a worker is called when its queue is in order again: it may queue a task.
    struct Meddling(StealingScheduler);
    impl std::task::Wake for Meddling {
        fn wake(self: Arc<Self>) {
            self.0.spawn(async {});
        }
    }
    let scheduler = StealingScheduler::new(2);
    let mut first = scheduler.worker().unwrap();
    let mut second = scheduler.worker().unwrap();
    let waker = Arc::new(Meddling(scheduler.clone())).into();
    let mut cx = Context::from_waker(&waker);
    assert_eq!(second.poll_ready(&mut cx), Poll::Pending);
    let root = scheduler.clone();
    scheduler.spawn(async move {
        root.spawn(async {});
        root.spawn(async {});
    });
    let mut polled = 0;
    loop {
        let ticks = [first.tick(), second.tick()];
        polled += ticks[0].polled + ticks[1].polled;
        if ticks.iter().all(|tick| tick.polled == 0) {
            break;
        }
    }
    assert!(polled > 3, "{polled}");
}
