//! Tasks without a scheduler, and tasks of another's.
#![cfg(feature = "alloc")]

mod support;

use pintle_task::{
    scheduler::{Injector, Scheduler, StaticScheduler, TaskStub, TryStealError},
    task::{BoxStorage, Task},
};
use support::{Alive, Gate, ready};

#[test]
fn as_many_are_stolen_as_were_asked_for() {
    // The reference steals one more.
    let injector = Injector::new();
    let scheduler = Scheduler::new();
    assert_eq!(injector.try_steal().err(), Some(TryStealError::Empty));
    for _ in 0..10 {
        injector.spawn(async {});
    }
    let stealer = injector.try_steal().unwrap();
    assert_eq!(injector.try_steal().err(), Some(TryStealError::Busy));
    assert_eq!(stealer.initial_task_count(), 10);
    assert_eq!(stealer.spawn_n(&scheduler, 3), 3);
    assert_eq!(stealer.task_count(), 7);
    assert_eq!(scheduler.tick().polled, 3);
    assert!(stealer.spawn_one(&scheduler));
    assert_eq!(stealer.spawn_half(&scheduler), 5);
    assert_eq!(stealer.spawn_n(&scheduler, 0), 0);
    assert_eq!(
        (stealer.initial_task_count(), stealer.task_count()),
        (10, 1)
    );
    drop(stealer);
    let stealer = injector.try_steal().unwrap();
    assert_eq!(stealer.spawn_half(&scheduler), 1);
    assert!(!stealer.spawn_one(&scheduler));
    let tick = scheduler.tick();
    assert_eq!((tick.spawned, tick.polled), (7, 7));
}

#[test]
fn an_injected_task_belongs_to_its_thief() {
    let injector = Injector::<Scheduler>::new();
    let scheduler = Scheduler::new();
    let gate = Gate::new();
    let task = Box::new(Task::new(gate.wait()));
    let handle = injector.spawn_allocated::<BoxStorage, _>(task);
    assert!(injector.try_steal().unwrap().spawn_one(&scheduler));
    assert_eq!(scheduler.tick().polled, 1);
    gate.open();
    assert_eq!(scheduler.tick().completed, 1);
    assert_eq!(ready(handle), Ok(()));
}

#[test]
fn a_task_may_be_cancelled_before_it_is_stolen() {
    let alive = Alive::new();
    let injector = Injector::new();
    let token = alive.token();
    let handle = injector.spawn(async move { drop(token) });
    assert!(handle.cancel());
    let scheduler = Scheduler::new();
    assert!(injector.try_steal().unwrap().spawn_one(&scheduler));
    assert_eq!(scheduler.tick().completed, 1);
    assert_eq!(alive.count(), 0);
    assert!(ready(handle).unwrap_err().is_canceled());
}

#[test]
fn the_end_of_an_injector_leaks_nothing() {
    let alive = Alive::new();
    let injector = Injector::<Scheduler>::default();
    let token = alive.token();
    let handle = injector.spawn(async move { drop(token) });
    drop(injector);
    assert_eq!(alive.count(), 0);
    assert!(ready(handle).unwrap_err().is_canceled());
}

#[test]
fn one_in_a_static() {
    static INJECTOR: Injector<&'static StaticScheduler> = {
        static STUB: TaskStub = TaskStub::new();
        // SAFETY: nobody else can name the stub.
        unsafe { Injector::new_with_static_stub(&STUB) }
    };
    let scheduler: &'static StaticScheduler = Box::leak(Box::default());
    let handle = INJECTOR.spawn(async { 1 });
    assert!(INJECTOR.try_steal().unwrap().spawn_one(&scheduler));
    scheduler.tick();
    assert_eq!(ready(handle), Ok(1));
}

#[test]
fn tasks_of_a_scheduler_run_at_the_thiefs_once() {
    let victim = Scheduler::new();
    let thief = Scheduler::new();
    assert_eq!(victim.try_steal().err(), Some(TryStealError::Empty));
    let gate = Gate::new();
    let handles = [(); 5].map(|()| victim.spawn(gate.wait()));
    let stealer = victim.try_steal().unwrap();
    assert_eq!(stealer.initial_task_count(), 5);
    assert_eq!(victim.tick().polled, 0, "the thief is at the queue");
    assert_eq!(stealer.spawn_half(&thief), 3);
    assert_eq!(stealer.task_count(), 2);
    drop(stealer);
    assert_eq!(thief.tick().polled, 3);
    assert_eq!(victim.tick().polled, 2);
    gate.open();
    assert_eq!(thief.tick().polled, 0);
    assert_eq!(victim.try_steal().unwrap().task_count(), 5);
    assert_eq!(victim.tick().completed, 5);
    for handle in handles {
        assert_eq!(ready(handle), Ok(()));
    }
}

#[test]
fn a_scheduler_that_is_closed_during_a_theft() {
    let alive = Alive::new();
    let victim = Scheduler::new();
    let thief = Scheduler::new();
    for _ in 0..3 {
        let token = alive.token();
        victim.spawn(async move { drop(token) });
    }
    let stealer = victim.try_steal().unwrap();
    assert!(stealer.spawn_one(&thief));
    victim.close();
    assert_eq!(alive.count(), 3, "the thief is at the queue");
    drop(stealer);
    assert_eq!(alive.count(), 1);
    thief.tick();
    assert_eq!(alive.count(), 0);
}

#[test]
fn the_count_is_right_whatever_the_tick() {
    let scheduler = Scheduler::new();
    for _ in 0..5 {
        scheduler.spawn(pintle_task::future::Yield::new(1));
    }
    let count = || scheduler.try_steal().unwrap().task_count();
    assert_eq!(count(), 5);
    scheduler.tick_n(2);
    assert_eq!(count(), 5);
    scheduler.tick_n(5);
    assert_eq!(count(), 3);
    scheduler.tick_n(2);
    assert_eq!(count(), 1);
}
