//! A local scheduler as others may write one, by the public contract alone: a queue behind a lock, and
//! a list of its tasks, if it is to have one.

#![allow(dead_code, reason = "each test file uses a part of it")]

use pintle_task::{
    scheduler::{LocalSchedule, Schedule},
    task::{JoinHandle, Run, TaskRef},
};
use std::{
    cell::Cell,
    collections::VecDeque,
    future::Future,
    marker::PhantomData,
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

#[derive(Clone)]
pub(crate) struct Local {
    inner: Arc<Inner>,
    _not_send: PhantomData<Cell<*const ()>>,
}

struct Inner {
    thread: ThreadId,
    queue: Mutex<VecDeque<TaskRef>>,
    /// The references of a scheduler that keeps a list.
    list: Option<Mutex<Vec<TaskRef>>>,
    state: Mutex<State>,
    is_careless: bool,
}

#[derive(Default)]
struct State {
    is_closed: bool,
    adopted: usize,
    released: usize,
}

impl Local {
    /// A scheduler that keeps no list, as one in a static.
    pub(crate) fn new() -> Self {
        Self::with_list(None, false)
    }

    /// A scheduler that shuts its tasks down when it is closed.
    pub(crate) fn with_a_list() -> Self {
        Self::with_list(Some(Mutex::default()), false)
    }

    /// A scheduler whose `release` panics, as it must not.
    pub(crate) fn with_careless_release() -> Self {
        Self::with_list(None, true)
    }

    fn with_list(list: Option<Mutex<Vec<TaskRef>>>, is_careless: bool) -> Self {
        Self {
            inner: Arc::new(Inner {
                thread: thread::current().id(),
                queue: Mutex::default(),
                list,
                state: Mutex::default(),
                is_careless,
            }),
            _not_send: PhantomData,
        }
    }

    pub(crate) fn spawn<F: Future + 'static>(&self, future: F) -> JoinHandle<F::Output> {
        self.build_task().spawn_local(future)
    }

    /// Runs what is queued; how many of those are complete.
    pub(crate) fn tick(&self) -> usize {
        let mut completed = 0;
        loop {
            let ticket = self.inner.queue.lock().unwrap().pop_front();
            let Some(ticket) = ticket else {
                return completed;
            };
            // SAFETY: `Local` is not `Send`, so this is the thread of its tasks.
            match unsafe { ticket.run_local() } {
                Run::Pending | Run::Gone => {}
                Run::Reschedule(ticket) => self.inner.queue.lock().unwrap().push_back(ticket),
                Run::Completed => completed += 1,
            }
        }
    }

    /// Shuts down what is on the list, and what comes after that.
    pub(crate) fn close(&self) {
        self.inner.state.lock().unwrap().is_closed = true;
        loop {
            let list = self.inner.list.as_ref().unwrap();
            let Some(task) = list.lock().unwrap().pop() else {
                break;
            };
            // SAFETY: `Local` is not `Send`, so this is the thread of its tasks.
            unsafe { task.shut_down() };
        }
        self.inner.queue.lock().unwrap().clear();
    }

    pub(crate) fn take_queue(&self, tickets: &mut Vec<TaskRef>) {
        tickets.extend(self.inner.queue.lock().unwrap().drain(..));
    }

    pub(crate) fn queued(&self) -> usize {
        self.inner.queue.lock().unwrap().len()
    }

    /// How many tasks were adopted, and how many of them released.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.inner.state.lock().unwrap();
        (state.adopted, state.released)
    }

    fn assert_own_thread(&self) {
        assert_eq!(thread::current().id(), self.inner.thread);
    }
}

impl Schedule for Local {
    fn schedule(&self, task: TaskRef) {
        if let Some(ticket) = task.into_ticket() {
            self.inner.queue.lock().unwrap().push_back(ticket);
        }
    }

    fn current_task(&self) -> Option<TaskRef> {
        None
    }
}

// SAFETY: it is neither `Send` nor `Sync`; what it is made of is both, but for the phantom; and
// tickets are spent by `tick`, on the thread where it is.
unsafe impl LocalSchedule for Local {
    unsafe fn adopt(&self, task: &TaskRef) -> bool {
        self.assert_own_thread();
        let mut state = self.inner.state.lock().unwrap();
        state.adopted += 1;
        if let (false, Some(list)) = (state.is_closed, &self.inner.list) {
            list.lock().unwrap().push(task.clone());
        }
        !state.is_closed
    }

    unsafe fn release(&self, task: &TaskRef) {
        self.assert_own_thread();
        assert!(!self.inner.is_careless, "as it was told to");
        assert!(!task.is_complete());
        self.inner.state.lock().unwrap().released += 1;
        if let Some(list) = &self.inner.list {
            let mut list = list.lock().unwrap();
            let at = list.iter().position(|listed| listed == task);
            let listed = at.map(|at| list.swap_remove(at));
            drop(list);
            drop(listed);
        }
    }
}
