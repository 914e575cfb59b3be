//! Bounded `mpsc` channels, one step at a time with wakers that count, in each storage and with
//! each lock.
#![cfg(not(loom))]

mod support;

use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use pintle_sync::{
    blocking::ScopedRawMutex,
    mpsc::{self, Receiver, SendError, Sender, TryRecvError, TrySendError},
    storage::Storage,
};
use support::{Probe, poll};

/// What is sent: something that must be dropped once.
type Value = Arc<usize>;

/// Makes tests of functions that take the two ends of a channel for two values.
macro_rules! for_each_channel {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "alloc")]
        mod heap {
            $(#[test]
            fn $test() {
                let (tx, rx) = super::mpsc::channel(2);
                super::$test(tx, rx);
            })*
        }
        #[cfg(feature = "alloc")]
        mod heap_spinlock {
            $(#[test]
            fn $test() {
                let (tx, rx) = super::mpsc::channel_with_lock::<_, pintle_sync::spin::Spinlock>(2);
                super::$test(tx, rx);
            })*
        }
        mod inline {
            $(#[test]
            fn $test() {
                let mut channel = super::mpsc::Channel::<super::Value, 2>::new();
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
                use pintle_sync::spin::Spinlock;
                static CHANNEL: super::mpsc::Channel<super::Value, 2, Spinlock> =
                    super::mpsc::Channel::new_with_raw_mutex(Spinlock::new());
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
    values_come_in_order_and_the_room_is_two,
    a_full_channel_hands_room_over_in_order,
    nobody_overtakes_those_who_wait,
    one_wake_for_each_change,
    a_waker_is_exchanged,
    dropping_a_woken_sender_hands_the_room_on,
    dropping_a_waiting_sender_leaves_the_queue,
    the_last_sender_ends_the_channel,
    closing_refuses_and_drains,
    permits_outlive_the_closing,
    permits_are_used_in_any_order,
    dropping_the_receiver_drops_the_values,
    a_value_by_permit_after_the_receiver_is_dropped,
    closed_tells_every_sender,
    cancelled_receives_lose_nothing,
    futures_are_fused,
    many_at_once,
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

fn poll_recv<S: Storage, L: ScopedRawMutex>(
    rx: &mut Receiver<Value, S, L>,
    probe: &Arc<Probe>,
) -> Poll<Option<usize>> {
    rx.poll_recv(&mut Context::from_waker(&probe.waker()))
        .map(|value| value.map(|it| *it))
}

fn values_come_in_order_and_the_room_is_two<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<5>();
    assert_eq!((tx.capacity(), tx.max_capacity(), rx.len()), (2, 2, 0));
    assert!(rx.is_empty());
    // More often than there are places, so that both ends come round.
    for n in 0..5 {
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        tx.try_send(v[n].clone()).unwrap();
        assert_eq!((tx.capacity(), rx.len()), (1, 1));
        tx.try_send(v[(n + 1) % 5].clone()).unwrap();
        assert_eq!((tx.capacity(), rx.len(), rx.is_empty()), (0, 2, false));
        assert_eq!(
            tx.try_send(v[0].clone()),
            Err(TrySendError::Full(v[0].clone()))
        );
        assert_eq!(rx.try_recv().as_ref(), Ok(&v[n]));
        assert_eq!(rx.try_recv().as_ref(), Ok(&v[(n + 1) % 5]));
    }
    assert_gone(&v);
    assert!(tx.same_channel(&tx.clone()));
    assert_eq!(rx.sender_strong_count(), 1);
}

fn a_full_channel_hands_room_over_in_order<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<5>();
    let probes: [_; 3] = std::array::from_fn(|_| Probe::new());
    let mut sends = v.each_ref().map(|it| Box::pin(tx.send(it.clone())));
    assert_eq!(poll(sends[0].as_mut(), &probes[0]), Poll::Ready(Ok(())));
    assert_eq!(poll(sends[1].as_mut(), &probes[0]), Poll::Ready(Ok(())));
    for n in 0..3 {
        assert!(poll(sends[2 + n].as_mut(), &probes[n]).is_pending());
    }
    for n in 0..3 {
        assert_eq!(rx.try_recv().as_ref(), Ok(&v[n]));
        let wakes = probes.each_ref().map(|it| it.wakes());
        assert_eq!(wakes, std::array::from_fn(|i| usize::from(i <= n)));
        assert_eq!(poll(sends[2 + n].as_mut(), &probes[n]), Poll::Ready(Ok(())));
    }
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[3]));
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[4]));
    assert!(probes.iter().all(|it| it.wakes() == 1 && it.live() == 0));
    assert_gone(&v);
}

