use pintle_core::{model, thread};
use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
};

std::thread_local! {
    /// Whether this model begins with the other thread's steps. (loom runs a model's threads on the
    /// thread that runs the model.)
    static OTHER_FIRST: Cell<bool> = const { Cell::new(false) };
}

/// Models `f` twice: loom goes on with the thread that spawns, and leaves out executions in which
/// the other's steps come first; so the second time it is the other that goes on.
pub(crate) fn check(f: impl Fn() + Send + Sync + 'static) {
    let f = Arc::new(f);
    for other_first in [false, true] {
        OTHER_FIRST.set(other_first);
        model::check({
            let f = f.clone();
            move || f()
        });
    }
}

/// Starts the other thread of a race.
pub(crate) fn spawn<T: 'static>(f: impl FnOnce() -> T + 'static) -> thread::JoinHandle<T> {
    let other = thread::spawn(f);
    if OTHER_FIRST.get() {
        thread::yield_now();
    }
    other
}

/// A task that counts its wake-ups. The count is no part of the model: it is looked at when all
/// threads have been joined.
#[derive(Default)]
pub(crate) struct Task(AtomicUsize);

impl Task {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn wakes(&self) -> usize {
        self.0.load(Relaxed)
    }

    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(self.clone())
    }

    pub(crate) fn poll<F: Future + ?Sized>(
        self: &Arc<Self>,
        future: Pin<&mut F>,
    ) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(&self.waker()))
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// Something to send: one that is lost is found as a leak, one that is doubled as a double free.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) n: usize,
    _leak: loom::sync::Arc<()>,
}

impl Value {
    pub(crate) fn new(n: usize) -> Self {
        Self {
            n,
            _leak: loom::sync::Arc::new(()),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.n == other.n
    }
}
