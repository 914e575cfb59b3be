//! `broadcast` channels, one step at a time with wakers that count, in each storage and with each
//! lock.
#![cfg(not(loom))]

mod support;

use std::{pin::pin, sync::Arc, task::Poll};

use pintle_sync::{
    blocking::ScopedRawMutex,
    broadcast::{Channel, Receiver, RecvError, SendError, Sender, TryRecvError},
    spin::Spinlock,
    storage::Storage,
};
use support::{Probe, poll};

/// What is sent: something that must be dropped once.
type Value = Arc<usize>;

/// Makes tests of functions that take the two ends of a channel that keeps two values.
macro_rules! for_each_channel {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "alloc")]
        mod heap {
            $(#[test]
            fn $test() {
                let (tx, rx) = ::pintle_sync::broadcast::channel(2);
                super::$test(tx, rx);
            })*
        }
        #[cfg(feature = "alloc")]
        mod heap_spinlock {
            $(#[test]
            fn $test() {
                let (tx, rx) = ::pintle_sync::broadcast::channel_with_lock::<_, super::Spinlock>(2);
                super::$test(tx, rx);
            })*
        }
        mod inline {
            $(#[test]
            fn $test() {
                let mut channel =
                    super::Channel::<_, 2, crate::support::CriticalSection>::default();
                // Twice, as ends that are gone leave nothing behind.
                for _ in 0..2 {
                    let (tx, rx) = channel.split();
                    super::$test(tx, rx);
                }
            })*
        }
        mod in_a_static {
            $(#[test]
            fn $test() {
                static CHANNEL: super::Channel<super::Value, 2, super::Spinlock> =
                    super::Channel::new_with_raw_mutex(super::Spinlock::new());
                for _ in 0..2 {
                    let (tx, rx) = CHANNEL.split_static().unwrap();
                    assert!(CHANNEL.split_static().is_err());
                    super::$test(tx, rx);
                }
            })*
        }
    };
}

for_each_channel![
    everybody_gets_every_value,
    who_is_slow_is_told_how_many_are_gone,
    values_live_until_the_last_has_had_them,
    a_receiver_that_goes_leaves_its_values,
    nobody_listens,
    the_last_sender_ends_the_channel,
    all_who_wait_are_woken_once,
    a_waker_is_exchanged,
    a_cancelled_receive_loses_nothing,
    futures_receive_on,
    the_last_end_may_be_either,
    a_sender_waits_until_there_is_no_receiver,
];

fn values<const N: usize>() -> [Value; N] {
    std::array::from_fn(Arc::new)
}

/// Nobody but the test has them any more.
fn assert_gone(values: &[Value]) {
    for value in values {
        assert_eq!(Arc::strong_count(value), 1, "value {value}");
    }
}

fn everybody_gets_every_value<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<7>();
    let mut other = tx.subscribe();
    assert_eq!((tx.receiver_count(), tx.strong_count()), (2, 1));
    assert!(tx.same_channel(&tx.clone()) && rx.same_channel(&other));
    assert!(tx.is_empty() && rx.is_empty());
    // More often than there are places, so that all come round.
    for value in &v {
        assert_eq!(tx.send(value.clone()), Ok(2));
        assert_eq!((tx.len(), rx.len(), other.len()), (1, 1, 1));
        assert_eq!(rx.try_recv().as_ref(), Ok(value));
        assert_eq!((tx.len(), rx.len(), other.len()), (1, 0, 1));
        assert_eq!(other.try_recv().as_ref(), Ok(value));
        assert_eq!(tx.len(), 0);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
    assert_gone(&v);
}

fn who_is_slow_is_told_how_many_are_gone<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<6>();
    for value in &v[..2] {
        tx.send(value.clone()).unwrap();
    }
    let mut late = rx.resubscribe();
    assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
    // Two are kept: nothing is lost yet.
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[0]));
    for value in &v[2..5] {
        tx.send(value.clone()).unwrap();
    }
    assert_eq!((tx.len(), rx.len(), late.len()), (2, 4, 3));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(2)));
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[3]));
    assert_eq!(
        poll(pin!(late.recv()), &Probe::new()),
        Poll::Ready(Err(RecvError::Lagged(1)))
    );
    // What is told once has been told: it lags anew.
    tx.send(v[5].clone()).unwrap();
    assert_eq!(late.try_recv(), Err(TryRecvError::Lagged(1)));
    drop(tx);
    for value in &v[4..] {
        assert_eq!(late.try_recv().as_ref(), Ok(value));
        assert_eq!(rx.try_recv().as_ref(), Ok(value));
    }
    assert_eq!(late.try_recv(), Err(TryRecvError::Closed));
    assert_gone(&v);
}