fn nobody_overtakes_those_who_wait<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<3>();
    let probe = Probe::new();
    tx.try_send(v[0].clone()).unwrap();
    tx.try_send(v[0].clone()).unwrap();
    let mut send = pin!(tx.send(v[1].clone()));
    assert!(poll(send.as_mut(), &probe).is_pending());
    rx.try_recv().unwrap();
    // The room is the one's that waits, though it has not looked yet.
    assert!(tx.try_send(v[2].clone()).is_err());
    assert!(tx.try_reserve().is_err());
    assert!(poll(send, &probe).is_ready());
    rx.try_recv().unwrap();
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[1]));
}

fn one_wake_for_each_change<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    let probe = Probe::new();
    for n in 1..5 {
        assert!(poll_recv(&mut rx, &probe).is_pending());
        assert!(poll_recv(&mut rx, &probe).is_pending());
        tx.try_send(v[0].clone()).unwrap();
        assert_eq!(probe.wakes(), n);
        // The receiver knows already.
        tx.try_send(v[0].clone()).unwrap();
        assert_eq!(probe.wakes(), n);
        assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(0)));
        assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(0)));
    }
}

fn a_waker_is_exchanged<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    let (first, second) = (Probe::new(), Probe::new());
    assert!(poll_recv(&mut rx, &first).is_pending());
    assert!(poll_recv(&mut rx, &second).is_pending());
    assert_eq!(first.live(), 0);
    tx.try_send(v[0].clone()).unwrap();
    assert_eq!(second.wakes(), 1);

    tx.try_send(v[0].clone()).unwrap();
    let mut send = pin!(tx.send(v[0].clone()));
    assert!(poll(send.as_mut(), &first).is_pending());
    let before = first.wakes();
    assert!(poll(send.as_mut(), &second).is_pending());
    assert!(poll(send.as_mut(), &second).is_pending());
    assert_eq!(first.live(), 0);
    rx.try_recv().unwrap();
    assert_eq!((first.wakes(), second.wakes()), (before, 2));
    assert!(poll(send, &second).is_ready());
}

fn dropping_a_woken_sender_hands_the_room_on<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<4>();
    let probes: [_; 2] = std::array::from_fn(|_| Probe::new());
    tx.try_send(v[0].clone()).unwrap();
    tx.try_send(v[1].clone()).unwrap();
    let mut first = Box::pin(tx.send(v[2].clone()));
    let mut second = Box::pin(tx.reserve());
    assert!(poll(first.as_mut(), &probes[0]).is_pending());
    assert!(poll(second.as_mut(), &probes[1]).is_pending());
    rx.try_recv().unwrap();
    assert_eq!((probes[0].wakes(), probes[1].wakes()), (1, 0));
    drop(first);
    assert_eq!(probes[1].wakes(), 1);
    drop(second);
    assert_eq!(tx.capacity(), 1);
    tx.try_send(v[3].clone()).unwrap();
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[1]));
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[3]));
    assert_gone(&v);
}

