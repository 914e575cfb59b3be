//! `oneshot` under threads: what is sent is received, given back or dropped, once, whichever end goes first;
//! and a channel is freed, or can be split again, when both are gone.
#![cfg(all(not(loom), feature = "alloc"))]

mod support;

use std::{
    pin::Pin,
    sync::{Arc, mpsc},
    task::Context,
    thread,
};

use futures::executor::block_on;
use pintle_sync::{
    oneshot::{self, Receiver, Sender},
    storage::Storage,
};
use support::{Probe, poll};

/// Threads that send, and threads that receive.
const EACH: usize = 2;

fn messages() -> usize {
    if pintle_core::model::full() {
        1_000_000
    } else {
        20_000
    }
}

/// Its number, and what says that it is gone.
type Value = (usize, Arc<()>);

#[test]
fn on_the_heap() {
    exchange(oneshot::channel);
}

#[test]
fn in_statics() {
    const CHANNELS: usize = 64;
    static CHANNEL: [oneshot::Channel<Value>; CHANNELS] =
        [const { oneshot::Channel::new() }; CHANNELS];

    let mut next = 0;
    exchange(|| {
        loop {
            next = (next + 1) % CHANNELS;
            match CHANNEL[next].split_static() {
                Ok(ends) => return ends,
                // Its ends are not gone yet.
                Err(_) => thread::yield_now(),
            }
        }
    });
    for channel in &CHANNEL {
        assert!(channel.split_static().is_ok());
    }
}

/// Gives each channel's ends to two threads.
fn exchange<S: Storage + 'static>(
    mut channel: impl FnMut() -> (Sender<Value, S>, Receiver<Value, S>),
) where
    Sender<Value, S>: Send,
    Receiver<Value, S>: Send,
{
    let here = Arc::new(());
    let tasks: Vec<_> = (0..EACH).map(|_| Probe::new()).collect();
    let (mut senders, mut receivers) = (Vec::new(), Vec::new());
    let mut threads = Vec::new();
    for task in &tasks {
        let (give, take) = mpsc::sync_channel(16);
        senders.push(give);
        let (here, task) = (here.clone(), task.clone());
        threads.push(thread::spawn(move || {
            for (n, tx) in take {
                send(tx, (n, here.clone()), &task);
            }
        }));
        let (give, take) = mpsc::sync_channel(16);
        receivers.push(give);
        threads.push(thread::spawn(move || {
            for (n, rx) in take {
                receive(rx, n);
            }
        }));
    }
    for n in 0..messages() {
        let (tx, rx) = channel();
        senders[n % EACH].send((n, tx)).unwrap();
        receivers[n / EACH % EACH].send((n, rx)).unwrap();
    }
    drop((senders, receivers));
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(Arc::strong_count(&here), 1, "lost, or freed twice");
    for task in tasks {
        assert_eq!(task.live(), 0, "a channel has not been freed");
    }
}

fn send<S: Storage>(mut tx: Sender<Value, S>, value: Value, task: &Arc<Probe>) {
    let n = value.0;
    match n % 8 {
        // The receiver knows that nothing comes.
        0 => drop(tx),
        1 => {
            // Leaves its waker in the channel.
            let waker = task.waker();
            let _ = tx.poll_closed(&mut Context::from_waker(&waker));
            let _ = tx.send(value);
        }
        2 => {
            let _ = poll(Box::pin(tx.closed()).as_mut(), task);
            let _ = tx.send(value);
        }
        _ => {
            if let Err(back) = tx.send(value) {
                assert_eq!(back.0, n);
            }
        }
    }
}

fn receive<S: Storage>(mut rx: Receiver<Value, S>, n: usize) {
    let sent = n % 8 != 0;
    let received = match n / 8 % 8 {
        0 => return,
        1 => {
            let _ = poll(Pin::new(&mut rx), &Probe::new());
            return;
        }
        2 => {
            rx.close();
            rx.try_recv().ok()
        }
        3 => rx.try_recv().ok(),
        4 => {
            // Begins to wait with another task.
            match poll(Pin::new(&mut rx), &Probe::new()) {
                std::task::Poll::Ready(it) => it.ok(),
                std::task::Poll::Pending => block_on(&mut rx).ok(),
            }
        }
        _ => {
            let received = block_on(&mut rx).ok();
            assert_eq!(received.is_some(), sent);
            received
        }
    };
    if let Some((number, _)) = received {
        assert_eq!(number, n);
        assert!(rx.try_recv().is_err());
    }
}
