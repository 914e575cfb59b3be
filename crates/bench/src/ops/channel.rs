//! Channels: one value, many values, and two threads.

use std::{hint::black_box, pin::pin, task::Poll};

use futures::executor::block_on;

use super::poll;
use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "oneshot",
        what: "Make a channel for one value on the heap, send it, poll the receiver, which has it; drop both ends.",
        contenders: &[
            Contender::new("pintle", pintle::oneshot),
            Contender::new("pintle in place", pintle::oneshot_in_place),
            Contender::new("tokio", tokio::oneshot),
            Contender::new("futures", futures_oneshot),
        ],
    },
    Op {
        name: "mpsc_fill_drain",
        what: "Through the asynchronous interface of a channel for 64: 64 sends and then 64 receives, none of which waits; the cost of one message. By `try`: through the functions that do not wait.",
        contenders: &[
            Contender::new("pintle", pintle::fill_drain),
            Contender::new("pintle in place", pintle::fill_drain_in_place),
            Contender::new("pintle try", pintle::fill_drain_try),
            Contender::new("kanal", kanal::fill_drain),
            Contender::new("thingbuf", thingbuf::fill_drain),
            Contender::new("thingbuf try", thingbuf::fill_drain_try),
            Contender::new("flume", flume::fill_drain),
            Contender::new("tokio", tokio::fill_drain),
        ],
    },
    Op {
        name: "mpsc_two_threads",
        what: "A thread that sends and a thread that receives, both by `block_on` and through a channel for 64, begin together; the cost of one message. (Instructions are of both, one after the other, as Valgrind runs one thread at a time.)",
        contenders: &[
            Contender::new("pintle", pintle::two_threads),
            Contender::new("kanal", kanal::two_threads),
            Contender::new("thingbuf", thingbuf::two_threads),
            Contender::new("flume", flume::two_threads),
            Contender::new("tokio", tokio::two_threads),
        ],
    },
    Op {
        name: "broadcast",
        what: "A channel that keeps 64 values, with two receivers: 64 sends, then each receiver receives them all, and none waits; the cost of one message, sent and received twice.",
        contenders: &[
            Contender::new("pintle", pintle::broadcast),
            Contender::new("pintle in place", pintle::broadcast_in_place),
            Contender::new("tokio", tokio::broadcast),
        ],
    },
    Op {
        name: "watch_send_see",
        what: "A channel for one value that changes: send, poll the receiver's wait, which has it, and borrow the value.",
        contenders: &[
            Contender::new("pintle", pintle::watch),
            Contender::new("pintle in place", pintle::watch_in_place),
            Contender::new("tokio", tokio::watch),
        ],
    },
    Op {
        name: "watch_wait_send",
        what: "The same, with a receiver that waits already and is woken by the send.",
        contenders: &[
            Contender::new("pintle", pintle::watch_wait),
            Contender::new("tokio", tokio::watch_wait),
        ],
    },
];

const CAPACITY: usize = 64;

/// Fills and drains a channel as often as it takes for `n` messages: how one is sent, how one is
/// received, and what a received one is in.
macro_rules! fill_drain {
    ($n:expr, $message:ident => $send:expr, $recv:expr => $Some:ident) => {
        for _ in 0..$n.div_ceil(CAPACITY) {
            for $message in 0..CAPACITY {
                let sent = pin!($send);
                assert!(matches!(poll(sent), Poll::Ready(Ok(()))));
            }
            for message in 0..CAPACITY {
                let received = pin!($recv);
                assert!(matches!(poll(received), Poll::Ready($Some(it)) if it == message));
            }
        }
    };
}

/// Sends to two receivers, and lets each receive, as often as it takes for `n` messages.
macro_rules! broadcast {
    ($n:expr, $tx:expr, $receivers:expr) => {
        for _ in 0..$n.div_ceil(CAPACITY) {
            for message in 0..CAPACITY {
                assert!(matches!($tx.send(message), Ok(2)));
            }
            for rx in $receivers.iter_mut() {
                for message in 0..CAPACITY {
                    let received = pin!(rx.recv());
                    assert!(matches!(poll(received), Poll::Ready(Ok(it)) if it == message));
                }
            }
        }
    };
}

