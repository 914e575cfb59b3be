//! Promise 5: a task that panics is complete, its joiner knows, and the scheduler goes on.
//!
//! With `std` the scheduler catches the panic; without it, it unwinds out of `tick`. The tests run
//! both ways.
#![cfg(feature = "alloc")]

mod support;

use pintle_task::{
    future::yield_now,
    scheduler::{Scheduler, Tick},
    task::{Context, JoinError, JoinHandle, Poll},
};
use std::{future::Future, pin::Pin, sync::Arc, task::Wake};
use support::{Alive, CountWaker, Gate, Token, poll_with, quietly, ready};

/// Ticks until nothing remains, through panics that the scheduler cannot catch. Returns how many
/// of those there were, and what the ticks counted.
fn run(scheduler: &Scheduler) -> (usize, Tick) {
    let mut panics = 0;
    let mut total = Tick::default();
    loop {
        match quietly(|| scheduler.tick()) {
            Ok(tick) => {
                total.spawned += tick.spawned;
                total.woken_external += tick.woken_external;
                total.completed += tick.completed;
                if !tick.has_remaining {
                    return (panics, total);
                }
            }
            Err(_) => panics += 1,
        }
        assert!(scheduler.current_task().is_none());
    }
}

/// How many panics leave `tick`, of those that happened.
const fn uncaught(panics: usize) -> usize {
    if cfg!(feature = "std") { 0 } else { panics }
}

#[track_caller]
fn panicked<T: std::fmt::Debug>(handle: JoinHandle<T>) -> JoinError<T> {
    let error = ready(handle).unwrap_err();
    assert!(error.is_panic() && !error.is_canceled() && !error.is_completed());
    error
}

#[test]
fn a_panic_completes_the_task_and_no_other() {
    let scheduler = Scheduler::new();
    let alive = Alive::new();
    let before = scheduler.spawn(async { 1 });
    let token = alive.token();
    let mut bad = scheduler.spawn(async move {
        let _token = token;
        yield_now().await;
        panic!("a bad task");
    });
    let after = scheduler.spawn(async {
        yield_now().await;
        2
    });
    let joiner = CountWaker::new();
    assert!(poll_with(&mut bad, &joiner.clone().into()).is_pending());

    let (panics, tick) = run(&scheduler);
    assert_eq!(panics, uncaught(1));
    assert_eq!(tick.spawned, 3);
    assert_eq!(alive.count(), 0);
    assert_eq!(joiner.woken(), 1);
    assert!(bad.is_complete());
    assert_eq!(ready(before), Ok(1));
    assert_eq!(ready(after), Ok(2));
    let error = panicked(bad);
    #[cfg(feature = "std")]
    {
        assert!(error.to_string().ends_with("panicked: a bad task"));
        let payload = error.into_panic();
        assert_eq!(*payload.downcast::<&str>().unwrap(), "a bad task");
    }
    #[cfg(not(feature = "std"))]
    assert!(error.to_string().ends_with("panicked"));
}

#[test]
#[cfg(feature = "std")]
fn only_a_panic_has_a_payload() {
    let scheduler = Scheduler::new();
    let handle = scheduler.spawn(std::future::pending::<()>());
    handle.cancel();
    scheduler.tick();
    let error = ready(handle).unwrap_err().try_into_panic().unwrap_err();
    assert!(error.is_canceled());
    assert!(quietly(|| error.into_panic()).is_err());
}

/// A future that panics when it is dropped, and returns `T` after a number of polls.
struct DropBomb<T> {
    polls: usize,
    output: Option<T>,
    _alive: Token,
}

