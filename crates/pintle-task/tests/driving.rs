//! Who drives a scheduler, and who stops to: nobody's wake-up is lost by it.
#![cfg(feature = "std")]

mod support;

use pintle_task::{
    scheduler::{
        Injector, LocalScheduler, Scheduler, StaticStealingScheduler, StealingScheduler, Worker,
        new_static_stealing,
    },
    task::{Context, JoinHandle, Waker},
};
use std::{
    cell::Cell,
    pin::pin,
    sync::{Arc, mpsc},
    task::{Poll, Wake},
    thread, thread_local,
};
use support::{Alive, CountWaker, poll_with, quietly, ready};

/// Panics when it is woken.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("the joiner's waker");
    }
}

/// Lets a waker that panics wait for a task.
fn join_with_a_panic<T>(handle: &mut JoinHandle<T>) {
    assert!(poll_with(handle, &Arc::new(Panics).into()).is_pending());
}

#[test]
fn a_worker_with_a_newest_task_does_not_sleep() {
    let scheduler = StealingScheduler::new(1);
    let mut worker = scheduler.worker().unwrap();
    let again = scheduler.clone();
    scheduler.spawn(async move { drop(again.spawn(async {})) });
    assert!(worker.tick_n(1).has_remaining);
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(worker.poll_ready(&mut cx), Poll::Ready(()));
    assert_eq!(worker.tick().completed, 1);
    assert_eq!(worker.poll_ready(&mut cx), Poll::Pending);
}

#[test]
fn a_worker_whose_run_is_dropped_is_not_chosen() {
    let scheduler = StealingScheduler::new(2);
    let mut first = scheduler.worker().unwrap();
    let mut second = scheduler.worker().unwrap();
    let wakers = [CountWaker::new(), CountWaker::new()];
    let [one, two] = wakers.clone().map(Waker::from);
    assert!(poll_with(first.run(), &one).is_pending());
    assert_eq!(
        second.poll_ready(&mut Context::from_waker(&two)),
        Poll::Pending
    );
    let handle = scheduler.spawn(async {});
    assert_eq!(wakers.each_ref().map(|waker| waker.woken()), [0, 1]);
    assert_eq!(second.tick().completed, 1);
    assert!(handle.is_complete());
}

#[test]
fn a_worker_that_was_chosen_and_whose_run_is_dropped_wakes_another() {
    let scheduler = StealingScheduler::new(2);
    let mut first = scheduler.worker().unwrap();
    let mut second = scheduler.worker().unwrap();
    let wakers = [CountWaker::new(), CountWaker::new()];
    let [one, two] = wakers.clone().map(Waker::from);
    {
        let run = pin!(first.run());
        assert!(poll_with(run, &one).is_pending());
        assert_eq!(
            second.poll_ready(&mut Context::from_waker(&two)),
            Poll::Pending
        );
        drop(scheduler.spawn(async {}));
        assert_eq!(wakers.each_ref().map(|waker| waker.woken()), [1, 0]);
    }
    assert_eq!(wakers[1].woken(), 1);
    assert_eq!(second.tick().completed, 1);
}

/// Each task of the chain spawns the next, which is the newest then.
fn chain(scheduler: &StealingScheduler, left: usize) {
    let again = scheduler.clone();
    scheduler.spawn(async move {
        if left != 1 {
            chain(&again, left - 1);
        }
    });
}

#[test]
fn what_is_newest_is_left_to_others_when_run_is_dropped() {
    let scheduler = StealingScheduler::new(2);
    let mut first = scheduler.worker().unwrap();
    let mut second = scheduler.worker().unwrap();
    let waker = CountWaker::new();
    chain(&scheduler, Worker::DEFAULT_TICK_SIZE + 1);
    let two = waker.clone().into();
    let mut cx = Context::from_waker(&two);
    {
        let mut run = pin!(first.run());
        assert!(poll_with(run.as_mut(), Waker::noop()).is_pending());
        assert_eq!(second.tick().polled, 0);
        assert_eq!(second.poll_ready(&mut cx), Poll::Pending);
    }
    assert_eq!(waker.woken(), 1);
    assert_eq!(second.tick().completed, 1);
    assert_eq!(first.tick().polled, 0);
}

#[test]
fn a_closed_scheduler_does_not_let_its_workers_sleep() {
    let scheduler = StealingScheduler::new(1);
    let mut worker = scheduler.worker().unwrap();
    scheduler.close();
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(worker.poll_ready(&mut cx), Poll::Ready(()));
    ready(worker.run());
}

