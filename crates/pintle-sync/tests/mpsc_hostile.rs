//! `mpsc` channels whose users forget what they have reserved, or have wakers that panic.
#![cfg(not(loom))]
#![cfg(feature = "alloc")]

mod support;

use std::{
    mem::forget,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use pintle_sync::mpsc::{self, Receiver, TryRecvError, TrySendError};
use support::{Probe, poll};

fn poll_recv(rx: &mut Receiver<usize>, probe: &Arc<Probe>) -> Poll<Option<usize>> {
    rx.poll_recv(&mut Context::from_waker(&probe.waker()))
}

fn panics(f: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err());
}

/// Room that is found only after the waker has been cloned, whose drop then panics.
#[test]
fn room_is_not_lost_with_a_waker_whose_drop_panics() {
    let (tx, rx) = mpsc::channel(1);
    let rx = Arc::new(Mutex::new(rx));
    let probe = Probe::new();
    tx.try_send(1).unwrap();
    probe.on_clone({
        let rx = rx.clone();
        move || {
            let _ = rx.lock().unwrap().try_recv();
        }
    });
    let waker = probe.waker();
    {
        let mut send = pin!(tx.send(2));
        probe.on_drop(|| panic!("boom"));
        panics(|| {
            let _ = send.as_mut().poll(&mut Context::from_waker(&waker));
        });
        probe.disarm();
    }
    assert_eq!(tx.capacity(), 1, "it is given back with the future");
    assert_eq!(tx.try_send(3), Ok(()));
    drop(tx);
    let mut rx = rx.lock().unwrap();
    assert_eq!(rx.try_recv(), Ok(3));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

/// More senders wait than are woken at a time, and the first one's waker panics.
#[test]
fn a_waker_that_panics_keeps_nobody_from_being_woken() {
    const N: usize = 40;
    for closes in [false, true] {
        let (tx, mut rx) = mpsc::channel(N);
        for n in 0..N {
            tx.try_send(n).unwrap();
        }
        let (bad, good) = (Probe::new(), Probe::new());
        bad.on_wake(|| panic!("boom"));
        let mut sends: Vec<_> = (0..N).map(|n| Box::pin(tx.send(n))).collect();
        for (n, send) in sends.iter_mut().enumerate() {
            let probe = if n == 0 { &bad } else { &good };
            assert!(poll(send.as_mut(), probe).is_pending());
        }
        let mut buffer = Vec::new();
        panics(|| {
            if closes {
                rx.close();
            } else {
                let _ = poll(pin!(rx.recv_many(&mut buffer, N)), &good);
            }
        });
        assert_eq!(buffer.len(), if closes { 0 } else { N });
        assert_eq!((bad.wakes(), good.wakes(), good.live()), (1, N - 1, 0));
        for send in &mut sends {
            assert_eq!(
                poll(send.as_mut(), &good).map(|it| it.is_err()),
                Poll::Ready(closes)
            );
        }
    }
}

/// Between two batches there is room, and it belongs to those who wait.
#[test]
fn a_waker_does_not_overtake_those_who_wait() {
    const N: usize = 40;
    let (tx, mut rx) = mpsc::channel(N);
    for n in 0..N {
        tx.try_send(n).unwrap();
    }
    let (first, others) = (Probe::new(), Probe::new());
    first.on_wake({
        let tx = tx.clone();
        move || {
            assert!(tx.capacity() > 0);
            assert_eq!(tx.try_send(99), Err(TrySendError::Full(99)));
            assert!(tx.try_reserve().is_err());
        }
    });
    let mut sends: Vec<_> = (0..N).map(|n| Box::pin(tx.send(n))).collect();
    for (n, send) in sends.iter_mut().enumerate() {
        let probe = if n == 0 { &first } else { &others };
        assert!(poll(send.as_mut(), probe).is_pending());
    }
    let mut buffer = Vec::new();
    let received = poll(pin!(rx.recv_many(&mut buffer, N)), &others);
    assert_eq!(received, Poll::Ready(N));
    assert_eq!((first.wakes(), others.wakes()), (1, N - 1));
}

/// Forgotten room is lost to the senders; it does not keep the receiver from the end.
#[test]
fn forgotten_room_does_not_outlive_the_senders() {
    let probe = Probe::new();
    for closes in [false, true] {
        let (tx, mut rx) = mpsc::channel(3);
        forget(tx.try_reserve().unwrap());
        let permit = tx.try_reserve().unwrap();
        tx.try_send(1).unwrap();
        assert!(tx.try_send(2).is_err());
        if closes {
            rx.close();
        }
        assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(1)));
        assert!(poll_recv(&mut rx, &probe).is_pending());
        permit.send(2);
        assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(2)));
        assert!(poll_recv(&mut rx, &probe).is_pending());
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        let before = probe.wakes();
        drop(tx);
        assert_eq!(probe.wakes(), before + 1);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
        assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(None));
    }
}

