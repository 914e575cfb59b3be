//! `Semaphore` and `RwLock` against a plain model: any sequence of operations, one after the other.
#![cfg(not(loom))]

mod support;

use std::{collections::VecDeque, future::Future, pin::Pin, sync::Arc, task::Poll};

use pintle_sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, Semaphore, semaphore::Permit};
use proptest::prelude::*;
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    a_semaphore_behaves_as_the_model,
    a_lock_behaves_as_the_model
];

/// How many futures there may be at a time: more than two batches.
const PLACES: usize = 40;

#[derive(Clone, Debug)]
enum Op {
    /// Puts a new future for so many permits in a place, instead of what is there.
    Create(usize, usize),
    /// Polls it, with the task of its place or that of the next.
    Poll {
        place: usize,
        other: bool,
    },
    /// Drops the future, or the permits that it has given.
    Drop(usize),
    /// Takes so many without waiting, and puts them in a place, instead of what is there.
    Try(usize, usize),
    /// Adds so many.
    Add(usize),
    /// Removes so many.
    Forget(usize),
    Close,
    /// A lock's write guard goes on reading.
    Downgrade(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let place = 0..PLACES;
    let permits = prop_oneof![6 => 1..4_usize, 1 => 0..40_usize];
    prop_oneof![
        8 => (place.clone(), permits.clone()).prop_map(|(place, n)| Op::Create(place, n)),
        16 => (place.clone(), prop::bool::weighted(0.2))
            .prop_map(|(place, other)| Op::Poll { place, other }),
        8 => place.clone().prop_map(Op::Drop),
        4 => (place.clone(), permits.clone()).prop_map(|(place, n)| Op::Try(place, n)),
        4 => permits.clone().prop_map(Op::Add),
        1 => permits.prop_map(Op::Forget),
        1 => prop::bool::weighted(0.1)
            .prop_map(|close| if close { Op::Close } else { Op::Add(30) }),
        2 => place.prop_map(Op::Downgrade),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Empty,
    Idle,
    Waiting {
        task: usize,
    },
    Given,
    Closed,
    /// The future is gone, the permits are there.
    Held,
}

/// What a place is: how far it has come, and how many permits that is about.
#[derive(Clone, Copy, Debug)]
struct Place {
    stage: Stage,
    need: usize,
}

/// Permits, said plainly.
struct Model {
    free: usize,
    closed: bool,
    places: Vec<Place>,
    line: VecDeque<usize>,
    /// How often each task must have been woken.
    wakes: Vec<usize>,
}

impl Model {
    fn new(free: usize) -> Self {
        let empty = Place {
            stage: Stage::Empty,
            need: 0,
        };
        Self {
            free,
            closed: false,
            places: vec![empty; PLACES],
            line: VecDeque::new(),
            wakes: vec![0; PLACES],
        }
    }

    fn available(&self) -> usize {
        if self.closed || !self.line.is_empty() {
            0
        } else {
            self.free
        }
    }

    /// Serves who can be served, from the front.
    fn serve(&mut self) {
        while let Some(&first) = self.line.front() {
            let place = &mut self.places[first];
            let Stage::Waiting { task } = place.stage else {
                unreachable!("in line and not waiting")
            };
            if self.closed {
                place.stage = Stage::Closed;
            } else if place.need <= self.free {
                self.free -= place.need;
                place.stage = Stage::Given;
            } else {
                return;
            }
            self.wakes[task] += 1;
            self.line.pop_front();
        }
    }

    fn drop(&mut self, place: usize) {
        let Place { stage, need } = self.places[place];
        self.places[place].stage = Stage::Empty;
        match stage {
            Stage::Waiting { .. } => self.line.retain(|&it| it != place),
            Stage::Given | Stage::Held => self.free += need,
            Stage::Empty | Stage::Idle | Stage::Closed => {}
        }
        self.serve();
    }

    fn create(&mut self, place: usize, need: usize) {
        self.drop(place);
        self.places[place] = Place {
            stage: Stage::Idle,
            need,
        };
    }

    /// Whether so many can be taken at once: `None` if it is closed.
    fn take(&mut self, need: usize) -> Option<bool> {
        if self.closed {
            return None;
        }
        let enough = need <= self.available();
        self.free -= if enough { need } else { 0 };
        Some(enough)
    }

    fn try_take(&mut self, place: usize, need: usize) -> Option<bool> {
        self.drop(place);
        let taken = self.take(need);
        if taken == Some(true) {
            self.places[place] = Place {
                stage: Stage::Held,
                need,
            };
        }
        taken
    }

    /// `None` if there is no future to poll; else what it says.
    fn poll(&mut self, place: usize, task: usize) -> Option<Poll<bool>> {
        let Place { stage, need } = self.places[place];
        let (stage, result) = match stage {
            Stage::Empty | Stage::Held => return None,
            Stage::Idle => match self.take(need) {
                None => (Stage::Closed, Poll::Ready(false)),
                Some(true) => (Stage::Held, Poll::Ready(true)),
                Some(false) => {
                    self.line.push_back(place);
                    (Stage::Waiting { task }, Poll::Pending)
                }
            },
            Stage::Waiting { .. } => (Stage::Waiting { task }, Poll::Pending),
            Stage::Given => (Stage::Held, Poll::Ready(true)),
            Stage::Closed => (Stage::Closed, Poll::Ready(false)),
        };
        self.places[place].stage = stage;
        Some(result)
    }
}

/// What is in a place of the real thing: `P` are permits.
enum Real<'a, P> {
    Empty,
    Future(Pin<Box<dyn Future<Output = Option<P>> + 'a>>),
    Permits(P),
}

/// The places and the tasks.
struct Places<'a, P> {
    places: Vec<Real<'a, P>>,
    tasks: Vec<Arc<Probe>>,
}

impl<'a, P> Places<'a, P> {
    fn new() -> Self {
        Self {
            places: (0..PLACES).map(|_| Real::Empty).collect(),
            tasks: (0..PLACES).map(|_| Probe::new()).collect(),
        }
    }

