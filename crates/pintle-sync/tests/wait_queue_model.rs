//! `WaitQueue` against a plain model: any sequence of operations, one after the other.
#![cfg(not(loom))]

mod support;

use std::{collections::VecDeque, pin::Pin, sync::Arc, task::Poll};

use pintle_sync::{Closed, WaitQueue, wait_queue::Wait};
use proptest::prelude::*;
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![behaves_as_the_model];

/// How many futures there may be at a time: more than two batches.
const PLACES: usize = 40;

#[derive(Clone, Debug)]
enum Op {
    /// Puts a new future in a place, instead of the one that is there.
    Create(usize),
    /// Polls it with the task of its place, or with that of the next.
    Poll {
        place: usize,
        other: bool,
    },
    Subscribe(usize),
    Drop(usize),
    Wake,
    WakeMany(usize),
    WakeAll,
    Close,
    TryWait,
    /// Creates and polls a run of futures, so that there are many.
    Crowd {
        from: usize,
        n: usize,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let place = 0..PLACES;
    prop_oneof![
        6 => place.clone().prop_map(Op::Create),
        12 => (place.clone(), prop::bool::weighted(0.2))
            .prop_map(|(place, other)| Op::Poll { place, other }),
        2 => place.clone().prop_map(Op::Subscribe),
        4 => place.clone().prop_map(Op::Drop),
        8 => Just(Op::Wake),
        2 => (0..PLACES).prop_map(Op::WakeMany),
        2 => Just(Op::WakeAll),
        1 => prop::bool::weighted(0.1)
            .prop_map(|close| if close { Op::Close } else { Op::TryWait }),
        2 => Just(Op::TryWait),
        3 => (place, 0..PLACES).prop_map(|(from, n)| Op::Crowd { from, n }),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Idle { generation: usize },
    Waiting,
    Handed,
    Woken,
    Closed,
}

struct Future {
    stage: Stage,
    /// Whose waker it holds.
    task: Option<usize>,
}

/// What a queue is, said plainly.
#[derive(Default)]
struct Model {
    futures: Vec<Option<Future>>,
    queue: VecDeque<usize>,
    stored: bool,
    closed: bool,
    generation: usize,
    /// How often each task must have been woken.
    wakes: Vec<usize>,
}

impl Model {
    fn create(&mut self, place: usize) {
        self.drop(place);
        let stage = Stage::Idle {
            generation: self.generation,
        };
        self.futures[place] = Some(Future { stage, task: None });
    }

    fn end(&mut self, place: usize, stage: Stage) {
        let future = self.futures[place].as_mut().unwrap();
        future.stage = stage;
        if let Some(task) = future.task.take() {
            self.wakes[task] += 1;
        }
    }

    fn poll(&mut self, place: usize, task: Option<usize>) -> Option<Poll<bool>> {
        let future = self.futures[place].as_mut()?;
        if let Stage::Idle { generation } = future.stage {
            future.stage = if generation != self.generation {
                Stage::Woken
            } else if self.closed {
                Stage::Closed
            } else if std::mem::take(&mut self.stored) {
                Stage::Woken
            } else {
                self.queue.push_back(place);
                Stage::Waiting
            };
        }
        Some(match future.stage {
            Stage::Idle { .. } => unreachable!(),
            Stage::Waiting => {
                future.task = task.or(future.task);
                Poll::Pending
            }
            Stage::Handed | Stage::Woken => {
                future.stage = Stage::Woken;
                Poll::Ready(true)
            }
            Stage::Closed => Poll::Ready(false),
        })
    }

    fn drop(&mut self, place: usize) {
        match self.futures[place].take() {
            Some(Future {
                stage: Stage::Waiting,
                ..
            }) => self.queue.retain(|&it| it != place),
            Some(Future {
                stage: Stage::Handed,
                ..
            }) => self.wake(),
            _ => {}
        }
    }

    fn wake(&mut self) {
        match self.queue.pop_front() {
            Some(place) => self.end(place, Stage::Handed),
            None => self.stored = !self.closed,
        }
    }

    fn wake_all(&mut self) {
        if !self.closed {
            self.generation += 1;
        }
        while let Some(place) = self.queue.pop_front() {
            self.end(place, Stage::Woken);
        }
    }

    fn close(&mut self) {
        self.closed = true;
        self.stored = false;
        while let Some(place) = self.queue.pop_front() {
            self.end(place, Stage::Closed);
        }
    }

    fn try_wait(&mut self) -> Poll<bool> {
        if self.closed {
            Poll::Ready(false)
        } else if std::mem::take(&mut self.stored) {
            Poll::Ready(true)
        } else {
            Poll::Pending
        }
    }
}

/// The queue, its futures and their tasks.
struct Real<'a, L: Lock> {
    queue: &'a WaitQueue<L>,
    futures: Vec<Option<Pin<Box<Wait<'a, L>>>>>,
    tasks: Vec<Arc<Probe>>,
}

fn plain(result: Poll<Result<(), Closed>>) -> Poll<bool> {
    result.map(|result| result.is_ok())
}

impl<L: Lock> Real<'_, L> {
    fn create(&mut self, place: usize) {
        self.futures[place] = Some(Box::pin(self.queue.wait()));
    }

