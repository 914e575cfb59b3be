//! The receivers of `mpsc` as streams, in each storage.
#![cfg(all(not(loom), feature = "stream"))]

mod support;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures::stream::{Stream, StreamExt};
use pintle_sync::mpsc;
use support::Probe;

/// Polls a stream once with a waker of `probe`.
fn next<S: Stream + Unpin>(stream: &mut S, probe: &Arc<Probe>) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(&probe.waker()))
}

/// One item that is waited for, one that is there, and the end.
fn items<Tx>(mut stream: impl Stream<Item = i32> + Unpin, tx: Tx, send: impl Fn(&Tx, i32)) {
    let probe = Probe::new();
    assert!(next(&mut stream, &probe).is_pending());
    send(&tx, 1);
    assert_eq!((probe.wakes(), probe.live()), (1, 0));
    assert_eq!(next(&mut stream, &probe), Poll::Ready(Some(1)));
    send(&tx, 2);
    assert_eq!(next(&mut stream, &probe), Poll::Ready(Some(2)));
    {
        // A wait that is given up loses nothing.
        let mut dropped = stream.next();
        assert!(support::poll(Pin::new(&mut dropped), &probe).is_pending());
    }
    send(&tx, 3);
    drop(tx);
    for expected in [Some(3), None, None] {
        assert_eq!(next(&mut stream, &probe), Poll::Ready(expected));
    }
}

#[test]
fn in_place() {
    let mut channel = mpsc::Channel::<_, 1>::new();
    let (tx, rx) = channel.split();
    items(rx, tx, |tx, n| tx.try_send(n).unwrap());
}

#[test]
fn in_a_static() {
    static CHANNEL: mpsc::Channel<i32, 1> = mpsc::Channel::new();
    let (tx, rx) = CHANNEL.split_static().unwrap();
    items(rx, tx, |tx, n| tx.try_send(n).unwrap());
}

#[cfg(feature = "alloc")]
#[test]
fn on_the_heap() {
    let (tx, rx) = mpsc::channel(1);
    items(rx, tx, |tx, n| tx.try_send(n).unwrap());
}

#[cfg(feature = "alloc")]
#[test]
fn unbounded() {
    let (tx, rx) = mpsc::unbounded_channel();
    items(rx, tx, |tx, n| tx.send(n).unwrap());
}
