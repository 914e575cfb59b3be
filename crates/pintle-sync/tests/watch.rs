//! `watch` channels, one step at a time with wakers that count, in each storage and over several locks.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
};

use pintle_sync::{
    blocking::ScopedRawMutex,
    spin::Spinlock,
    storage::Storage,
    watch::{self, Receiver, RecvError, SendError, Sender},
};
use support::{CriticalSection, Probe, poll};

/// What is sent: something that must be dropped once.
type Value = Arc<usize>;

/// Makes tests of functions that take the first two ends of a channel.
macro_rules! for_each_channel {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "alloc")]
        mod heap {
            $(#[test]
            fn $test() {
                let (tx, rx) = super::watch::channel(super::Value::new(0));
                super::$test(tx, rx);
            })*
        }
        mod inline {
            $(#[test]
            fn $test() {
                let lock = super::CriticalSection::default();
                let mut channel = super::watch::Channel::new_with_raw_mutex(super::Value::new(0), lock);
                // Twice, as ends that are gone leave nothing behind but the value.
                for _ in 0..2 {
                    let (tx, mut rx) = channel.split();
                    tx.send_replace(super::Value::new(0));
                    rx.mark_unchanged();
                    super::$test(tx, rx);
                }
            })*
        }
        mod in_a_static {
            $(#[test]
            fn $test() {
                type Leaked = super::watch::Channel<super::Value, super::Spinlock>;
                let channel: &'static Leaked = Box::leak(Box::default());
                for _ in 0..2 {
                    let (tx, mut rx) = channel.split_static().unwrap();
                    assert!(channel.split_static().is_err());
                    tx.send_replace(super::Value::new(0));
                    rx.mark_unchanged();
                    super::$test(tx, rx);
                }
            })*
        }
    };
}

for_each_channel![
    the_first_value_has_been_seen,
    the_newest_value_is_seen_once,
    a_receiver_waits,
    a_waker_is_exchanged,
    a_wait_that_is_dropped,
    a_wait_that_has_been_woken_and_is_dropped_has_not_seen,
    the_last_sender_goes,
    a_value_counts_for_more_than_the_end,
    nobody_receives,
    changes_in_place,
    closures_and_borrows_see_the_same,
    marks,
    a_clone_has_seen_what_the_original_has,
    a_subscriber_has_seen_the_value,
    a_sender_waits_until_there_is_no_receiver,
    many_receivers_wait,
    a_condition,
    a_condition_and_the_end,
    a_condition_that_panics,
    a_change_that_panics_tells_nobody,
    a_look_that_panics,
];

/// Whether it gives that all senders are gone.
fn ended<T>(polled: &Poll<Result<T, RecvError>>) -> bool {
    matches!(polled, Poll::Ready(Err(_)))
}

fn number(value: &Value) -> usize {
    **value
}

/// Sends a number.
fn send<S: Storage, L: ScopedRawMutex>(tx: &Sender<Value, S, L>, n: usize) {
    tx.send(Value::new(n)).unwrap();
}

fn the_first_value_has_been_seen<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    assert_eq!(rx.has_changed(), Ok(false));
    assert!(!rx.borrow().has_changed());
    assert!(poll(pin!(rx.changed()), &probe).is_pending());
    assert_eq!(probe.live(), 0);
    assert_eq!((tx.receiver_count(), tx.sender_count()), (1, 1));
}

fn the_newest_value_is_seen_once<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let first = Value::new(1);
    tx.send(first.clone()).unwrap();
    send(&tx, 2);
    assert_eq!(Arc::strong_count(&first), 1);
    assert_eq!(rx.has_changed(), Ok(true));
    {
        let value = rx.borrow();
        assert_eq!(number(&value), 2);
        assert!(value.has_changed());
    }
    let mut changed = Box::pin(rx.changed());
    assert_eq!(poll(changed.as_mut(), &probe), Poll::Ready(Ok(())));
    send(&tx, 3);
    // The same result, and what came since has not been seen by it.
    assert_eq!(poll(changed.as_mut(), &probe), Poll::Ready(Ok(())));
    drop(changed);
    assert_eq!(rx.has_changed(), Ok(true));
    assert!(rx.borrow_and_update().has_changed());
    assert!(!rx.borrow_and_update().has_changed());
    assert_eq!(rx.has_changed(), Ok(false));
    assert!(poll(pin!(rx.changed()), &probe).is_pending());
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
}

fn a_receiver_waits<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    {
        let mut changed = pin!(rx.changed());
        assert!(poll(changed.as_mut(), &probe).is_pending());
        assert!(poll(changed.as_mut(), &probe).is_pending());
        assert_eq!(probe.wakes(), 0);
        send(&tx, 1);
        assert_eq!((probe.wakes(), probe.live()), (1, 0));
        send(&tx, 2);
        assert_eq!(probe.wakes(), 1);
        // It has seen the second too.
        assert_eq!(poll(changed.as_mut(), &probe), Poll::Ready(Ok(())));
    }
    assert_eq!(rx.has_changed(), Ok(false));
    assert_eq!(number(&rx.borrow()), 2);
}

