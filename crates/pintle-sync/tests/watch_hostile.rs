//! `watch` channels whose users do harm: wakers, values and closures that use the channel or panic, ends and
//! borrows that are forgotten.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::Poll,
    thread,
};

use pintle_sync::{
    storage::Static,
    watch::{self, Receiver, Sender},
};
use support::{CriticalSection, Probe, poll};

/// A channel for good, over a lock that panics if its holder takes it again.
fn leaked<T: 'static>(
    initial: T,
) -> (
    Sender<T, Static, CriticalSection>,
    Receiver<T, Static, CriticalSection>,
) {
    let channel = watch::Channel::new_with_raw_mutex(initial, CriticalSection::default());
    Box::leak(Box::new(channel)).split_static().unwrap()
}

#[test]
fn wakers_that_use_the_channel() {
    let (tx, rx) = leaked(0);
    let use_it = {
        let (tx, rx) = (tx.clone(), rx.clone());
        move || {
            tx.send_modify(|value| *value += 1);
            let mut rx = rx.clone();
            let probe = Probe::new();
            assert!(poll(pin!(rx.wait_for(|_| true)), &probe).is_ready());
            assert!(poll(pin!(rx.changed()), &probe).is_pending());
            drop(tx.subscribe());
        }
    };
    let probe = Probe::new();
    let mut own = rx.clone();

    // The clone changes the value after the future has looked, and before it queues up.
    probe.on_clone(use_it.clone());
    assert!(poll(pin!(own.changed()), &probe).is_ready());
    assert_eq!((probe.clones(), *tx.borrow()), (1, 1));
    probe.disarm();

    probe.on_wake(use_it.clone());
    {
        let mut changed = pin!(own.changed());
        assert!(poll(changed.as_mut(), &probe).is_pending());
        tx.send(100).unwrap();
        assert_eq!((probe.wakes(), *tx.borrow()), (1, 101));
    }
    probe.disarm();

    own.mark_unchanged();
    let mut changed = Box::pin(own.changed());
    let mut closed = Box::pin(tx.closed());
    assert!(poll(changed.as_mut(), &probe).is_pending());
    assert!(poll(closed.as_mut(), &probe).is_pending());
    probe.on_drop(use_it);
    // Another waker in its place, and then nobody.
    assert!(poll(closed.as_mut(), &Probe::new()).is_pending());
    assert_eq!(*tx.borrow(), 102);
    // That has woken the other, whose waker is gone.
    assert_eq!((probe.wakes(), probe.live()), (2, 0));
    drop(changed);

    // A wait that is given up drops its waker.
    probe.disarm();
    own.mark_unchanged();
    let mut changed = Box::pin(own.changed());
    assert!(poll(changed.as_mut(), &probe).is_pending());
    let other = tx.clone();
    probe.on_drop(move || other.send_modify(|value| *value += 1));
    drop(changed);
    assert_eq!(*tx.borrow(), 103);
}

#[test]
fn a_waker_that_panics() {
    let (tx, rx) = leaked(0);
    let probes: Vec<_> = (0..40).map(|_| Probe::new()).collect();
    probes[3].on_wake(|| panic!("boom"));
    let mut receivers = vec![rx; 40];
    let mut waits: Vec<_> = receivers
        .iter_mut()
        .map(|it| Box::pin(it.changed()))
        .collect();
    for (wait, probe) in waits.iter_mut().zip(&probes) {
        assert!(poll(wait.as_mut(), probe).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| tx.send(1))).is_err());
    for (wait, probe) in waits.iter_mut().zip(&probes) {
        assert_eq!(probe.wakes(), 1);
        assert!(poll(wait.as_mut(), probe).is_ready());
    }
    drop(waits);
    assert_eq!(*receivers[0].borrow(), 1);
    // The same when the last sender goes.
    let mut changed = pin!(receivers[0].changed());
    assert!(poll(changed.as_mut(), &probes[3]).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(tx))).is_err());
    assert!(poll(changed, &probes[3]).is_ready());
}

#[test]
fn a_value_that_uses_the_channel_when_it_is_dropped() {
    struct Uses(Option<(Sender<Uses, Static, CriticalSection>, Arc<AtomicBool>)>);
    impl Drop for Uses {
        fn drop(&mut self) {
            if let Some((tx, dropped)) = &self.0 {
                assert!(tx.with(|value| value.0.is_none()));
                drop(tx.subscribe());
                dropped.store(true, SeqCst);
            }
        }
    }
    let (tx, _rx) = leaked(Uses(None));
    let dropped = Arc::new(AtomicBool::new(false));
    assert!(tx.send(Uses(Some((tx.clone(), dropped.clone())))).is_ok());
    assert!(tx.send(Uses(None)).is_ok());
    assert!(dropped.load(SeqCst));
}

#[test]
fn a_change_waits_for_a_borrow() {
    let (tx, rx) = leaked(0);
    let borrowed = rx.borrow();
    let sent = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            tx.send(1).unwrap();
            sent.store(true, SeqCst);
        });
        // It cannot have been sent, however long this takes.
        for _ in 0..100 {
            thread::yield_now();
            assert!(!sent.load(SeqCst));
            assert_eq!(*borrowed, 0);
            // Who wants to send does not keep out who looks.
            assert_eq!(*rx.borrow(), 0);
            assert_eq!(rx.with(|value| *value), 0);
        }
        drop(borrowed);
    });
    assert_eq!(*rx.borrow(), 1);
}

#[test]
fn a_borrow_that_was_forgotten_does_not_outlive_its_channel() {
    let mut channel = watch::Channel::new(0);
    for n in 0..2 {
        let (tx, rx) = channel.split();
        assert_eq!(*rx.borrow(), n);
        tx.send(n + 1).unwrap();
        std::mem::forget((tx.borrow(), rx.clone(), tx.clone()));
    }
}

#[test]
fn the_value_stays_and_is_dropped_with_the_channel() {
    let value = Arc::new(1);
    let mut channel = watch::Channel::new(Arc::new(0));
    let (tx, rx) = channel.split();
    tx.send(value.clone()).unwrap();
    drop((tx, rx));
    let (tx, rx) = channel.split();
    assert_eq!((**tx.borrow(), rx.has_changed()), (1, Ok(false)));
    assert_eq!(Arc::strong_count(&value), 2);
    drop((tx, rx));
    drop(channel);
    assert_eq!(Arc::strong_count(&value), 1);
}

/// A task that waits for a condition may go to another thread: it does not keep its borrow meanwhile.
#[test]
fn a_condition_is_waited_for_on_any_thread() {
    fn is_send<F: Send>(future: F) -> F {
        future
    }
    let (tx, mut rx) = leaked(0);
    let probe = Probe::new();
    let mut wait = pin!(is_send(async { rx.wait_for(|it| *it == 1).await.is_ok() }));
    assert!(poll(wait.as_mut(), &probe).is_pending());
    tx.send(1).unwrap();
    assert_eq!(poll(wait, &probe), Poll::Ready(true));
}
