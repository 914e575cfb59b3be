//! Bounded `mpsc` against a `VecDeque`, in each storage: any sequence of operations, one after the
//! other.
#![cfg(not(loom))]

mod support;

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pintle_sync::{
    blocking::ScopedRawMutex,
    mpsc::{self, OwnedPermit, Receiver, Send, SendError, Sender, TryRecvError, TrySendError},
    storage::Storage,
};
use proptest::prelude::*;
use support::{Probe, poll};

/// How many futures there may be at a time: more than are woken in one batch.
const PLACES: usize = 20;
const CAPACITY: usize = 3;

/// What is sent: something that must be dropped once.
type Value = Arc<usize>;

/// A future that sends, and what it sends.
type Sending<'a, S, L> = (usize, Pin<Box<Send<'a, Value, S, L>>>);

#[derive(Clone, Debug)]
enum Op {
    TrySend,
    TryReserve,
    /// Sends by the first permit that there is.
    UsePermit,
    DropPermit,
    /// Puts a new future that sends in a place, instead of what is there.
    Send(usize),
    Poll(usize),
    Cancel(usize),
    TryRecv,
    PollRecv,
    Close,
    DropReceiver,
}

fn op() -> impl Strategy<Value = Op> {
    let place = 0..PLACES;
    prop_oneof![
        4 => Just(Op::TrySend),
        2 => Just(Op::TryReserve),
        2 => Just(Op::UsePermit),
        1 => Just(Op::DropPermit),
        8 => place.clone().prop_map(Op::Send),
        16 => place.clone().prop_map(Op::Poll),
        4 => place.prop_map(Op::Cancel),
        6 => Just(Op::TryRecv),
        6 => Just(Op::PollRecv),
        1 => prop::bool::weighted(0.1)
            .prop_map(|it| if it { Op::Close } else { Op::TryRecv }),
        1 => prop::bool::weighted(0.1)
            .prop_map(|it| if it { Op::DropReceiver } else { Op::TryRecv }),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Empty,
    Idle,
    Waiting,
    Handed,
    Refused,
    Done,
}

/// What a channel should be.
struct Model {
    values: VecDeque<usize>,
    free: usize,
    closed: bool,
    /// Who waits, in order.
    line: VecDeque<usize>,
    stages: [Stage; PLACES],
    /// How often each should have been woken.
    wakes: [usize; PLACES],
    receiver_waits: bool,
    receiver_wakes: usize,
}

impl Model {
    fn can_take(&self) -> bool {
        !self.closed && self.free > 0
    }

    fn push(&mut self, value: usize) {
        self.values.push_back(value);
        self.wake_receiver();
    }

    fn wake_receiver(&mut self) {
        if std::mem::take(&mut self.receiver_waits) {
            self.receiver_wakes += 1;
        }
    }

    /// One permit is given back: to who has waited longest.
    fn release(&mut self) {
        match self.line.pop_front() {
            Some(place) => {
                self.stages[place] = Stage::Handed;
                self.wakes[place] += 1;
            }
            None => self.free += 1,
        }
    }

    /// One that was not used, which may be what a receiver waits for.
    fn release_unused(&mut self) {
        self.release();
        if self.closed {
            self.wake_receiver();
        }
    }

    fn close(&mut self) {
        self.closed = true;
        for place in std::mem::take(&mut self.line) {
            self.stages[place] = Stage::Refused;
            self.wakes[place] += 1;
        }
    }

    fn cancel(&mut self, place: usize) {
        match std::mem::replace(&mut self.stages[place], Stage::Empty) {
            Stage::Waiting => self.line.retain(|it| *it != place),
            Stage::Handed => self.release_unused(),
            _ => {}
        }
    }
}

fn run<S: Storage, L: ScopedRawMutex>(
    tx: &Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
    ops: &[Op],
) -> Result<(), TestCaseError> {
    let mut rx = Some(rx);
    let probes: [_; PLACES] = std::array::from_fn(|_| Probe::new());
    let receiver = Probe::new();
    let mut futures: [Option<Sending<'_, S, L>>; PLACES] = std::array::from_fn(|_| None);
    let mut permits: VecDeque<OwnedPermit<Value, S, L>> = VecDeque::new();
    let mut sent = Vec::new();
    let mut new = || {
        let value = Arc::new(sent.len());
        sent.push(value.clone());
        value
    };
    let mut model = Model {
        values: VecDeque::new(),
        free: CAPACITY,
        closed: false,
        line: VecDeque::new(),
        stages: [Stage::Empty; PLACES],
        wakes: [0; PLACES],
        receiver_waits: false,
        receiver_wakes: 0,
    };

    for op in ops {
        match *op {
            Op::TrySend => {
                let value = new();
                let n = *value;
                match tx.try_send(value) {
                    Ok(()) => {
                        prop_assert!(model.can_take());
                        model.free -= 1;
                        model.push(n);
                    }
                    Err(TrySendError::Full(back)) => {
                        prop_assert!(!model.can_take() && !model.closed && *back == n);
                    }
                    Err(TrySendError::Closed(back)) => prop_assert!(model.closed && *back == n),
                }
            }
            Op::TryReserve => match tx.clone().try_reserve_owned() {
                Ok(permit) => {
                    prop_assert!(model.can_take());
                    model.free -= 1;
                    permits.push_back(permit);
                }
                Err(TrySendError::Full(_)) => prop_assert!(!model.can_take() && !model.closed),
                Err(TrySendError::Closed(_)) => prop_assert!(model.closed),
            },
            Op::UsePermit => {
                if let Some(permit) = permits.pop_front() {
                    let value = new();
                    let n = *value;
                    drop(permit.send(value));
                    model.push(n);
                }
            }
            Op::DropPermit => {
                if permits.pop_front().is_some() {
                    model.release_unused();
                }
            }
            Op::Send(place) => {
                futures[place] = None;
                model.cancel(place);
                let value = new();
                futures[place] = Some((*value, Box::pin(tx.send(value))));
                model.stages[place] = Stage::Idle;
            }
            Op::Poll(place) => {
                if let Some((n, future)) = &mut futures[place] {
                    let n = *n;
                    let polled = poll(future.as_mut(), &probes[place]);
                    match (model.stages[place], polled) {
                        (Stage::Idle, Poll::Ready(Ok(()))) => {
                            prop_assert!(model.can_take());
                            model.free -= 1;
                            model.push(n);
                            model.stages[place] = Stage::Done;
                        }
                        (Stage::Handed, Poll::Ready(Ok(()))) => {
                            model.push(n);
                            model.stages[place] = Stage::Done;
                        }
                        (Stage::Idle, Poll::Pending) => {
                            prop_assert!(!model.can_take() && !model.closed);
                            model.line.push_back(place);
                            model.stages[place] = Stage::Waiting;
                        }
                        (
                            stage @ (Stage::Idle | Stage::Refused),
                            Poll::Ready(Err(SendError(back))),
                        ) => {
                            prop_assert!(stage == Stage::Refused || model.closed);
                            prop_assert_eq!(*back, n);
                            model.stages[place] = Stage::Done;
                        }
                        (Stage::Waiting | Stage::Done, Poll::Pending) => {}
                        wrong => prop_assert!(false, "{:?}", wrong),
                    }
                }
            }
            Op::Cancel(place) => {
                futures[place] = None;
                model.cancel(place);
            }
            Op::TryRecv | Op::PollRecv => {
                let Some(rx) = &mut rx else { continue };
                let end = model.closed && model.free == CAPACITY;
                let received = if matches!(op, Op::TryRecv) {
                    match rx.try_recv() {
                        Ok(value) => Some(value),
                        Err(TryRecvError::Empty) => {
                            prop_assert!(!end);
                            None
                        }
                        Err(TryRecvError::Disconnected) => {
                            prop_assert!(end);
                            None
                        }
                    }
                } else {
                    match rx.poll_recv(&mut Context::from_waker(&receiver.waker())) {
                        Poll::Ready(Some(value)) => Some(value),
                        Poll::Ready(None) => {
                            prop_assert!(end);
                            // It stays registered, and may be woken by a permit or the end.
                            model.receiver_waits = true;
                            None
                        }
                        Poll::Pending => {
                            prop_assert!(!end);
                            model.receiver_waits = true;
                            None
                        }
                    }
                };
                prop_assert_eq!(received.map(|it| *it), model.values.front().copied());
                if model.values.pop_front().is_some() {
                    model.release();
                }
            }
            Op::Close => {
                if let Some(rx) = &mut rx {
                    rx.close();
                    if !model.closed {
                        model.close();
                    }
                }
            }
            Op::DropReceiver => {
                if rx.take().is_some() {
                    if !model.closed {
                        model.close();
                    }
                    model.free += model.values.len();
                    model.values.clear();
                    model.receiver_waits = false;
                }
            }
        }
        prop_assert_eq!(tx.capacity(), model.free);
        prop_assert_eq!(tx.is_closed(), model.closed);
        prop_assert_eq!(receiver.wakes(), model.receiver_wakes);
        for (probe, wakes) in probes.iter().zip(model.wakes) {
            prop_assert_eq!(probe.wakes(), wakes);
        }
        if let Some(rx) = &rx {
            prop_assert_eq!(rx.len(), model.values.len());
            prop_assert_eq!(rx.is_empty(), model.values.is_empty());
        }
    }
    // Whatever is not in the channel is nowhere, and the receiver drops what is in it.
    drop((futures, permits));
    let kept = |value: &&Value| Arc::strong_count(value) > 1;
    if let Some(rx) = rx {
        prop_assert_eq!(sent.iter().filter(kept).count(), model.values.len());
        drop(rx);
        prop_assert_eq!(sent.iter().filter(kept).count(), 0);
    }
    Ok(())
}

/// Each case is some hundred steps: fewer of them than usual will do for every day.
fn cases() -> ProptestConfig {
    ProptestConfig::with_cases(if pintle_core::model::full() {
        5_000
    } else {
        64
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn in_place(ops in prop::collection::vec(op(), 0..200)) {
        let mut channel = mpsc::Channel::<Value, CAPACITY>::new();
        for _ in 0..2 {
            let (tx, rx) = channel.split();
            run(&tx, rx, &ops)?;
        }
    }

    #[test]
    fn in_a_static(ops in prop::collection::vec(op(), 0..200)) {
        static CHANNEL: mpsc::Channel<Value, CAPACITY> = mpsc::Channel::new();
        for _ in 0..2 {
            let (tx, rx) = CHANNEL.split_static().unwrap();
            run(&tx, rx, &ops)?;
        }
    }
}

#[cfg(feature = "alloc")]
proptest! {
    #![proptest_config(cases())]

    #[test]
    fn on_the_heap(ops in prop::collection::vec(op(), 0..200)) {
        let (tx, rx) = mpsc::channel(CAPACITY);
        run(&tx, rx, &ops)?;
    }
}