fn a_waker_is_exchanged<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let (first, second) = (Probe::new(), Probe::new());
    let mut changed = pin!(rx.changed());
    assert!(poll(changed.as_mut(), &first).is_pending());
    assert!(poll(changed.as_mut(), &second).is_pending());
    assert_eq!(first.live(), 0);
    send(&tx, 1);
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

fn a_wait_that_is_dropped<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let (first, second) = (Probe::new(), Probe::new());
    let mut other = rx.clone();
    let mut changed = Box::pin(rx.changed());
    let mut others = pin!(other.changed());
    assert!(poll(changed.as_mut(), &first).is_pending());
    assert!(poll(others.as_mut(), &second).is_pending());
    drop(changed);
    assert_eq!(first.live(), 0);
    send(&tx, 1);
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

fn a_wait_that_has_been_woken_and_is_dropped_has_not_seen<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let mut changed = Box::pin(rx.changed());
    assert!(poll(changed.as_mut(), &probe).is_pending());
    send(&tx, 1);
    drop(changed);
    assert_eq!(rx.has_changed(), Ok(true));
    assert_eq!(poll(pin!(rx.changed()), &probe), Poll::Ready(Ok(())));
}

fn the_last_sender_goes<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let other = tx.clone();
    assert!(tx.same_channel(&other));
    {
        let mut changed = pin!(rx.changed());
        assert!(poll(changed.as_mut(), &probe).is_pending());
        drop(tx);
        assert_eq!((probe.wakes(), other.sender_count()), (0, 1));
        drop(other);
        assert_eq!((probe.wakes(), probe.live()), (1, 0));
        for _ in 0..2 {
            assert!(ended(&poll(changed.as_mut(), &probe)));
        }
    }
    assert!(ended(&poll(pin!(rx.changed()), &probe)));
    assert!(rx.has_changed().is_err());
    assert_eq!(number(&rx.borrow()), 0);
}

fn a_value_counts_for_more_than_the_end<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    send(&tx, 1);
    drop(tx);
    assert!(rx.has_changed().is_err());
    assert_eq!(poll(pin!(rx.changed()), &probe), Poll::Ready(Ok(())));
    assert!(ended(&poll(pin!(rx.changed()), &probe)));
    rx.mark_changed();
    assert_eq!(poll(pin!(rx.changed()), &probe), Poll::Ready(Ok(())));
}

fn nobody_receives<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    drop(rx);
    assert!(tx.is_closed());
    assert_eq!(tx.send(Value::new(1)), Err(SendError(Value::new(1))));
    assert_eq!(number(&tx.borrow()), 0);
    assert_eq!(*tx.send_replace(Value::new(2)), 0);
    tx.send_modify(|value| *value = Value::new(number(value) + 1));
    assert_eq!(tx.with(number), 3);
    let rx = tx.subscribe();
    assert!(!tx.is_closed());
    assert_eq!(rx.has_changed(), Ok(false));
    send(&tx, 4);
    assert_eq!(rx.has_changed(), Ok(true));
}

fn changes_in_place<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let mut changed = pin!(rx.changed());
    assert!(poll(changed.as_mut(), &probe).is_pending());
    assert!(!tx.send_if_modified(|value| {
        *value = Value::new(1);
        false
    }));
    assert_eq!(probe.wakes(), 0);
    assert!(poll(changed.as_mut(), &probe).is_pending());
    assert!(tx.send_if_modified(|value| number(value) == 1));
    assert_eq!(probe.wakes(), 1);
    assert!(poll(changed.as_mut(), &probe).is_ready());
}

fn closures_and_borrows_see_the_same<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    send(&tx, 1);
    // Several at a time.
    let (one, two) = (rx.borrow(), tx.borrow());
    assert_eq!((number(&one), number(&two)), (1, 1));
    assert!(one.has_changed() && !two.has_changed());
    assert_eq!((rx.with(number), tx.with(number)), (1, 1));
    drop((one, two));
    assert_eq!(rx.has_changed(), Ok(true));
    assert_eq!(rx.with_and_update(number), 1);
    assert_eq!(rx.has_changed(), Ok(false));
}

fn marks<S: Storage, L: ScopedRawMutex>(tx: Sender<Value, S, L>, mut rx: Receiver<Value, S, L>) {
    send(&tx, 1);
    rx.mark_unchanged();
    assert_eq!(rx.has_changed(), Ok(false));
    rx.mark_changed();
    assert_eq!(rx.has_changed(), Ok(true));
    rx.mark_changed();
    assert_eq!(rx.has_changed(), Ok(true));
    rx.mark_unchanged();
    assert_eq!(rx.has_changed(), Ok(false));
}

