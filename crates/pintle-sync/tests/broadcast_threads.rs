//! `broadcast` under threads: each receiver gets each sender's values in order, and what it got and what it
//! was told it missed is all that was sent.
#![cfg(all(not(loom), feature = "alloc"))]

mod support;

use std::{
    pin::pin,
    sync::{Arc, Barrier},
    task::Poll,
    thread,
};

use futures::executor::block_on;
use pintle_sync::broadcast::{self, Receiver, RecvError, Sender};
use support::{Lock, Probe, for_each_lock, poll};

const SENDERS: usize = 2;
const RECEIVERS: usize = 3;

for_each_lock![what_is_received_and_what_is_missed_is_all];

/// Through the channels of each capacity.
fn messages() -> usize {
    if pintle_core::model::full() {
        300_000
    } else {
        30_000
    }
}

/// Who sent it, and its number.
type Value = Arc<(usize, usize)>;

fn receive<L: Lock>(mut rx: Receiver<Value, pintle_sync::storage::Heap, L>) -> (u64, u64) {
    let mut next = [0; SENDERS];
    let (mut received, mut missed) = (0, 0);
    let idle = Probe::new();
    loop {
        // Now and then begins to wait, and gives up.
        let given_up = match received % 5 {
            0 => poll(pin!(rx.recv()), &idle),
            _ => Poll::Pending,
        };
        let result = match given_up {
            Poll::Ready(result) => result,
            Poll::Pending => block_on(rx.recv()),
        };
        match result {
            Ok(value) => {
                let (who, n) = *value;
                assert!(n >= next[who], "out of order");
                next[who] = n + 1;
                received += 1;
            }
            Err(RecvError::Lagged(n)) => missed += n,
            Err(RecvError::Closed) => return (received, missed),
        }
    }
}

fn what_is_received_and_what_is_missed_is_all<L: Lock>() {
    for capacity in [1, 3, 64] {
        let each = messages() / SENDERS;
        let (tx, rx) = broadcast::channel_with_lock::<Value, L>(capacity);
        let start = Arc::new(Barrier::new(SENDERS + RECEIVERS));
        let receivers: Vec<_> = (0..RECEIVERS)
            .map(|_| {
                let (rx, start) = (rx.resubscribe(), start.clone());
                thread::spawn(move || {
                    start.wait();
                    receive(rx)
                })
            })
            .collect();
        drop(rx);
        let senders: Vec<_> = (0..SENDERS)
            .map(|who| {
                let (tx, start): (Sender<_, _, L>, _) = (tx.clone(), start.clone());
                thread::spawn(move || {
                    start.wait();
                    for n in 0..each {
                        // Receivers come and go.
                        let passing = (n % 7 == 0).then(|| tx.subscribe());
                        tx.send(Arc::new((who, n))).unwrap();
                        drop(passing);
                    }
                })
            })
            .collect();
        drop(tx);
        for sender in senders {
            sender.join().unwrap();
        }
        for receiver in receivers {
            let (received, missed) = receiver.join().unwrap();
            assert_eq!(received + missed, (each * SENDERS) as u64);
        }
    }
}
