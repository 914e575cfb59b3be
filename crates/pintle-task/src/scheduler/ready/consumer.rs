//! The right to take tasks out of a queue of ready ones.

use super::{Gate, ReadyQueue};
use crate::task::TaskRef;
use core::{cell::Cell, marker::PhantomData, mem};
use pintle_intrusive::mpsc_queue::TryDequeueError;

/// The right to take tasks out, held until it is dropped. One at a time has it.
///
/// Its drop looks whether the queue was closed meanwhile, and drains it then: also if that comes from a
/// panic, a task's (without `std`) or a join waker's.
///
/// # Invariants
///
/// The counter says that there is a consumer, which is this.
pub(in crate::scheduler) struct Consumer<'a> {
    ready: &'a ReadyQueue,
    /// Two threads must not dequeue through one consumer.
    _not_sync: PhantomData<Cell<()>>,
}

// === impl Consumer ===

impl<'a> Consumer<'a> {
    /// Takes the right, or says `None` if somebody has it.
    #[inline]
    pub(super) fn try_new(ready: &'a ReadyQueue) -> Option<Self> {
        if !ready.woken.try_consume() {
            return None;
        }
        Some(Self {
            ready,
            _not_sync: PhantomData,
        })
    }

    /// Takes out the first ticket, without waiting.
    #[inline]
    pub(in crate::scheduler) fn try_dequeue(&self) -> Result<TaskRef, TryDequeueError> {
        // SAFETY: by the invariant nobody else is at it, and the counter's operations put one consumer
        // after the other.
        unsafe { self.ready.queue.try_dequeue_unchecked() }
    }

    /// Gives the right back after a tick, and returns how many tasks were spawned and woken since the last.
    #[inline]
    pub(super) fn stop_and_take(self) -> (usize, usize) {
        let ready = self.ready;
        mem::forget(self);
        let spawned = ready.spawned.take();
        let woken = ready.woken.consumed();
        if ready.woken.stop_consuming_and_take(woken) == Gate::Closed {
            ready.drain();
        }
        (spawned, woken.events())
    }

    /// Gives the right back, and leaves the draining to the caller.
    pub(super) fn stop(self) -> Gate {
        let gate = self.ready.woken.stop_consuming();
        mem::forget(self);
        gate
    }
}

impl Drop for Consumer<'_> {
    #[inline]
    fn drop(&mut self) {
        stop(self.ready);
    }
}

#[cold]
#[inline(never)]
fn stop(ready: &ReadyQueue) {
    if ready.woken.stop_consuming() == Gate::Closed {
        ready.drain();
    }
}
