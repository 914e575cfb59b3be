//! Bounded `mpsc`: each value holds one of loom's `Arc`s, so one that is lost is found as a leak, and a
//! missing happens-before round its place as a data race.

use std::{
    mem,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
};

use loom::future::block_on;
use pintle_sync::mpsc::{self, TryRecvError};

use crate::support::{Task, Value, check, spawn};

#[test]
fn two_senders_and_a_receiver_that_waits() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(2);
        let sending = [1, 2].map(|n| {
            let tx = tx.clone();
            spawn(move || tx.try_send(Value::new(n)).unwrap())
        });
        drop(tx);
        let task = Task::new();
        let first = rx.poll_recv(&mut Context::from_waker(&task.waker()));
        for sending in sending {
            sending.join().unwrap();
        }
        let mut sum = 0;
        match first {
            Poll::Ready(value) => sum += value.unwrap().n,
            Poll::Pending => assert!(task.wakes() > 0, "the receiver sleeps beside a value"),
        }
        while let Ok(value) = rx.try_recv() {
            sum += value.n;
        }
        assert_eq!(sum, 3);
    });
}

#[test]
fn two_senders_and_a_receiver_that_closes() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(2);
        let sending = [1, 2].map(|n| {
            let tx = tx.clone();
            spawn(move || tx.try_send(Value::new(n)).is_ok())
        });
        rx.close();
        let mut received = 0;
        while block_on(rx.recv()).is_some() {
            received += 1;
        }
        let sent = sending.map(|it| it.join().unwrap());
        assert_eq!(received, sent.iter().filter(|ok| **ok).count());
        drop(tx);
    });
}

#[test]
fn a_send_into_a_full_channel_and_a_receive() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        tx.try_send(Value::new(1)).unwrap();
        let receiving = spawn(move || {
            assert_eq!(rx.try_recv().map(|it| it.n), Ok(1));
            rx
        });
        let task = Task::new();
        let mut send = pin!(tx.send(Value::new(2)));
        let sent = task.poll(send.as_mut()).is_ready();
        let mut rx = receiving.join().unwrap();
        if !sent {
            assert_eq!(task.wakes(), 1);
            assert!(task.poll(send).is_ready());
        }
        assert_eq!(rx.try_recv().map(|it| it.n), Ok(2));
    });
}

#[test]
fn two_sends_into_a_full_channel() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        let sending = [1, 2].map(|n| {
            let tx = tx.clone();
            spawn(move || {
                let task = Task::new();
                let mut send = Box::pin(tx.send(Value::new(n)));
                task.poll(send.as_mut()).is_ready()
            })
        });
        let received = usize::from(rx.try_recv().is_ok());
        let sent = sending.map(|it| it.join().unwrap());
        let sent = sent.iter().filter(|ok| **ok).count();
        // Who was handed room and dropped gave it back.
        let left = usize::from(rx.try_recv().is_ok());
        assert_eq!(received + left, sent);
        assert_eq!(tx.capacity(), 1);
    });
}

#[test]
fn a_receive_and_the_drop_of_the_last_sender() {
    check(|| {
        let (tx, mut rx) = mpsc::channel::<Value>(1);
        let other = tx.clone();
        let dropping = [tx, other].map(|tx| spawn(move || drop(tx)));
        assert_eq!(block_on(rx.recv()), None);
        for dropping in dropping {
            dropping.join().unwrap();
        }
    });
}

#[test]
fn the_last_value_and_the_end() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        let sending = spawn(move || tx.try_send(Value::new(1)).unwrap());
        let mut received = rx.try_recv();
        while received == Err(TryRecvError::Empty) {
            loom::thread::yield_now();
            received = rx.try_recv();
        }
        // Never the end before the value.
        assert_eq!(received.map(|it| it.n), Ok(1));
        sending.join().unwrap();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    });
}