    fn poll(&mut self, place: usize, task: Option<usize>) -> Option<Poll<bool>> {
        let future = self.futures[place].as_mut()?.as_mut();
        Some(plain(match task {
            Some(task) => poll(future, &self.tasks[task]),
            None => future.subscribe(),
        }))
    }
}

fn behaves_as_the_model<L: Lock>() {
    let cases = if pintle_core::model::full() {
        20_000
    } else {
        400
    };
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(ops in prop::collection::vec(op(), 0..200))| {
        let queue = WaitQueue::<L>::default();
        let mut real = Real {
            queue: &queue,
            futures: (0..PLACES).map(|_| None).collect(),
            tasks: (0..PLACES).map(|_| Probe::new()).collect(),
        };
        let mut model = Model {
            futures: (0..PLACES).map(|_| None).collect(),
            wakes: vec![0; PLACES],
            ..Model::default()
        };
        for op in ops {
            match op {
                Op::Create(place) => {
                    real.create(place);
                    model.create(place);
                }
                Op::Poll { place, other } => {
                    let task = Some((place + usize::from(other)) % PLACES);
                    prop_assert_eq!(real.poll(place, task), model.poll(place, task));
                }
                Op::Subscribe(place) => {
                    prop_assert_eq!(real.poll(place, None), model.poll(place, None));
                }
                Op::Drop(place) => {
                    real.futures[place] = None;
                    model.drop(place);
                }
                Op::Wake => {
                    queue.wake();
                    model.wake();
                }
                Op::WakeMany(n) => {
                    queue.wake_many(n);
                    (0..n).for_each(|_| model.wake());
                }
                Op::WakeAll => {
                    queue.wake_all();
                    model.wake_all();
                }
                Op::Close => {
                    queue.close();
                    model.close();
                }
                Op::TryWait => prop_assert_eq!(plain(queue.try_wait()), model.try_wait()),
                Op::Crowd { from, n } => {
                    for place in (0..n).map(|n| (from + n) % PLACES) {
                        real.create(place);
                        model.create(place);
                        let task = Some(place);
                        prop_assert_eq!(real.poll(place, task), model.poll(place, task));
                    }
                }
            }
            prop_assert_eq!(queue.is_closed(), model.closed);
            for (task, wakes) in real.tasks.iter().zip(&model.wakes) {
                prop_assert_eq!(task.wakes(), *wakes);
            }
        }
        for place in 0..PLACES {
            real.futures[place] = None;
            model.drop(place);
        }
        prop_assert_eq!(plain(queue.try_wait()), model.try_wait());
        for task in &real.tasks {
            prop_assert_eq!(task.live(), 0);
        }
    });
}
