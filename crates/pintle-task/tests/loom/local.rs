//! A local task, its own thread, and the others who have to do with it.

use crate::{support::Alive, support_local::Local};
use pintle_core::{
    atomic::{AtomicBool, Ordering::Relaxed},
    model, thread,
};
use pintle_task::task::{Context, JoinHandle, Poll, Waker};
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex},
};

use crate::support::{CountWaker, Token, poll_with, ready};

/// Leaves its waker, and never ends. Its contents are a cell that loom watches: the task's stage.
struct Idle {
    left: Option<Arc<Mutex<Option<Waker>>>>,
    _alive: Token,
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

fn idle(local: &Local, alive: &Alive) -> (JoinHandle<()>, Waker) {
    let left = Arc::new(Mutex::default());
    let handle = local.spawn(Idle {
        left: Some(left.clone()),
        _alive: alive.token(),
    });
    assert_eq!(local.tick(), 0);
    let waker = left.lock().unwrap().take().unwrap();
    (handle, waker)
}

#[test]
fn the_last_local_reference_on_another_thread() {
    model::check(|| {
        let (local, alive) = (Local::new(), Alive::new());
        let (handle, waker) = idle(&local, &alive);
        let dropping = thread::spawn(move || drop(waker));
        drop(handle);
        let mut completed = local.tick();
        dropping.join().unwrap();
        completed += local.tick();
        assert_eq!(completed, 1);
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn the_last_two_local_references_elsewhere() {
    model::check(|| {
        let (local, alive) = (Local::new(), Alive::new());
        let (handle, waker) = idle(&local, &alive);
        drop(handle);
        let dropping = [waker.clone(), waker].map(|waker| thread::spawn(move || drop(waker)));
        let mut completed = local.tick();
        for dropping in dropping {
            dropping.join().unwrap();
        }
        completed += local.tick();
        assert_eq!(completed, 1);
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn a_local_wake_up_and_the_last_reference() {
    model::check(|| {
        let (local, alive) = (Local::new(), Alive::new());
        let (handle, waker) = idle(&local, &alive);
        drop(handle);
        let dropping = thread::spawn({
            let waker = waker.clone();
            move || drop(waker)
        });
        waker.wake();
        let mut completed = local.tick();
        dropping.join().unwrap();
        completed += local.tick();
        assert_eq!(completed, 1);
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn the_end_of_a_local_scheduler_and_a_wake_up() {
    model::check(|| {
        let (local, alive) = (Local::with_a_list(), Alive::new());
        let (mut handle, waker) = idle(&local, &alive);
        let joiner = CountWaker::new();
        assert!(poll_with(&mut handle, &joiner.clone().into()).is_pending());
        let waking = thread::spawn(move || waker.wake());
        local.close();
        assert_eq!((alive.count(), joiner.woken()), (0, 1));
        waking.join().unwrap();
        assert!(ready(handle).unwrap_err().is_canceled());
        // The ticket may be on its way still.
        assert_eq!(local.tick(), 0);
    });
}

#[test]
fn the_end_of_a_local_scheduler_and_a_cancellation() {
    model::check(|| {
        let (local, alive) = (Local::with_a_list(), Alive::new());
        let (handle, waker) = idle(&local, &alive);
        let canceling = thread::spawn({
            let task = handle.task_ref();
            move || {
                task.cancel();
            }
        });
        local.close();
        assert_eq!(alive.count(), 0);
        drop(waker);
        canceling.join().unwrap();
        assert!(ready(handle).unwrap_err().is_canceled());
        assert_eq!(local.tick(), 0);
    });
}

#[test]
fn the_end_of_a_local_scheduler_and_the_last_waker() {
    model::check(|| {
        let (local, alive) = (Local::with_a_list(), Alive::new());
        let (handle, waker) = idle(&local, &alive);
        drop(handle);
        let dropping = thread::spawn(move || drop(waker));
        local.close();
        assert_eq!(alive.count(), 0);
        dropping.join().unwrap();
        assert_eq!(local.tick(), 0);
    });
}

#[test]
fn joining_a_local_task_elsewhere() {
    model::check(|| {
        let (local, alive) = (Local::new(), Alive::new());
        let token = alive.token();
        let mut handle = local.spawn(async move {
            let _token = token;
            7
        });
        let joiner = CountWaker::new();
        let joining = thread::spawn({
            let waker: Waker = joiner.clone().into();
            move || match poll_with(&mut handle, &waker) {
                Poll::Ready(output) => assert_eq!(output, Ok(7)),
                Poll::Pending => drop(handle),
            }
        });
        assert_eq!(local.tick(), 1);
        assert_eq!(alive.count(), 0);
        joining.join().unwrap();
        assert_eq!(Arc::strong_count(&joiner), 1);
    });
}

#[test]
fn a_local_wake_up_makes_what_came_before_it_seen() {
    model::check(|| {
        let local = Local::new();
        let left = Arc::new(Mutex::<Option<Waker>>::default());
        let flag = Arc::new(AtomicBool::new(false));
        let handle = local.spawn(poll_fn({
            let (left, flag) = (left.clone(), flag.clone());
            move |cx| {
                let is_set = flag.load(Relaxed);
                left.lock()
                    .unwrap()
                    .get_or_insert_with(|| cx.waker().clone());
                if is_set {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }
        }));
        assert_eq!(local.tick(), 0);
        let waker = left.lock().unwrap().take().unwrap();
        waker.wake_by_ref();
        let waking = thread::spawn(move || {
            flag.store(true, Relaxed);
            waker.wake();
        });
        let mut completed = local.tick();
        waking.join().unwrap();
        completed += local.tick();
        assert_eq!(completed, 1);
        assert_eq!(ready(handle), Ok(()));
    });
}

#[test]
fn a_ticket_that_is_left_over_is_dropped_elsewhere() {
    model::check(|| {
        let (local, alive) = (Local::with_a_list(), Alive::new());
        let (mut handle, waker) = idle(&local, &alive);
        waker.wake();
        let mut tickets = Vec::new();
        local.take_queue(&mut tickets);
        let dropping = thread::spawn(move || drop(tickets));
        assert!(poll_with(&mut handle, &CountWaker::new().into()).is_pending());
        local.close();
        assert_eq!(alive.count(), 0);
        drop(handle);
        dropping.join().unwrap();
    });
}