#[test]
fn a_tick_of_one_does_not_take_anothers_wake_up() {
    let scheduler = Scheduler::new();
    let waker = CountWaker::new();
    let sleeping = waker.clone().into();
    let mut cx = Context::from_waker(&sleeping);
    for round in 1..=3 {
        // What has been woken completes once.
        while scheduler.poll_ready(&mut cx).is_ready() {}
        assert_eq!(scheduler.tick().polled, 0);
        drop(scheduler.spawn(async {}));
        assert_eq!(waker.woken(), round);
        drop(scheduler.spawn(async {}));
        assert_eq!(waker.woken(), round);
        let tick = scheduler.tick();
        assert_eq!((tick.spawned, tick.polled), (2, 2));
    }
}

#[test]
fn a_worker_on_another_core_is_not_taken_for_that_cores() {
    thread_local! { static CORE: Cell<usize> = const { Cell::new(0) }; }

    static SCHEDULER: StaticStealingScheduler<2> = {
        let scheduler: StaticStealingScheduler<2> = new_static_stealing!();
        // SAFETY: the threads of this test are its cores.
        unsafe { scheduler.with_core_id(|| CORE.get()) }
    };

    let mut zero = SCHEDULER.worker().unwrap();
    assert_eq!(zero.index(), 0);
    let (polled, is_polled) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let handle = SCHEDULER.spawn(async move {
        polled.send(()).unwrap();
        may_go_on.recv().unwrap();
    });
    let moved = thread::spawn(move || {
        CORE.set(1);
        zero.tick_n(1).completed
    });
    is_polled.recv().unwrap();
    // The worker of this core runs, but not here: its queue is the other thread's.
    assert!(SCHEDULER.current_task().is_none());
    go_on.send(()).unwrap();
    assert_eq!(moved.join().unwrap(), 1);
    assert_eq!(ready(handle), Ok(()));
}

#[test]
fn a_joiner_that_panics_does_not_keep_a_local_scheduler_open() {
    let (alive, waker) = (Alive::new(), CountWaker::new());
    let scheduler = LocalScheduler::new();
    let sleeping = waker.clone().into();
    let mut cx = Context::from_waker(&sleeping);
    let mut handles = [(); 3].map(|()| {
        let token = alive.token();
        scheduler.spawn(async move {
            std::future::pending::<()>().await;
            drop(token);
        })
    });
    scheduler.tick();
    assert_eq!(scheduler.poll_ready(&mut cx), Poll::Pending);
    join_with_a_panic(&mut handles[0]);
    let spawner = scheduler.spawner();
    assert!(quietly(|| drop(scheduler)).is_err());
    assert_eq!(alive.count(), 0);
    let late = spawner.spawn(async {});
    assert!(ready(late).unwrap_err().is_canceled());
    drop((spawner, handles, sleeping));
    assert_eq!(Arc::strong_count(&waker), 1, "the scheduler is leaked");
}

#[test]
fn a_joiner_that_panics_does_not_leak_a_scheduler() {
    let waker = CountWaker::new();
    let scheduler = Scheduler::new();
    let sleeping = waker.clone().into();
    let mut cx = Context::from_waker(&sleeping);
    assert_eq!(scheduler.poll_ready(&mut cx), Poll::Pending);
    let mut handle = scheduler.spawn(async {});
    assert_eq!(scheduler.poll_ready(&mut cx), Poll::Ready(()));
    assert_eq!(scheduler.poll_ready(&mut cx), Poll::Ready(()));
    join_with_a_panic(&mut handle);
    assert!(quietly(|| drop(scheduler)).is_err());
    drop((handle, sleeping));
    assert_eq!(Arc::strong_count(&waker), 1, "the scheduler is leaked");
}

#[test]
fn a_joiner_that_panics_does_not_keep_others_in_an_injector() {
    let alive = Alive::new();
    let injector = Injector::<Scheduler>::new();
    let mut handles = [(); 3].map(|()| {
        let token = alive.token();
        injector.spawn(async move { drop(token) })
    });
    join_with_a_panic(&mut handles[0]);
    assert!(quietly(|| drop(injector)).is_err());
    assert_eq!(alive.count(), 0);
    let [_, second, third] = handles;
    assert!(ready(second).unwrap_err().is_canceled());
    assert!(ready(third).unwrap_err().is_canceled());
}
