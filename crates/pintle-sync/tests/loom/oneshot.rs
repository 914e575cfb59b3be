//! `oneshot`: a value that is lost is found as a leak, and a missing happens-before round its place as
//! a data race.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use loom::future::block_on;
use pintle_sync::oneshot;

use crate::support::{Task, Value, check, spawn};

#[test]
fn a_send_and_a_receiver_that_waits() {
    check(|| {
        let (tx, rx) = oneshot::channel();
        let sending = spawn(move || tx.send(Value::new(1)).unwrap());
        assert_eq!(block_on(rx).map(|it| it.n), Ok(1));
        sending.join().unwrap();
    });
}

#[test]
fn a_send_and_the_closing() {
    check(|| {
        let (tx, mut rx) = oneshot::channel();
        let sending = spawn(move || tx.send(Value::new(1)).is_ok());
        rx.close();
        let received = block_on(rx).is_ok();
        assert_eq!(sending.join().unwrap(), received);
    });
}

#[test]
fn a_send_and_the_drop_of_the_receiver() {
    check(|| {
        let (tx, mut rx) = oneshot::channel();
        let task = Task::new();
        assert!(task.poll(Pin::new(&mut rx)).is_pending());
        let sending = spawn(move || tx.send(Value::new(1)));
        drop(rx);
        let sent = sending.join().unwrap();
        assert_eq!(Arc::strong_count(&task), 1, "its waker is gone");
        // Back, or dropped with the receiver: else it leaks.
        if let Err(value) = sent {
            assert_eq!(value.n, 1);
        }
    });
}

#[test]
fn the_sender_is_dropped() {
    check(|| {
        let (tx, rx) = oneshot::channel::<Value>();
        let dropping = spawn(move || drop(tx));
        assert!(block_on(rx).is_err());
        dropping.join().unwrap();
    });
}

#[test]
fn the_sender_waits_for_the_closing() {
    for closes in [false, true] {
        check(move || {
            let (mut tx, mut rx) = oneshot::channel::<Value>();
            let closing = spawn(move || {
                if closes {
                    rx.close();
                }
                drop(rx);
            });
            block_on(tx.closed());
            assert!(tx.send(Value::new(1)).is_err());
            closing.join().unwrap();
        });
    }
}

#[test]
fn a_send_wakes_once() {
    check(|| {
        let (tx, mut rx) = oneshot::channel();
        let task = Task::new();
        assert!(task.poll(Pin::new(&mut rx)).is_pending());
        let sending = spawn(move || tx.send(Value::new(1)).unwrap());
        let polled = task.poll(Pin::new(&mut rx));
        sending.join().unwrap();
        match polled {
            Poll::Ready(value) => assert_eq!(value.unwrap().n, 1),
            Poll::Pending => {
                assert!(task.wakes() >= 1);
                assert!(task.poll(Pin::new(&mut rx)).is_ready());
            }
        }
        assert_eq!(Arc::strong_count(&task), 1, "no waker is left behind");
    });
}

#[test]
fn both_ends_are_dropped() {
    check(|| {
        // A model makes it anew each time: a static of its own, freed at the end.
        let channel = Box::into_raw(Box::new(oneshot::Channel::new()));
        // SAFETY: it is freed when nobody has an end of it any more.
        let shared: &'static oneshot::Channel<_> = unsafe { &*channel };
        let (tx, rx) = shared.split_static().unwrap();
        let sending = spawn(move || drop(tx.send(Value::new(1))));
        drop(rx);
        // Nobody is half gone when it can be split again.
        if let Ok((tx, mut rx)) = shared.split_static() {
            assert!(tx.send(Value::new(2)).is_ok());
            assert_eq!(rx.try_recv().unwrap().n, 2);
        }
        sending.join().unwrap();
        assert!(shared.split_static().is_ok());
        // SAFETY: it is from `Box::into_raw`, and all ends are gone.
        drop(unsafe { Box::from_raw(channel) });
    });
}

/// What a scope does: each time it is split the ends of before are gone, or forgotten.
#[test]
fn an_inline_channel_is_split_again() {
    for forgets in [false, true] {
        check(move || {
            let channel = Box::into_raw(Box::new(oneshot::Channel::new()));
            // SAFETY: it is from `Box::into_raw`, and nobody else has it.
            let (tx, rx) = unsafe { &mut *channel }.split();
            let sending = spawn(move || drop(tx.send(Value::new(1))));
            if forgets {
                mem::forget(rx);
            } else {
                drop(rx);
            }
            sending.join().unwrap();
            // SAFETY: as before: of the ends none is used any more.
            let (tx, mut rx) = unsafe { &mut *channel }.split();
            assert!(tx.send(Value::new(2)).is_ok());
            assert_eq!(rx.try_recv().unwrap().n, 2);
            drop(rx);
            // SAFETY: as before.
            drop(unsafe { Box::from_raw(channel) });
        });
    }
}

#[test]
fn the_closing_and_the_drop_of_who_waits_for_it() {
    check(|| {
        let (mut tx, rx) = oneshot::channel::<Value>();
        let task = Task::new();
        let mut closed = Box::pin(tx.closed());
        let waits = task.poll(closed.as_mut());
        let closing = spawn(move || drop(rx));
        assert!(waits.is_pending());
        drop(closed);
        closing.join().unwrap();
        assert_eq!(Arc::strong_count(&task), 1, "its waker is gone");
        assert!(tx.is_closed());
    });
}

/// Whoever goes last frees what is on the heap, and with it the waker that the sender has left there. loom
/// says if the other one is not done with it.
#[test]
fn the_last_end_frees_the_channel() {
    for (sends, waits, receives) in [
        (true, true, true),
        (true, true, false),
        (true, false, true),
        (true, false, false),
        (false, true, false),
        (false, false, false),
    ] {
        check(move || {
            let (mut tx, mut rx) = oneshot::channel();
            let (sender, receiver) = (Task::new(), Task::new());
            let waker = sender.waker();
            assert!(
                tx.poll_closed(&mut Context::from_waker(&waker))
                    .is_pending()
            );
            drop(waker);
            if waits {
                assert!(receiver.poll(Pin::new(&mut rx)).is_pending());
            }
            let going = spawn(move || match sends {
                true => drop(tx.send(Value::new(1))),
                false => drop(tx),
            });
            if receives {
                let _ = rx.try_recv();
            }
            drop(rx);
            going.join().unwrap();
            assert_eq!(Arc::strong_count(&sender), 1, "it has been freed");
            assert_eq!(Arc::strong_count(&receiver), 1, "it has been freed");
        });
    }
}