/// Runs both on threads of their own, which begin together.
fn race(send: impl FnOnce() + Send, receive: impl FnOnce() + Send) {
    let start = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            send();
        });
        start.wait();
        receive();
    });
}

macro_rules! oneshot {
    ($n:expr, $channel:expr) => {
        for message in 0..$n {
            let (tx, rx) = black_box($channel);
            assert!(tx.send(message).is_ok());
            assert!(matches!(poll(pin!(rx)), Poll::Ready(Ok(it)) if it == message));
        }
    };
}

macro_rules! watch {
    ($n:expr, $tx:expr, $rx:expr) => {
        for message in 0..$n {
            $tx.send(message).unwrap();
            assert!(matches!(poll(pin!($rx.changed())), Poll::Ready(Ok(()))));
            assert_eq!(*$rx.borrow(), message);
        }
    };
}

macro_rules! watch_wait {
    ($n:expr, $tx:expr, $rx:expr) => {
        for message in 0..$n {
            {
                let mut changed = pin!($rx.changed());
                assert!(poll(changed.as_mut()).is_pending());
                $tx.send(message).unwrap();
                assert!(matches!(poll(changed), Poll::Ready(Ok(()))));
            }
            assert_eq!(*$rx.borrow(), message);
        }
    };
}

fn futures_oneshot(n: usize) {
    oneshot!(n, futures::channel::oneshot::channel());
}

mod pintle {
    use super::*;
    use pintle_sync::{broadcast, mpsc, oneshot, watch};

    pub(super) fn broadcast(n: usize) {
        let (tx, rx) = broadcast::channel(CAPACITY);
        let mut receivers = black_box([rx.resubscribe(), rx]);
        broadcast!(n, black_box(&tx), receivers);
    }

    pub(super) fn broadcast_in_place(n: usize) {
        let mut channel = broadcast::Channel::<usize, CAPACITY>::new();
        let (tx, rx) = channel.split();
        let mut receivers = black_box([rx.resubscribe(), rx]);
        broadcast!(n, black_box(&tx), receivers);
    }

    pub(super) fn oneshot(n: usize) {
        oneshot!(n, oneshot::channel());
    }

    pub(super) fn oneshot_in_place(n: usize) {
        let mut channel = oneshot::Channel::new();
        oneshot!(n, channel.split());
    }

    pub(super) fn fill_drain(n: usize) {
        let (tx, mut rx) = mpsc::channel(CAPACITY);
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        fill_drain!(n, message => tx.send(message), rx.recv() => Some);
    }

    pub(super) fn fill_drain_in_place(n: usize) {
        let mut channel = mpsc::Channel::<usize, CAPACITY>::new();
        let (tx, mut rx) = channel.split();
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        fill_drain!(n, message => tx.send(message), rx.recv() => Some);
    }

    pub(super) fn fill_drain_try(n: usize) {
        let (tx, mut rx) = mpsc::channel(CAPACITY);
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        for _ in 0..n.div_ceil(CAPACITY) {
            for message in 0..CAPACITY {
                tx.try_send(message).unwrap();
            }
            for message in 0..CAPACITY {
                assert_eq!(rx.try_recv().unwrap(), message);
            }
        }
    }

    pub(super) fn two_threads(n: usize) {
        let (tx, mut rx) = mpsc::channel(CAPACITY);
        race(
            move || {
                block_on(async {
                    for message in 0..n {
                        tx.send(message).await.unwrap();
                    }
                })
            },
            move || {
                block_on(async {
                    for message in 0..n {
                        assert_eq!(rx.recv().await, Some(message));
                    }
                })
            },
        );
    }

    pub(super) fn watch(n: usize) {
        let (tx, mut rx) = watch::channel(0);
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        watch!(n, tx, rx);
    }

    pub(super) fn watch_in_place(n: usize) {
        let mut channel = watch::Channel::new(0);
        let (tx, mut rx) = channel.split();
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        watch!(n, tx, rx);
    }

    pub(super) fn watch_wait(n: usize) {
        let (tx, mut rx) = watch::channel(0);
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        watch_wait!(n, tx, rx);
    }
}

mod kanal {
    use super::*;

