//! Every combination of what can happen to a task, in a life of at most three polls: what it does,
//! when it is cancelled, what becomes of its handle, of its waker and of its scheduler, and where it
//! is stored. In each nothing may be leaked, dropped twice or polled after its end, and who waits
//! must hear of the end.
#![cfg(feature = "alloc")]

mod support;

use pintle_task::{
    scheduler::Scheduler,
    task::{BoxStorage, Context, JoinHandle, Poll, StaticStorage, Task, TaskPool, Waker},
};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex},
};
use support::{Alive, CountWaker, Token, poll_with, quietly, ready};

/// What the task does when it is polled for the second time; for the first, it is pending.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Return,
    Panic,
    /// Wakes itself, and returns at the third poll.
    Yield,
    /// Cancels itself, and returns all the same.
    CancelSelf,
    /// Cancels itself and is pending.
    CancelSelfAndWait,
}

/// When somebody else cancels it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cancel {
    Never,
    Queued,
    Idle,
    Completed,
}

/// What becomes of its handle.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Handle {
    /// Polled at the end.
    Joined,
    /// Polled at the start, and at the end.
    Awaited,
    DroppedAtOnce,
    /// Polled at the start, and dropped while the task is idle.
    DroppedAwaited,
    /// Dropped at the end, with what the task left.
    DroppedAtEnd,
}

/// What becomes of the waker that the task was first polled with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kept {
    /// Wakes by value.
    Spent,
    /// Wakes by reference, and is dropped after everything else.
    Longest,
    /// Dropped instead: the task is never woken.
    Dropped,
}

/// When its scheduler ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Last,
    WhileQueued,
    WhileIdle,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stored {
    Box,
    Static,
    Pool,
}

struct Body {
    act: Act,
    polls: usize,
    is_done: bool,
    scheduler: Arc<Mutex<Option<Scheduler>>>,
    waker: Arc<Mutex<Option<Waker>>>,
    output: Option<Token>,
    _alive: Token,
}

impl Body {
    fn cancel_self(&self) {
        let scheduler = self.scheduler.lock().unwrap();
        let me = scheduler.as_ref().unwrap().current_task().unwrap();
        assert!(me.cancel());
        assert!(!me.cancel());
        assert!(!me.is_complete());
    }
}

impl Future for Body {
    type Output = Token;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Token> {
        assert!(!self.is_done, "polled after its end");
        self.polls += 1;
        let is_last = match (self.polls, self.act) {
            (1, _) => {
                *self.waker.lock().unwrap() = Some(cx.waker().clone());
                false
            }
            (2, Act::Return) => true,
            (2, Act::Panic) => {
                self.is_done = true;
                panic!("as it was told to");
            }
            (2, Act::Yield) => {
                cx.waker().wake_by_ref();
                false
            }
            (2, Act::CancelSelf) => {
                self.cancel_self();
                true
            }
            (2, Act::CancelSelfAndWait) => {
                self.cancel_self();
                false
            }
            (3, Act::Yield) => true,
            _ => panic!("a poll too many"),
        };
        match is_last {
            false => Poll::Pending,
            true => {
                self.is_done = true;
                Poll::Ready(self.output.take().unwrap())
            }
        }
    }
}

/// Ticks; without `std`, through the panic that the task throws.
fn tick(scheduler: &Scheduler) -> usize {
    let mut completed = 0;
    for _ in 0..3 {
        // What a panic interrupts has completed its task, but is not in any count.
        completed += quietly(|| scheduler.tick()).map_or(1, |tick| tick.completed);
    }
    assert!(!scheduler.has_remaining());
    assert!(scheduler.current_task().is_none());
    completed
}