    fn drop(&mut self, place: usize) {
        self.places[place] = Real::Empty;
    }

    fn create(&mut self, place: usize, future: impl Future<Output = Option<P>> + 'a) {
        self.places[place] = Real::Future(Box::pin(future));
    }

    fn put(&mut self, place: usize, permits: Option<P>) {
        if let Some(permits) = permits {
            self.places[place] = Real::Permits(permits);
        }
    }

    fn poll(&mut self, place: usize, task: usize) -> Option<Poll<bool>> {
        let Real::Future(future) = &mut self.places[place] else {
            return None;
        };
        Some(match poll(future.as_mut(), &self.tasks[task]) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(false),
            Poll::Ready(Some(permits)) => {
                self.places[place] = Real::Permits(permits);
                Poll::Ready(true)
            }
        })
    }

    fn assert_woken_as(&self, model: &Model) {
        for (task, wakes) in self.tasks.iter().zip(&model.wakes) {
            assert_eq!(task.wakes(), *wakes);
        }
    }

    fn assert_all_dropped(&self) {
        for task in &self.tasks {
            assert_eq!(task.live(), 0);
        }
    }
}

fn config() -> ProptestConfig {
    let cases = if pintle_core::model::full() {
        20_000
    } else {
        100
    };
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn a_semaphore_behaves_as_the_model<L: Lock>() {
    proptest!(config(), |(free in 0..5_usize, ops in prop::collection::vec(op(), 0..200))| {
        let semaphore = Semaphore::<L>::new_with_raw_mutex(free, L::default());
        let mut real: Places<'_, Permit<'_, L>> = Places::new();
        let mut model = Model::new(free);
        for op in ops {
            match op {
                Op::Create(place, need) => {
                    // A future that was closed may be polled again, so it stays.
                    let mut acquire = Box::pin(semaphore.acquire(need));
                    real.create(place, std::future::poll_fn(move |cx| {
                        acquire.as_mut().poll(cx).map(Result::ok)
                    }));
                    model.create(place, need);
                }
                Op::Poll { place, other } => {
                    let task = (place + usize::from(other)) % PLACES;
                    prop_assert_eq!(real.poll(place, task), model.poll(place, task));
                }
                Op::Drop(place) => {
                    real.drop(place);
                    model.drop(place);
                }
                Op::Try(place, need) => {
                    real.drop(place);
                    let permit = semaphore.try_acquire(need);
                    let said = match &permit {
                        Ok(_) => Some(true),
                        Err(_) if semaphore.is_closed() => None,
                        Err(_) => Some(false),
                    };
                    // Zero permits are there also where somebody waits.
                    prop_assert_eq!(said, model.try_take(place, need));
                    real.put(place, permit.ok());
                }
                Op::Add(n) => {
                    semaphore.add_permits(n);
                    model.free += n;
                    model.serve();
                }
                Op::Forget(n) => {
                    let gone = if model.line.is_empty() { n.min(model.free) } else { 0 };
                    prop_assert_eq!(semaphore.forget_permits(n), gone);
                    model.free -= gone;
                }
                Op::Close => {
                    semaphore.close();
                    model.closed = true;
                    model.serve();
                }
                Op::Downgrade(_) => {}
            }
            prop_assert_eq!(semaphore.available_permits(), model.available());
            prop_assert_eq!(semaphore.is_closed(), model.closed);
            real.assert_woken_as(&model);
        }
        for place in 0..PLACES {
            real.drop(place);
            model.drop(place);
        }
        prop_assert_eq!(semaphore.available_permits(), model.available());
        real.assert_all_dropped();
    });
}

/// What a lock gives.
enum Guard<'a, L: Lock> {
    Read(RwLockReadGuard<'a, u32, L>),
    Write(RwLockWriteGuard<'a, u32, L>),
}

fn a_lock_behaves_as_the_model<L: Lock>() {
    const ALL: usize = RwLock::<()>::MAX_READERS;
    proptest!(config(), |(ops in prop::collection::vec(op(), 0..200))| {
        let lock = RwLock::<u32, L>::default();
        let mut real: Places<'_, Guard<'_, L>> = Places::new();
        let mut model = Model::new(ALL);
        for op in ops {
            match op {
                // More readers than writers.
                Op::Create(place, n) => {
                    let write = n > 2;
                    if write {
                        let write = lock.write();
                        real.create(place, async { Some(Guard::Write(write.await)) });
                    } else {
                        let read = lock.read();
                        real.create(place, async { Some(Guard::Read(read.await)) });
                    }
                    model.create(place, if write { ALL } else { 1 });
                }
                Op::Poll { place, other } => {
                    let task = (place + usize::from(other)) % PLACES;
                    prop_assert_eq!(real.poll(place, task), model.poll(place, task));
                }
                Op::Drop(place) => {
                    real.drop(place);
                    model.drop(place);
                }
                Op::Try(place, n) => {
                    let write = n > 2;
                    real.drop(place);
                    let guard = if write {
                        lock.try_write().map(Guard::Write)
                    } else {
                        lock.try_read().map(Guard::Read)
                    };
                    let taken = model.try_take(place, if write { ALL } else { 1 });
                    prop_assert_eq!(Some(guard.is_some()), taken);
                    real.put(place, guard);
                }
                Op::Downgrade(place) => {
                    match std::mem::replace(&mut real.places[place], Real::Empty) {
                        Real::Permits(Guard::Write(guard)) => {
                            let guard = Guard::Read(RwLockWriteGuard::downgrade(guard));
                            real.places[place] = Real::Permits(guard);
                            model.places[place].need = 1;
                            model.free += ALL - 1;
                            model.serve();
                        }
                        other => real.places[place] = other,
                    }
                }
                Op::Add(_) | Op::Forget(_) | Op::Close => {}
            }
            real.assert_woken_as(&model);
        }
        for place in 0..PLACES {
            // As the model has it: alone, or with others that read.
            if let Real::Permits(guard) = &mut real.places[place] {
                match guard {
                    Guard::Read(guard) => assert!(**guard < u32::MAX),
                    Guard::Write(guard) => **guard += 1,
                }
            }
        }
        for place in 0..PLACES {
            real.drop(place);
            model.drop(place);
        }
        prop_assert!(lock.try_write().is_some());
        real.assert_all_dropped();
    });
}
