//! `oneshot` channels, one step at a time with wakers that count, in each storage.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use pintle_sync::{
    oneshot::{self, Receiver, Sender, TryRecvError},
    storage::Storage,
};
use support::{Probe, poll};

/// What is sent: something that must be dropped once.
type Value = Arc<usize>;

/// Makes tests of functions that take the two ends of a channel.
macro_rules! for_each_channel {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "alloc")]
        mod heap {
            $(#[test]
            fn $test() {
                let (tx, rx) = super::oneshot::channel();
                super::$test(tx, rx);
            })*
        }
        mod inline {
            $(#[test]
            fn $test() {
                let mut channel = super::oneshot::Channel::new();
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
                static CHANNEL: super::oneshot::Channel<super::Value> = super::oneshot::Channel::new();
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
    a_value_that_is_there,
    a_value_that_is_waited_for,
    a_waker_is_exchanged,
    the_sender_is_dropped,
    the_receiver_is_dropped,
    the_value_is_dropped_with_the_receiver,
    closing_comes_after_the_value,
    closing_comes_before_the_value,
    the_sender_waits_for_the_closing,
    a_receiver_that_is_dropped_takes_its_waker_with_it,
    a_wait_for_the_closing_that_is_dropped_takes_its_waker_with_it,
    a_waker_that_is_left_behind_is_dropped_with_the_last_end,
];

fn a_value_that_is_there<S: Storage>(tx: Sender<Value, S>, mut rx: Receiver<Value, S>) {
    let (value, probe) = (Arc::new(1), Probe::new());
    assert!(rx.is_empty() && !rx.is_terminated());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(tx.send(value.clone()), Ok(()));
    assert!(!rx.is_empty() && !rx.is_terminated());
    assert_eq!(
        poll(Pin::new(&mut rx), &probe),
        Poll::Ready(Ok(value.clone()))
    );
    assert_eq!(Arc::strong_count(&value), 1);
    assert!(rx.is_terminated() && rx.is_empty());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert!(matches!(
        poll(Pin::new(&mut rx), &probe),
        Poll::Ready(Err(_))
    ));
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
}

fn a_value_that_is_waited_for<S: Storage>(tx: Sender<Value, S>, mut rx: Receiver<Value, S>) {
    let (value, probe) = (Arc::new(1), Probe::new());
    assert!(poll(Pin::new(&mut rx), &probe).is_pending());
    assert!(poll(Pin::new(&mut rx), &probe).is_pending());
    assert_eq!(probe.wakes(), 0);
    tx.send(value.clone()).unwrap();
    assert_eq!((probe.wakes(), probe.live()), (1, 0));
    assert_eq!(poll(Pin::new(&mut rx), &probe), Poll::Ready(Ok(value)));
}

fn a_waker_is_exchanged<S: Storage>(tx: Sender<Value, S>, mut rx: Receiver<Value, S>) {
    let (first, second) = (Probe::new(), Probe::new());
    assert!(poll(Pin::new(&mut rx), &first).is_pending());
    assert!(poll(Pin::new(&mut rx), &second).is_pending());
    assert_eq!(first.live(), 0);
    tx.send(Arc::new(1)).unwrap();
    assert_eq!((second.wakes(), second.live()), (1, 0));
    assert!(poll(Pin::new(&mut rx), &second).is_ready());
}

fn the_sender_is_dropped<S: Storage>(tx: Sender<Value, S>, mut rx: Receiver<Value, S>) {
    let probe = Probe::new();
    assert!(poll(Pin::new(&mut rx), &probe).is_pending());
    drop(tx);
    assert_eq!(probe.wakes(), 1);
    assert!(matches!(
        poll(Pin::new(&mut rx), &probe),
        Poll::Ready(Err(_))
    ));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

fn the_receiver_is_dropped<S: Storage>(tx: Sender<Value, S>, rx: Receiver<Value, S>) {
    let value = Arc::new(1);
    assert!(!tx.is_closed());
    drop(rx);
    assert!(tx.is_closed());
    assert_eq!(tx.send(value.clone()), Err(value));
}

fn the_value_is_dropped_with_the_receiver<S: Storage>(
    tx: Sender<Value, S>,
    rx: Receiver<Value, S>,
) {
    let value = Arc::new(1);
    tx.send(value.clone()).unwrap();
    assert_eq!(Arc::strong_count(&value), 2);
    drop(rx);
    assert_eq!(Arc::strong_count(&value), 1);
}

fn closing_comes_after_the_value<S: Storage>(tx: Sender<Value, S>, mut rx: Receiver<Value, S>) {
    tx.send(Arc::new(1)).unwrap();
    rx.close();
    assert_eq!(rx.try_recv(), Ok(Arc::new(1)));
    rx.close();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

fn closing_comes_before_the_value<S: Storage>(tx: Sender<Value, S>, mut rx: Receiver<Value, S>) {
    rx.close();
    rx.close();
    assert!(tx.is_closed());
    let probe = Probe::new();
    assert!(matches!(
        poll(Pin::new(&mut rx), &probe),
        Poll::Ready(Err(_))
    ));
    assert_eq!(tx.send(Arc::new(1)), Err(Arc::new(1)));
    assert!(matches!(
        poll(Pin::new(&mut rx), &probe),
        Poll::Ready(Err(_))
    ));
}

fn the_sender_waits_for_the_closing<S: Storage>(mut tx: Sender<Value, S>, rx: Receiver<Value, S>) {
    let probe = Probe::new();
    {
        let mut closed = pin!(tx.closed());
        assert!(poll(closed.as_mut(), &probe).is_pending());
        assert!(poll(closed.as_mut(), &probe).is_pending());
        drop(rx);
        assert_eq!((probe.wakes(), probe.live()), (1, 0));
        assert!(poll(closed.as_mut(), &probe).is_ready());
        assert!(poll(closed, &probe).is_ready());
    }
    assert!(poll(pin!(tx.closed()), &probe).is_ready());
}

fn a_receiver_that_is_dropped_takes_its_waker_with_it<S: Storage>(
    tx: Sender<Value, S>,
    mut rx: Receiver<Value, S>,
) {
    let probe = Probe::new();
    assert!(poll(Pin::new(&mut rx), &probe).is_pending());
    drop(rx);
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
    drop(tx);
}

fn a_wait_for_the_closing_that_is_dropped_takes_its_waker_with_it<S: Storage>(
    mut tx: Sender<Value, S>,
    mut rx: Receiver<Value, S>,
) {
    let probe = Probe::new();
    assert!(poll(pin!(tx.closed()), &probe).is_pending());
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
    tx.send(Arc::new(1)).unwrap();
    assert_eq!(rx.try_recv(), Ok(Arc::new(1)));
    drop(rx);
    assert_eq!(probe.wakes(), 0);
}

fn a_waker_that_is_left_behind_is_dropped_with_the_last_end<S: Storage>(
    mut tx: Sender<Value, S>,
    mut rx: Receiver<Value, S>,
) {
    let probe = Probe::new();
    let waker = probe.waker();
    assert!(
        tx.poll_closed(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(probe.live(), 2);
    tx.send(Arc::new(1)).unwrap();
    assert_eq!(rx.try_recv(), Ok(Arc::new(1)));
    drop(rx);
    assert_eq!((probe.wakes(), probe.live()), (0, 1));
}

#[test]
fn forgotten_ends() {
    static CHANNEL: oneshot::Channel<u8> = oneshot::Channel::new();
    std::mem::forget(CHANNEL.split_static().unwrap());
    assert!(CHANNEL.split_static().is_err());

    let value = Arc::new(());
    let mut channel = oneshot::Channel::new();
    for _ in 0..2 {
        let (tx, rx) = channel.split();
        assert_eq!(Arc::strong_count(&value), 1);
        tx.send(value.clone()).unwrap();
        std::mem::forget(rx);
    }
    drop(channel);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_drop_or_a_waker_that_panics_leaves_the_channel_whole() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("boom");
        }
    }
    static CHANNEL: oneshot::Channel<Option<Bomb>> = oneshot::Channel::new();
    let (tx, rx) = CHANNEL.split_static().unwrap();
    assert!(tx.send(Some(Bomb)).is_ok());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());

    let (tx, mut rx) = CHANNEL.split_static().unwrap();
    let probe = Probe::new();
    probe.on_wake(|| panic!("boom"));
    assert!(poll(Pin::new(&mut rx), &probe).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| tx.send(None))).is_err());
    assert!(matches!(rx.try_recv(), Ok(None)));
    drop(rx);
    assert!(CHANNEL.split_static().is_ok());
}
