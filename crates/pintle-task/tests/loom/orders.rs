//! What each transition has to make visible, and to whom: models that fail if its order is weakened.
//!
//! The threads pass wakers and tasks by way of std's locks, which loom does not take for edges.

use crate::support::{CountWaker, poll_with, ready};
use pintle_core::{
    atomic::{AtomicBool, Ordering::Relaxed},
    cell::UnsafeCell,
    model, thread,
};
use pintle_task::{
    scheduler::{Injector, Schedule, Scheduler},
    task::{Context, JoinHandle, Poll, TaskRef, Waker},
};
use std::{
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex},
};

/// A scheduler whose contents loom watches: written when a task is bound to it, and when it is
/// dropped, and read when the task is scheduled.
struct Watched {
    scheduler: Scheduler,
    written: UnsafeCell<()>,
    drops_tickets: bool,
}

// SAFETY: what the cell holds is nothing. loom says whether its uses are in order.
unsafe impl Sync for Watched {}

impl Watched {
    fn new(scheduler: Scheduler) -> Self {
        let written = UnsafeCell::new(());
        written.with_mut(|_| ());
        Self {
            scheduler,
            written,
            drops_tickets: false,
        }
    }
}

impl Clone for Watched {
    fn clone(&self) -> Self {
        let mut clone = Self::new(self.scheduler.clone());
        clone.drops_tickets = self.drops_tickets;
        clone
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.written.with_mut(|_| ());
    }
}

impl Schedule for Watched {
    fn schedule(&self, task: TaskRef) {
        self.written.with(|_| ());
        if !self.drops_tickets {
            self.scheduler.schedule(task);
        }
    }

    fn current_task(&self) -> Option<TaskRef> {
        None
    }
}

/// Leaves its waker, and never ends.
struct Leave(Arc<Mutex<Option<Waker>>>);

impl Future for Leave {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        *self.0.lock().unwrap() = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// Remembers, when it is dropped, whether its flag was to be seen.
struct Sees(Arc<AtomicBool>);

impl Drop for Sees {
    fn drop(&mut self) {
        assert!(self.0.load(Relaxed), "what came before is visible");
    }
}

#[test]
fn who_wakes_a_stolen_task_sees_its_scheduler() {
    model::check(|| {
        let left = Arc::new(Mutex::default());
        let injector = Injector::<Watched>::new();
        let handle = injector.spawn(Leave(left.clone()));
        let waking = thread::spawn(move || {
            let waker: Option<Waker> = left.lock().unwrap().take();
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        let scheduler = Scheduler::new();
        let watched = Watched::new(scheduler.clone());
        assert!(injector.try_steal().unwrap().spawn_one(&watched));
        scheduler.tick();
        waking.join().unwrap();
        drop(handle);
    });
}

#[test]
fn who_cancels_a_stolen_task_sees_its_scheduler() {
    model::check(|| {
        let injector = Injector::<Watched>::new();
        let handle = injector.spawn(pending::<()>());
        let canceling = thread::spawn({
            let task = handle.task_ref();
            move || assert!(task.cancel())
        });
        let scheduler = Scheduler::new();
        let watched = Watched::new(scheduler.clone());
        assert!(injector.try_steal().unwrap().spawn_one(&watched));
        scheduler.tick();
        canceling.join().unwrap();
        scheduler.tick();
        assert!(ready(handle).unwrap_err().is_canceled());
    });
}

#[test]
fn what_comes_before_a_cancellation_is_seen_by_the_drop() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let flag = Arc::new(AtomicBool::new(false));
        let sees = Sees(flag.clone());
        let handle = scheduler.spawn(async move {
            let _sees = sees;
            pending::<()>().await;
        });
        let canceling = thread::spawn({
            let task = handle.task_ref();
            move || {
                flag.store(true, Relaxed);
                task.cancel();
            }
        });
        scheduler.tick();
        canceling.join().unwrap();
        scheduler.tick();
        assert!(ready(handle).unwrap_err().is_canceled());
    });
}

/// Polls the handle, which leaves a waker in the task, and drops it.
fn join_and_leave(mut handle: JoinHandle<()>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        drop(poll_with(&mut handle, &CountWaker::new().into()));
        drop(handle);
    })
}

#[test]
fn the_end_of_a_poll_frees_what_the_handle_has_left() {
    model::check(|| {
        let scheduler = Scheduler::new();
        let leaving = join_and_leave(scheduler.spawn(pending::<()>()));
        scheduler.tick();
        leaving.join().unwrap();
    });
}

#[test]
fn a_ticket_that_is_dropped_and_a_handle() {
    model::check(|| {
        let injector = Injector::<Watched>::new();
        let leaving = join_and_leave(injector.spawn(pending::<()>()));
        let mut watched = Watched::new(Scheduler::new());
        watched.drops_tickets = true;
        // The task's scheduler is written, and then its ticket is dropped: by one thread or the
        // other the task is freed.
        assert!(injector.try_steal().unwrap().spawn_one(&watched));
        leaving.join().unwrap();
    });
}
