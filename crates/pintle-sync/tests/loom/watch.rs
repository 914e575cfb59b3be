//! `watch`: a change that a receiver does not see, and a wake-up that is lost, leave it waiting for ever;
//! a missing happens-before round the value is a data race.

use std::{pin::pin, sync::Arc, task::Poll};

use loom::future::block_on;
use pintle_sync::watch;

use crate::support::{Task, Value, check, spawn};

#[test]
fn a_send_and_a_receiver_that_waits() {
    check(|| {
        let (tx, mut rx) = watch::channel(Value::new(0));
        let sending = spawn(move || {
            tx.send(Value::new(1)).unwrap();
            // Else its going would wake, too.
            tx
        });
        block_on(rx.changed()).unwrap();
        assert_eq!(rx.borrow().n, 1);
        assert_eq!(rx.has_changed(), Ok(false));
        drop(sending.join().unwrap());
    });
}

#[test]
fn the_last_sender_goes() {
    check(|| {
        let (tx, mut rx) = watch::channel(Value::new(0));
        let other = tx.clone();
        let dropping = spawn(move || drop(tx));
        drop(other);
        assert!(block_on(rx.changed()).is_err());
        dropping.join().unwrap();
    });
}

#[test]
fn a_send_and_the_end() {
    check(|| {
        let (tx, mut rx) = watch::channel(Value::new(0));
        let sending = spawn(move || tx.send(Value::new(1)).unwrap());
        assert!(block_on(rx.changed()).is_ok());
        assert_eq!(rx.borrow().n, 1);
        assert!(block_on(rx.changed()).is_err());
        sending.join().unwrap();
    });
}

#[test]
fn a_subscriber_and_a_send() {
    check(|| {
        let (tx, rx) = watch::channel(Value::new(0));
        let other = tx.clone();
        let sending = spawn(move || {
            let _ = other.send(Value::new(1));
        });
        let mut late = tx.subscribe();
        let first = late.borrow().n;
        sending.join().unwrap();
        // Seen, or told of: not both, and not neither.
        let told = late.has_changed().unwrap();
        assert!(first == 1 || told);
        assert_eq!(late.borrow_and_update().n, 1);
        drop(rx);
    });
}

#[test]
fn a_borrow_and_a_send() {
    check(|| {
        let (tx, mut rx) = watch::channel(Value::new(0));
        let sending = spawn(move || {
            tx.send(Value::new(1)).unwrap();
            tx
        });
        let (n, changed) = {
            let value = rx.borrow_and_update();
            (value.n, value.has_changed())
        };
        assert_eq!(n == 1, changed);
        drop(sending.join().unwrap());
        assert_eq!(rx.with_and_update(|value| value.n), 1);
    });
}

#[test]
fn two_senders() {
    check(|| {
        let (tx, mut rx) = watch::channel(0);
        let other = tx.clone();
        let sending = spawn(move || other.send_modify(|value| *value += 1));
        tx.send_modify(|value| *value += 1);
        drop(tx);
        assert_eq!(
            block_on(rx.wait_for(|value| *value == 2)).map(|it| *it),
            Ok(2)
        );
        sending.join().unwrap();
    });
}

#[test]
fn a_wait_that_is_dropped_and_a_send() {
    check(|| {
        let (tx, rx) = watch::channel(Value::new(0));
        let (mut gives_up, mut stays) = (rx.clone(), rx);
        let (one, other) = (Task::new(), Task::new());
        let mut first = Box::pin(gives_up.changed());
        let mut second = pin!(stays.changed());
        assert!(one.poll(first.as_mut()).is_pending());
        assert!(other.poll(second.as_mut()).is_pending());
        let sending = spawn(move || tx.send_replace(Value::new(1)));
        drop(first);
        assert_eq!(sending.join().unwrap().n, 0);
        assert_eq!(other.wakes(), 1);
        assert_eq!(other.poll(second), Poll::Ready(Ok(())));
        assert_eq!(gives_up.borrow_and_update().n, 1);
    });
}

#[test]
fn a_sender_waits_until_there_is_no_receiver() {
    check(|| {
        let (tx, rx) = watch::channel(Value::new(0));
        let other = rx.clone();
        let dropping = spawn(move || drop(rx));
        drop(other);
        block_on(tx.closed());
        assert!(tx.send(Value::new(1)).is_err());
        dropping.join().unwrap();
    });
}

#[test]
fn all_ends_are_dropped() {
    check(|| {
        // A model makes it anew each time: a static of its own, freed at the end.
        let channel = Box::into_raw(Box::new(watch::Channel::new(Value::new(0))));
        // SAFETY: it is freed when nobody has an end of it any more.
        let shared: &'static watch::Channel<_> = unsafe { &*channel };
        let (tx, rx) = shared.split_static().unwrap();
        let sending = spawn(move || drop(tx.send_replace(Value::new(1))));
        drop(rx);
        if let Ok((tx, rx)) = shared.split_static() {
            assert_eq!(rx.has_changed(), Ok(false));
            assert_eq!(tx.send_replace(Value::new(2)).n, 1);
        }
        sending.join().unwrap();
        assert!(shared.split_static().is_ok());
        // SAFETY: it is from `Box::into_raw`, and all ends are gone.
        drop(unsafe { Box::from_raw(channel) });
    });
}

#[cfg(feature = "stream")]
#[test]
fn a_send_and_a_stream() {
    use futures::StreamExt;

    for drops in [false, true] {
        check(move || {
            let (tx, rx) = watch::channel(0);
            let task = Task::new();
            let mut stream = Box::pin(watch::WatchStream::from_changes(rx));
            assert!(task.poll(pin!(stream.next())).is_pending());
            let sending = spawn(move || tx.send(1).is_ok());
            if drops {
                drop(stream);
            } else {
                assert_eq!(block_on(stream.next()), Some(1));
                assert_eq!(block_on(stream.next()), None);
                drop(stream);
            }
            sending.join().unwrap();
            assert_eq!(Arc::strong_count(&task), 1, "its waker is gone");
        });
    }
}
