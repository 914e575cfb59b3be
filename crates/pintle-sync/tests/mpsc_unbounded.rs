//! Unbounded `mpsc` channels: one step at a time with wakers that count, and under threads.
#![cfg(all(not(loom), feature = "alloc"))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    thread,
};

use futures::executor::block_on;
use pintle_sync::mpsc::{self, SendError, TryRecvError, UnboundedReceiver};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    values_come_in_order,
    one_wake_for_each_change,
    the_last_sender_ends_the_channel,
    closing_refuses_and_drains,
    many_at_once,
    dropping_the_receiver_drops_the_values,
    closed_tells_every_sender,
    nothing_is_lost_or_doubled_or_out_of_order,
];

fn poll_recv<T, L: Lock>(rx: &mut UnboundedReceiver<T, L>, probe: &Arc<Probe>) -> Poll<Option<T>> {
    rx.poll_recv(&mut Context::from_waker(&probe.waker()))
}

fn values_come_in_order<L: Lock>() {
    let (tx, mut rx) = mpsc::unbounded_channel_with_lock::<_, L>();
    for round in 0..3 {
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        assert!(rx.is_empty());
        for n in 0..100 {
            tx.send(round + n).unwrap();
        }
        assert_eq!(rx.len(), 100);
        for n in 0..100 {
            assert_eq!(rx.try_recv(), Ok(round + n));
        }
    }
    assert!(tx.same_channel(&tx.clone()));
    assert_eq!((tx.strong_count(), rx.sender_strong_count()), (1, 1));
}

fn one_wake_for_each_change<L: Lock>() {
    let (tx, mut rx) = mpsc::unbounded_channel_with_lock::<_, L>();
    let probe = Probe::new();
    for n in 1..5 {
        assert!(poll_recv(&mut rx, &probe).is_pending());
        assert!(poll(pin!(rx.recv()), &probe).is_pending());
        tx.send(n).unwrap();
        assert_eq!(probe.wakes(), n);
        // The receiver knows already.
        tx.send(n).unwrap();
        assert_eq!(probe.wakes(), n);
        assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(n)));
        assert_eq!(poll(pin!(rx.recv()), &probe), Poll::Ready(Some(n)));
    }
}

fn the_last_sender_ends_the_channel<L: Lock>() {
    let (tx, mut rx) = mpsc::unbounded_channel_with_lock::<_, L>();
    let (probe, other) = (Probe::new(), tx.clone());
    assert!(poll_recv(&mut rx, &probe).is_pending());
    drop(tx);
    assert_eq!((probe.wakes(), rx.is_closed()), (0, false));
    drop(other.send(1).map(|()| other));
    assert_eq!(probe.wakes(), 1);
    assert!(rx.is_closed());
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(Some(1)));
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(None));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));

    let (tx, mut rx) = mpsc::unbounded_channel_with_lock::<u8, L>();
    assert!(poll_recv(&mut rx, &probe).is_pending());
    drop(tx);
    assert_eq!(probe.wakes(), 2);
    assert_eq!(poll_recv(&mut rx, &probe), Poll::Ready(None));
}

fn closing_refuses_and_drains<L: Lock>() {
    let (tx, mut rx) = mpsc::unbounded_channel_with_lock::<_, L>();
    tx.send(1).unwrap();
    rx.close();
    rx.close();
    assert!(tx.is_closed() && rx.is_closed());
    assert_eq!(tx.send(2), Err(SendError(2)));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

fn many_at_once<L: Lock>() {
    let (tx, mut rx) = mpsc::unbounded_channel_with_lock::<_, L>();
    let (probe, mut buffer) = (Probe::new(), Vec::new());
    let mut many = |limit| poll(pin!(rx.recv_many(&mut buffer, limit)), &probe);
    assert_eq!(many(0), Poll::Ready(0));
    assert!(many(9).is_pending());
    (0..4).for_each(|n| tx.send(n).unwrap());
    assert_eq!(probe.wakes(), 1);
    assert_eq!(many(0), Poll::Ready(0));
    assert_eq!(many(1), Poll::Ready(1));
    assert_eq!(many(9), Poll::Ready(3));
    assert!(many(usize::MAX).is_pending());
    tx.send(4).unwrap();
    drop(tx);
    assert_eq!(probe.wakes(), 2);
    assert_eq!(many(usize::MAX), Poll::Ready(1));
    assert_eq!(many(1), Poll::Ready(0));
    assert_eq!(buffer, [0, 1, 2, 3, 4]);
}

fn dropping_the_receiver_drops_the_values<L: Lock>() {
    let value = Arc::new(());
    let (tx, rx) = mpsc::unbounded_channel_with_lock::<_, L>();
    tx.send(value.clone()).unwrap();
    tx.send(value.clone()).unwrap();
    drop(rx);
    assert_eq!(Arc::strong_count(&value), 1);
    assert!(tx.send(value.clone()).is_err());
}

fn closed_tells_every_sender<L: Lock>() {
    let (tx, rx) = mpsc::unbounded_channel_with_lock::<u8, L>();
    let probe = Probe::new();
    let mut waits: [_; 2] = std::array::from_fn(|_| Box::pin(tx.closed()));
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &probe).is_pending());
    }
    drop(rx);
    assert_eq!(probe.wakes(), 2);
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &probe).is_ready());
        assert!(poll(wait.as_mut(), &probe).is_ready());
    }
}

#[test]
fn a_drop_that_panics_leaves_nothing_behind() {
    struct Bomb(Arc<AtomicUsize>, bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, Relaxed);
            assert!(!self.1, "boom");
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mpsc::unbounded_channel();
    for n in 0..3 {
        assert!(tx.send(Bomb(drops.clone(), n == 1)).is_ok());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    drop(tx);
    assert_eq!(drops.load(Relaxed), 3, "each once");
}

fn nothing_is_lost_or_doubled_or_out_of_order<L: Lock>() {
    const SENDERS: usize = 4;
    // For each lock; the long form of it is in `mpsc_threads`.
    let each = 100_000 / SENDERS;
    let (tx, mut rx) = mpsc::unbounded_channel_with_lock::<_, L>();
    let start = Arc::new(Barrier::new(SENDERS + 1));
    let senders: Vec<_> = (0..SENDERS)
        .map(|who| {
            let (tx, start) = (tx.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                (0..each).for_each(|n| tx.send((who, n)).unwrap());
            })
        })
        .collect();
    drop(tx);
    start.wait();
    let mut next = [0; SENDERS];
    while let Some((who, n)) = block_on(rx.recv()) {
        assert_eq!(next[who], n);
        next[who] += 1;
    }
    assert_eq!(next, [each; SENDERS]);
    for sender in senders {
        sender.join().unwrap();
    }
}
