//! A clock that each test thread sets by itself, and wakers that count.
#![allow(dead_code, unreachable_pub)] // each test binary uses its part

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use pintle_time::{Clock, Timer};

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
}

/// What the manual clock reads on this thread.
pub fn now() -> u64 {
    NOW.get()
}

/// Sets the manual clock of this thread.
pub fn set_now(ticks: u64) {
    NOW.set(ticks);
}

/// Moves the manual clock of this thread.
pub fn go(ticks: u64) {
    NOW.set(NOW.get() + ticks);
}

/// A timer over the manual clock.
pub fn timer(tick: Duration) -> Timer {
    Timer::new(Clock::new(tick, now))
}

/// A timer over the manual clock that a `'static` future can borrow.
pub fn static_timer(tick: Duration) -> &'static Timer {
    Box::leak(Box::new(timer(tick)))
}

pub const MS: Duration = Duration::from_millis(1);

/// A waker that counts how often it was woken.
#[derive(Debug, Default)]
pub struct Count(AtomicUsize);

impl Count {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A waker that calls a function.
pub struct Call<F>(pub F);

impl<F: Fn() + Send + Sync + 'static> Wake for Call<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

pub fn call(f: impl Fn() + Send + Sync + 'static) -> Waker {
    Arc::new(Call(f)).into()
}

/// Polls once, to wake `waker`.
pub fn poll<F: Future>(future: Pin<&mut F>, waker: impl Into<Waker>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&waker.into()))
}
