//! The loop that polls.

use super::{Consumer, StaticQueue, Tick, consumer::Last};
use crate::task::{header::Header, state::StateCell};
use core::{mem, ptr::NonNull};
use pintle_core::atomic::Ordering::Relaxed;

/// A tick that goes on. Dropped when a panic unwinds out of it.
struct Turns<'a> {
    consumer: &'a Consumer<'a>,
    max: usize,
    /// How many tickets may still be taken out.
    left: usize,
    /// The first of the chain, which the queue's `first` is not now. `None`: the queue's is.
    next: Option<NonNull<Header>>,
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
            next: None,
            internal: 0,
        };
        let has_remaining = turns.go();
        let Turns { left, internal, .. } = turns;
        mem::forget(turns);
        self.exit.current.hide();
        Tick {
            has_remaining,
            // SAFETY: this is the consumer.
            ..unsafe { self.report(max - left, internal) }
        }
    }

    /// Reports a tick, but for what is left in the queue. `taken` tickets were taken out, and
    /// `internal` is the sum of what the turns have returned.
    ///
    /// # Safety
    ///
    /// The caller is the consumer.
    #[inline(always)]
    unsafe fn report(&self, taken: usize, internal: usize) -> Tick {
        // SAFETY: the contract is the same.
        let unsettled = unsafe { self.with_tally(|tally| tally.unsettled()) };
        if unsettled | self.entry.spawned.load(Relaxed) | internal == 0 {
            return Tick {
                polled: taken,
                woken_external: taken,
                ..Tick::default()
            };
        }
        rare();
        let spawned = match self.entry.spawned.load(Relaxed) {
            0 => 0,
            _ => self.entry.spawned.swap(0, Relaxed),
        };
        let internal = internal / StateCell::INTERNAL;
        // SAFETY: the contract is the same.
        unsafe { self.with_tally(|tally| tally.report(taken, internal, spawned)) }
    }
}

/// Tells the compiler not to keep registers ready for what follows.
#[cold]
fn rare() {}

// === impl Turns ===

impl Turns<'_> {
    /// Polls. Returns whether there are tasks left, or coming.
    #[inline(always)]
    fn go(&mut self) -> bool {
        let queue = self.consumer.queue;
        if self.left == 0 {
            return queue.has_remaining();
        }
        let Some(mut task) = self.consumer.first() else {
            return queue.has_remaining();
        };
        loop {
            // SAFETY: a task in the chain is kept by its ticket.
            while let Some(next) = unsafe { Header::next(task) } {
                // SAFETY: it is the first, and `next` comes after it.
                unsafe { self.turn(task, Some(next)) };
                task = next;
                if self.left == 0 {
                    // SAFETY: this is the consumer, and the task is in the queue.
                    unsafe { queue.set_first(task) };
                    return true;
                }
            }
            // SAFETY: it is the first.
            match unsafe { self.consumer.take_last(task) } {
                Last::TakenOut => {}
                Last::IsNot => continue,
                Last::Incomplete => return true,
            }
            // SAFETY: it was taken out.
            unsafe { self.turn(task, None) };
            if self.left == 0 {
                return queue.has_remaining();
            }
            if !queue.has_remaining() {
                return false;
            }
            // What has come in meanwhile, if it is there.
            match self.consumer.first() {
                Some(first) => task = first,
                None => return true,
            }
        }
    }

    /// Takes out a task, if that is not done, and polls it.
    ///
    /// # Safety
    ///
    /// It is the first of the chain, and `next` the second; or if that is `None`, it has been taken out.
    #[inline(always)]
    unsafe fn turn(&mut self, task: NonNull<Header>, next: Option<NonNull<Header>>) {
        // SAFETY: the ticket keeps the task, and its links are not those of a task in the queue any more.
        unsafe { Header::set_unlinked(task) };
        self.next = next;
        // SAFETY: the ticket keeps it until it is spent.
        let turn = unsafe { task.as_ref() }.vtable.turn;
        // SAFETY: the ticket is given up for it, and this is the consumer. Local tasks are in the queue only if it is
        // a `LocalSchedule`r's, which ticks on the tasks' thread.
        self.internal += unsafe { turn(task, self.consumer.queue) };
        self.left -= 1;
    }
}

impl Drop for Turns<'_> {
    // By values, so that they are in registers until a panic comes.
    #[inline(always)]
    fn drop(&mut self) {
        // It comes out of a turn, whose ticket was not counted.
        let taken = self.max - self.left + 1;
        // SAFETY: this is the consumer.
        unsafe { give_up(self.consumer.queue, self.next, taken, self.internal) };
    }
}

/// Ends a tick when a panic unwinds out of it.
///
/// # Safety
///
/// The caller is the queue's consumer. `next` is in the queue. `taken` and `internal` are as for `report`.
#[cold]
#[inline(never)]
unsafe fn give_up(
    queue: &StaticQueue,
    next: Option<NonNull<Header>>,
    taken: usize,
    internal: usize,
) {
    if let Some(next) = next {
        // SAFETY: the contract is the same.
        unsafe { queue.set_first(next) };
    }
    queue.exit.current.hide();
    // SAFETY: the caller is the consumer.
    unsafe { queue.with_tally(|tally| tally.give_up(taken, internal / StateCell::INTERNAL)) };
}
