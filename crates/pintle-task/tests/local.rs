//! Local tasks: their futures are dropped on their own thread, whatever the others do.
#![cfg(feature = "alloc")]

mod support;
#[path = "support/local.rs"]
mod support_local;

use pintle_task::{
    scheduler::{Schedule, Scheduler},
    task::{Context, Poll, Run, TaskRef, Waker},
};
use std::{
    cell::{Cell, RefCell},
    future::{Future, pending, poll_fn, ready as ready_future},
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex},
    thread,
};
use support::{Alive, CountWaker, Gate, Token, poll_with, quietly, ready};
use support_local::Local;

/// Is not `Send`, and panics if it is dropped elsewhere than where it was made.
#[derive(Debug)]
struct Here {
    thread: thread::ThreadId,
    _alive: Token,
    _not_send: Rc<()>,
}

fn here(alive: &Alive) -> Here {
    Here {
        thread: thread::current().id(),
        _alive: alive.token(),
        _not_send: Rc::new(()),
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        assert_eq!(thread::current().id(), self.thread, "dropped elsewhere");
    }
}

/// Leaves its waker at the first poll, and never ends.
struct Idle {
    left: Option<Arc<Mutex<Option<Waker>>>>,
    _here: Here,
}

impl Future for Idle {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(left) = self.left.take() {
            *left.lock().unwrap() = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

/// A task that was polled once, and its waker.
fn idle(local: &Local, alive: &Alive) -> (pintle_task::task::JoinHandle<()>, Waker) {
    let left = Arc::new(Mutex::default());
    let handle = local.spawn(Idle {
        left: Some(left.clone()),
        _here: here(alive),
    });
    assert_eq!(local.tick(), 0);
    let waker = left.lock().unwrap().take().unwrap();
    (handle, waker)
}

#[test]
fn the_last_waker_goes_on_another_thread() {
    // The reference drops the future there.
    let (local, alive) = (Local::new(), Alive::new());
    let (handle, waker) = idle(&local, &alive);
    drop(handle);
    thread::spawn(move || drop(waker)).join().unwrap();
    assert_eq!(alive.count(), 1, "it is still there, for its own thread");
    assert_eq!(local.queued(), 1);
    assert_eq!(local.tick(), 1);
    assert_eq!(alive.count(), 0);
    assert_eq!(local.counts(), (1, 1));
}

#[test]
fn the_last_of_several_goes_on_any_of_many_threads() {
    for _ in 0..100 {
        let (local, alive) = (Local::new(), Alive::new());
        let (handle, waker) = idle(&local, &alive);
        let dropping = [waker.clone(), waker].map(|waker| thread::spawn(move || drop(waker)));
        drop(handle);
        let mut completed = local.tick();
        for thread in dropping {
            thread.join().unwrap();
        }
        completed += local.tick();
        assert_eq!(completed, 1);
        assert_eq!(alive.count(), 0);
    }
}

#[test]
fn a_task_that_nobody_can_wake_goes_after_its_poll() {
    let (local, alive) = (Local::new(), Alive::new());
    let token = here(&alive);
    drop(local.spawn(async move {
        let _token = token;
        pending::<()>().await;
    }));
    assert_eq!(local.tick(), 1);
    assert_eq!(alive.count(), 0);
    assert_eq!(local.counts(), (1, 1));
}

#[test]
fn a_task_is_cancelled_from_another_thread() {
    let (local, alive) = (Local::new(), Alive::new());
    let (mut handle, waker) = idle(&local, &alive);
    let joiner = CountWaker::new();
    assert!(poll_with(&mut handle, &joiner.clone().into()).is_pending());
    let task = handle.task_ref();
    thread::spawn(move || assert!(task.cancel()))
        .join()
        .unwrap();
    assert_eq!(alive.count(), 1);
    assert_eq!(local.tick(), 1);
    assert_eq!((alive.count(), joiner.woken()), (0, 1));
    assert!(ready(handle).unwrap_err().is_canceled());
    // The memory goes wherever the last reference does.
    thread::spawn(move || drop(waker)).join().unwrap();
}

#[test]
fn an_output_that_nobody_joins_stays() {
    let (local, alive) = (Local::new(), Alive::new());
    let output = here(&alive);
    let handle = local.spawn(ready_future(output));
    let task = handle.task_ref();
    drop(handle);
    assert_eq!(local.tick(), 1);
    assert_eq!(alive.count(), 0);
    thread::spawn(move || drop(task)).join().unwrap();
}

#[test]
fn an_output_that_is_send_is_joined_elsewhere() {
    let (local, alive) = (Local::new(), Alive::new());
    let token = here(&alive);
    let handle = local.spawn(async move {
        let _token = token;
        7
    });
    assert_eq!(local.tick(), 1);
    assert_eq!(alive.count(), 0);
    let output = thread::spawn(move || ready(handle)).join().unwrap();
    assert_eq!(output, Ok(7));
}

#[test]
fn another_scheduler_does_not_get_to_run_it() {
    let (local, alive) = (Local::new(), Alive::new());
    let (handle, waker) = idle(&local, &alive);
    let task = handle.task_ref();
    thread::spawn(move || {
        let other = Scheduler::new();
        other.schedule(task);
        assert_eq!(other.tick().polled, 0);
    })
    .join()
    .unwrap();
    assert_eq!(local.queued(), 1);
    assert_eq!(local.tick(), 0);
    drop((handle, waker));
    assert_eq!(local.tick(), 1);
    assert_eq!(alive.count(), 0);
}

#[test]
fn the_safe_run_refuses_a_local_ticket() {
    /// Passes its tickets to a thread, which no scheduler of local tasks may do.
    #[derive(Clone)]
    struct Careless(Rc<RefCell<Vec<TaskRef>>>);

    impl Schedule for Careless {
        fn schedule(&self, task: TaskRef) {
            let ticket = task.into_ticket();
            self.0.borrow_mut().extend(ticket);
        }

        fn current_task(&self) -> Option<TaskRef> {
            None
        }
    }

    // SAFETY: not `Send`, not `Sync`, and no waker is ever made here.
    unsafe impl pintle_task::scheduler::LocalSchedule for Careless {}

    let alive = Alive::new();
    let token = here(&alive);
    let careless = Careless(Rc::default());
    let handle = careless.build_task().spawn_local(async move {
        let _token = token;
    });
    let ticket = careless.0.borrow_mut().pop().unwrap();
    assert!(quietly(|| ticket.run()).is_err());
    assert!(!handle.is_complete());
    // That has dropped the ticket. The next wake-up makes another.
    careless.schedule(handle.task_ref());
    assert!(careless.0.borrow_mut().pop().is_some());
    assert!(handle.cancel());
    let ticket = careless.0.borrow_mut().pop().unwrap();
    // SAFETY: this is its thread.
    let run = unsafe { ticket.run_local() };
    assert!(matches!(run, Run::Completed));
    assert_eq!(alive.count(), 0);
}

#[test]
fn a_scheduler_that_ends_takes_its_tasks_with_it() {
    let (local, alive) = (Local::with_a_list(), Alive::new());
    let (idle_handle, idle_waker) = idle(&local, &alive);
    let (woken, woken_waker) = idle(&local, &alive);
    let queued = local.spawn(ready_future(here(&alive)));
    woken_waker.wake_by_ref();
    assert_eq!(local.counts(), (3, 0));
    local.close();
    assert_eq!((local.counts(), alive.count()), ((3, 3), 0));
    assert!(ready(queued).unwrap_err().is_canceled());
    assert!(ready(woken).unwrap_err().is_canceled());
    // What is left is memory.
    thread::spawn(move || {
        idle_waker.wake_by_ref();
        drop(idle_waker);
        woken_waker.wake();
        assert!(idle_handle.is_complete());
        drop(idle_handle);
    })
    .join()
    .unwrap();
    // Who comes too late is not even queued.
    let late = local.spawn(ready_future(here(&alive)));
    assert_eq!((local.queued(), alive.count()), (0, 0));
    assert!(ready(late).is_err());
}

#[test]
fn a_ticket_outlives_its_task() {
    let (local, alive) = (Local::with_a_list(), Alive::new());
    let (handle, waker) = idle(&local, &alive);
    waker.wake();
    assert_eq!(local.queued(), 1);
    let task = handle.task_ref();
    // SAFETY: this is its thread.
    unsafe { task.shut_down() };
    // SAFETY: as above.
    unsafe { task.shut_down() };
    assert_eq!((alive.count(), local.counts()), (0, (1, 1)));
    assert_eq!(local.tick(), 0);
    assert!(ready(handle).unwrap_err().is_canceled());
}

#[test]
fn a_future_that_ticks_while_it_is_dropped_does_not_meet_itself() {
    struct TickOnDrop {
        local: Local,
        _here: Here,
    }

    impl Drop for TickOnDrop {
        fn drop(&mut self) {
            assert_eq!(self.local.tick(), 0);
            self.local.close();
        }
    }

    let (local, alive) = (Local::with_a_list(), Alive::new());
    let on_drop = TickOnDrop {
        local: local.clone(),
        _here: here(&alive),
    };
    let handle = local.spawn(async move {
        let _on_drop = on_drop;
        pending::<()>().await;
    });
    assert_eq!(local.tick(), 0);
    local.schedule(handle.task_ref());
    assert_eq!(local.queued(), 1);
    local.close();
    assert_eq!(alive.count(), 0);
    assert!(handle.is_complete());
}

#[test]
fn a_task_that_closes_its_scheduler_is_finished_by_its_poll() {
    let (local, alive) = (Local::with_a_list(), Alive::new());
    let token = here(&alive);
    let closing = local.clone();
    let is_first = Rc::new(Cell::new(true));
    let handle = local.spawn(poll_fn(move |cx| {
        let _token = &token;
        assert!(is_first.replace(false), "not polled again");
        cx.waker().wake_by_ref();
        closing.close();
        Poll::<()>::Pending
    }));
    let other = local.spawn(ready_future(here(&alive)));
    assert_eq!(local.tick(), 1);
    assert_eq!(alive.count(), 0);
    assert!(ready(handle).unwrap_err().is_canceled());
    assert!(ready(other).is_err());
}

#[test]
fn a_scheduler_without_an_end_leaks_what_it_refuses() {
    let (local, alive) = (Local::new(), Alive::new());
    let (handle, waker) = idle(&local, &alive);
    drop(handle);
    // As a scheduler that is gone would: it takes the dying task's ticket, and drops it.
    thread::spawn(move || drop(waker)).join().unwrap();
    let ticket = {
        let mut tickets = Vec::new();
        local.take_queue(&mut tickets);
        tickets.pop().unwrap()
    };
    thread::spawn(move || drop(ticket)).join().unwrap();
    assert_eq!((local.queued(), alive.count()), (0, 1));
}

#[test]
fn panics_release_the_task() {
    let (local, alive) = (Local::new(), Alive::new());
    let token = here(&alive);
    let handle = local.spawn(async move {
        let _token = token;
        panic!("as it was told to");
    });
    let completed = quietly(|| local.tick());
    assert_eq!(completed.is_err(), cfg!(not(feature = "std")));
    assert_eq!((local.counts(), alive.count()), ((1, 1), 0));
    assert!(ready(handle).unwrap_err().is_panic());
}

/// It must not; but who waits for the task does not wait for ever.
#[test]
fn a_release_that_panics_does_not_keep_the_task_from_its_end() {
    let (local, alive) = (Local::with_careless_release(), Alive::new());
    let token = here(&alive);
    let mut handle = local.spawn(async move { drop(token) });
    let joiner = support::CountWaker::new();
    assert!(support::poll_with(&mut handle, &joiner.clone().into()).is_pending());
    assert!(quietly(|| local.tick()).is_err());
    assert_eq!((joiner.woken(), alive.count()), (1, 0));
    assert_eq!(ready(handle), Ok(()));
}

#[test]
fn local_tasks_wake_each_other() {
    let (local, alive) = (Local::new(), Alive::new());
    let (gate, shared) = (Gate::new(), Rc::new(Cell::new(0)));
    let waiting = local.spawn({
        let (wait, shared, token) = (gate.wait(), shared.clone(), here(&alive));
        async move {
            wait.await;
            drop(token);
            shared.get()
        }
    });
    let setting = local.spawn({
        let (gate, shared) = (gate.clone(), shared.clone());
        async move {
            shared.set(3);
            gate.open();
        }
    });
    assert_eq!(local.tick(), 2);
    assert_eq!((ready(waiting), ready(setting)), (Ok(3), Ok(())));
    assert_eq!(alive.count(), 0);
}
