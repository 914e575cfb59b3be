//! Waiting for one event: a cell for one waiter, a queue for many.

use std::{
    hint::black_box,
    pin::{Pin, pin},
    task::Poll,
};

use super::poll;
use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "wake_cell",
        what: "Register a waker that does nothing, and wake it (a wait cell: poll its future, wake, poll it again).",
        contenders: &[
            Contender::new("pintle", pintle::wait_cell),
            Contender::new("maitake-sync", maitake::wait_cell),
            Contender::new("atomic-waker", atomic_waker),
        ],
    },
    Op {
        name: "notify_one",
        what: "Make a future that waits, poll it, wake one waiter, poll the future, which is ready.",
        contenders: &[
            Contender::new("pintle", pintle::wait_queue),
            Contender::new("maitake-sync", maitake::wait_queue),
            Contender::new("tokio", tokio),
            Contender::new("event-listener", event_listener),
            Contender::new("event-listener on the stack", event_listener_on_the_stack),
        ],
    },
    Op {
        name: "notify_all100",
        what: "One waiter's share of: make 100 futures that wait, in places that stand ready, poll each, wake all, poll each, which is ready, drop them. (event-listener allocates each.)",
        contenders: &[
            Contender::new("pintle", pintle::wait_queue_all),
            Contender::new("maitake-sync", maitake::wait_queue_all),
            Contender::new("tokio", tokio_all),
            Contender::new("event-listener", event_listener_all),
        ],
    },
];

/// Lets `n` futures of `make` wait, 100 at a time, and wakes them all at once.
fn all<F: Future>(n: usize, make: impl Fn() -> F, wake_all: impl Fn()) {
    let mut places: Vec<_> = (0..100).map(|_| Box::pin(None::<F>)).collect();
    let mut left = n;
    while left > 0 {
        let places = &mut places[..left.min(100)];
        left -= places.len();
        for place in &mut *places {
            place.set(Some(make()));
            let wait = place.as_mut().as_pin_mut().expect("just made");
            assert!(poll(wait).is_pending());
        }
        wake_all();
        for place in &mut *places {
            let wait = place.as_mut().as_pin_mut().expect("made above");
            assert!(poll(wait).is_ready());
            place.set(None);
        }
    }
}

/// The same program for both crates, which have the same interface.
macro_rules! contender {
    ($name:ident: $krate:ident) => {
        mod $name {
            use super::*;
            use ::$krate::{WaitCell, WaitQueue};

            pub(super) fn wait_cell(n: usize) {
                let cell = WaitCell::new();
                let cell = black_box(&cell);
                for _ in 0..n {
                    let mut wait = pin!(cell.wait());
                    assert!(poll(wait.as_mut()).is_pending());
                    cell.wake();
                    assert!(matches!(poll(wait), Poll::Ready(Ok(()))));
                }
            }

            pub(super) fn wait_queue(n: usize) {
                let queue = WaitQueue::new();
                let queue = black_box(&queue);
                for _ in 0..n {
                    let mut wait = pin!(queue.wait());
                    assert!(poll(wait.as_mut()).is_pending());
                    queue.wake();
                    assert!(matches!(poll(wait), Poll::Ready(Ok(()))));
                }
            }

            pub(super) fn wait_queue_all(n: usize) {
                let queue = WaitQueue::new();
                let queue = black_box(&queue);
                all(n, || queue.wait(), || queue.wake_all());
            }
        }
    };
}

contender!(pintle: pintle_sync);
contender!(maitake: maitake_sync);

fn atomic_waker(n: usize) {
    let cell = atomic_waker::AtomicWaker::new();
    let cell = black_box(&cell);
    for _ in 0..n {
        cell.register(std::task::Waker::noop());
        cell.wake();
    }
}

fn tokio(n: usize) {
    let notify = tokio::sync::Notify::new();
    let notify = black_box(&notify);
    for _ in 0..n {
        let mut wait = pin!(notify.notified());
        assert!(poll(wait.as_mut()).is_pending());
        notify.notify_one();
        assert!(poll(wait).is_ready());
    }
}

fn tokio_all(n: usize) {
    let notify = tokio::sync::Notify::new();
    let notify = black_box(&notify);
    all(n, || notify.notified(), || notify.notify_waiters());
}

fn event_listener_all(n: usize) {
    let event = event_listener::Event::new();
    let event = black_box(&event);
    all(
        n,
        || event.listen(),
        || {
            event.notify(usize::MAX);
        },
    );
}

fn event_listener(n: usize) {
    let event = event_listener::Event::new();
    let event = black_box(&event);
    for _ in 0..n {
        let mut wait = event.listen();
        assert!(poll(Pin::new(&mut wait)).is_pending());
        event.notify(1);
        assert!(poll(Pin::new(&mut wait)).is_ready());
    }
}

fn event_listener_on_the_stack(n: usize) {
    let event = event_listener::Event::new();
    let event = black_box(&event);
    for _ in 0..n {
        event_listener::listener!(event => listener);
        let mut wait = listener;
        assert!(poll(Pin::new(&mut wait)).is_pending());
        event.notify(1);
        assert!(poll(Pin::new(&mut wait)).is_ready());
    }
}
