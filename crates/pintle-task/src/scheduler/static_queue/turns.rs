//! The loop that polls.

use super::{Consumer, StaticQueue, Tick};
use crate::task::state::StateCell;
use core::mem;
use pintle_core::atomic::Ordering::Relaxed;

/// A tick that goes on. Dropped when a panic unwinds out of it.
struct Turns<'a> {
    consumer: &'a Consumer<'a>,
    max: usize,
    /// How many tickets may still be taken out.
    left: usize,
    /// Sum of what [`turn`](crate::task::header::Vtable::turn) has returned.
    internal: usize,
}

// === impl StaticQueue ===

impl StaticQueue {
    /// Polls ready tasks, `max` times at most.
    ///
    /// Returns at once if the queue has a consumer: another thread's tick, or the one that polls
    /// the task which calls this.
    // Into its callers, of which a program has one or two: who does not read a count, does not pay for it.
    #[inline(always)]
    pub(crate) fn tick(&self, max: usize) -> Tick {
        let Some(consumer) = self.try_consume() else {
            return Tick {
                has_remaining: self.has_remaining(),
                ..Tick::default()
            };
        };
        // Or their sum would overflow: with words of 16 bits, at 2,048 tasks that wake themselves.
        let max = max.min(usize::MAX / StateCell::INTERNAL);
        let mut turns = Turns {
            consumer: &consumer,
            max,
            left: max,
            internal: 0,
        };
        turns.go();
        let (taken, internal) = turns.count();
        mem::forget(turns);
        self.exit.current.hide();
        let spawned = match self.entry.spawned.load(Relaxed) {
            0 => 0,
            _ => self.entry.spawned.swap(0, Relaxed),
        };
        // SAFETY: this is the consumer.
        let tick = unsafe { self.with_tally(|tally| tally.report(taken, internal, spawned)) };
        Tick {
            has_remaining: self.has_remaining(),
            ..tick
        }
    }
}

// === impl Turns ===

impl Turns<'_> {
    #[inline(always)]
    fn go(&mut self) {
        let queue = self.consumer.queue;
        while self.left != 0 {
            let Some(task) = self.consumer.pop() else {
                break;
            };
            self.left -= 1;
            // SAFETY: the ticket keeps it until it is spent.
            let turn = unsafe { task.as_ref() }.vtable.turn;
            // SAFETY: the ticket is given up for it, and this is the consumer. Local tasks are in the queue only
            // if it is a `LocalSchedule`r's, which ticks on the tasks' thread.
            self.internal += unsafe { turn(task, queue) };
        }
    }

    /// How many tickets were taken out, and how many polls woke their tasks.
    #[inline(always)]
    fn count(&self) -> (usize, usize) {
        (self.max - self.left, self.internal / StateCell::INTERNAL)
    }
}

impl Drop for Turns<'_> {
    #[cold]
    fn drop(&mut self) {
        let queue = self.consumer.queue;
        queue.exit.current.hide();
        let (taken, internal) = self.count();
        // SAFETY: this is the consumer.
        unsafe { queue.with_tally(|tally| tally.give_up(taken, internal)) };
    }
}
