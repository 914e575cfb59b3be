//! The scheduler on the heap: its handles, its end, and schedulers of others on top of it.
#![cfg(feature = "alloc")]

mod support;

use pintle_task::{
    future::yield_now,
    scheduler::{Schedule, Scheduler, StaticScheduler},
    task::{JoinHandle, Task, TaskRef},
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};
use support::{Alive, CountWaker, Gate, poll_with, quietly, ready};

#[test]
fn tasks_are_polled_in_the_order_of_their_wake_ups() {
    let scheduler = Scheduler::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    for id in 0..3 {
        let order = order.clone();
        scheduler.spawn(async move {
            for round in 0..2 {
                order.lock().unwrap().push((round, id));
                yield_now().await;
            }
        });
    }
    let tick = scheduler.tick();
    assert_eq!(
        (tick.polled, tick.woken_internal, tick.completed),
        (9, 6, 3)
    );
    let order = order.lock().unwrap();
    assert_eq!(*order, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
}

#[test]
fn every_way_to_spawn_counts_as_spawned() {
    let scheduler = Scheduler::new();
    scheduler.spawn(async {});
    scheduler.spawn_allocated(Box::new(Task::new(async {})));
    scheduler.build_task().spawn(async {});
    Schedule::build_task(&scheduler).name("x").spawn(async {});
    let tick = scheduler.tick();
    assert_eq!((tick.spawned, tick.woken_external, tick.woken()), (4, 0, 0));

    let leaked: &'static StaticScheduler = Box::leak(Box::default());
    leaked.spawn(async {});
    leaked.build_task().spawn(async {});
    let tick = leaked.tick();
    assert_eq!(
        (tick.spawned, tick.woken_external, tick.completed),
        (2, 0, 2)
    );
}

#[test]
fn a_dropped_scheduler_leaks_nothing() {
    let alive = Alive::new();
    let gate = Gate::new();
    let scheduler = Scheduler::new();
    let second = scheduler.clone();

    let queued = {
        let (token, handle_inside) = (alive.token(), ());
        scheduler.spawn(async move {
            let _keep = (token, handle_inside);
        })
    };
    let mut idle = {
        let (token, wait) = (alive.token(), gate.wait());
        second.spawn(async move {
            wait.await;
            drop(token);
        })
    };
    // The first is queued again behind the second, which goes idle.
    let detached = alive.token();
    drop(scheduler.spawn(async move {
        yield_now().await;
        drop(detached);
    }));
    assert_eq!(alive.count(), 3);

    drop(scheduler);
    assert_eq!(alive.count(), 3, "a handle is left");
    assert_eq!(second.tick().completed, 2);
    assert_eq!(alive.count(), 1);
    assert_eq!(ready(queued), Ok(()));

    // Now only the idle task is left, and a new one in the queue.
    let token = alive.token();
    let mut queued = second.spawn(async move { drop(token) });
    let joiner = CountWaker::new();
    assert!(poll_with(&mut queued, &joiner.clone().into()).is_pending());
    drop(second);
    assert_eq!(alive.count(), 1);
    assert_eq!(joiner.woken(), 1);
    assert!(ready(&mut queued).unwrap_err().is_canceled());

    // Who wakes the idle one cancels it.
    let joiner = CountWaker::new();
    assert!(poll_with(&mut idle, &joiner.clone().into()).is_pending());
    gate.open();
    assert_eq!(alive.count(), 0);
    assert_eq!(joiner.woken(), 1);
    let error = ready(&mut idle).unwrap_err();
    assert!(error.is_canceled() && !error.is_completed() && !error.is_panic());
    assert_eq!(error.id(), idle.id());
}

#[test]
fn nothing_is_polled_after_the_end() {
    let scheduler = Scheduler::new();
    let polls = Arc::new(AtomicUsize::new(0));
    let count = |polls: &Arc<AtomicUsize>| {
        let polls = polls.clone();
        async move {
            polls.fetch_add(1, SeqCst);
        }
    };
    let before = scheduler.spawn(count(&polls));
    scheduler.close();
    let after = scheduler.spawn(count(&polls));
    assert!(ready(before).unwrap_err().is_canceled());
    assert!(ready(after).unwrap_err().is_canceled());
    assert_eq!(scheduler.tick().polled, 0);
    assert_eq!(polls.load(SeqCst), 0);
    scheduler.close();
}

#[test]
fn a_future_that_is_dropped_at_the_end_may_wake_and_spawn() {
    struct Busybody {
        scheduler: Scheduler,
        neighbour: Gate,
        _alive: support::Token,
    }

    impl Drop for Busybody {
        fn drop(&mut self) {
            self.neighbour.open();
            let alive = self.scheduler.spawn(std::future::pending::<()>());
            assert!(!alive.is_complete() || alive.is_complete());
        }
    }

    let alive = Alive::new();
    let gate = Gate::new();
    let scheduler = Scheduler::new();
    let (wait, token) = (gate.wait(), alive.token());
    let waiting = scheduler.spawn(async move {
        wait.await;
        drop(token);
    });
    scheduler.tick();
    let busybody = Busybody {
        scheduler: scheduler.clone(),
        neighbour: gate,
        _alive: alive.token(),
    };
    let queued = scheduler.spawn(async move {
        let _busybody = busybody;
        std::future::pending::<()>().await;
    });
    scheduler.close();
    assert_eq!(alive.count(), 0);
    assert!(ready(queued).unwrap_err().is_canceled());
    assert!(ready(waiting).unwrap_err().is_canceled());
}

#[test]
fn a_task_may_close_its_scheduler() {
    let scheduler = Scheduler::new();
    let closer = scheduler.clone();
    let alive = Alive::new();
    let first = scheduler.spawn(async move { closer.close() });
    for _ in 0..300 {
        let token = alive.token();
        scheduler.spawn(async move {
            yield_now().await;
            drop(token);
        });
    }
    scheduler.tick();
    assert_eq!(ready(first), Ok(()));
    assert_eq!(alive.count(), 0);
    assert!(!scheduler.has_remaining());
}

#[test]
fn the_last_handle_may_be_dropped_by_another_thread() {
    let scheduler = Scheduler::new();
    let alive = Alive::new();
    let token = alive.token();
    let handle = scheduler.spawn(async move { drop(token) });
    std::thread::spawn(move || drop(scheduler)).join().unwrap();
    assert_eq!(alive.count(), 0);
    assert!(handle.is_complete());
}

// --- a scheduler of one's own ---

/// Counts how often it is asked to schedule: where a real one unparks its thread.
#[derive(Clone)]
struct Worker(Arc<Inner>);

struct Inner {
    scheduler: Scheduler,
    unparked: AtomicUsize,
}

impl Schedule for Worker {
    fn schedule(&self, task: TaskRef) {
        self.0.scheduler.schedule(task);
        self.0.unparked.fetch_add(1, SeqCst);
    }

    fn current_task(&self) -> Option<TaskRef> {
        self.0.scheduler.current_task()
    }
}

impl Worker {
    fn new() -> Self {
        Self(Arc::new(Inner {
            scheduler: Scheduler::new(),
            unparked: AtomicUsize::new(0),
        }))
    }

    fn unparked(&self) -> usize {
        self.0.unparked.load(SeqCst)
    }
}

#[test]
fn a_foreign_scheduler_is_told_of_each_wake_up() {
    let worker = Worker::new();
    let gate = Gate::new();
    let wait = gate.wait();
    let inner = worker.clone();
    let handle = worker.build_task().spawn(async move {
        assert!(inner.current_task().is_some());
        wait.await;
        yield_now().await;
        inner.current_task().unwrap().id()
    });
    assert_eq!(worker.unparked(), 1);
    let tick = worker.0.scheduler.tick();
    assert_eq!((tick.spawned, tick.woken_external, tick.polled), (1, 0, 1));

    for waker in gate.take_wakers() {
        // Twice, but the task is queued once.
        waker.wake_by_ref();
        waker.wake();
    }
    assert_eq!(worker.unparked(), 2);
    let tick = worker.0.scheduler.tick();
    assert_eq!((tick.spawned, tick.woken_external, tick.polled), (0, 1, 1));

    gate.open();
    assert_eq!(worker.unparked(), 3);
    let tick = worker.0.scheduler.tick();
    assert_eq!((tick.woken_external, tick.woken_internal), (1, 1));
    assert_eq!(tick.polled, 2);
    // To yield is no wake-up from outside: the thread that would be unparked is the one that runs.
    assert_eq!(worker.unparked(), 3);
    let id = handle.id();
    assert_eq!(ready(handle), Ok(id));
}

#[test]
fn a_foreign_scheduler_may_keep_tasks_back() {
    /// Passes tasks on later.
    #[derive(Clone)]
    struct Later {
        scheduler: &'static StaticScheduler,
        kept: Arc<Mutex<Vec<TaskRef>>>,
    }

    impl Schedule for Later {
        fn schedule(&self, task: TaskRef) {
            self.kept.lock().unwrap().push(task);
        }

        fn current_task(&self) -> Option<TaskRef> {
            (&self.scheduler).current_task()
        }
    }

    let later = Later {
        scheduler: Box::leak(Box::default()),
        kept: Arc::default(),
    };
    let gate = Gate::new();
    let handle = later.build_task().spawn(gate.wait());
    assert_eq!(later.scheduler.tick().polled, 0);
    for task in later.kept.lock().unwrap().drain(..) {
        later.scheduler.schedule(task);
    }
    let tick = later.scheduler.tick();
    assert_eq!((tick.polled, tick.spawned), (1, 1));

    // A wake-up that is dropped is lost, but the next one is not.
    let waker = gate.take_wakers().pop().unwrap();
    waker.wake_by_ref();
    waker.wake_by_ref();
    assert_eq!(later.kept.lock().unwrap().len(), 1);
    later.kept.lock().unwrap().clear();
    waker.wake_by_ref();
    assert_eq!(later.kept.lock().unwrap().len(), 1);
    // So is a cancellation.
    later.kept.lock().unwrap().clear();
    assert!(handle.cancel());
    assert_eq!(later.kept.lock().unwrap().len(), 1);
    for task in later.kept.lock().unwrap().drain(..) {
        later.scheduler.schedule(task);
    }
    assert_eq!(later.scheduler.tick().completed, 1);
}

#[test]
fn the_end_of_a_foreign_scheduler() {
    let alive = Alive::new();
    let worker = Worker::new();
    let weak = Arc::downgrade(&worker.0);
    let token = alive.token();
    let handle = worker.build_task().spawn(async move { drop(token) });
    worker.0.scheduler.close();
    drop(worker);
    assert_eq!(alive.count(), 0);
    drop(handle);
    assert_eq!(weak.strong_count(), 0, "the cycle is broken");
}

#[test]
fn to_schedule_any_reference_is_to_wake() {
    // `schedule` is safe to call, with whatever reference somebody has got hold of.
    let scheduler = Scheduler::new();
    let other = Scheduler::new();
    let gate = Gate::new();
    let handle = scheduler.spawn(gate.wait());
    let task = handle.task_ref();

    // Queued already: here or elsewhere makes no difference.
    scheduler.schedule(task.clone());
    other.schedule(task.clone());
    assert!(!other.has_remaining());
    let tick = scheduler.tick();
    assert_eq!((tick.polled, tick.spawned, tick.woken_external), (1, 1, 0));

    // Idle: a wake-up, on the scheduler that it is given to.
    other.schedule(task.clone());
    scheduler.schedule(task.clone());
    assert_eq!(scheduler.tick().polled, 0);
    let tick = other.tick();
    assert_eq!((tick.polled, tick.woken_external), (1, 1));

    // Being polled: once more, after this.
    let again = scheduler.clone();
    let polls = Arc::new(AtomicUsize::new(0));
    let count = polls.clone();
    let twice: JoinHandle<()> = scheduler.spawn(std::future::poll_fn(move |_| {
        let me = again.current_task().unwrap();
        again.schedule(me.clone());
        again.schedule(me);
        match count.fetch_add(1, SeqCst) {
            0 => std::task::Poll::Pending,
            _ => std::task::Poll::Ready(()),
        }
    }));
    let tick = scheduler.tick();
    assert_eq!((tick.polled, tick.woken_internal), (2, 1));

    // Complete: nothing.
    scheduler.schedule(twice.task_ref());
    assert!(!scheduler.has_remaining());
    drop(task);
    gate.open();
    assert_eq!(scheduler.tick().completed, 1);
}

#[test]
fn a_scheduler_that_panics_does_not_break_its_tasks() {
    #[derive(Clone)]
    struct Faulty(&'static StaticScheduler, Arc<AtomicUsize>);

    impl Schedule for Faulty {
        fn schedule(&self, task: TaskRef) {
            if self.1.fetch_add(1, SeqCst) == 1 {
                panic!("no");
            }
            self.0.schedule(task);
        }

        fn current_task(&self) -> Option<TaskRef> {
            None
        }
    }

    let faulty = Faulty(Box::leak(Box::default()), Arc::default());
    let gate = Gate::new();
    let handle = faulty.build_task().spawn(gate.wait());
    faulty.0.tick();
    assert!(quietly(|| gate.open()).is_err());
    assert_eq!(faulty.0.tick().polled, 0);
    handle.task_ref().cancel();
    assert_eq!(faulty.0.tick().completed, 1);
}

#[test]
fn another_threads_current_task_is_a_reference_of_its_own() {
    // The reference loads a pointer, and then counts a reference to what may be freed by then.
    let rounds = if pintle_core::model::full() {
        500_000
    } else {
        30_000
    };
    let scheduler = Scheduler::new();
    let is_done = AtomicBool::new(false);
    let alive = Alive::new();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_done.load(SeqCst) {
                    drop(scheduler.current_task());
                }
            });
        }
        for _ in 0..rounds {
            let token = alive.token();
            drop(scheduler.spawn(async move {
                yield_now().await;
                drop(token);
            }));
            scheduler.tick();
        }
        is_done.store(true, SeqCst);
    });
    assert_eq!(alive.count(), 0);
}
