//! `watch` under threads: each receiver sees values that get newer and are whole, and the last one at the end.
#![cfg(all(not(loom), feature = "alloc"))]

mod support;

use std::{
    pin::pin,
    sync::{Arc, Barrier},
    thread,
};

use futures::executor::block_on;
use pintle_sync::{
    storage::Heap,
    watch::{self, Receiver, Sender},
};
use support::{Lock, Probe, for_each_lock, poll};

const SENDERS: usize = 2;
const RECEIVERS: usize = 3;

for_each_lock![everybody_sees_the_last_value];

fn messages() -> usize {
    if pintle_core::model::full() {
        400_000
    } else {
        10_000
    }
}

/// The number of changes, twice.
type Value = [usize; 2];

fn send<L: Lock>(tx: &Sender<Value, Heap, L>, n: usize) {
    match n % 4 {
        0 => drop(tx.borrow()),
        // Receivers come and go.
        1 => drop(tx.subscribe()),
        2 => assert!(!tx.send_if_modified(|_| false)),
        _ => {}
    }
    tx.send_modify(|value| value.iter_mut().for_each(|n| *n += 1));
}

fn receive<L: Lock>(mut rx: Receiver<Value, Heap, L>) -> usize {
    let mut last = 0;
    for round in 0_usize.. {
        let changed = match round % 3 {
            0 => {
                // Begins to wait, and gives up.
                let _ = poll(pin!(rx.changed()), &Probe::new());
                rx.mark_changed();
                block_on(rx.changed())
            }
            1 => block_on(rx.wait_for(|value| value[0] > last)).map(drop),
            _ => block_on(rx.changed()),
        };
        let [first, second] = *rx.borrow_and_update();
        assert_eq!(first, second, "torn");
        assert!(first >= last, "older");
        last = first;
        if changed.is_err() {
            break;
        }
    }
    last
}

fn everybody_sees_the_last_value<L: Lock>() {
    let each = messages() / SENDERS;
    let (tx, rx) = watch::channel_with_lock::<Value, L>([0; 2]);
    let start = Arc::new(Barrier::new(SENDERS + RECEIVERS));
    let receivers: Vec<_> = (0..RECEIVERS)
        .map(|_| {
            let (rx, start) = (rx.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                receive(rx)
            })
        })
        .collect();
    drop(rx);
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (tx, start) = (tx.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                (0..each).for_each(|n| send(&tx, n));
            })
        })
        .collect();
    drop(tx);
    for sender in senders {
        sender.join().unwrap();
    }
    for receiver in receivers {
        assert_eq!(receiver.join().unwrap(), each * SENDERS);
    }
}
