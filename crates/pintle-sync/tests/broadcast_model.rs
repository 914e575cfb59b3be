//! `broadcast` against a `VecDeque` with positions, in each storage: any sequence of operations, one after
//! the other; what is received, how many are said to be missed, who is woken, and what is still alive.
#![cfg(not(loom))]

mod support;

use std::{collections::VecDeque, pin::Pin, sync::Arc, task::Poll};

use pintle_sync::{
    blocking::ScopedRawMutex,
    broadcast::{Channel, Receiver, Recv, RecvError, Sender, TryRecvError},
    spin::Spinlock,
    storage::Storage,
};
use proptest::prelude::*;
use support::{Probe, poll};

const PLACES: usize = 20;
const CAPACITY: usize = 3;

/// What is sent: something that must be dropped once.
type Value = Arc<usize>;

#[derive(Clone, Debug)]
enum Op {
    Send,
    /// Puts a new receiver in a place, instead of what is there.
    Subscribe(usize),
    /// The same, made of another receiver.
    Resubscribe(usize, usize),
    TryRecv(usize),
    /// Begins to wait, or goes on with it.
    Poll(usize),
    /// Gives up waiting.
    Cancel(usize),
    Drop(usize),
    DropSender,
}

fn op() -> impl Strategy<Value = Op> {
    let place = 0..PLACES;
    prop_oneof![
        12 => Just(Op::Send),
        3 => place.clone().prop_map(Op::Subscribe),
        1 => (place.clone(), place.clone()).prop_map(|(to, of)| Op::Resubscribe(to, of)),
        8 => place.clone().prop_map(Op::TryRecv),
        12 => place.clone().prop_map(Op::Poll),
        2 => place.clone().prop_map(Op::Cancel),
        2 => place.prop_map(Op::Drop),
        1 => prop::bool::weighted(0.1)
            .prop_map(|it| if it { Op::DropSender } else { Op::Send }),
    ]
}

/// What a receiver should be.
#[derive(Clone, Copy, Debug)]
struct Expected {
    next: usize,
    waits: bool,
}

/// What a channel should be.
#[derive(Default)]
struct Model {
    /// The values that are kept, the newest last.
    kept: VecDeque<usize>,
    sent: usize,
    closed: bool,
    receivers: [Option<Expected>; PLACES],
    /// How often each should have been woken.
    wakes: [usize; PLACES],
}

impl Model {
    fn send(&mut self) -> usize {
        let receivers = self.receivers.iter().flatten().count();
        if receivers > 0 {
            self.kept.push_back(self.sent);
            self.sent += 1;
            if self.kept.len() > CAPACITY {
                self.kept.pop_front();
            }
            self.wake_all();
        }
        receivers
    }

    fn wake_all(&mut self) {
        for (receiver, wakes) in self.receivers.iter_mut().zip(&mut self.wakes) {
            if let Some(receiver) = receiver {
                *wakes += usize::from(std::mem::take(&mut receiver.waits));
            }
        }
    }

    /// What the receiver in that place gets: `None` is nothing yet.
    fn recv(&mut self, place: usize) -> Option<Result<usize, RecvError>> {
        let receiver = self.receivers[place].as_mut().unwrap();
        let oldest = self.sent - self.kept.len();
        if receiver.next < oldest {
            let missed = oldest - receiver.next;
            receiver.next = oldest;
            return Some(Err(RecvError::Lagged(missed as u64)));
        }
        if receiver.next < self.sent {
            let value = self.kept[receiver.next - oldest];
            receiver.next += 1;
            return Some(Ok(value));
        }
        self.closed.then_some(Err(RecvError::Closed))
    }

    /// Whether somebody is to get that value.
    fn is_wanted(&self, value: usize) -> bool {
        let mut receivers = self.receivers.iter().flatten();
        self.kept.contains(&value) && receivers.any(|it| it.next <= value)
    }
}

/// A receiver, and the future that waits with it.
struct Waiting<'a, S: Storage, L: ScopedRawMutex> {
    /// It borrows the receiver, so it is dropped first.
    future: Option<Pin<Box<Recv<'a, Value, S, L>>>>,
    receiver: *mut Receiver<Value, S, L>,
}

impl<'a, S: Storage, L: ScopedRawMutex> Waiting<'a, S, L> {
    fn new(receiver: Receiver<Value, S, L>) -> Self {
        Self {
            future: None,
            receiver: Box::into_raw(Box::new(receiver)),
        }
    }

    /// The receiver, for what may be asked while it waits, too: the future is not polled meanwhile.
    fn get(&self) -> &Receiver<Value, S, L> {
        // SAFETY: it is freed by `drop`, and nobody uses the future's borrow meanwhile.
        unsafe { &*self.receiver }
    }

    fn try_recv(&mut self) -> Result<Value, TryRecvError> {
        self.future = None;
        // SAFETY: it is freed by `drop`, and the future that borrowed it is gone.
        let receiver = unsafe { &mut *self.receiver };
        receiver.try_recv()
    }

    fn poll(&mut self, probe: &Arc<Probe>) -> Poll<Result<Value, RecvError>> {
        let receiver = self.receiver;
        let future = self.future.get_or_insert_with(|| {
            // SAFETY: it is freed by `drop`, which drops the future first, as whoever else uses it does.
            let receiver = unsafe { &mut *receiver };
            Box::pin(receiver.recv())
        });
        poll(future.as_mut(), probe)
    }
}