fn dropping_a_waiting_sender_leaves_the_queue<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<3>();
    for dropped in 0..3 {
        let probes: [_; 3] = std::array::from_fn(|_| Probe::new());
        tx.try_send(v[0].clone()).unwrap();
        tx.try_send(v[1].clone()).unwrap();
        let mut sends = v.each_ref().map(|it| Some(Box::pin(tx.send(it.clone()))));
        for (send, probe) in sends.iter_mut().zip(&probes) {
            assert!(poll(send.as_mut().unwrap().as_mut(), probe).is_pending());
        }
        sends[dropped] = None;
        assert_eq!(probes[dropped].live(), 0);
        for _ in 0..2 {
            rx.try_recv().unwrap();
        }
        for (n, probe) in probes.iter().enumerate() {
            assert_eq!(probe.wakes(), usize::from(n != dropped));
        }
        drop(sends);
        assert_eq!(tx.capacity(), 2);
    }
    assert_gone(&v);
}

fn the_last_sender_ends_the_channel<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    let probe = Probe::new();
    let other = tx.clone();
    assert!(poll_recv(&mut rx, &probe).is_pending());
    drop(tx);
    assert_eq!((probe.wakes(), rx.is_closed()), (0, false));
    other.try_send(v[0].clone()).unwrap();
    assert_eq!(probe.wakes(), 1);
    drop(other);
    assert!(rx.is_closed());
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(0)));
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(None));
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(None));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

fn closing_refuses_and_drains<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<40>();
    let probe = Probe::new();
    let mut sends = v.each_ref().map(|it| Box::pin(tx.send(it.clone())));
    for (n, send) in sends.iter_mut().enumerate() {
        assert_eq!(poll(send.as_mut(), &probe).is_ready(), n < 2);
    }
    // More than are woken at a time.
    rx.close();
    assert_eq!((probe.wakes(), probe.live()), (38, 0));
    assert!(tx.is_closed() && rx.is_closed());
    for (send, value) in sends.iter_mut().zip(&v).skip(2) {
        let refused = SendError(value.clone());
        assert_eq!(poll(send.as_mut(), &probe), Poll::Ready(Err(refused)));
    }
    assert!(matches!(
        tx.try_send(v[0].clone()),
        Err(TrySendError::Closed(_))
    ));
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(0)));
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[1]));
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(None));
    drop(sends);
    assert_gone(&v);
}

fn permits_outlive_the_closing<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    let probe = Probe::new();
    let used = tx.try_reserve().unwrap();
    let unused = tx.clone().try_reserve_owned().unwrap();
    rx.close();
    assert!(poll_recv(&mut rx, &probe).is_pending());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    used.send(v[0].clone());
    assert_eq!(probe.wakes(), 1);
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(0)));
    assert!(poll_recv(&mut rx, &probe).is_pending());
    drop(unused);
    assert_eq!(probe.wakes(), 2);
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(None));
}

fn permits_are_used_in_any_order<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<3>();
    let first = tx.try_reserve().unwrap();
    let second = tx.clone().try_reserve_owned().unwrap();
    assert!(second.same_channel_as_sender(&tx) && first.same_channel_as_sender(&tx));
    assert_eq!(tx.capacity(), 0);
    drop(second.send(v[1].clone()));
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[1]));
    // Round past the place of the one that has not been used.
    tx.try_send(v[2].clone()).unwrap();
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[2]));
    first.send(v[0].clone());
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[0]));
    let sender = tx.clone().try_reserve_owned().unwrap().release();
    assert_eq!(sender.capacity(), 2);
    assert_eq!(tx.strong_count(), 2);
}

fn dropping_the_receiver_drops_the_values<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<3>();
    tx.try_send(v[0].clone()).unwrap();
    rx.try_recv().unwrap();
    tx.try_send(v[0].clone()).unwrap();
    tx.try_send(v[1].clone()).unwrap();
    let mut send = pin!(tx.send(v[2].clone()));
    assert!(poll(send.as_mut(), &Probe::new()).is_pending());
    drop(rx);
    assert_gone(&v[..2]);
    assert_eq!(
        poll(send, &Probe::new()),
        Poll::Ready(Err(SendError(v[2].clone())))
    );
    assert!(tx.is_closed());
}

