//! Sets of tasks.
#![cfg(feature = "alloc")]

mod support;

use pintle_task::{
    future::yield_now,
    scheduler::Scheduler,
    task::{Context, JoinSet, Poll},
};
use support::{Alive, CountWaker, Gate, poll_once};

#[test]
fn in_the_order_of_completion() {
    let scheduler = Scheduler::new();
    let gates = [(); 3].map(|()| Gate::new());
    let mut set = JoinSet::on(scheduler.clone());
    assert_eq!(poll_once(set.join_next()), Poll::Ready(None));
    for (number, gate) in gates.iter().enumerate() {
        let wait = gate.wait();
        set.spawn(async move {
            wait.await;
            number
        });
    }
    assert_eq!(set.len(), 3);
    scheduler.tick();
    let waker = CountWaker::new();
    let std_waker = waker.clone().into();
    let mut cx = Context::from_waker(&std_waker);
    assert_eq!(set.poll_join_next(&mut cx), Poll::Pending);
    assert_eq!(waker.woken(), 0);
    assert_eq!(set.try_join_next(), None);
    for number in [2, 0] {
        gates[number].open();
        scheduler.tick();
    }
    assert_eq!(waker.woken(), 1);
    assert_eq!(set.poll_join_next(&mut cx), Poll::Ready(Some(Ok(2))));
    assert_eq!(set.try_join_next(), Some(Ok(0)));
    assert_eq!(set.poll_join_next(&mut cx), Poll::Pending);
    gates[1].open();
    scheduler.tick();
    assert_eq!(set.poll_join_next(&mut cx), Poll::Ready(Some(Ok(1))));
    assert_eq!(set.poll_join_next(&mut cx), Poll::Ready(None));
    assert!(set.is_empty());
}

#[test]
fn places_are_used_again() {
    let scheduler = Scheduler::new();
    let mut set = JoinSet::new();
    for round in 0..10 {
        set.spawn_on(async move { round }, &scheduler);
        set.insert(scheduler.spawn(async move {
            yield_now().await;
            round + 100
        }));
        assert_eq!(poll_once(set.join_next()), Poll::Pending);
        scheduler.tick();
        let mut sum = 0;
        while let Poll::Ready(Some(output)) = poll_once(set.join_next()) {
            sum += output.unwrap();
        }
        assert_eq!(sum, 2 * round + 100);
        assert!(set.is_empty());
    }
}

#[test]
fn abort_detach_shutdown_and_drop() {
    let scheduler = Scheduler::new();
    let alive = Alive::new();
    let gate = Gate::new();
    let spawn = |set: &mut JoinSet<(), Scheduler>| {
        let (wait, token) = (gate.wait(), alive.token());
        set.spawn(async move {
            wait.await;
            drop(token);
        })
    };
    let mut set = JoinSet::on(scheduler.clone());
    let one = spawn(&mut set);
    spawn(&mut set);
    one.abort();
    scheduler.tick();
    assert_eq!(alive.count(), 1);
    assert!(set.try_join_next().unwrap().unwrap_err().is_canceled());

    let mut shutdown = Box::pin(set.shutdown());
    assert_eq!(poll_once(shutdown.as_mut()), Poll::Pending);
    scheduler.tick();
    assert_eq!(poll_once(shutdown.as_mut()), Poll::Ready(()));
    drop(shutdown);
    assert_eq!((alive.count(), set.len()), (0, 0));

    spawn(&mut set);
    set.detach_all();
    scheduler.tick();
    assert_eq!((alive.count(), set.len()), (1, 0));
    spawn(&mut set);
    scheduler.tick();
    drop(set);
    scheduler.tick();
    assert_eq!(alive.count(), 1, "the one that was detached");
}
