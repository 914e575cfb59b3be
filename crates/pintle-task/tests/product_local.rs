//! Every combination of what can happen to a local task, in a life of at most three polls, where its last
//! waker goes on this thread or on another, and its scheduler last or before that. In each the future is
//! polled and dropped on its own thread alone and once, an output that nobody joins goes there as well, and
//! who waits hears of the end.
#![cfg(feature = "alloc")]

mod support;

use pintle_task::{
    scheduler::{LocalScheduler, LocalStaticScheduler},
    task::{BoxStorage, Context, JoinHandle, Poll, StaticStorage, Task, TaskPool, TaskRef, Waker},
};
use std::{
    cell::RefCell,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    thread::{self, ThreadId},
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

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cancel {
    Never,
    Queued,
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Handle {
    Joined,
    Awaited,
    DroppedAtOnce,
    DroppedAwaited,
    DroppedAtEnd,
}

/// What becomes of the waker that the task was first polled with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kept {
    Spent,
    Longest,
    /// Dropped, which cancels the task if it is the last that could wake it.
    Dropped,
}

/// Where that happens.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Where {
    Here,
    There,
}

/// When its scheduler ends, if it does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Last,
    WhileQueued,
    WhileIdle,
    /// It lives for ever.
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stored {
    Box,
    Static,
    Pool,
}

/// Must go on the thread that has made it.
struct Here {
    thread: ThreadId,
    _alive: Token,
    _not_send: Rc<()>,
}

impl Here {
    fn new(alive: &Alive) -> Self {
        Self {
            thread: thread::current().id(),
            _alive: alive.token(),
            _not_send: Rc::new(()),
        }
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        assert_eq!(thread::current().id(), self.thread);
    }
}

enum Scheduler {
    Counted(LocalScheduler),
    Static(&'static LocalStaticScheduler),
}

impl Scheduler {
    /// Ticks; without `std`, through the panic that the task throws.
    fn tick(&self) {
        for _ in 0..3 {
            let _ = quietly(|| match self {
                Self::Counted(scheduler) => scheduler.tick(),
                Self::Static(scheduler) => scheduler.tick(),
            });
        }
        let (has_remaining, current) = match self {
            Self::Counted(scheduler) => (scheduler.has_remaining(), scheduler.current_task()),
            Self::Static(scheduler) => (scheduler.has_remaining(), scheduler.current_task()),
        };
        assert!(!has_remaining);
        assert!(current.is_none());
    }