fn a_clone_has_seen_what_the_original_has<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    send(&tx, 1);
    let early = rx.clone();
    rx.mark_unchanged();
    let late = rx.clone();
    assert!(early.same_channel(&late));
    assert_eq!(tx.receiver_count(), 3);
    assert_eq!(early.has_changed(), Ok(true));
    assert_eq!(late.has_changed(), Ok(false));
    drop((rx, early));
    assert_eq!(tx.receiver_count(), 1);
    assert!(!tx.is_closed());
}

fn a_subscriber_has_seen_the_value<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    send(&tx, 1);
    let other = tx.subscribe();
    assert_eq!(rx.has_changed(), Ok(true));
    assert_eq!(other.has_changed(), Ok(false));
    assert!(other.same_channel(&rx));
}

fn a_sender_waits_until_there_is_no_receiver<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let other = rx.clone();
    let mut closed = pin!(tx.closed());
    assert!(poll(closed.as_mut(), &probe).is_pending());
    // One that gives up.
    assert!(poll(pin!(tx.closed()), &probe).is_pending());
    assert_eq!(probe.live(), 1);
    drop(rx);
    send(&tx, 1);
    assert_eq!(probe.wakes(), 0);
    drop(other);
    assert_eq!((probe.wakes(), probe.live()), (1, 0));
    for _ in 0..2 {
        assert!(poll(closed.as_mut(), &probe).is_ready());
    }
    assert!(poll(pin!(tx.closed()), &probe).is_ready());
}

fn many_receivers_wait<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    // More than are woken in one batch.
    let mut receivers: Vec<_> = (0..40).map(|_| rx.clone()).collect();
    let mut waits: Vec<_> = receivers
        .iter_mut()
        .map(|it| Box::pin(it.changed()))
        .collect();
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &probe).is_pending());
    }
    send(&tx, 1);
    assert_eq!((probe.wakes(), probe.live()), (40, 0));
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &probe).is_ready());
    }
}

fn a_condition<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let mut asked = Vec::new();
    {
        let mut wait = Box::pin(rx.wait_for(|value| {
            asked.push(number(value));
            number(value) >= 2
        }));
        for (n, wakes) in [(1, 1), (2, 2)] {
            assert!(poll(wait.as_mut(), &probe).is_pending());
            send(&tx, n);
            assert_eq!(probe.wakes(), wakes);
        }
        match poll(wait.as_mut(), &probe) {
            // It had been woken for it, by which it counted as seen.
            Poll::Ready(Ok(value)) => assert_eq!(number(&value), 2),
            _ => panic!("the condition is fulfilled"),
        }
    }
    assert_eq!(asked, [0, 1, 2]);
    assert_eq!(rx.has_changed(), Ok(false));
    // At once, and the value is new.
    send(&tx, 3);
    let value = poll(pin!(rx.wait_for(|_| true)), &probe);
    assert!(matches!(value, Poll::Ready(Ok(value)) if value.has_changed()));
}

fn a_condition_and_the_end<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    drop(tx);
    let mut asked = 0;
    {
        let mut never = pin!(rx.wait_for(|_| {
            asked += 1;
            false
        }));
        assert!(ended(&poll(never.as_mut(), &probe)));
    }
    assert_eq!(asked, 1);
    let mut once = pin!(rx.wait_for(|value| number(value) == 0));
    assert!(!ended(&poll(once.as_mut(), &probe)));
}

fn a_condition_that_panics<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _ = poll(pin!(rx.wait_for(|_| panic!("boom"))), &probe);
    }));
    assert!(panicked.is_err());
    // It is not borrowed any more.
    send(&tx, 1);
    assert_eq!(number(&rx.borrow()), 1);
}

fn a_change_that_panics_tells_nobody<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let mut changed = pin!(rx.changed());
    assert!(poll(changed.as_mut(), &probe).is_pending());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        tx.send_modify(|value| {
            *value = Value::new(1);
            panic!("boom");
        });
    }));
    assert!(panicked.is_err());
    assert_eq!((probe.wakes(), tx.with(number)), (0, 1));
    assert!(poll(changed.as_mut(), &probe).is_pending());
    send(&tx, 2);
    assert_eq!(probe.wakes(), 1);
}

fn a_look_that_panics<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    send(&tx, 1);
    for look in [&mut || rx.with(|_| panic!("boom")), &mut || {
        tx.with(|_| panic!("boom"))
    }] as [&mut dyn FnMut(); 2]
    {
        assert!(catch_unwind(AssertUnwindSafe(look)).is_err());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| rx.with_and_update(|_| panic!("boom")))).is_err());
    send(&tx, 2);
    assert_eq!(rx.with(number), 2);
}