fn values_live_until_the_last_has_had_them<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<3>();
    let mut other = rx.resubscribe();
    tx.send(v[0].clone()).unwrap();
    assert_eq!(Arc::strong_count(&v[0]), 2);
    let one = rx.try_recv().unwrap();
    assert_eq!(Arc::strong_count(&v[0]), 3);
    let two = other.try_recv().unwrap();
    // The last one gets the value itself.
    assert_eq!(Arc::strong_count(&v[0]), 3);
    drop((one, two));
    assert_gone(&v);
    // Overwritten, it is dropped at once.
    for value in &v {
        tx.send(value.clone()).unwrap();
    }
    assert_gone(&v[..1]);
    assert_eq!(Arc::strong_count(&v[1]), 2);
    drop((rx, other));
    assert_gone(&v);
}

fn a_receiver_that_goes_leaves_its_values<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let v = values::<4>();
    tx.send(v[0].clone()).unwrap();
    let mut other = tx.subscribe();
    tx.send(v[1].clone()).unwrap();
    drop(rx);
    assert_eq!((tx.receiver_count(), tx.len()), (1, 1));
    // It was the last for the first value, not for the second.
    assert_gone(&v[..1]);
    assert_eq!(other.try_recv().as_ref(), Ok(&v[1]));
    // One that lags.
    let lagging = tx.subscribe();
    for value in &v[1..] {
        tx.send(value.clone()).unwrap();
    }
    drop(lagging);
    assert_eq!(other.try_recv(), Err(TryRecvError::Lagged(1)));
    assert_eq!(other.try_recv().as_ref(), Ok(&v[2]));
    assert_eq!(other.try_recv().as_ref(), Ok(&v[3]));
    assert_gone(&v);
}

fn nobody_listens<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let v = values::<2>();
    drop(rx);
    assert_eq!(tx.send(v[0].clone()), Err(SendError(v[0].clone())));
    assert_eq!((tx.len(), tx.receiver_count()), (0, 0));
    let mut again = tx.subscribe();
    assert_eq!(again.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(tx.send(v[1].clone()), Ok(1));
    assert_eq!(again.try_recv().as_ref(), Ok(&v[1]));
    assert_gone(&v);
}

fn the_last_sender_ends_the_channel<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    let probe = Probe::new();
    let mut waits = rx.resubscribe();
    {
        let mut waiting = pin!(waits.recv());
        assert!(poll(waiting.as_mut(), &probe).is_pending());
        let other = tx.clone();
        assert_eq!(rx.sender_strong_count(), 2);
        drop(tx);
        assert_eq!(probe.wakes(), 0);
        assert!(!rx.is_closed());
        other.send(v[0].clone()).unwrap();
        assert_eq!(probe.wakes(), 1);
        assert_eq!(
            poll(waiting.as_mut(), &probe),
            Poll::Ready(Ok(v[0].clone()))
        );
        assert!(poll(waiting.as_mut(), &probe).is_pending());
        drop(other);
        assert_eq!(probe.wakes(), 2);
        for _ in 0..2 {
            let ended = poll(waiting.as_mut(), &probe);
            assert_eq!(ended, Poll::Ready(Err(RecvError::Closed)));
        }
    }
    assert!(rx.is_closed());
    // What is kept is received first; and who comes now gets the end.
    let mut late = rx.resubscribe();
    assert_eq!(late.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[0]));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_gone(&v);
}

fn all_who_wait_are_woken_once<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    // More than are woken in one batch.
    let mut receivers: Vec<_> = (0..20).map(|_| rx.resubscribe()).collect();
    let probes: Vec<_> = receivers.iter().map(|_| Probe::new()).collect();
    let mut futures: Vec<_> = receivers.iter_mut().map(|it| Box::pin(it.recv())).collect();
    drop(rx);
    for round in 1..=3 {
        for (future, probe) in futures.iter_mut().zip(&probes) {
            assert!(poll(future.as_mut(), probe).is_pending());
            assert_eq!(probe.wakes(), round - 1);
        }
        let value = Arc::new(round);
        assert_eq!(tx.send(value.clone()), Ok(20));
        for (future, probe) in futures.iter_mut().zip(&probes) {
            assert_eq!((probe.wakes(), probe.live()), (round, 0));
            assert_eq!(poll(future.as_mut(), probe), Poll::Ready(Ok(value.clone())));
        }
        assert_gone(&[value]);
    }
}

fn a_waker_is_exchanged<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let (first, second) = (Probe::new(), Probe::new());
    let mut waiting = pin!(rx.recv());
    assert!(poll(waiting.as_mut(), &first).is_pending());
    assert!(poll(waiting.as_mut(), &second).is_pending());
    assert!(poll(waiting.as_mut(), &second).is_pending());
    assert_eq!((first.live(), second.live(), second.clones()), (0, 1, 1));
    tx.send(Arc::new(1)).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