#[test]
fn cancelling_a_woken_sender() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        tx.try_send(Value::new(0)).unwrap();
        let (first, second) = (Task::new(), Task::new());
        let mut cancelled = Box::pin(tx.send(Value::new(1)));
        let mut kept = pin!(tx.send(Value::new(2)));
        assert!(first.poll(cancelled.as_mut()).is_pending());
        assert!(second.poll(kept.as_mut()).is_pending());
        let receiving = spawn(move || {
            assert!(rx.try_recv().is_ok());
            rx
        });
        drop(cancelled);
        let mut rx = receiving.join().unwrap();
        assert_eq!(second.wakes(), 1, "the room is handed on");
        assert_eq!(second.poll(kept), Poll::Ready(Ok(())));
        assert_eq!(rx.try_recv().unwrap().n, 2);
        assert!(rx.try_recv().is_err());
    });
}

#[test]
fn a_sender_that_queues_and_the_closing() {
    check(|| {
        let (tx, rx) = mpsc::channel(1);
        tx.try_send(Value::new(0)).unwrap();
        let closing = spawn(move || drop(rx));
        assert!(block_on(tx.send(Value::new(1))).is_err());
        block_on(tx.closed());
        closing.join().unwrap();
    });
}

#[test]
fn a_permit_that_is_dropped_or_used_after_the_closing() {
    for uses in [false, true] {
        check(move || {
            let (tx, mut rx) = mpsc::channel(1);
            let permit = tx.try_reserve_owned().unwrap();
            let sending = spawn(move || {
                if uses {
                    drop(permit.send(Value::new(1)));
                } else {
                    drop(permit);
                }
            });
            rx.close();
            assert_eq!(block_on(rx.recv()).is_some(), uses);
            if uses {
                assert_eq!(block_on(rx.recv()), None);
            }
            sending.join().unwrap();
        });
    }
}

#[test]
fn places_come_round() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        let sending = spawn(move || {
            for n in 0..3 {
                while tx.try_send(Value::new(n)).is_err() {
                    loom::thread::yield_now();
                }
            }
        });
        for n in 0..3 {
            let mut received = rx.try_recv();
            while received.is_err() {
                loom::thread::yield_now();
                received = rx.try_recv();
            }
            assert_eq!(received.map(|it| it.n), Ok(n));
        }
        sending.join().unwrap();
    });
}

/// The ends go one after the other in any order, and what is in the channel goes with the last.
#[test]
fn both_ends_are_dropped() {
    check(|| {
        // A model makes it anew each time: a static of its own, freed at the end.
        let channel = Box::into_raw(Box::new(mpsc::Channel::<_, 1>::new()));
        // SAFETY: it is freed when nobody has an end of it any more.
        let shared: &'static mpsc::Channel<_, 1> = unsafe { &*channel };
        let (tx, rx) = shared.split_static().unwrap();
        let permit = tx.try_reserve_owned().unwrap();
        let sending = spawn(move || drop(permit.send(Value::new(1))));
        drop(rx);
        // Nobody is half gone when it can be split again.
        if let Ok((tx, mut rx)) = shared.split_static() {
            tx.try_send(Value::new(2)).unwrap();
            assert_eq!(rx.try_recv().unwrap().n, 2);
            assert!(!rx.is_closed());
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
            let channel = Box::into_raw(Box::new(mpsc::Channel::<_, 1>::new()));
            // SAFETY: it is from `Box::into_raw`, and nobody else has it.
            let (tx, rx) = unsafe { &mut *channel }.split();
            let sending = spawn(move || {
                drop(tx.try_send(Value::new(1)));
                if forgets {
                    mem::forget(tx);
                }
            });
            drop(rx);
            sending.join().unwrap();
            // SAFETY: as before: of the ends none is used any more.
            let (tx, mut rx) = unsafe { &mut *channel }.split();
            tx.try_send(Value::new(2)).unwrap();
            assert_eq!(rx.try_recv().unwrap().n, 2);
            tx.try_send(Value::new(3)).unwrap();
            mem::forget((tx, rx));
            // SAFETY: as before.
            drop(unsafe { Box::from_raw(channel) });
        });
    }
}

