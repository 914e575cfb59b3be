//! The part that all schedulers share: the queue of ready tasks and the loop that polls them.

use super::{Tick, current::CurrentTask};
use crate::task::{TaskRef, header::Header, run::Run};
use core::{
    fmt,
    task::{Context, Poll},
};
use pintle_core::{
    atomic::{AtomicUsize, Ordering::Relaxed},
    const_fn, hint,
};
use pintle_intrusive::{MpscQueue, mpsc_queue::TryDequeueError};
use pintle_sync::WaitCell;

mod consumer;
mod counter;

pub(super) use self::consumer::Consumer;
use self::counter::{Counter, Gate};

/// The tasks that are ready to be polled, and their loop.
///
/// # How it is closed
///
/// A task that is queued when nobody will look any more is leaked, together with its scheduler. So
/// each [`schedule`](Self::schedule) has to know whether it came before or after
/// [`close`](super::counted::Close::close). It learns that from its counter, which it increments anyway:
///
/// ```text
///     schedule:  enqueue ──▶ counter += 1, and look at CLOSED      (one operation)
///     close:                 counter |= CLOSED ──▶ drain
/// ```
///
/// The operations on one counter have an order. If the increment is first, `close` sees what was
/// enqueued and drains it. If `CLOSED` is, `schedule` sees that, and drains the queue itself.
///
/// To drain is to be the queue's consumer. Who finds that another thread is (a tick, a thief, or another
/// drain) leaves the work to it. Both learn that from one word, that of `woken`:
///
/// ```text
///     consume:   CONSUMED, unless it is set ──▶ dequeue, and run ──▶ not CONSUMED, and look at CLOSED
///     drain:     CONSUMED, unless it is set ──▶ dequeue, and cancel ──▶ not CONSUMED ──▶ anything left?
/// ```
///
/// Who finds `CONSUMED` set has come upon `CLOSED` before, and `close` closes `woken` first. So the consumer
/// finds that closed when it stops, as the operations on the word have an order, and drains what was
/// enqueued before those that precede its own.
///
/// # How it sleeps
///
/// In the same way: who falls asleep puts its waker in place, sets `ASLEEP` in both counters, and looks
/// at the queue. Who queues a task either comes before that, and the look sees the task; or
/// sees `ASLEEP` in the counter that it increments. Of those the first, by `woken`, calls the waker. So
/// while nobody sleeps, to know that costs nothing. A tick leaves `ASLEEP` as it is: it may be another's
/// than the sleeper's, and polls nothing but what has roused that one before.
pub(super) struct ReadyQueue {
    queue: MpscQueue<Header>,
    current: CurrentTask,
    spawned: Counter,
    woken: Counter,
    /// How many tasks were in the queue when the last tick or theft was over, less those that had not
    /// been counted by then: they are among the counters' events.
    left: AtomicUsize,
    /// Who sleeps.
    sleeper: WaitCell,
}

// === impl ReadyQueue ===

impl ReadyQueue {
    /// How many polls a tick does at most.
    pub(super) const TICK_SIZE: usize = 256;

    const_fn! {
        pub(super) const fn new(queue: MpscQueue<Header>) -> Self {
            Self {
                queue,
                current: CurrentTask::new(),
                spawned: Counter::new(),
                woken: Counter::new(),
                left: AtomicUsize::new(0),
                sleeper: WaitCell::new(),
            }
        }
    }

    pub(super) fn current_task(&self) -> Option<TaskRef> {
        self.current.get()
    }

