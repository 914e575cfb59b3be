//! `WaitMap` against a plain model: any sequence of operations, one after the other.
#![cfg(not(loom))]

mod support;

use std::{collections::VecDeque, pin::Pin, pin::pin, sync::Arc, task::Poll};

use pintle_sync::{
    WaitMap,
    wait_map::{Wait, WaitError, WakeOutcome},
};
use proptest::prelude::*;
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![behaves_as_the_model];

/// How many futures there may be at a time: more than two batches.
const PLACES: usize = 40;

/// How many keys: few, so that futures meet under one.
const KEYS: u8 = 50;

#[derive(Clone, Debug)]
enum Op {
    /// Puts a new future in a place, instead of the one that is there.
    Create {
        place: usize,
        key: u8,
    },
    /// Polls it with the task of its place, or with that of the next.
    Poll {
        place: usize,
        other: bool,
    },
    Subscribe(usize),
    Drop(usize),
    Cancel(usize),
    Wake(u8),
    Close,
}

fn op() -> impl Strategy<Value = Op> {
    let (place, key) = (0..PLACES, prop_oneof![0..3_u8, 0..KEYS]);
    prop_oneof![
        10 => (place.clone(), key.clone()).prop_map(|(place, key)| Op::Create { place, key }),
        16 => (place.clone(), prop::bool::weighted(0.2))
            .prop_map(|(place, other)| Op::Poll { place, other }),
        2 => place.clone().prop_map(Op::Subscribe),
        3 => place.clone().prop_map(Op::Drop),
        1 => place.prop_map(Op::Cancel),
        10 => key.prop_map(Op::Wake),
        1 => prop::bool::weighted(0.2)
            .prop_map(|close| if close { Op::Close } else { Op::Wake(0) }),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Idle,
    Waiting,
    Handed(u32),
    Over(WaitError),
}

struct Future {
    key: u8,
    stage: Stage,
    /// Whose waker it holds.
    task: usize,
}

/// What a map is, said plainly.
#[derive(Default)]
struct Model {
    futures: Vec<Option<Future>>,
    line: VecDeque<usize>,
    closed: bool,
    /// How often each task must have been woken.
    wakes: Vec<usize>,
}

impl Model {
    fn who_waits(&self, key: u8) -> Option<usize> {
        let is_it = |&&place: &&usize| self.futures[place].as_ref().unwrap().key == key;
        self.line.iter().find(is_it).copied()
    }

    fn create(&mut self, place: usize, key: u8) {
        self.drop(place);
        self.futures[place] = Some(Future {
            key,
            stage: Stage::Idle,
            task: 0,
        });
    }

    fn end(&mut self, place: usize, stage: Stage) {
        self.line.retain(|&it| it != place);
        let future = self.futures[place].as_mut().unwrap();
        future.stage = stage;
        self.wakes[future.task] += 1;
    }

    /// Goes as far as it can without taking the value.
    fn settle(&mut self, place: usize, task: usize) -> Option<Stage> {
        let key = self.futures[place].as_ref()?.key;
        let taken = self.who_waits(key).is_some();
        let future = self.futures[place].as_mut().unwrap();
        if future.stage == Stage::Idle {
            future.stage = if self.closed {
                Stage::Over(WaitError::Closed)
            } else if taken {
                Stage::Over(WaitError::Duplicate)
            } else {
                self.line.push_back(place);
                Stage::Waiting
            };
        }
        future.task = task;
        Some(future.stage)
    }

    fn poll(&mut self, place: usize, task: usize) -> Option<Poll<Result<u32, WaitError>>> {
        Some(match self.settle(place, task)? {
            Stage::Idle => unreachable!(),
            Stage::Waiting => Poll::Pending,
            Stage::Handed(value) => {
                self.futures[place].as_mut().unwrap().stage =
                    Stage::Over(WaitError::AlreadyConsumed);
                Poll::Ready(Ok(value))
            }
            Stage::Over(error) => Poll::Ready(Err(error)),
        })
    }

    fn subscribe(&mut self, place: usize, task: usize) -> Option<Result<(), WaitError>> {
        Some(match self.settle(place, task)? {
            Stage::Over(error) => Err(error),
            _ => Ok(()),
        })
    }

    fn cancel(&mut self, place: usize) -> Option<u32> {
        let future = self.futures[place].as_mut()?;
        let before = future.stage;
        if !matches!(before, Stage::Over(_)) {
            future.stage = Stage::Over(WaitError::AlreadyConsumed);
        }
        self.line.retain(|&it| it != place);
        match before {
            Stage::Handed(value) => Some(value),
            _ => None,
        }
    }

    fn drop(&mut self, place: usize) {
        let value = self.cancel(place);
        let future = self.futures[place].take();
        if let (Some(value), Some(future)) = (value, future) {
            let _ = self.wake(future.key, value);
        }
    }

    fn wake(&mut self, key: u8, value: u32) -> WakeOutcome<u32> {
        if self.closed {
            return WakeOutcome::Closed(value);
        }
        match self.who_waits(key) {
            None => WakeOutcome::NoMatch(value),
            Some(place) => {
                self.end(place, Stage::Handed(value));
                WakeOutcome::Woke
            }
        }
    }

    fn close(&mut self) {
        self.closed = true;
        while let Some(&place) = self.line.front() {
            self.end(place, Stage::Over(WaitError::Closed));
        }
    }
}

type Waiting<'a, L> = Pin<Box<Wait<'a, u8, u32, L>>>;

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
        let map = WaitMap::<u8, u32, L>::default();
        let mut futures: Vec<Option<Waiting<'_, L>>> = (0..PLACES).map(|_| None).collect();
        let tasks: Vec<Arc<Probe>> = (0..PLACES).map(|_| Probe::new()).collect();
        let mut model = Model {
            futures: (0..PLACES).map(|_| None).collect(),
            wakes: vec![0; PLACES],
            ..Model::default()
        };
        for (value, op) in (0..).zip(ops) {
            match op {
                Op::Create { place, key } => {
                    futures[place] = None;
                    futures[place] = Some(Box::pin(map.wait(key)));
                    model.create(place, key);
                }
                Op::Poll { place, other } => {
                    let task = (place + usize::from(other)) % PLACES;
                    let real = futures[place].as_mut().map(|it| poll(it.as_mut(), &tasks[task]));
                    prop_assert_eq!(real, model.poll(place, task));
                }
                Op::Subscribe(place) => {
                    let real = futures[place]
                        .as_mut()
                        .map(|it| poll(pin!(it.as_mut().subscribe()), &tasks[place]));
                    let model = model.subscribe(place, place);
                    prop_assert_eq!(real, model.map(Poll::Ready));
                }
                Op::Drop(place) => {
                    futures[place] = None;
                    model.drop(place);
                }
                Op::Cancel(place) => {
                    let real = futures[place].as_mut().and_then(|it| it.as_mut().cancel());
                    prop_assert_eq!(real, model.cancel(place));
                }
                Op::Wake(key) => prop_assert_eq!(map.wake(&key, value), model.wake(key, value)),
                Op::Close => {
                    map.close();
                    model.close();
                }
            }
            prop_assert_eq!(map.is_closed(), model.closed);
            for (task, wakes) in tasks.iter().zip(&model.wakes) {
                prop_assert_eq!(task.wakes(), *wakes);
            }
        }
        drop(futures);
        for task in &tasks {
            prop_assert_eq!(task.live(), 0);
        }
    });
}