#[test]
fn the_last_sender_leaves_forgotten_room() {
    for closes in [false, true] {
        check(move || {
            let (tx, mut rx) = mpsc::channel(2);
            mem::forget(tx.try_reserve().unwrap());
            let permit = tx.try_reserve_owned().unwrap();
            let sending = spawn(move || drop(permit.send(Value::new(1))));
            if closes {
                rx.close();
            }
            assert_eq!(block_on(rx.recv()).map(|it| it.n), Some(1));
            assert_eq!(block_on(rx.recv()), None);
            sending.join().unwrap();
        });
    }
}

#[test]
fn a_send_and_the_drop_of_a_receiver_that_waits() {
    check(|| {
        let (tx, mut rx) = mpsc::channel(1);
        let task = Task::new();
        let waits = rx.poll_recv(&mut Context::from_waker(&task.waker()));
        assert!(waits.is_pending());
        let sending = spawn(move || {
            drop(tx.try_send(Value::new(1)));
            tx
        });
        drop(rx);
        let _tx = sending.join().unwrap();
        assert_eq!(Arc::strong_count(&task), 1, "its waker is gone");
    });
}

mod unbounded {
    use super::*;

    #[test]
    fn two_senders_and_a_receiver_that_waits() {
        check(|| {
            let (tx, mut rx) = mpsc::unbounded_channel();
            let sending = [1, 2].map(|n| {
                let tx = tx.clone();
                spawn(move || tx.send(Value::new(n)).unwrap())
            });
            let task = Task::new();
            let first = rx.poll_recv(&mut Context::from_waker(&task.waker()));
            for sending in sending {
                sending.join().unwrap();
            }
            let mut sum = 0;
            match first {
                Poll::Ready(value) => sum += value.unwrap().n,
                Poll::Pending => assert!(task.wakes() > 0, "the receiver sleeps beside a value"),
            }
            while let Ok(value) = rx.try_recv() {
                sum += value.n;
            }
            assert_eq!(sum, 3);
            drop(tx);
        });
    }

    #[test]
    fn a_send_and_the_closing() {
        check(|| {
            let (tx, mut rx) = mpsc::unbounded_channel();
            let sending = spawn(move || tx.send(Value::new(1)).is_ok());
            rx.close();
            let received = block_on(rx.recv()).is_some();
            assert_eq!(sending.join().unwrap(), received);
        });
    }

    #[test]
    fn a_receive_and_the_drop_of_the_last_sender() {
        check(|| {
            let (tx, mut rx) = mpsc::unbounded_channel();
            let sending = spawn(move || tx.send(Value::new(1)).unwrap());
            assert_eq!(block_on(rx.recv()).map(|it| it.n), Some(1));
            assert_eq!(block_on(rx.recv()), None);
            sending.join().unwrap();
        });
    }

    #[test]
    fn both_ends_are_dropped() {
        check(|| {
            let (tx, rx) = mpsc::unbounded_channel();
            let sending = spawn(move || drop(tx.send(Value::new(1))));
            drop(rx);
            sending.join().unwrap();
        });
    }
}

/// Either the weak one becomes a sender while there is another, and what it sends is received, or the
/// channel is closed for good.
#[test]
fn an_upgrade_and_the_drop_of_the_last_sender() {
    check(|| {
        let (tx, mut rx) = mpsc::channel::<Value>(1);
        let weak = tx.downgrade();
        let upgrading = spawn(move || match weak.upgrade() {
            Some(tx) => {
                tx.try_send(Value::new(1)).unwrap();
                true
            }
            None => false,
        });
        drop(tx);
        let received = block_on(rx.recv()).is_some();
        assert_eq!(upgrading.join().unwrap(), received);
        assert!(block_on(rx.recv()).is_none());
    });
}

#[test]
fn an_upgrade_and_the_drop_of_both_ends() {
    check(|| {
        let (tx, rx) = mpsc::unbounded_channel::<Value>();
        let weak = tx.downgrade();
        let upgrading = spawn(move || weak.upgrade().map(|tx| drop(tx.send(Value::new(1)))));
        drop(tx);
        drop(rx);
        let _ = upgrading.join().unwrap();
    });
}
