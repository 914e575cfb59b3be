//! What the tests share: a waker that counts, values that count their drops, futures that are
//! moved by hand.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    cell::Cell,
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, Once,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

/// Counts how often it is woken, and by its reference count how many wakers there are.
#[derive(Default)]
pub(crate) struct CountWaker(AtomicUsize);

impl CountWaker {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn woken(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for CountWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Polls once with a waker that does nothing.
pub(crate) fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    let mut cx = Context::from_waker(Waker::noop());
    pin!(future).poll(&mut cx)
}

/// Polls once with `waker`.
pub(crate) fn poll_with<F: Future>(future: F, waker: &Waker) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(waker))
}

/// The value of a future that is ready.
#[track_caller]
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    match poll_once(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is pending"),
    }
}

/// Counts what is alive: each [`Token`] from its making to its drop.
#[derive(Clone, Default)]
pub(crate) struct Alive(Arc<AtomicUsize>);

impl Alive {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn token(&self) -> Token {
        self.0.fetch_add(1, SeqCst);
        Token(self.0.clone())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// One that is alive.
#[derive(Debug)]
pub(crate) struct Token(Arc<AtomicUsize>);

impl Drop for Token {
    fn drop(&mut self) {
        let before = self.0.fetch_sub(1, SeqCst);
        assert_ne!(before, 0, "dropped twice");
    }
}

/// A gate that a future waits at, keeping the wakers it was polled with.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Mutex<GateState>>);

#[derive(Default)]
struct GateState {
    is_open: bool,
    wakers: Vec<Waker>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Waits until the gate is opened.
    pub(crate) fn wait(&self) -> Waiting {
        Waiting(self.clone())
    }

    /// Opens the gate and wakes all who wait.
    pub(crate) fn open(&self) {
        self.0.lock().unwrap().is_open = true;
        for waker in self.take_wakers() {
            waker.wake();
        }
    }

    /// The wakers of those who wait.
    pub(crate) fn take_wakers(&self) -> Vec<Waker> {
        std::mem::take(&mut self.0.lock().unwrap().wakers)
    }
}

pub(crate) struct Waiting(Gate);

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.0.lock().unwrap();
        if state.is_open {
            return Poll::Ready(());
        }
        state.wakers.push(cx.waker().clone());
        Poll::Pending
    }
}

/// Runs `f` without the messages of panics that are expected.
pub(crate) fn quietly<R>(f: impl FnOnce() -> R) -> std::thread::Result<R> {
    thread_local! {
        static DEPTH: Cell<usize> = const { Cell::new(0) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                default(info);
            }
        }));
    });
    DEPTH.set(DEPTH.get() + 1);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
    DEPTH.set(DEPTH.get() - 1);
    result
}
