//! The scheduler against a plain model of it: a queue of ids.
#![cfg(feature = "alloc")]

mod support;

use pintle_task::{
    scheduler::Scheduler,
    task::{Context, JoinHandle, Poll, Waker},
};
use proptest::prelude::*;
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};
use support::{Alive, Token};

/// How many tasks an operation can speak of.
const TASKS: usize = 6;

#[derive(Clone, Debug)]
enum Op {
    Spawn {
        /// How many of its next polls each wake the task again.
        yields: usize,
        /// At how many of its polls, those included, it returns; if it gets to that.
        polls: usize,
    },
    Wake(usize),
    /// The task wakes this other one in its next poll.
    Chain(usize, usize),
    Cancel(usize),
    Detach(usize),
    Tick,
}

fn op() -> impl Strategy<Value = Op> {
    let task = 0..TASKS;
    prop_oneof![
        3 => (0..4usize, 1..6usize).prop_map(|(yields, polls)| Op::Spawn { yields, polls }),
        4 => task.clone().prop_map(Op::Wake),
        2 => (task.clone(), task.clone()).prop_map(|(from, to)| Op::Chain(from, to)),
        1 => task.clone().prop_map(Op::Cancel),
        1 => task.prop_map(Op::Detach),
        3 => Just(Op::Tick),
    ]
}

/// What a real task and the test share.
#[derive(Default)]
struct Shared {
    /// Which tasks were polled, or had their future dropped unpolled, in what order.
    log: Vec<usize>,
    wakers: Vec<Option<Waker>>,
    chained: Vec<Option<usize>>,
}

struct Real {
    id: usize,
    yields: usize,
    polls: usize,
    shared: Arc<Mutex<Shared>>,
    _alive: Token,
}

impl Future for Real {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        let id = self.id;
        let mut shared = self.shared.lock().unwrap();
        shared.log.push(id);
        shared.wakers[id].get_or_insert_with(|| cx.waker().clone());
        let chained = shared.chained[id].take();
        let chained = chained.and_then(|other| shared.wakers[other].clone());
        drop(shared);
        if let Some(other) = chained {
            other.wake();
        }
        self.polls -= 1;
        if self.polls == 0 {
            return Poll::Ready(id);
        }
        if self.yields > 0 {
            self.yields -= 1;
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// The same, as plain data.
#[derive(Default)]
struct Model {
    queue: VecDeque<usize>,
    tasks: Vec<ModelTask>,
    log: Vec<usize>,
}

struct ModelTask {
    yields: usize,
    polls: usize,
    is_polled: bool,
    is_queued: bool,
    is_canceled: bool,
    is_done: bool,
    chained: Option<usize>,
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    polled: usize,
    completed: usize,
    spawned: usize,
    woken_external: usize,
    woken_internal: usize,
}

impl Model {
    /// Queues an idle task. Returns whether it was one.
    fn wake(&mut self, id: usize) -> bool {
        let task = &mut self.tasks[id];
        if task.is_queued || task.is_done {
            return false;
        }
        task.is_queued = true;
        self.queue.push_back(id);
        true
    }

    fn tick(&mut self, counts: &mut Counts) {
        while counts.polled < Scheduler::DEFAULT_TICK_SIZE {
            let Some(id) = self.queue.pop_front() else {
                return;
            };
            counts.polled += 1;
            let task = &mut self.tasks[id];
            task.is_queued = false;
            if task.is_canceled {
                task.is_done = true;
                counts.completed += 1;
                continue;
            }
            self.log.push(id);
            task.is_polled = true;
            let mut is_woken = false;
            if let Some(other) = task.chained.take() {
                // Its waker is known from its first poll on.
                if other == id {
                    is_woken = true;
                } else if self.tasks[other].is_polled && self.wake(other) {
                    counts.woken_external += 1;
                }
            }
            let task = &mut self.tasks[id];
            task.polls -= 1;
            if task.polls == 0 {
                task.is_done = true;
                counts.completed += 1;
                continue;
            }
            if task.yields > 0 {
                task.yields -= 1;
                is_woken = true;
            }
            if is_woken {
                counts.woken_internal += 1;
                self.wake(id);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if pintle_core::model::full() { 20_000 } else { 500 },
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_scheduler_is_a_queue(ops in prop::collection::vec(op(), 1..60)) {
        let alive = Alive::new();
        let scheduler = Scheduler::new();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let mut handles: Vec<Option<JoinHandle<usize>>> = Vec::new();
        let mut refs = Vec::new();
        let mut model = Model::default();
        let mut counts = Counts::default();

        for op in ops {
            let count = model.tasks.len();
            match op {
                Op::Spawn { yields, polls } if count < TASKS => {
                    let mut state = shared.lock().unwrap();
                    state.wakers.push(None);
                    state.chained.push(None);
                    drop(state);
                    let handle = scheduler.spawn(Real {
                        id: count,
                        yields,
                        polls,
                        shared: shared.clone(),
                        _alive: alive.token(),
                    });
                    refs.push(handle.task_ref());
                    handles.push(Some(handle));
                    model.tasks.push(ModelTask {
                        yields,
                        polls,
                        is_polled: false,
                        is_queued: false,
                        is_canceled: false,
                        is_done: false,
                        chained: None,
                    });
                    model.wake(count);
                    counts.spawned += 1;
                }
                Op::Wake(id) if id < count => {
                    let waker = shared.lock().unwrap().wakers[id].clone();
                    if let Some(waker) = waker {
                        waker.wake();
                        counts.woken_external += usize::from(model.wake(id));
                    }
                }
                Op::Chain(from, to) if from < count && to < count => {
                    shared.lock().unwrap().chained[from] = Some(to);
                    model.tasks[from].chained = Some(to);
                }
                Op::Cancel(id) if id < count => {
                    prop_assert_eq!(refs[id].cancel(), !model.tasks[id].is_canceled);
                    model.tasks[id].is_canceled = true;
                    counts.woken_external += usize::from(model.wake(id));
                }
                Op::Detach(id) if id < count => drop(handles[id].take()),
                Op::Tick => {
                    model.tick(&mut counts);
                    let tick = scheduler.tick();
                    prop_assert_eq!(tick.has_remaining, !model.queue.is_empty());
                    let ticked = Counts {
                        polled: tick.polled,
                        completed: tick.completed,
                        spawned: tick.spawned,
                        woken_external: tick.woken_external,
                        woken_internal: tick.woken_internal,
                    };
                    prop_assert_eq!(&ticked, &counts);
                    prop_assert_eq!(&shared.lock().unwrap().log, &model.log);
                    counts = Counts::default();
                }
                _ => {}
            }
            prop_assert_eq!(scheduler.has_remaining(), !model.queue.is_empty());
            let living = model.tasks.iter().filter(|task| !task.is_done).count();
            prop_assert_eq!(alive.count(), living);
            for (id, task) in model.tasks.iter().enumerate() {
                prop_assert_eq!(refs[id].is_complete(), task.is_done);
            }
        }

        let wakers = std::mem::take(&mut shared.lock().unwrap().wakers);
        drop((handles, refs, scheduler));
        for waker in wakers.into_iter().flatten() {
            // Those that were idle hear of the end now.
            waker.wake();
        }
        prop_assert_eq!(alive.count(), 0);
    }
}