impl<S: Storage, L: ScopedRawMutex> Drop for Waiting<'_, S, L> {
    fn drop(&mut self) {
        self.future = None;
        // SAFETY: it is from `Box::into_raw`, and the future that borrowed it is gone.
        drop(unsafe { Box::from_raw(self.receiver) });
    }
}

fn run<'a, S: Storage + 'a, L: ScopedRawMutex + 'a>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
    ops: &[Op],
) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    let probes: [_; PLACES] = std::array::from_fn(|_| Probe::new());
    let mut sent: Vec<Value> = Vec::new();
    let mut receivers: [Option<Waiting<'_, S, L>>; PLACES] = std::array::from_fn(|_| None);
    receivers[0] = Some(Waiting::new(rx));
    let fresh = |model: &Model| Expected {
        next: model.sent,
        waits: false,
    };
    model.receivers[0] = Some(fresh(&model));
    let mut tx = Some(tx);
    for op in ops {
        match *op {
            Op::Send => {
                if let Some(tx) = &tx {
                    let value = Arc::new(model.sent);
                    match (model.send(), tx.send(value.clone())) {
                        (0, refused) => prop_assert!(refused.is_err()),
                        (receivers, reached) => {
                            prop_assert_eq!(reached, Ok(receivers));
                            sent.push(value);
                        }
                    }
                }
            }
            Op::Subscribe(place) => {
                if let Some(tx) = &tx {
                    receivers[place] = Some(Waiting::new(tx.subscribe()));
                    model.receivers[place] = Some(fresh(&model));
                }
            }
            Op::Resubscribe(to, of) => {
                if let Some(other) = &receivers[of] {
                    receivers[to] = Some(Waiting::new(other.get().resubscribe()));
                    model.receivers[to] = Some(fresh(&model));
                }
            }
            Op::TryRecv(place) => {
                if let Some(receiver) = &mut receivers[place] {
                    let received = receiver.try_recv().map(|it| *it);
                    let expected = match model.recv(place) {
                        None => Err(TryRecvError::Empty),
                        Some(Ok(value)) => Ok(value),
                        Some(Err(RecvError::Closed)) => Err(TryRecvError::Closed),
                        Some(Err(RecvError::Lagged(missed))) => Err(TryRecvError::Lagged(missed)),
                    };
                    prop_assert_eq!(received, expected);
                    model.receivers[place].as_mut().unwrap().waits = false;
                }
            }
            Op::Poll(place) => {
                if let Some(receiver) = &mut receivers[place] {
                    match (receiver.poll(&probes[place]), model.recv(place)) {
                        (Poll::Ready(received), Some(expected)) => {
                            prop_assert_eq!(received.map(|it| *it), expected);
                        }
                        (Poll::Pending, None) => {
                            model.receivers[place].as_mut().unwrap().waits = true;
                        }
                        (polled, expected) => {
                            prop_assert!(false, "{polled:?} where {expected:?} is expected");
                        }
                    }
                }
            }
            Op::Cancel(place) => {
                if let (Some(receiver), Some(expected)) =
                    (&mut receivers[place], &mut model.receivers[place])
                {
                    receiver.future = None;
                    expected.waits = false;
                }
            }
            Op::Drop(place) => {
                receivers[place] = None;
                model.receivers[place] = None;
            }
            Op::DropSender => {
                if tx.take().is_some() {
                    model.closed = true;
                    model.wake_all();
                }
            }
        }
        for (probe, wakes) in probes.iter().zip(model.wakes) {
            prop_assert_eq!(probe.wakes(), wakes);
        }
        for (receiver, expected) in receivers.iter().zip(model.receivers) {
            prop_assert_eq!(receiver.is_some(), expected.is_some());
            if let (Some(receiver), Some(expected)) = (receiver, expected) {
                prop_assert_eq!(receiver.get().len(), model.sent - expected.next);
                prop_assert_eq!(receiver.get().is_closed(), model.closed);
            }
        }
        // Alive is what somebody is to get, and nothing else.
        let mut wanted = 0;
        for value in &sent {
            let is_wanted = model.is_wanted(**value);
            prop_assert_eq!(Arc::strong_count(value), 1 + usize::from(is_wanted));
            wanted += usize::from(is_wanted);
        }
        if let Some(tx) = &tx {
            prop_assert_eq!(tx.len(), wanted);
            let receivers = model.receivers.iter().flatten().count();
            prop_assert_eq!(tx.receiver_count(), receivers);
        }
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
        let mut channel = Channel::<Value, CAPACITY>::new();
        for _ in 0..2 {
            let (tx, rx) = channel.split();
            run(tx, rx, &ops)?;
        }
    }

    #[test]
    fn in_a_static(ops in prop::collection::vec(op(), 0..200)) {
        static CHANNEL: Channel<Value, CAPACITY, Spinlock> =
            Channel::new_with_raw_mutex(Spinlock::new());
        for _ in 0..2 {
            let (tx, rx) = CHANNEL.split_static().unwrap();
            run(tx, rx, &ops)?;
        }
    }
}

#[cfg(feature = "alloc")]
proptest! {
    #![proptest_config(cases())]

    #[test]
    fn on_the_heap(ops in prop::collection::vec(op(), 0..200)) {
        let (tx, rx) = pintle_sync::broadcast::channel(CAPACITY);
        run(tx, rx, &ops)?;
    }
}