/// Who drops a receiver that waits knows it: its task need not be woken.
#[test]
fn a_receiver_that_is_dropped_takes_its_waker_with_it() {
    let probe = Probe::new();
    let (tx, mut rx) = mpsc::channel::<usize>(1);
    assert!(poll_recv(&mut rx, &probe).is_pending());
    drop(rx);
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
    drop(tx);

    let (tx, mut rx) = mpsc::unbounded_channel::<usize>();
    assert!(poll(Pin::new(&mut rx.recv()), &probe).is_pending());
    drop(rx);
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
    drop(tx);

    // However its drop ends, the senders are told.
    let (tx, mut rx) = mpsc::channel::<usize>(1);
    assert!(poll_recv(&mut rx, &probe).is_pending());
    probe.on_drop(|| panic!("boom"));
    panics(|| drop(rx));
    assert!(tx.is_closed());
    probe.disarm();
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
}

/// A sender that waits until the receiver is gone has a waker that panics: what is in the channel goes all the same.
#[test]
fn a_waker_that_panics_keeps_no_value() {
    let (value, bad) = (Arc::new(()), Probe::new());
    bad.on_wake(|| panic!("boom"));

    let (tx, rx) = mpsc::channel(1);
    tx.try_send(value.clone()).unwrap();
    let mut closed = Box::pin(tx.closed());
    assert!(poll(closed.as_mut(), &bad).is_pending());
    panics(|| drop(rx));
    assert_eq!(Arc::strong_count(&value), 1);

    let (tx, rx) = mpsc::unbounded_channel();
    tx.send(value.clone()).unwrap();
    let mut closed = Box::pin(tx.closed());
    assert!(poll(closed.as_mut(), &bad).is_pending());
    panics(|| drop(rx));
    assert_eq!(Arc::strong_count(&value), 1);
}

/// A wait that was forgotten is ended by the last sender. Its waker panics, and the receiver is told all the same.
#[test]
fn a_forgotten_waker_that_panics_keeps_nobody_from_the_end() {
    let (bad, good) = (Probe::new(), Probe::new());
    bad.on_wake(|| panic!("boom"));

    let (tx, mut rx) = mpsc::channel(1);
    let mut closed = Box::pin(tx.closed());
    assert!(poll(closed.as_mut(), &bad).is_pending());
    forget(closed);
    assert!(poll_recv(&mut rx, &good).is_pending());
    panics(|| drop(tx));
    assert_eq!(good.wakes(), 1);
    assert_eq!(poll_recv(&mut rx, &good), Poll::Ready(None));

    let (tx, mut rx) = mpsc::unbounded_channel::<usize>();
    let mut closed = Box::pin(tx.closed());
    assert!(poll(closed.as_mut(), &bad).is_pending());
    forget(closed);
    assert!(poll(pin!(rx.recv()), &good).is_pending());
    panics(|| drop(tx));
    assert_eq!(good.wakes(), 2);
    assert_eq!(poll(pin!(rx.recv()), &good), Poll::Ready(None));
}
