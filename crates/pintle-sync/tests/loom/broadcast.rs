//! `broadcast`: each value holds one of loom's `Arc`s, so one that is lost is found as a leak, one that is
//! doubled as a double free, and a missing happens-before round its place as a data race.

use std::{pin::pin, sync::Arc, task::Poll};

use loom::future::block_on;
use pintle_sync::broadcast::{self, Receiver, RecvError, TryRecvError};

use crate::support::{Task, Value, check, spawn};

/// One that is cloned where the model can change threads.
struct Cloned(Value);

impl Clone for Cloned {
    fn clone(&self) -> Self {
        loom::thread::yield_now();
        Self(Value::new(self.0.n))
    }
}

/// Receives until `last` has come; how many it had, and how many it was told it missed.
fn drain(rx: &mut Receiver<Cloned>, last: usize) -> u64 {
    let (mut before, mut all) = (None, 0);
    loop {
        match block_on(rx.recv()) {
            Ok(Cloned(value)) => {
                assert!(before < Some(value.n), "out of order");
                before = Some(value.n);
                all += 1;
                if value.n == last {
                    return all;
                }
            }
            Err(RecvError::Lagged(missed)) => all += missed,
            Err(RecvError::Closed) => panic!("before the last value"),
        }
    }
}

#[test]
fn sends_and_a_receiver_that_lags() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(1);
        let sending = spawn(move || {
            for n in 1..=3 {
                assert_eq!(tx.send(Cloned(Value::new(n))).ok(), Some(1));
            }
        });
        assert_eq!(drain(&mut rx, 3), 3);
        sending.join().unwrap();
        assert!(matches!(rx.try_recv(), Err(TryRecvError::Closed)));
    });
}

#[test]
fn a_send_over_a_value_that_is_borrowed() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(1);
        let mut other = tx.subscribe();
        assert!(tx.send(Cloned(Value::new(1))).is_ok());
        let sending = spawn(move || assert!(tx.send(Cloned(Value::new(2))).is_ok()));
        assert_eq!(drain(&mut rx, 2), 2);
        sending.join().unwrap();
        assert_eq!(drain(&mut other, 2), 2);
    });
}

#[test]
fn two_receivers_borrow_a_value() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(1);
        let mut other = tx.subscribe();
        let _third = tx.subscribe();
        assert!(tx.send(Cloned(Value::new(1))).is_ok());
        let receiving = spawn(move || assert_eq!(drain(&mut other, 1), 1));
        assert_eq!(drain(&mut rx, 1), 1);
        receiving.join().unwrap();
        assert_eq!(tx.len(), 1);
    });
}

#[test]
fn a_borrower_and_the_drop_of_the_others() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(1);
        let other = tx.subscribe();
        assert!(tx.send(Cloned(Value::new(1))).is_ok());
        let dropping = spawn(move || drop(other));
        assert_eq!(drain(&mut rx, 1), 1);
        dropping.join().unwrap();
        assert!(tx.is_empty());
    });
}

#[test]
fn the_drop_of_the_last_sender_and_a_receive() {
    check(|| {
        let (tx, mut rx) = broadcast::channel::<Cloned>(1);
        let other = tx.clone();
        let dropping = [tx, other].map(|tx| spawn(move || drop(tx)));
        assert!(matches!(block_on(rx.recv()), Err(RecvError::Closed)));
        for dropping in dropping {
            dropping.join().unwrap();
        }
    });
}

#[test]
fn a_subscription_and_a_send() {
    check(|| {
        let (tx, rx) = broadcast::channel(2);
        let sending = spawn({
            let tx = tx.clone();
            move || tx.send(Cloned(Value::new(1))).unwrap_or(0)
        });
        let mut late = tx.subscribe();
        let dropping = tx.receiver_count();
        drop(rx);
        let reached = sending.join().unwrap();
        assert_eq!(dropping, 2);
        drop(tx);
        // It was counted if and only if it gets the value.
        match late.try_recv() {
            Ok(Cloned(value)) => assert_eq!((value.n, reached > 0), (1, true)),
            Err(error) => assert_eq!((error, reached), (TryRecvError::Closed, 1)),
        }
    });
}

