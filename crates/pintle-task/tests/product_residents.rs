//! Every combination of what can happen to a resident task, as tests/product.rs has them of others. Its scheduler
//! never ends, and its memory is never given back, so what nobody can wake any more stays until it is cancelled.
#![cfg(feature = "alloc")]

mod support;

use pintle_task::{
    scheduler::{Injector, LocalStaticScheduler, StaticScheduler},
    task::{Context, JoinHandle, Poll, StaticStorage, Task, TaskRef, TaskStatus, Waker},
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
    /// Wakes itself, and returns all the same.
    WakeAndReturn,
    /// Wakes itself, and panics all the same.
    WakeAndPanic,
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
    /// Wakes by reference, and is used again after everything else.
    Longest,
    /// Dropped instead: the task is never woken.
    Dropped,
}

/// Whose it is.
#[derive(Clone, Copy, Debug)]
enum Home {
    Static(&'static StaticScheduler),
    Local(&'static LocalStaticScheduler),
    /// A scheduler that takes it from an injector.
    Injected(&'static StaticScheduler),
}

struct Body {
    act: Act,
    polls: usize,
    is_done: bool,
    me: Arc<Mutex<Option<TaskRef>>>,
    waker: Arc<Mutex<Option<Waker>>>,
    output: Option<Token>,
    _alive: Token,
}

impl Body {
    fn cancel_self(&self) {
        let me = self.me.lock().unwrap();
        let me = me.as_ref().unwrap();
        assert_eq!(me.status(), TaskStatus::Running);
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
        if self.polls == 1 {
            *self.waker.lock().unwrap() = Some(cx.waker().clone());
            return Poll::Pending;
        }
        match (self.polls, self.act) {
            (2, Act::Return) | (3, Act::Yield) => {}
            (2, Act::Panic) => {
                self.is_done = true;
                panic!("as it was told to");
            }
            (2, Act::Yield) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            (2, Act::WakeAndReturn) => cx.waker().wake_by_ref(),
            (2, Act::WakeAndPanic) => {
                cx.waker().wake_by_ref();
                self.is_done = true;
                panic!("as it was told to");
            }
            (2, Act::CancelSelf) => self.cancel_self(),
            (2, Act::CancelSelfAndWait) => {
                self.cancel_self();
                return Poll::Pending;
            }
            _ => panic!("a poll too many"),
        }
        self.is_done = true;
        Poll::Ready(self.output.take().unwrap())
    }
}

impl Home {
    fn spawn(self, body: Body) -> JoinHandle<Token> {
        match self {
            Self::Static(scheduler) => {
                scheduler.spawn_allocated::<_, StaticStorage>(Box::leak(Box::new(Task::new(body))))
            }
            Self::Local(scheduler) => {
                scheduler.spawn_allocated::<_, StaticStorage>(Box::leak(Box::new(Task::new(body))))
            }
            Self::Injected(scheduler) => {
                let injector = Injector::new();
                let task = Box::leak(Box::new(Task::new(body)));
                let handle = injector.spawn_allocated::<StaticStorage, _>(task);
                assert!(injector.try_steal().unwrap().spawn_one(&scheduler));
                handle
            }
        }
    }

    /// Ticks; without `std`, through the panic that the task throws.
    fn tick(self) -> usize {
        let mut completed = 0;
        for _ in 0..3 {
            let tick = || match self {
                Self::Static(scheduler) | Self::Injected(scheduler) => scheduler.tick(),
                Self::Local(scheduler) => scheduler.tick(),
            };
            // What a panic interrupts has completed its task, but is not in any count.
            completed += quietly(tick).map_or(1, |tick| tick.completed);
        }
        let (has_remaining, current) = match self {
            Self::Static(scheduler) | Self::Injected(scheduler) => {
                (scheduler.has_remaining(), scheduler.current_task())
            }
            Self::Local(scheduler) => (scheduler.has_remaining(), scheduler.current_task()),
        };
        assert!(!has_remaining && current.is_none());
        completed
    }
}

fn life(act: Act, cancel: Cancel, what: Handle, kept: Kept, home: Home) {
    let alive = Alive::new();
    let me = Arc::new(Mutex::new(None));
    let slot = Arc::new(Mutex::new(None));
    let mut handle = Some(home.spawn(Body {
        act,
        polls: 0,
        is_done: false,
        me: me.clone(),
        waker: slot.clone(),
        output: Some(alive.token()),
        _alive: alive.token(),
    }));
    let task = handle.as_ref().unwrap().task_ref();
    *me.lock().unwrap() = Some(task.clone());
    let joiner = CountWaker::new();

    // Queued for the first time.
    match what {
        Handle::DroppedAtOnce => drop(handle.take()),
        Handle::Awaited | Handle::DroppedAwaited => {
            let handle = handle.as_mut().unwrap();
            assert!(poll_with(handle, &joiner.clone().into()).is_pending());
        }
        Handle::Joined | Handle::DroppedAtEnd => {}
    }
    assert_eq!(task.status(), TaskStatus::Queued);
    let mut is_canceled = cancel == Cancel::Queued;
    if is_canceled {
        assert!(task.cancel());
    }
    assert_eq!(home.tick(), usize::from(is_canceled));
    assert_eq!(task.is_complete(), is_canceled);

    // Idle, or gone.
    if what == Handle::DroppedAwaited {
        drop(handle.take());
    }
    if cancel == Cancel::Idle {
        assert!(task.cancel());
        is_canceled = true;
    }
    let mut waker = slot.lock().unwrap().take();
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
    home.tick();
    assert_eq!(task.is_complete(), is_woken || is_canceled);
    let panics = !is_canceled && is_woken && matches!(act, Act::Panic | Act::WakeAndPanic);
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
    drop(handle);
    if !task.is_complete() {
        // Idle for ever, but for this.
        assert_eq!(alive.count(), 2);
        assert!(task.cancel());
        assert_eq!(home.tick(), 1);
    }
    assert_eq!(task.status(), TaskStatus::Complete);
    assert_eq!(alive.count(), 0, "something is leaked");
    assert_eq!(
        Arc::strong_count(&joiner),
        1,
        "the joiner's waker is leaked"
    );
    // A waker of what is complete wakes nobody.
    if let Some(waker) = waker {
        waker.wake();
    }
    assert_eq!(home.tick(), 0);
}

#[test]
fn every_life() {
    let mut lives = 0;
    let homes = [
        Home::Static(Box::leak(Box::default())),
        Home::Local(Box::leak(Box::default())),
        Home::Injected(Box::leak(Box::default())),
    ];
    for act in [
        Act::Return,
        Act::Panic,
        Act::Yield,
        Act::WakeAndReturn,
        Act::WakeAndPanic,
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
                    for home in homes {
                        let case = (act, cancel, what, kept, home);
                        let life = || life(act, cancel, what, kept, home);
                        let life = catch_unwind(AssertUnwindSafe(life));
                        assert!(life.is_ok(), "in the life {case:?}");
                        lives += 1;
                    }
                }
            }
        }
    }
    assert_eq!(lives, 7 * 4 * 5 * 3 * 3);
}
