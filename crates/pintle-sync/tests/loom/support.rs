use pintle_core::{cell::UnsafeCell, model, thread};
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
///
/// A thread that has yielded is not shown old values of an atomic any more, so the second time a `Relaxed`
/// store and load would look ordered whatever orders them. What must be ordered is a [`Watched`] number.
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

/// A number that loom watches: who adds to it must be alone, and come after all who looked.
#[derive(Debug, Default)]
pub(crate) struct Watched(UnsafeCell<usize>);

// SAFETY: it is not, unless what is modelled orders who adds and who looks: loom says if it does not.
unsafe impl Sync for Watched {}

impl Watched {
    /// As a guard lets one do.
    pub(crate) fn add(&mut self) {
        self.add_shared();
    }

    /// As one does who is alone by something that gives no guard.
    pub(crate) fn add_shared(&self) {
        // SAFETY: loom says if somebody else is here, which is what is asked.
        self.0.with_mut(|n| unsafe { *n += 1 });
    }

    pub(crate) fn get(&self) -> usize {
        // SAFETY: as above.
        self.0.with(|n| unsafe { *n })
    }
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