    /// Whether a task is ready. One load.
    pub(super) fn has_remaining(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Queues a task, unless it is queued, being polled (then it will be), or complete.
    #[inline]
    pub(super) fn schedule(&self, task: TaskRef) {
        let Some(ticket) = task.into_ticket() else {
            return;
        };
        let counter = match ticket.is_new() {
            true => &self.spawned,
            false => &self.woken,
        };
        self.queue.enqueue(ticket);
        match counter.add() {
            Gate::Open => {}
            Gate::Asleep => self.wake_sleeper(),
            Gate::Closed => self.drain(),
        }
    }

    /// Polls ready tasks, `max` times at most.
    ///
    /// Returns at once if the queue has a consumer: another thread's tick, or the one that polls
    /// the task which calls this.
    // Into its callers, of which a program has one or two: who does not read a count, does not pay for it.
    #[inline(always)]
    pub(super) fn tick(&self, max: usize) -> Tick {
        let Some(consumer) = self.try_consume() else {
            return Tick {
                has_remaining: self.has_remaining(),
                ..Tick::default()
            };
        };
        let mut left = max;
        let mut completed = 0;
        let mut woken_internal = 0;
        let has_remaining = loop {
            if left == 0 {
                break self.has_remaining();
            }
            let ticket = match consumer.try_dequeue() {
                Ok(ticket) => ticket,
                // If it is not empty, a producer is between its two steps. It may be what this interrupts: do
                // not wait.
                Err(error) => break error != TryDequeueError::Empty,
            };
            left -= 1;
            // SAFETY: the queue holds tickets; of local tasks only if it is a `LocalSchedule`r's, which
            // ticks on the tasks' thread.
            match unsafe { ticket.run_in(&self.current) } {
                Run::Completed => completed += 1,
                Run::Reschedule(ticket) => {
                    woken_internal += 1;
                    self.queue.enqueue(ticket);
                }
                _ => {}
            }
        };
        let polled = max - left;
        let (spawned, woken_external) = consumer.stop_and_take();
        self.add_left((spawned + woken_external + woken_internal).wrapping_sub(polled));
        Tick {
            polled,
            completed,
            has_remaining,
            spawned,
            woken_external,
            woken_internal,
        }
    }

    /// Completes when a task is ready, or the scheduler closed; until then the waker of `cx` is kept.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.sleeper.poll_wait(cx).is_ready() {
            return Poll::Ready(());
        }
        let is_closed = [&self.woken, &self.spawned]
            .map(Counter::fall_asleep)
            .contains(&Gate::Closed);
        match is_closed || self.has_remaining() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    /// Runs tasks until the scheduler is closed.
    pub(super) fn poll_run(&self, max: usize, cx: &mut Context<'_>) -> Poll<()> {
        let tick = self.tick(max);
        if self.is_closed() {
            return Poll::Ready(());
        }
        if tick.has_remaining || self.poll_ready(cx).is_ready() {
            // Others who share the thread get their turn.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    #[cold]
    fn wake_sleeper(&self) {
        // In this order: who clears what the next sleep has set goes on to find that one, too.
        self.spawned.wake_up();
        if self.woken.wake_up() {
            self.sleeper.wake();
        }
    }

    #[inline]
    fn add_left(&self, change: usize) {
        // The scheduler that keeps up need not write it.
        if change != 0 {
            self.left.fetch_add(change, Relaxed);
        }
    }

    /// How many tasks are queued: exact, if nothing else happens just now.
    pub(super) fn len(&self) -> usize {
        let events = self.spawned.events() + self.woken.events();
        let len = self.left.load(Relaxed).wrapping_add(events);
        // Those that were polled before they were counted are missing for the moment.
        match len > usize::MAX / 2 {
            true => 0,
            false => len,
        }
    }

    /// Takes the right to take tasks out.
    #[inline]
    pub(super) fn try_consume(&self) -> Option<Consumer<'_>> {
        Consumer::try_new(self)
    }

    /// Takes note of a theft.
    pub(super) fn count_stolen(&self) {
        self.add_left(usize::MAX);
    }

    /// Takes tickets out, `max` at most, and passes them to `each`. There may be none to be had, as
    /// another thread is taking, or a producer is between its steps.
    ///
    /// If it returns true, [`settle`](Self::settle) has to be called where the tasks' code may run.
    pub(super) fn take(&self, max: usize, each: &mut dyn FnMut(TaskRef)) -> bool {
        let Some(consumer) = self.try_consume() else {
            return false;
        };
        for _ in 0..max {
            match consumer.try_dequeue() {
                Ok(ticket) => each(ticket),
                Err(_) => break,
            }
        }
        consumer.stop() == Gate::Closed
    }

    /// Queues a ticket that was counted where it comes from. [`settle`](Self::settle) has to be called
    /// afterwards.
    pub(super) fn enqueue_counted(&self, ticket: TaskRef) {
        self.queue.enqueue(ticket);
    }

    /// Looks at the gate, and cancels what is in the queue of a closed scheduler.
    pub(super) fn settle(&self) {
        if self.woken.look() == Gate::Closed {
            self.drain();
        }
    }

    /// Whether the scheduler is closed: a hint.
    pub(super) fn is_closed(&self) -> bool {
        self.woken.peek() == Gate::Closed
    }

    /// Returns how many tasks were spawned and woken since the last call, and starts anew.
    pub(super) fn take_counts(&self) -> (usize, usize) {
        (self.spawned.take_shared(), self.woken.take_shared())
    }

    /// Counts what others have counted elsewhere.
    pub(super) fn add_counts(&self, spawned: usize, woken: usize) {
        self.spawned.add_many(spawned);
        self.woken.add_many(woken);
    }

    /// Cancels what is in the queue of a closed scheduler.
    #[cold]
    fn drain(&self) {
        // Who is the consumer already will find out when it stops.
        while let Some(consumer) = self.try_consume() {
            while let Ok(ticket) = consumer.try_dequeue() {
                ticket.state().cancel();
                // Dropping a future may wake its own task, but that does not bring it back.
                // SAFETY: local tasks are complete by now, which on any thread is found to be so.
                drop(unsafe { ticket.run_in(&self.current) });
            }
            consumer.stop();
            // Who found this thread to be the consumer did so before that, and so its task is seen.
            if self.queue.is_empty() {
                return;
            }
            // Something came, or a producer is between its two steps.
            hint::spin_loop();
        }
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl super::counted::Close for ReadyQueue {
    /// Cancels the tasks in the queue, and from now on those that are scheduled.
    fn close(&self) {
        self.woken.close();
        self.spawned.close();
        self.drain();
        // It finds out when it looks.
        self.wake_sleeper();
    }
}

impl fmt::Debug for ReadyQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadyQueue")
            .field("current_task", &self.current)
            .field("has_remaining", &self.has_remaining())
            .finish_non_exhaustive()
    }
}