fn life(act: Act, cancel: Cancel, what: Handle, kept: Kept, end: End, stored: Stored) {
    let alive = Alive::new();
    let scheduler = Scheduler::new();
    let shared = Arc::new(Mutex::new(Some(scheduler.clone())));
    let waker = Arc::new(Mutex::new(None));
    let body = Body {
        act,
        polls: 0,
        is_done: false,
        scheduler: shared.clone(),
        waker: waker.clone(),
        output: Some(alive.token()),
        _alive: alive.token(),
    };
    static POOL: TaskPool<Scheduler, Body, 1> = TaskPool::new();
    let mut handle: Option<JoinHandle<Token>> = Some(match stored {
        Stored::Box => scheduler
            .build_task()
            .spawn_allocated::<BoxStorage, _>(Box::new(Task::new(body))),
        Stored::Static => scheduler
            .build_task()
            .spawn_allocated::<StaticStorage, _>(Box::leak(Box::new(Task::new(body)))),
        // The life before has given the slot back.
        Stored::Pool => POOL.spawn(&scheduler, body).unwrap(),
    });
    let task = handle.as_ref().unwrap().task_ref();
    let joiner = CountWaker::new();
    let has_ended = |at: End| {
        if end == at {
            shared.lock().unwrap().take();
        }
        end == at
    };
    let mut scheduler = Some(scheduler);

    // Queued for the first time.
    match what {
        Handle::DroppedAtOnce => drop(handle.take()),
        Handle::Awaited | Handle::DroppedAwaited => {
            let handle = handle.as_mut().unwrap();
            assert!(poll_with(handle, &joiner.clone().into()).is_pending());
        }
        Handle::Joined | Handle::DroppedAtEnd => {}
    }
    let mut is_canceled = false;
    if cancel == Cancel::Queued {
        assert!(task.cancel());
        is_canceled = true;
    }
    if has_ended(End::WhileQueued) {
        scheduler.take();
        assert!(task.is_complete());
        is_canceled = true;
    }
    if let Some(scheduler) = &scheduler {
        assert_eq!(tick(scheduler), usize::from(is_canceled));
    }
    assert_eq!(task.is_complete(), is_canceled);

    // Idle, or gone.
    if what == Handle::DroppedAwaited {
        drop(handle.take());
    }
    if cancel == Cancel::Idle {
        // Even a task that has been shut down can be asked for the first time.
        let is_first = end != End::WhileQueued;
        assert_eq!(task.cancel(), is_first);
        is_canceled = true;
    }
    let mut waker = waker.lock().unwrap().take();
    if has_ended(End::WhileIdle) {
        scheduler.take();
    }
    match kept {
        Kept::Spent => {
            if let Some(waker) = waker.take() {
                waker.wake();
            }
        }
        Kept::Longest => {
            if let Some(waker) = &waker {
                waker.wake_by_ref();
                waker.wake_by_ref();
            }
        }
        Kept::Dropped => drop(waker.take()),
    }
    let is_woken = kept != Kept::Dropped;
    if let Some(scheduler) = &scheduler {
        tick(scheduler);
    } else if is_woken {
        is_canceled = true;
    }
    if is_woken || is_canceled {
        assert!(task.is_complete(), "woken or cancelled");
    } else {
        assert!(!task.is_complete(), "nothing has happened to it");
    }
    let panics = !is_canceled && is_woken && act == Act::Panic;
    let returns = !is_canceled && is_woken && !panics && act != Act::CancelSelfAndWait;

    // At its end, if it has come to that.
    if cancel == Cancel::Completed && task.is_complete() {
        task.cancel();
        is_canceled = true;
    }
    is_canceled |= is_woken && matches!(act, Act::CancelSelf | Act::CancelSelfAndWait);
    if what == Handle::Awaited || what == Handle::Joined {
        let mut handle = handle.take().unwrap();
        if task.is_complete() {
            assert_eq!(joiner.woken(), usize::from(what == Handle::Awaited));
            match ready(&mut handle) {
                Ok(_) => assert!(returns && !is_canceled),
                Err(error) if panics => {
                    assert!(error.is_panic() && !error.is_canceled());
                }
                Err(error) => {
                    assert!(error.is_canceled() && is_canceled);
                    assert_eq!(error.is_completed(), returns);
                    assert_eq!(error.output().is_some(), returns);
                }
            }
            assert!(quietly(|| ready(&mut handle)).is_err());
            assert_eq!(alive.count(), 0);
        } else {
            assert_eq!(joiner.woken(), 0);
        }
    }
    if !task.is_complete() {
        // Idle for ever: with its last reference it goes, future and all.
        assert_eq!(alive.count(), 2);
    }
    drop(handle);
    drop(scheduler);
    shared.lock().unwrap().take();
    drop(waker);
    drop(task);
    assert_eq!(alive.count(), 0, "something is leaked");
    assert_eq!(POOL.available(), 1, "the memory is not given back");
    assert_eq!(
        Arc::strong_count(&joiner),
        1,
        "the joiner's waker is leaked"
    );
}

#[test]
fn every_life() {
    let mut lives = 0;
    for act in [
        Act::Return,
        Act::Panic,
        Act::Yield,
        Act::CancelSelf,
        Act::CancelSelfAndWait,
    ] {
        for cancel in [
            Cancel::Never,
            Cancel::Queued,
            Cancel::Idle,
            Cancel::Completed,
        ] {
            for what in [
                Handle::Joined,
                Handle::Awaited,
                Handle::DroppedAtOnce,
                Handle::DroppedAwaited,
                Handle::DroppedAtEnd,
            ] {
                for kept in [Kept::Spent, Kept::Longest, Kept::Dropped] {
                    for end in [End::Last, End::WhileQueued, End::WhileIdle] {
                        for stored in [Stored::Box, Stored::Static, Stored::Pool] {
                            let case = (act, cancel, what, kept, end, stored);
                            let life = || life(act, cancel, what, kept, end, stored);
                            let life = catch_unwind(AssertUnwindSafe(life));
                            assert!(life.is_ok(), "in the life {case:?}");
                            lives += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(lives, 5 * 4 * 5 * 3 * 3 * 3);
}