    pub(super) fn fill_drain(n: usize) {
        let (tx, rx) = ::kanal::bounded_async(CAPACITY);
        let (tx, rx) = (black_box(&tx), black_box(&rx));
        fill_drain!(n, message => tx.send(message), rx.recv() => Ok);
    }

    pub(super) fn two_threads(n: usize) {
        let (tx, rx) = ::kanal::bounded_async(CAPACITY);
        race(
            move || {
                block_on(async {
                    for message in 0..n {
                        tx.send(message).await.unwrap();
                    }
                })
            },
            move || {
                block_on(async {
                    for message in 0..n {
                        assert_eq!(rx.recv().await, Ok(message));
                    }
                })
            },
        );
    }
}

mod thingbuf {
    use super::*;

    pub(super) fn fill_drain(n: usize) {
        let (tx, rx) = ::thingbuf::mpsc::channel::<usize>(CAPACITY);
        let (tx, rx) = (black_box(&tx), black_box(&rx));
        fill_drain!(n, message => tx.send(message), rx.recv() => Some);
    }

    pub(super) fn fill_drain_try(n: usize) {
        let (tx, rx) = ::thingbuf::mpsc::channel::<usize>(CAPACITY);
        let (tx, rx) = (black_box(&tx), black_box(&rx));
        for _ in 0..n.div_ceil(CAPACITY) {
            for message in 0..CAPACITY {
                tx.try_send(message).unwrap();
            }
            for message in 0..CAPACITY {
                assert_eq!(rx.try_recv().unwrap(), message);
            }
        }
    }

    pub(super) fn two_threads(n: usize) {
        let (tx, rx) = ::thingbuf::mpsc::channel::<usize>(CAPACITY);
        race(
            move || {
                block_on(async {
                    for message in 0..n {
                        tx.send(message).await.unwrap();
                    }
                })
            },
            move || {
                block_on(async {
                    for message in 0..n {
                        assert_eq!(rx.recv().await, Some(message));
                    }
                })
            },
        );
    }
}

mod flume {
    use super::*;

    pub(super) fn fill_drain(n: usize) {
        let (tx, rx) = ::flume::bounded(CAPACITY);
        let (tx, rx) = (black_box(&tx), black_box(&rx));
        fill_drain!(n, message => tx.send_async(message), rx.recv_async() => Ok);
    }

    pub(super) fn two_threads(n: usize) {
        let (tx, rx) = ::flume::bounded(CAPACITY);
        race(
            move || {
                block_on(async {
                    for message in 0..n {
                        tx.send_async(message).await.unwrap();
                    }
                })
            },
            move || {
                block_on(async {
                    for message in 0..n {
                        assert_eq!(rx.recv_async().await, Ok(message));
                    }
                })
            },
        );
    }
}

mod tokio {
    use super::*;

    pub(super) fn broadcast(n: usize) {
        let (tx, rx) = ::tokio::sync::broadcast::channel(CAPACITY);
        let mut receivers = black_box([rx.resubscribe(), rx]);
        broadcast!(n, black_box(&tx), receivers);
    }

    pub(super) fn oneshot(n: usize) {
        oneshot!(n, ::tokio::sync::oneshot::channel());
    }

    pub(super) fn fill_drain(n: usize) {
        let (tx, mut rx) = ::tokio::sync::mpsc::channel(CAPACITY);
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        fill_drain!(n, message => tx.send(message), rx.recv() => Some);
    }

    pub(super) fn two_threads(n: usize) {
        let (tx, mut rx) = ::tokio::sync::mpsc::channel(CAPACITY);
        race(
            move || {
                block_on(async {
                    for message in 0..n {
                        tx.send(message).await.unwrap();
                    }
                })
            },
            move || {
                block_on(async {
                    for message in 0..n {
                        assert_eq!(rx.recv().await, Some(message));
                    }
                })
            },
        );
    }

    pub(super) fn watch(n: usize) {
        let (tx, mut rx) = ::tokio::sync::watch::channel(0);
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        watch!(n, tx, rx);
    }

    pub(super) fn watch_wait(n: usize) {
        let (tx, mut rx) = ::tokio::sync::watch::channel(0);
        let (tx, rx) = (black_box(&tx), black_box(&mut rx));
        watch_wait!(n, tx, rx);
    }
}
