//! Tasks in a pool: slots are taken and freed, and no waker of one tenant reaches the next.

mod support;

use pintle_task::{
    future::Yield,
    scheduler::{StaticScheduler, new_static},
    task::{Context, Poll, PoolStorage, TaskPool, TaskStatus},
};
use std::{
    future::{Future, Pending, pending},
    pin::Pin,
};
use support::{Alive, Gate, Token, Waiting, ready};

/// Waits at a gate, and says what it has seen.
struct Wait {
    waiting: Waiting,
    polls: usize,
    _alive: Token,
}

impl Future for Wait {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        self.polls += 1;
        let polls = self.polls;
        Pin::new(&mut self.waiting).poll(cx).map(|()| polls)
    }
}

fn wait(gate: &Gate, alive: &Alive) -> Wait {
    Wait {
        waiting: gate.wait(),
        polls: 0,
        _alive: alive.token(),
    }
}

#[test]
fn a_stale_waker_keeps_the_slot_and_wakes_nobody() {
    static SCHEDULER: StaticScheduler = new_static!();
    static POOL: TaskPool<&StaticScheduler, Wait, 1> = TaskPool::new();
    let alive = Alive::new();
    let gate = Gate::new();
    let handle = POOL.spawn(&&SCHEDULER, wait(&gate, &alive)).unwrap();
    SCHEDULER.tick();
    let stale = gate.take_wakers().pop().unwrap();
    gate.open();
    stale.wake_by_ref();
    SCHEDULER.tick();
    assert_eq!(ready(handle), Ok(2));
    assert_eq!(alive.count(), 0);

    // The tenant is gone, but remembered.
    assert_eq!((POOL.capacity(), POOL.available()), (1, 0));
    let (other, after) = (Gate::new(), Alive::new());
    let full = POOL.spawn(&&SCHEDULER, wait(&other, &after)).unwrap_err();
    assert_eq!(full.to_string(), "no slot of the task pool is free");
    assert_eq!(after.count(), 1, "the future comes back");
    stale.wake_by_ref();
    assert_eq!(SCHEDULER.tick().polled, 0);
    drop(stale);
    assert_eq!(POOL.available(), 1);

    let handle = POOL.spawn(&&SCHEDULER, full.into_inner()).unwrap();
    other.open();
    SCHEDULER.tick();
    assert_eq!(ready(handle), Ok(1));
    assert_eq!((POOL.available(), after.count()), (1, 0));
}

#[test]
fn tenants_of_every_kind_leave() {
    static SCHEDULER: StaticScheduler = new_static!();
    static POOL: TaskPool<&StaticScheduler, Wait, 4> = TaskPool::new();
    let (gate, alive) = (Gate::new(), Alive::new());
    // Never spawned.
    drop(POOL.allocate(wait(&gate, &alive)).unwrap());
    // Spawned by hand, and cancelled.
    let stored = POOL.allocate(wait(&gate, &alive)).unwrap();
    let canceled = SCHEDULER.spawn_allocated::<_, PoolStorage>(stored);
    assert_eq!(canceled.status(), TaskStatus::Queued);
    // Detached, idle, and forgotten.
    POOL.spawn(&&SCHEDULER, wait(&gate, &alive))
        .unwrap()
        .detach();
    // Joined.
    let joined = POOL.spawn(&&SCHEDULER, wait(&gate, &alive)).unwrap();
    assert_eq!((POOL.available(), alive.count()), (1, 3));
    SCHEDULER.tick();
    assert_eq!(canceled.status(), TaskStatus::Idle);
    canceled.abort_handle().abort();
    SCHEDULER.tick();
    assert_eq!(canceled.status(), TaskStatus::Complete);
    assert!(ready(canceled).unwrap_err().is_canceled());
    let mut wakers = gate.take_wakers();
    assert_eq!(wakers.len(), 3);
    drop(wakers.drain(..2));
    assert_eq!((POOL.available(), alive.count()), (3, 1));
    gate.open();
    wakers.pop().unwrap().wake();
    SCHEDULER.tick();
    assert_eq!(ready(joined), Ok(2));
    assert_eq!((POOL.available(), alive.count()), (4, 0));
}

#[test]
fn slots_are_used_again_and_again() {
    static SCHEDULER: StaticScheduler = new_static!();
    static POOL: TaskPool<&StaticScheduler, Yield, 3> = TaskPool::new();
    for round in 0..100 {
        let handles = [0, 1, 2].map(|n| POOL.spawn(&&SCHEDULER, Yield::new(n)).unwrap());
        assert!(POOL.spawn(&&SCHEDULER, Yield::new(round)).is_err());
        while SCHEDULER.tick().has_remaining {}
        for handle in handles {
            assert_eq!(ready(handle), Ok(()));
        }
    }
    assert_eq!(POOL.available(), 3);
}

#[test]
fn a_pool_without_slots_gives_every_future_back() {
    static SCHEDULER: StaticScheduler = new_static!();
    static POOL: TaskPool<&StaticScheduler, Pending<()>, 0> = TaskPool::new();
    assert!(POOL.spawn(&&SCHEDULER, pending()).is_err());
}