fn a_cancelled_receive_loses_nothing<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    {
        // Never polled; left while it waits.
        drop(rx.recv());
        let mut waiting = pin!(rx.recv());
        assert!(poll(waiting.as_mut(), &probe).is_pending());
    }
    assert_eq!(probe.live(), 0);
    {
        // Woken, and left.
        let mut waiting = pin!(rx.recv());
        assert!(poll(waiting.as_mut(), &probe).is_pending());
        tx.send(Arc::new(1)).unwrap();
    }
    assert_eq!(probe.wakes(), 1);
    assert_eq!(rx.try_recv(), Ok(Arc::new(1)));
    tx.send(Arc::new(2)).unwrap();
    assert_eq!(probe.wakes(), 1);
}

fn futures_receive_on<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let mut future = pin!(rx.recv());
    for n in 0..3 {
        assert!(poll(future.as_mut(), &probe).is_pending());
        tx.send(Arc::new(n)).unwrap();
        assert_eq!(poll(future.as_mut(), &probe), Poll::Ready(Ok(Arc::new(n))));
    }
    assert_eq!(probe.wakes(), 3);
}

/// The test's caller splits the channel again, which it can only if all are counted as gone.
fn the_last_end_may_be_either<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    drop(rx);
    let rx = tx.subscribe();
    tx.send(v[0].clone()).unwrap();
    let other = rx.resubscribe();
    drop(rx);
    assert_gone(&v);
    drop(tx);
    drop(other);
}

fn a_sender_waits_until_there_is_no_receiver<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let (probe, first) = (Probe::new(), Probe::new());
    let other = rx.resubscribe();
    {
        let mut closed = pin!(tx.closed());
        assert!(poll(closed.as_mut(), &first).is_pending());
        assert!(poll(closed.as_mut(), &probe).is_pending());
        // One that gives up.
        assert!(poll(pin!(tx.closed()), &probe).is_pending());
        assert_eq!((probe.live(), first.live()), (1, 0));
        drop(rx);
        tx.send(Value::new(1)).unwrap();
        assert_eq!(probe.wakes(), 0);
        drop(other);
        assert_eq!((probe.wakes(), probe.live()), (1, 0));
        // It was so, and stays told.
        let _again = tx.subscribe();
        assert!(poll(closed.as_mut(), &probe).is_ready());
        assert!(poll(closed, &probe).is_ready());
        assert!(poll(pin!(tx.closed()), &probe).is_pending());
    }
    assert!(poll(pin!(tx.closed()), &probe).is_ready());
    assert_eq!(probe.wakes(), 1);
}

#[test]
fn a_static_is_free_when_the_last_end_has_gone() {
    static CHANNEL: Channel<u8, 1> = Channel::new();
    // Receivers go first, or the sender does, or receivers go and one comes again.
    for order in 0..3 {
        let (tx, rx) = CHANNEL.split_static().unwrap();
        match order {
            0 => drop(rx),
            1 => {
                tx.send(1).unwrap();
                drop(tx);
                assert!(CHANNEL.split_static().is_err());
                drop(rx);
                continue;
            }
            _ => {
                drop(rx);
                drop(tx.subscribe());
            }
        }
        assert!(CHANNEL.split_static().is_err());
        assert_eq!(tx.receiver_count(), 0);
        drop(tx);
    }
    let (_tx, mut rx) = CHANNEL.split_static().unwrap();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn ends_that_were_forgotten_leave_nothing_behind() {
    let v = values::<3>();
    let probe = Probe::new();
    let mut channel = Channel::<Value, 2>::new();
    let (tx, rx) = channel.split();
    for value in &v {
        tx.send(value.clone()).unwrap();
    }
    let mut waits = tx.subscribe();
    let mut forgotten = Box::pin(waits.recv());
    assert!(poll(forgotten.as_mut(), &probe).is_pending());
    std::mem::forget(forgotten);
    std::mem::forget((tx, rx));
    std::mem::forget(waits);
    let (tx, mut rx) = channel.split();
    assert_gone(&v);
    assert_eq!(probe.live(), 0);
    assert_eq!(
        (tx.receiver_count(), tx.strong_count(), tx.len()),
        (1, 1, 0)
    );
    tx.send(v[0].clone()).unwrap();
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[0]));
}

#[test]
#[cfg(feature = "alloc")]
#[should_panic(expected = "one value at least")]
fn a_channel_for_nothing() {
    let _ = pintle_sync::broadcast::channel::<u8>(0);
}
