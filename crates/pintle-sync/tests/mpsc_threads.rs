//! `mpsc` under threads: each sender's values come once and in order, whatever it sends by.
#![cfg(all(not(loom), feature = "alloc"))]

mod support;

use std::{
    pin::pin,
    sync::{Arc, Barrier},
    task::{Context, Poll},
    thread,
};

use futures::executor::block_on;
use pintle_sync::{
    blocking::ScopedRawMutex,
    mpsc::{self, Sender},
    storage::{Heap, Storage},
};
use support::{Lock, Probe, for_each_lock, poll};

const SENDERS: usize = 4;

for_each_lock![nothing_is_lost_or_doubled_or_out_of_order];

/// Through each lock's channels, and through the one without a bound. With those of the other channels' tests by
/// threads, the long form is ten million messages.
fn messages() -> usize {
    if pintle_core::model::full() {
        1_200_000
    } else {
        100_000
    }
}

/// Sends by each way in turn: at once, waiting, by a permit; and gives up in between.
fn send<S: Storage, L: ScopedRawMutex>(
    tx: &Sender<Box<(usize, usize)>, S, L>,
    who: usize,
    n: usize,
) {
    let value = Box::new((who, n));
    match n % 5 {
        0 => block_on(tx.reserve()).unwrap().send(value),
        1 => {
            // Queues, looks once, and leaves, perhaps with room in its hands.
            let mut given_up = Box::pin(tx.reserve());
            if let Poll::Ready(permit) = poll(given_up.as_mut(), &Probe::new()) {
                drop(permit.unwrap());
            }
            drop(given_up);
            block_on(tx.send(value)).unwrap();
        }
        2 => match tx.try_send(value) {
            Ok(()) => {}
            Err(full) => block_on(tx.send(full.into_inner())).unwrap(),
        },
        _ => block_on(tx.send(value)).unwrap(),
    }
}

fn nothing_is_lost_or_doubled_or_out_of_order<L: Lock>() {
    for capacity in [1, 3, 64] {
        let each = messages() / SENDERS / 3;
        let (tx, mut rx) = mpsc::channel_with_lock::<_, L>(capacity);
        let start = Arc::new(Barrier::new(SENDERS + 1));
        let senders: Vec<_> = (0..SENDERS)
            .map(|who| {
                let (tx, start): (Sender<_, Heap, L>, _) = (tx.clone(), start.clone());
                thread::spawn(move || {
                    start.wait();
                    (0..each).for_each(|n| send(&tx, who, n));
                })
            })
            .collect();
        drop(tx);
        start.wait();
        let mut next = [0; SENDERS];
        let mut buffer = Vec::new();
        let mut round = 0_usize;
        loop {
            round += 1;
            match round % 4 {
                0 => {
                    // A receive that is given up takes nothing with it.
                    let _ = poll(pin!(async { rx.is_empty() }), &Probe::new());
                    let waker = Probe::new().waker();
                    if let Poll::Ready(Some(value)) = rx.poll_recv(&mut Context::from_waker(&waker))
                    {
                        buffer.push(value);
                    }
                }
                1 => buffer.extend(rx.try_recv()),
                2 => {
                    let _ = block_on(rx.recv_many(&mut buffer, 7));
                }
                _ => match block_on(rx.recv()) {
                    Some(value) => buffer.push(value),
                    None => break,
                },
            }
            for value in buffer.drain(..) {
                let (who, n) = *value;
                assert_eq!(next[who], n);
                next[who] += 1;
            }
        }
        assert_eq!(next, [each; SENDERS]);
        for sender in senders {
            sender.join().unwrap();
        }
    }
}

#[test]
fn nothing_is_lost_without_a_bound() {
    let each = messages() / SENDERS;
    let (tx, mut rx) = mpsc::unbounded_channel();
    let start = Arc::new(Barrier::new(SENDERS + 1));
    let senders: Vec<_> = (0..SENDERS)
        .map(|who| {
            let (tx, start) = (tx.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                (0..each).for_each(|n| tx.send(Box::new((who, n))).unwrap());
            })
        })
        .collect();
    drop(tx);
    start.wait();
    let mut next = [0; SENDERS];
    for round in 0_usize.. {
        let received = match round % 4 {
            0 => rx.try_recv().ok(),
            // Begins to wait, and gives up.
            1 => match poll(pin!(rx.recv()), &Probe::new()) {
                Poll::Ready(Some(value)) => Some(value),
                _ => None,
            },
            _ => match block_on(rx.recv()) {
                Some(value) => Some(value),
                None => break,
            },
        };
        if let Some(value) = received {
            let (who, n) = *value;
            assert_eq!(next[who], n);
            next[who] += 1;
        }
    }
    assert_eq!(next, [each; SENDERS]);
    for sender in senders {
        sender.join().unwrap();
    }
}
