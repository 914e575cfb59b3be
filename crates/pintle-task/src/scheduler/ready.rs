//! The part that all schedulers share: the queue of ready tasks and the loop that polls them.

use super::{Tick, current::CurrentTask};
use crate::task::{TaskRef, header::Header, run::Run};
use core::{
    fmt, mem,
    task::{Context, Poll},
};
use pintle_bitfield::bitfield;
use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{AcqRel, Relaxed},
    },
    const_fn, hint,
};
use pintle_intrusive::{
    MpscQueue,
    mpsc_queue::{Consumer, TryDequeueError},
};
use pintle_sync::WaitCell;

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
/// To drain is to be the queue's consumer. Who finds that another thread is (a tick, or another
/// drain) leaves the work to it. For this every consumer, after it has stopped to be one, looks at the
/// counters by an operation that writes. A drain looks at both. For a tick `woken` is enough, which
/// `close` closes first: if the tick's operation precedes that, then everybody who finds either
/// counter closed also finds that the tick has stopped to consume.
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

bitfield! {
    /// The word of a [`Counter`].
    ///
    /// The count has 14 bits on 16-bit targets, 30 on 32-bit and 62 on 64-bit ones. What is counted
    /// between two ticks are tasks in memory, of which there can be no more than that.
    struct Count<usize> {
        const CLOSED: bool;
        const ASLEEP: bool;
        const EVENTS = ..;
    }
}

/// Counts events between two ticks, and tells who counts whether the queue is closed.
struct Counter(AtomicUsize);

/// What a counter says about the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Open,
    /// Somebody sleeps until there is a task.
    Asleep,
    Closed,
}

