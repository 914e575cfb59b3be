//! What ids tell apart, and when tasks get theirs.
#![cfg(all(not(loom), feature = "alloc"))]

use std::collections::HashSet;

use pintle_task::{
    scheduler::{Injector, LocalScheduler, Scheduler},
    task::{Task, TaskId},
};

fn number(id: TaskId) -> usize {
    id.to_string().parse().expect("ids are numbers")
}

#[test]
fn a_task_gets_its_id_when_it_is_spawned() {
    let scheduler = Scheduler::new();
    let first = scheduler.spawn(async {});
    let local = LocalScheduler::new();
    let second = local.spawn(async {});
    let third = Injector::<Scheduler>::new().spawn(async {});
    // Asked for the other way round.
    let (third, second) = (number(third.id()), number(second.id()));
    let first = number(first.id());
    assert!(0 < first && first < second && second < third);
}

#[test]
fn a_task_that_was_asked_for_its_id_keeps_it() {
    let scheduler = Scheduler::new();
    let task = Box::new(Task::new(async {}));
    let id = task.id();
    assert_eq!(task.id(), id);
    let other = scheduler.spawn(async {}).id();
    let handle = scheduler.spawn_allocated(task);
    assert_eq!(handle.id(), id);
    assert_eq!(handle.task_ref().id(), id);
    assert!(number(id) < number(other));
}

#[test]
fn ids_are_told_apart() {
    let tasks = if cfg!(miri) { 50 } else { 1000 };
    let spawn = move || {
        let scheduler = Scheduler::new();
        let ids = (0..tasks).map(|_| scheduler.spawn(async {}).id());
        ids.collect::<Vec<_>>()
    };
    let threads = [(); 4].map(|()| std::thread::spawn(spawn));
    let ids = threads.map(|thread| thread.join().unwrap());
    let ids = ids.into_iter().flatten().collect::<HashSet<_>>();
    assert_eq!(ids.len(), 4 * tasks);
}