impl<T: Unpin> Future for DropBomb<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        match self.polls {
            0 => Poll::Ready(self.output.take().unwrap()),
            _ => {
                self.polls -= 1;
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for DropBomb<T> {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn a_future_may_panic_when_it_is_dropped() {
    let alive = Alive::new();
    let scheduler = Scheduler::new();
    let bomb = |polls| DropBomb {
        polls,
        output: Some(alive.token()),
        _alive: alive.token(),
    };

    // After it has returned.
    let returned = scheduler.spawn(bomb(0));
    assert_eq!(run(&scheduler).0, uncaught(1));
    panicked(returned);
    assert_eq!(alive.count(), 0);

    // When it is cancelled, idle or queued.
    let idle = scheduler.spawn(bomb(1));
    assert_eq!(run(&scheduler).0, 0);
    let queued = scheduler.spawn(bomb(1));
    idle.cancel();
    queued.cancel();
    assert_eq!(run(&scheduler).0, uncaught(2));
    panicked(idle);
    panicked(queued);
    assert_eq!(alive.count(), 0);

    // When its scheduler ends: the other tasks are cancelled all the same.
    let first = scheduler.spawn(bomb(1));
    let second = scheduler.spawn(std::future::pending::<()>());
    assert_eq!(quietly(|| drop(scheduler)).is_err(), uncaught(1) == 1);
    panicked(first);
    assert!(ready(second).unwrap_err().is_canceled());
    assert_eq!(alive.count(), 0);
}

#[test]
fn a_join_waker_may_panic() {
    struct Bomb;

    impl std::task::Wake for Bomb {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("woken");
        }
    }

    let scheduler = Scheduler::new();
    let mut handle = scheduler.spawn(async { 1 });
    let other = scheduler.spawn(async { 2 });
    let bomb = std::sync::Arc::new(Bomb).into();
    assert!(poll_with(&mut handle, &bomb).is_pending());
    assert_eq!(run(&scheduler).0, 1);
    assert_eq!(ready(handle), Ok(1));
    assert_eq!(ready(other), Ok(2));
}

#[test]
fn the_output_of_a_detached_task_may_panic_when_it_is_dropped() {
    struct Bomb(#[allow(dead_code, reason = "it is dropped")] Token);

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    let alive = Alive::new();
    let scheduler = Scheduler::new();
    let output = Bomb(alive.token());
    drop(scheduler.spawn(async move { output }));
    assert_eq!(run(&scheduler).0, uncaught(1));
    assert_eq!(alive.count(), 0);

    // Or with the handle.
    let output = Bomb(alive.token());
    let handle = scheduler.spawn(async move { output });
    assert_eq!(run(&scheduler).0, 0);
    assert_eq!(quietly(|| drop(handle)).is_err(), uncaught(1) == 1);
    assert_eq!(alive.count(), 0);
}

#[test]
fn a_task_that_panics_may_be_woken_and_cancelled() {
    let scheduler = Scheduler::new();
    let gate = Gate::new();
    let wait = gate.wait();
    let handle = scheduler.spawn(async move {
        wait.await;
        panic!("a bad task");
    });
    run(&scheduler);
    let waker = gate.take_wakers().pop().unwrap();
    gate.open();
    waker.wake_by_ref();
    assert_eq!(run(&scheduler).0, uncaught(1));
    waker.wake_by_ref();
    assert!(!scheduler.has_remaining());
    assert!(handle.cancel());
    assert!(!scheduler.has_remaining());
    panicked(handle);
    waker.wake();
}

#[test]
fn a_detached_task_may_panic() {
    let alive = Alive::new();
    let scheduler = Scheduler::new();
    let token = alive.token();
    drop(scheduler.spawn(async move {
        let _token = token;
        panic!("a bad task");
    }));
    assert_eq!(run(&scheduler).0, uncaught(1));
    assert_eq!(alive.count(), 0);
    assert!(!scheduler.has_remaining());
}

#[test]
fn a_panic_out_of_a_tick_does_not_keep_the_scheduler_open() {
    /// A joiner whose waker panics, which nobody catches.
    struct Faulty;

    impl Wake for Faulty {
        fn wake(self: Arc<Self>) {
            panic!("a bad joiner");
        }
    }

    let alive = Alive::new();
    let scheduler = Scheduler::new();
    let closing = scheduler.clone();
    // It leaves the draining to the tick that polls it.
    let mut handle = scheduler.spawn(async move { closing.close() });
    assert!(poll_with(&mut handle, &Arc::new(Faulty).into()).is_pending());
    let token = alive.token();
    let queued = scheduler.spawn(async move { drop(token) });
    assert!(quietly(|| scheduler.tick()).is_err());
    assert_eq!(ready(handle), Ok(()));
    assert_eq!(alive.count(), 0);
    assert!(ready(queued).unwrap_err().is_canceled());
}

#[test]
#[cfg(feature = "std")]
fn a_task_may_panic_twice() {
    // In its poll, and then when it is dropped for that. The first is what the joiner gets.
    struct Twice(#[allow(dead_code, reason = "it is dropped")] Token);

    impl Future for Twice {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            panic!("first");
        }
    }

    impl Drop for Twice {
        fn drop(&mut self) {
            panic!("second");
        }
    }

    let alive = Alive::new();
    let scheduler = Scheduler::new();
    let handle = scheduler.spawn(Twice(alive.token()));
    assert_eq!(run(&scheduler).0, 0);
    let payload = panicked(handle).into_panic();
    assert_eq!(*payload.downcast::<&str>().unwrap(), "first");
    assert_eq!(alive.count(), 0);
}

#[test]
fn a_join_waker_whose_clone_panics_leaves_no_other_behind() {
    use std::task::{RawWaker, RawWakerVTable, Waker};

    static NO_CLONE: RawWakerVTable =
        RawWakerVTable::new(|_| panic!("cloned"), |_| {}, |_| {}, |_| {});

    let scheduler = Scheduler::new();
    let gate = Gate::new();
    let mut handle = scheduler.spawn(gate.wait());
    scheduler.tick();
    let joiner = CountWaker::new();
    assert!(poll_with(&mut handle, &joiner.clone().into()).is_pending());
    // SAFETY: the functions do nothing that could break a rule.
    let bomb = unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &NO_CLONE)) };
    assert!(quietly(|| poll_with(&mut handle, &bomb)).is_err());
    drop(handle);
    // The task lives on.
    assert_eq!(Arc::strong_count(&joiner), 1);
    gate.open();
    assert_eq!(scheduler.tick().completed, 1);
    assert_eq!(joiner.woken(), 0);
}