fn a_value_by_permit_after_the_receiver_is_dropped<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    let permit = tx.try_reserve().unwrap();
    drop(rx);
    permit.send(v[0].clone());
    drop(tx);
    assert_gone(&v);
}

fn closed_tells_every_sender<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let mut waits: [_; 3] = std::array::from_fn(|_| Box::pin(tx.closed()));
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &probe).is_pending());
    }
    let [_, second, _] = waits.each_mut();
    second.set(tx.closed());
    assert_eq!(probe.live(), 2, "a cancelled one has left");
    drop(rx);
    assert_eq!(probe.wakes(), 2);
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &probe).is_ready());
        assert!(poll(wait.as_mut(), &probe).is_ready());
    }
}

fn cancelled_receives_lose_nothing<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    let probe = Probe::new();
    {
        let mut recv = pin!(rx.recv());
        assert!(poll(recv.as_mut(), &probe).is_pending());
        tx.try_send(v[0].clone()).unwrap();
        assert_eq!(probe.wakes(), 1);
    }
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[0]));
}

fn futures_are_fused<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    fn twice<F: Future>(mut future: Pin<&mut F>) {
        assert!(poll(future.as_mut(), &Probe::new()).is_ready());
        assert!(poll(future.as_mut(), &Probe::new()).is_pending());
        assert!(poll(future, &Probe::new()).is_pending());
    }
    let v = values::<1>();
    twice(pin!(tx.send(v[0].clone())));
    twice(pin!(tx.reserve()));
    twice(pin!(tx.clone().reserve_owned()));
    rx.close();
    twice(pin!(tx.send(v[0].clone())));
    twice(pin!(tx.reserve()));
    twice(pin!(tx.clone().reserve_owned()));
}

fn many_at_once<S: Storage, L: ScopedRawMutex>(tx: Sender<Value, S, L>, rx: Receiver<Value, S, L>) {
    #[cfg(feature = "alloc")]
    {
        let mut rx = rx;
        let v = values::<4>();
        let probe = Probe::new();
        let mut buffer = Vec::new();
        assert_eq!(
            poll(pin!(rx.recv_many(&mut buffer, 0)), &probe),
            Poll::Ready(0)
        );
        assert!(poll(pin!(rx.recv_many(&mut buffer, 9)), &probe).is_pending());
        tx.try_send(v[0].clone()).unwrap();
        assert_eq!(probe.wakes(), 1);
        tx.try_send(v[1].clone()).unwrap();
        let mut sends = [2, 3].map(|n: usize| Box::pin(tx.send(v[n].clone())));
        let senders = [Probe::new(), Probe::new()];
        for (send, probe) in sends.iter_mut().zip(&senders) {
            assert!(poll(send.as_mut(), probe).is_pending());
        }
        assert_eq!(
            poll(pin!(rx.recv_many(&mut buffer, 9)), &probe),
            Poll::Ready(2)
        );
        for (send, probe) in sends.iter_mut().zip(&senders) {
            assert_eq!(probe.wakes(), 1);
            assert!(poll(send.as_mut(), probe).is_ready());
        }
        assert_eq!(
            poll(pin!(rx.recv_many(&mut buffer, 1)), &probe),
            Poll::Ready(1)
        );
        assert_eq!(
            poll(pin!(rx.recv_many(&mut buffer, 1)), &probe),
            Poll::Ready(1)
        );
        assert_eq!(buffer, v);
        drop(sends);
        drop(tx);
        assert_eq!(
            poll(pin!(rx.recv_many(&mut buffer, 9)), &probe),
            Poll::Ready(0)
        );
    }
    #[cfg(not(feature = "alloc"))]
    drop((tx, rx));
}