#[test]
fn a_send_and_who_gives_up() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(1);
        let task = Task::new();
        let mut waiting = Box::pin(rx.recv());
        assert!(task.poll(waiting.as_mut()).is_pending());
        let sending = spawn(move || assert!(tx.send(Cloned(Value::new(1))).is_ok()));
        drop(waiting);
        sending.join().unwrap();
        assert!(task.wakes() <= 1);
        assert!(rx.try_recv().is_ok());
    });
}

#[test]
fn a_send_and_two_who_begin_to_wait() {
    check(|| {
        let (tx, mut rx) = broadcast::channel(1);
        let mut other = rx.resubscribe();
        let sending = spawn(move || {
            assert!(tx.send(Cloned(Value::new(1))).is_ok());
            tx
        });
        let tasks = [Task::new(), Task::new()];
        let mut first = pin!(rx.recv());
        let mut second = pin!(other.recv());
        let polled = [
            tasks[0].poll(first.as_mut()).map(|it| it.is_ok()),
            tasks[1].poll(second.as_mut()).map(|it| it.is_ok()),
        ];
        let _tx = sending.join().unwrap();
        for (polled, (task, future)) in polled.into_iter().zip(tasks.iter().zip([first, second])) {
            let (ready, wakes): (_, fn(&Arc<Task>) -> usize) = match polled {
                Poll::Ready(ok) => (ok, |_| 0),
                Poll::Pending => (matches!(task.poll(future), Poll::Ready(Ok(_))), |it| {
                    it.wakes()
                }),
            };
            assert!(ready, "a value is lost");
            assert_eq!(wakes(task), usize::from(polled.is_pending()));
        }
    });
}

/// The ends go one after the other in any order, and a channel that can be split again is as new.
#[test]
fn the_ends_are_dropped() {
    check(|| {
        // A model makes it anew each time: a static of its own, freed at the end.
        let channel = Box::into_raw(Box::new(broadcast::Channel::<_, 1>::new()));
        // SAFETY: it is freed when nobody has an end of it any more.
        let shared: &'static broadcast::Channel<_, 1> = unsafe { &*channel };
        let (tx, rx) = shared.split_static().unwrap();
        assert!(tx.send(Cloned(Value::new(1))).is_ok());
        let dropping = spawn(move || drop(rx));
        drop(tx);
        if let Ok((tx, mut rx)) = shared.split_static() {
            assert!(matches!(rx.try_recv(), Err(TryRecvError::Empty)));
            assert_eq!(tx.send(Cloned(Value::new(2))).ok(), Some(1));
            assert_eq!(rx.try_recv().map(|it| it.0.n).ok(), Some(2));
        }
        dropping.join().unwrap();
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
            let (tx, rx) = broadcast::channel(1);
            let task = Task::new();
            let mut stream = Box::pin(broadcast::BroadcastStream::new(rx));
            assert!(task.poll(pin!(stream.next())).is_pending());
            let sending = spawn(move || drop(tx.send(Cloned(Value::new(1)))));
            if drops {
                drop(stream);
            } else {
                let received = block_on(stream.next()).unwrap();
                assert_eq!(received.ok().map(|it| it.0.n), Some(1));
                assert!(block_on(stream.next()).is_none());
                drop(stream);
            }
            sending.join().unwrap();
            assert_eq!(Arc::strong_count(&task), 1, "its waker is gone");
        });
    }
}

/// Who waits until there is no receiver is told once it is so; and one who gives up is not touched any more.
#[test]
fn the_last_receivers_go_and_a_sender_waits_for_it() {
    for gives_up in [false, true] {
        check(move || {
            let (tx, rx) = broadcast::channel::<Cloned>(1);
            let task = Task::new();
            let other = rx.resubscribe();
            let going = spawn(move || drop(other));
            let mut closed = Box::pin(tx.closed());
            let _ = task.poll(closed.as_mut());
            if gives_up {
                drop(closed);
                drop(rx);
            } else {
                drop(rx);
                block_on(closed);
                assert_eq!(tx.receiver_count(), 0);
            }
            going.join().unwrap();
            assert_eq!(Arc::strong_count(&task), 1, "its waker is gone");
        });
    }
}