/// Drains a closed queue when a panic unwinds out of its consumer: a task's, which happens without
/// `std` only, or a join waker's.
pub(super) struct Redrain<'a>(&'a ReadyQueue);

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
    pub(super) fn schedule(&self, task: TaskRef) {
        let Some(ticket) = task.into_ticket() else {
            return;
        };
        // Asked before the ticket is given away, and the task may be polled.
        let counter = match ticket.state().is_new() {
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
    pub(super) fn tick(&self, max: usize) -> Tick {
        let mut tick = Tick::default();
        let mut is_stuck = false;
        // In front of the consumer, so that it comes after that.
        let redrain = Redrain(self);
        let Some(consumer) = self.queue.try_consume() else {
            mem::forget(redrain);
            tick.has_remaining = self.has_remaining();
            return tick;
        };
        while tick.polled < max {
            let ticket = match consumer.try_dequeue() {
                Ok(ticket) => ticket,
                // A producer is between its two steps. It may be what this interrupts: do not wait.
                Err(TryDequeueError::Inconsistent) => {
                    is_stuck = true;
                    break;
                }
                Err(_) => break,
            };
            tick.polled += 1;
            // SAFETY: the queue holds tickets; of local tasks only if it is a `LocalSchedule`r's, which
            // ticks on the tasks' thread.
            match unsafe { ticket.run_in(&self.current) } {
                Run::Pending | Run::Gone => {}
                Run::Completed => tick.completed += 1,
                Run::Reschedule(ticket) => {
                    tick.woken_internal += 1;
                    self.queue.enqueue(ticket);
                }
            }
        }
        drop(consumer);
        mem::forget(redrain);
        let (woken, gate) = self.woken.take();
        if gate == Gate::Closed {
            self.drain();
        }
        tick.woken_external = woken;
        if self.spawned.is_counting() {
            tick.spawned = self.spawned.take().0;
        }
        self.add_left((tick.spawned + tick.woken()).wrapping_sub(tick.polled));
        tick.has_remaining = is_stuck || self.has_remaining();
        tick
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

    /// Takes the right to take tasks out, for a [`Stealer`](super::Stealer).
    pub(super) fn steal(&self) -> Option<(Consumer<'_, Header>, Redrain<'_>)> {
        let redrain = Redrain(self);
        match self.queue.try_consume() {
            Some(consumer) => Some((consumer, redrain)),
            None => {
                mem::forget(redrain);
                None
            }
        }
    }

    /// Takes note of a theft.
    pub(super) fn count_stolen(&self) {
        self.add_left(usize::MAX);
    }

    /// Takes tickets out, `max` at most, and passes them to `each`.
    ///
    /// Afterwards, and where the tasks' code may run, [`settle`](Self::settle) has to be called. False:
    /// there was nothing to be had, as another thread is taking, or a producer is between its steps.
    pub(super) fn take(&self, max: usize, each: &mut dyn FnMut(TaskRef)) -> bool {
        let Some(consumer) = self.queue.try_consume() else {
            return false;
        };
        for taken in 0..max {
            match consumer.try_dequeue() {
                Ok(ticket) => each(ticket),
                Err(_) => return taken != 0,
            }
        }
        max != 0
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
        gate(self.woken.0.load(Relaxed)) == Gate::Closed
    }

    /// Returns how many tasks were spawned and woken since the last call, and starts anew.
    pub(super) fn take_counts(&self) -> (usize, usize) {
        let take = |counter: &Counter| match counter.is_counting() {
            true => counter.take().0,
            false => 0,
        };
        (take(&self.spawned), take(&self.woken))
    }

    /// Counts what others have counted elsewhere.
    pub(super) fn add_counts(&self, spawned: usize, woken: usize) {
        self.spawned.add_many(spawned);
        self.woken.add_many(woken);
    }

    /// Cancels what is in the queue of a closed scheduler.
    #[cold]
    fn drain(&self) {
        loop {
            // In front of the consumer, so that it drains again when that is dropped.
            let redrain = Redrain(self);
            let Some(consumer) = self.queue.try_consume() else {
                mem::forget(redrain);
                // The consumer will look again when it has stopped.
                return;
            };
            while let Ok(ticket) = consumer.try_dequeue() {
                ticket.state().cancel();
                // Dropping a future may wake its own task, but that does not bring it back.
                // SAFETY: local tasks are complete by now, which on any thread is found to be so.
                drop(unsafe { ticket.run_in(&self.current) });
            }
            drop(consumer);
            mem::forget(redrain);
            // Who found this thread to be the consumer has written to a counter before that. If
            // these operations come later they see its task; if not, it sees no consumer.
            self.woken.look();
            self.spawned.look();
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

// === impl Counter ===

impl Counter {
    const_fn! {
        const fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    /// Counts one event.
    #[inline]
    fn add(&self) -> Gate {
        self.add_many(1)
    }

    #[inline]
    fn add_many(&self, events: usize) -> Gate {
        // AcqRel: pairs with `close` and `take`, as told at `ReadyQueue`.
        gate(self.0.fetch_add(events * Count::EVENTS.first_bit(), AcqRel))
    }

    /// Whether there was an event since the last call of `take`.
    #[inline]
    fn is_counting(&self) -> bool {
        self.0.load(Relaxed) & Count::EVENTS.raw_mask() != 0
    }

    /// How many events there were since the last call of `take`.
    fn events(&self) -> usize {
        Count::EVENTS.unpack_bits(self.0.load(Relaxed))
    }

    /// Says that somebody sleeps.
    fn fall_asleep(&self) -> Gate {
        // AcqRel: pairs with `add`, as told at `ReadyQueue`.
        gate(self.0.fetch_or(Count::ASLEEP.raw_mask(), AcqRel))
    }

    /// Whether somebody sleeps, whom the caller is the first to wake.
    fn wake_up(&self) -> bool {
        // AcqRel: pairs with `fall_asleep`.
        let before = self.0.fetch_and(!Count::ASLEEP.raw_mask(), AcqRel);
        before & Count::ASLEEP.raw_mask() != 0
    }

    /// Returns how many events there were since the last call, and starts anew.
    #[inline]
    fn take(&self) -> (usize, Gate) {
        // In one operation: another tick may do the same, as neither is a consumer any more. Written
        // even if there was no event, and AcqRel: pairs with `add` and `close`, as told at
        // `ReadyQueue`. Who sleeps need not be who ticks, and sleeps on.
        let before = self.0.fetch_and(!Count::EVENTS.raw_mask(), AcqRel);
        (Count::EVENTS.unpack_bits(before), gate(before))
    }

    /// Looks at the gate, and counts nothing.
    fn look(&self) -> Gate {
        // Written, and AcqRel: pairs with `add` and `close`, as told at `ReadyQueue`.
        gate(self.0.fetch_add(0, AcqRel))
    }

    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    fn close(&self) {
        // AcqRel: pairs with `add`, `take` and `look`, as told at `ReadyQueue`.
        self.0.fetch_or(Count::CLOSED.raw_mask(), AcqRel);
    }
}

fn gate(word: usize) -> Gate {
    // Where no scheduler can be closed, nothing of the closing is compiled.
    const CAN_CLOSE: bool = cfg!(all(feature = "alloc", target_has_atomic = "ptr"));
    // By mask, and the frequent answer first.
    if word & (Count::CLOSED.raw_mask() | Count::ASLEEP.raw_mask()) == 0 {
        Gate::Open
    } else if CAN_CLOSE && word & Count::CLOSED.raw_mask() != 0 {
        Gate::Closed
    } else {
        Gate::Asleep
    }
}

// === impl Redrain ===

impl Drop for Redrain<'_> {
    fn drop(&mut self) {
        if self.0.woken.look() == Gate::Closed {
            self.0.drain();
        }
    }
}
