//! The operations, one file per floor of the kit.

use crate::Op;

mod bitfield;
mod channel;
mod list;
mod lock;
mod park;
mod permits;
mod queue;
mod rcu;
mod rwlock;
mod task;
mod time;
mod wait;

/// Every group, in the order of the report.
pub(crate) const ALL: &[&[Op]] = &[
    bitfield::OPS,
    list::OPS,
    queue::OPS,
    lock::OPS,
    rwlock::OPS,
    park::OPS,
    wait::OPS,
    permits::OPS,
    channel::OPS,
    time::OPS,
    task::OPS,
    rcu::OPS,
];

/// Polls `future` with a waker that does nothing.
fn poll<F: Future + ?Sized>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    future.poll(&mut cx)
}

/// A generator of numbers that are the same for every contender and in every run.
struct Numbers(u64);

impl Numbers {
    fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    /// Marsaglia, "Xorshift RNGs", 2003.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