    fn spawn(&self, stored: Stored, body: Body) -> JoinHandle<Here> {
        match (self, stored) {
            (Self::Counted(scheduler), Stored::Box) => scheduler
                .build_task()
                .spawn_local_allocated::<BoxStorage, _>(Box::new(Task::new(body))),
            (Self::Counted(scheduler), Stored::Static) => scheduler
                .build_task()
                .spawn_local_allocated::<StaticStorage, _>(Box::leak(Box::new(Task::new(body)))),
            (Self::Counted(scheduler), Stored::Pool) => POOL.spawn_local(scheduler, body).unwrap(),
            (Self::Static(scheduler), Stored::Box) => {
                scheduler.spawn_allocated::<_, BoxStorage>(Box::new(Task::new(body)))
            }
            (Self::Static(scheduler), Stored::Static) => {
                scheduler.spawn_allocated::<_, StaticStorage>(Box::leak(Box::new(Task::new(body))))
            }
            (Self::Static(scheduler), Stored::Pool) => {
                STATIC_POOL.spawn_local(scheduler, body).unwrap()
            }
        }
    }
}

static POOL: TaskPool<LocalScheduler, Body, 1> = TaskPool::new();
static STATIC_POOL: TaskPool<&'static LocalStaticScheduler, Body, 1> = TaskPool::new();

struct Body {
    act: Act,
    polls: usize,
    me: Rc<RefCell<Option<TaskRef>>>,
    waker: Rc<RefCell<Option<Waker>>>,
    output: Option<Here>,
    here: Here,
}

impl Body {
    fn cancel_self(&self) {
        // Its own reference is given up by that, so that the wakers alone keep it from now on.
        let me = self.me.borrow_mut().take().unwrap();
        assert!(me.cancel());
        assert!(!me.cancel());
        assert!(!me.is_complete());
    }
}

impl Future for Body {
    type Output = Here;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Here> {
        assert_eq!(thread::current().id(), self.here.thread);
        self.polls += 1;
        let is_last = match (self.polls, self.act) {
            (1, _) => {
                *self.waker.borrow_mut() = Some(cx.waker().clone());
                false
            }
            (2, Act::Return) | (3, Act::Yield) => true,
            (2, Act::Panic) => panic!("as it was told to"),
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
            _ => panic!("a poll too many"),
        };
        match is_last {
            false => Poll::Pending,
            true => Poll::Ready(self.output.take().unwrap()),
        }
    }
}

/// Calls `f` here, or on a thread of its own.
fn at(place: Where, f: impl FnOnce() + Send) {
    match place {
        Where::Here => f(),
        Where::There => thread::scope(|scope| scope.spawn(f).join().unwrap()),
    }
}

#[derive(Clone, Copy, Debug)]
struct Life {
    act: Act,
    cancel: Cancel,
    what: Handle,
    kept: Kept,
    place: Where,
    end: End,
    stored: Stored,
}

fn live(life: Life) {
    let alive = Alive::new();
    let mut scheduler = Some(match life.end {
        End::Never => Scheduler::Static(Box::leak(Box::default())),
        _ => Scheduler::Counted(LocalScheduler::new()),
    });
    let me = Rc::new(RefCell::new(None));
    let slot = Rc::new(RefCell::new(None));
    let body = Body {
        act: life.act,
        polls: 0,
        me: me.clone(),
        waker: slot.clone(),
        output: Some(Here::new(&alive)),
        here: Here::new(&alive),
    };
    let mut handle = Some(scheduler.as_ref().unwrap().spawn(life.stored, body));
    // Asked for without a reference to the task, which would keep it: by its ends, and the joiner.
    let is_gone = || alive.count() == 0;
    let joiner = CountWaker::new();
    if matches!(life.act, Act::CancelSelf | Act::CancelSelfAndWait) {
        *me.borrow_mut() = handle.as_ref().map(JoinHandle::task_ref);
    }

    // Queued for the first time.
    match life.what {
        Handle::DroppedAtOnce => drop(handle.take()),
        Handle::Awaited | Handle::DroppedAwaited => {
            let handle = handle.as_mut().unwrap();
            assert!(poll_with(handle, &joiner.clone().into()).is_pending());
        }
        Handle::Joined | Handle::DroppedAtEnd => {}
    }
    let mut canceler = None;
    if life.cancel != Cancel::Never {
        canceler = handle.as_ref().map(JoinHandle::task_ref);
    }
    let mut is_canceled = false;
    if let (Cancel::Queued, Some(task)) = (life.cancel, &canceler) {
        at(life.place, || assert!(task.cancel()));
        is_canceled = true;
    }
    if life.end == End::WhileQueued {
        scheduler.take();
        is_canceled = true;
    }
    if let Some(scheduler) = &scheduler {
        scheduler.tick();
    }
    assert_eq!(is_gone(), is_canceled);

    // Idle, or gone.
    if life.what == Handle::DroppedAwaited {
        drop(handle.take());
    }
    if let (Cancel::Idle, Some(task)) = (life.cancel, &canceler) {
        let is_first = life.end != End::WhileQueued;
        at(life.place, || assert_eq!(task.cancel(), is_first));
        is_canceled = true;
    }
    drop(canceler);
    if life.end == End::WhileIdle {
        scheduler.take();
        is_canceled = true;
        assert!(is_gone());
    }
    let waker = slot.borrow_mut().take();
    let mut longest = None;
    at(life.place, || match (life.kept, waker) {
        (Kept::Spent, Some(waker)) => waker.wake(),
        (Kept::Longest, Some(waker)) => {
            waker.wake_by_ref();
            waker.wake_by_ref();
            longest = Some(waker);
        }
        (_, waker) => drop(waker),
    });
    // Nothing of it goes where the waker goes, unless that is its own thread.
    if life.place == Where::There && !is_canceled {
        assert_eq!(alive.count(), 2);
    }
    if let Some(scheduler) = &scheduler {
        scheduler.tick();
    }
    let is_woken = life.kept != Kept::Dropped;
    let panics = !is_canceled && is_woken && life.act == Act::Panic;
    let returns = !is_canceled && is_woken && !panics && life.act != Act::CancelSelfAndWait;
    let cancels_itself = matches!(life.act, Act::CancelSelf | Act::CancelSelfAndWait);
    is_canceled |= is_woken && !panics && cancels_itself;
    // Nobody is left who could wake it, and it goes; with a handle it waits.
    // (A resident is not counted, so nobody knows.)
    let is_resident = life.stored == Stored::Static && life.end == End::Never;
    let is_forgotten = !is_woken && !is_resident && handle.is_none() && me.borrow().is_none();
    is_canceled |= is_forgotten;
    let is_complete = is_canceled || panics || returns;
    let has_output = returns && handle.is_some();
    if is_complete {
        assert_eq!(alive.count(), usize::from(has_output));
    } else {
        assert_eq!(alive.count(), 2, "nothing has happened to it");
    }

    // At its end, if it has come to that.
    if matches!(life.what, Handle::Awaited | Handle::Joined) {
        let mut handle = handle.take().unwrap();
        assert_eq!(handle.is_complete(), is_complete);
        if is_complete {
            assert_eq!(joiner.woken(), usize::from(life.what == Handle::Awaited));
            match ready(&mut handle) {
                Ok(_) => assert!(returns && !is_canceled),
                Err(error) if panics => assert!(error.is_panic() && !error.is_canceled()),
                Err(error) => {
                    assert!(error.is_canceled() && is_canceled);
                    assert_eq!(error.output().is_some(), returns);
                }
            }
            assert!(is_gone());
        }
    }
    drop(handle);
    me.borrow_mut().take();
    // The last of all, here or there: of a task that is idle it leaves the future to the scheduler.
    at(life.place, || drop(longest));
    match scheduler {
        Some(Scheduler::Static(scheduler)) => Scheduler::Static(scheduler).tick(),
        scheduler => drop(scheduler),
    }
    assert_eq!(is_gone(), is_complete || !is_resident, "what is leaked");
    assert_eq!(POOL.available(), 1, "the memory is not given back");
    assert_eq!(STATIC_POOL.available(), 1, "the memory is not given back");
    assert_eq!(Arc::strong_count(&joiner), 1, "its waker is leaked");
}

#[test]
fn every_life() {
    let acts = [
        Act::Return,
        Act::Panic,
        Act::Yield,
        Act::CancelSelf,
        Act::CancelSelfAndWait,
    ];
    let handles = [
        Handle::Joined,
        Handle::Awaited,
        Handle::DroppedAtOnce,
        Handle::DroppedAwaited,
        Handle::DroppedAtEnd,
    ];
    let mut lives = 0;
    for act in acts {
        for cancel in [Cancel::Never, Cancel::Queued, Cancel::Idle] {
            for what in handles {
                for kept in [Kept::Spent, Kept::Longest, Kept::Dropped] {
                    for place in [Where::Here, Where::There] {
                        for end in [End::Last, End::WhileQueued, End::WhileIdle, End::Never] {
                            for stored in [Stored::Box, Stored::Static, Stored::Pool] {
                                let life = Life {
                                    act,
                                    cancel,
                                    what,
                                    kept,
                                    place,
                                    end,
                                    stored,
                                };
                                let lived = catch_unwind(AssertUnwindSafe(|| live(life)));
                                assert!(lived.is_ok(), "in the life {life:?}");
                                lives += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert_eq!(lives, 5 * 3 * 5 * 3 * 2 * 4 * 3);
}
