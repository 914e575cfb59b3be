//! `watch` against a number and what each receiver has seen, in each storage: any sequence of operations,
//! one after the other.
#![cfg(not(loom))]

mod support;

use std::{future::Future, pin::Pin, sync::Arc, task::Poll};

use pintle_sync::{
    blocking::ScopedRawMutex,
    storage::Storage,
    watch::{self, Receiver, SendError, Sender},
};
use proptest::prelude::*;
use support::{Probe, poll};

/// How many receivers there may be at a time: more than are woken in one batch.
const PLACES: usize = 20;

/// What is sent: something that must be dropped once.
type Value = Arc<usize>;

#[derive(Clone, Debug)]
enum Op {
    Send,
    Replace,
    /// Changes the value in place, and says so or not.
    Modify(bool),
    Subscribe(usize),
    /// Puts a clone of the first's receiver in the second's place.
    Clone(usize, usize),
    DropReceiver(usize),
    /// Polls the wait for a change, which is made if there is none.
    Wait(usize),
    /// Drops the wait.
    Cancel(usize),
    Borrow(usize),
    BorrowAndUpdate(usize),
    MarkChanged(usize),
    MarkUnchanged(usize),
    WaitUntilClosed,
    CloneSender,
    DropSender,
}

fn op() -> impl Strategy<Value = Op> {
    let place = || 0..PLACES;
    prop_oneof![
        8 => Just(Op::Send),
        2 => Just(Op::Replace),
        4 => any::<bool>().prop_map(Op::Modify),
        8 => place().prop_map(Op::Subscribe),
        6 => (place(), place()).prop_map(|(from, to)| Op::Clone(from, to)),
        4 => place().prop_map(Op::DropReceiver),
        24 => place().prop_map(Op::Wait),
        4 => place().prop_map(Op::Cancel),
        4 => place().prop_map(Op::Borrow),
        4 => place().prop_map(Op::BorrowAndUpdate),
        2 => place().prop_map(Op::MarkChanged),
        2 => place().prop_map(Op::MarkUnchanged),
        4 => Just(Op::WaitUntilClosed),
        1 => Just(Op::CloneSender),
        1 => prop::bool::weighted(0.2)
            .prop_map(|it| if it { Op::DropSender } else { Op::CloneSender }),
    ]
}

/// A wait for a change, which holds its receiver and gives it back.
type Waiting<'a, R> = Pin<Box<dyn Future<Output = (R, bool)> + 'a>>;

/// A receiver, or the wait that it is in.
enum Place<'a, R> {
    Empty,
    Idle(R),
    Waiting(Waiting<'a, R>),
}

/// What a receiver should be.
#[derive(Clone, Copy, Default)]
struct Model {
    /// Whether it has seen the value.
    seen: bool,
    /// Whether it is in line.
    waits: bool,
    /// How often it should have been woken.
    wakes: usize,
}

