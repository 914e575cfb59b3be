//! What may go to, and be shared with, other threads.
#![cfg(not(loom))]

use std::rc::Rc;

use pintle_lock::scoped::LocalLock;
use pintle_time::clock::{Clock, HalfPeriod, ManualClock};
use pintle_time::delay_queue::{
    DelayQueue, DelayQueueStream, Expired, Fixed, Full, Key, Next, QueueMut,
};
use pintle_time::interval::{Interval, IntervalStream, Tick};

fn send<T: Send>() {}
fn sync<T: Sync>() {}
fn unpin<T: Unpin>() {}

/// Is implemented twice for what is `Send`, so that it cannot be told which is meant.
trait NotSend<Way> {
    fn check() {}
}
impl<T> NotSend<()> for T {}
impl<T: Send> NotSend<u8> for T {}

type Queue<T> = DelayQueue<'static, T, Fixed<T, 4>>;

#[test]
fn as_the_docs_promise() {
    send::<Clock>();
    sync::<Clock>();
    sync::<HalfPeriod<16>>();
    sync::<ManualClock>();

    send::<Interval<'static>>();
    sync::<Interval<'static>>();
    send::<Tick<'static, 'static>>();
    send::<IntervalStream<'static>>();
    <Interval<'static, LocalLock> as NotSend<_>>::check();

    send::<Queue<u8>>();
    sync::<Queue<u8>>();
    send::<Next<'static, 'static, u8, Fixed<u8, 4>>>();
    send::<DelayQueueStream<'static, u8, Fixed<u8, 4>>>();
    send::<QueueMut<'static, 'static, u8, Fixed<u8, 4>>>();
    sync::<QueueMut<'static, 'static, u8, Fixed<u8, 4>>>();
    send::<(Key, Expired<u8>, Full<u8>)>();
    <Queue<Rc<u8>> as NotSend<_>>::check();
    <DelayQueue<'static, u8, Fixed<u8, 4>, LocalLock> as NotSend<_>>::check();

    // Between two ticks, and two values, they may be moved.
    unpin::<Interval<'static>>();
    unpin::<Queue<u8>>();
}

/// A clock may be read in `catch_unwind`, whatever it is made from.
#[test]
fn a_clock_survives_panics() {
    fn unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    unwind_safe::<Clock>();
}