fn run<'a, S: Storage + 'a, L: ScopedRawMutex + 'a>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
    ops: &[Op],
) -> Result<(), TestCaseError> {
    let mut senders = vec![tx];
    let mut places: Vec<Place<'a, Receiver<Value, S, L>>> =
        (0..PLACES).map(|_| Place::Empty).collect();
    places[0] = Place::Idle(rx);
    let probes: Vec<_> = (0..PLACES).map(|_| Probe::new()).collect();
    let mut models = [Model::default(); PLACES];
    models[0].seen = true;
    let closing = Probe::new();
    // The value, and all there ever were.
    let mut value = *senders[0].borrow().clone();
    let mut sent: Vec<Value> = Vec::new();
    let mut next = value;

    for op in ops {
        let receivers = places
            .iter()
            .filter(|it| !matches!(it, Place::Empty))
            .count();
        let mut fresh = || {
            next += 1;
            let made = Value::new(next);
            sent.push(made.clone());
            made
        };
        let mut told = false;
        match *op {
            Op::Send => {
                if let Some(tx) = senders.last() {
                    let new = fresh();
                    let result = tx.send(new.clone());
                    if receivers == 0 {
                        prop_assert_eq!(result, Err(SendError(new)));
                    } else {
                        prop_assert_eq!(result, Ok(()));
                        value = *new;
                        told = true;
                    }
                }
            }
            Op::Replace => {
                if let Some(tx) = senders.last() {
                    let new = fresh();
                    prop_assert_eq!(*tx.send_replace(new.clone()), value);
                    value = *new;
                    told = true;
                }
            }
            Op::Modify(tell) => {
                if let Some(tx) = senders.last() {
                    let new = fresh();
                    let said = tx.send_if_modified(|current| {
                        *current = new.clone();
                        tell
                    });
                    prop_assert_eq!(said, tell);
                    value = *new;
                    told = tell;
                }
            }
            Op::Subscribe(place) => {
                if let Some(tx) = senders.last() {
                    places[place] = Place::Idle(tx.subscribe());
                    models[place] = Model {
                        seen: true,
                        waits: false,
                        wakes: models[place].wakes,
                    };
                }
            }
            Op::Clone(from, to) => {
                if let Place::Idle(rx) = &places[from] {
                    places[to] = Place::Idle(rx.clone());
                    models[to].seen = models[from].seen;
                    models[to].waits = false;
                }
            }
            Op::DropReceiver(place) => {
                places[place] = Place::Empty;
                models[place].waits = false;
            }
            Op::Wait(place) => {
                let mut waiting = match std::mem::replace(&mut places[place], Place::Empty) {
                    Place::Empty => continue,
                    Place::Idle(mut rx) => Box::pin(async move {
                        let changed = rx.changed().await.is_ok();
                        (rx, changed)
                    }),
                    Place::Waiting(waiting) => waiting,
                };
                let model = &mut models[place];
                places[place] = match poll(waiting.as_mut(), &probes[place]) {
                    Poll::Pending => {
                        prop_assert!(model.seen && !senders.is_empty());
                        model.waits = true;
                        Place::Waiting(waiting)
                    }
                    Poll::Ready((rx, changed)) => {
                        prop_assert_eq!(changed, !model.seen);
                        prop_assert!(changed || senders.is_empty());
                        model.seen = true;
                        Place::Idle(rx)
                    }
                };
            }
            Op::Cancel(place) => {
                if matches!(places[place], Place::Waiting(_)) {
                    // With its receiver; another takes its place.
                    places[place] = Place::Empty;
                    models[place].waits = false;
                }
            }
            Op::Borrow(place) => {
                if let Place::Idle(rx) = &places[place] {
                    prop_assert_eq!(**rx.borrow(), value);
                    prop_assert_eq!(rx.with(|it| **it), value);
                    prop_assert_eq!(rx.borrow().has_changed(), !models[place].seen);
                }
            }
            Op::BorrowAndUpdate(place) => {
                if let Place::Idle(rx) = &mut places[place] {
                    let borrowed = rx.borrow_and_update();
                    prop_assert_eq!(**borrowed, value);
                    prop_assert_eq!(borrowed.has_changed(), !models[place].seen);
                    models[place].seen = true;
                }
            }
            Op::MarkChanged(place) => {
                if let Place::Idle(rx) = &mut places[place] {
                    rx.mark_changed();
                    models[place].seen = false;
                }
            }
            Op::MarkUnchanged(place) => {
                if let Place::Idle(rx) = &mut places[place] {
                    rx.mark_unchanged();
                    models[place].seen = true;
                }
            }
            Op::WaitUntilClosed => {
                if let Some(tx) = senders.last() {
                    let closed = poll(std::pin::pin!(tx.closed()), &closing).is_ready();
                    prop_assert_eq!(closed, receivers == 0);
                }
            }
            Op::CloneSender => {
                if let Some(tx) = senders.last() {
                    senders.push(tx.clone());
                }
            }
            Op::DropSender => {
                senders.pop();
            }
        }
        for (model, probe) in models.iter_mut().zip(&probes) {
            if told {
                model.seen = false;
            }
            if (told || senders.is_empty()) && std::mem::take(&mut model.waits) {
                model.wakes += 1;
            }
            prop_assert_eq!(probe.wakes(), model.wakes);
        }
        for (place, model) in places.iter().zip(&models) {
            if let Place::Idle(rx) = place {
                let news = (!senders.is_empty()).then_some(!model.seen);
                prop_assert_eq!(rx.has_changed().ok(), news);
                prop_assert_eq!(**rx.borrow(), value);
            }
        }
        if let Some(tx) = senders.last() {
            prop_assert_eq!(tx.sender_count(), senders.len());
        }
        // The value and no other.
        let kept = sent.iter().filter(|it| Arc::strong_count(it) > 1);
        prop_assert!(kept.map(|it| **it).all(|it| it == value));
    }
    for (place, probe) in probes.iter().enumerate() {
        places[place] = Place::Empty;
        prop_assert_eq!(probe.live(), 0);
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
        let mut channel = watch::Channel::new(Value::new(0));
        for _ in 0..2 {
            let (tx, rx) = channel.split();
            run(tx, rx, &ops)?;
        }
    }

    #[test]
    fn in_a_static(ops in prop::collection::vec(op(), 0..200)) {
        let channel: &'static watch::Channel<Value> = Box::leak(Box::default());
        for _ in 0..2 {
            let (tx, rx) = channel.split_static().unwrap();
            run(tx, rx, &ops)?;
        }
    }
}

#[cfg(feature = "alloc")]
proptest! {
    #![proptest_config(cases())]

    #[test]
    fn on_the_heap(ops in prop::collection::vec(op(), 0..200)) {
        let (tx, rx) = watch::channel(Value::new(0));
        run(tx, rx, &ops)?;
    }
}
