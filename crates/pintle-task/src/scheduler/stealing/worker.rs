use super::{
    here::Entered,
    pool::PoolRef,
    slot::{HALF, Sleep, Slot},
};
use crate::{
    scheduler::Tick,
    task::{TaskRef, run::Run},
};
use core::{
    cell::Cell,
    fmt,
    future::poll_fn,
    marker::PhantomData,
    task::{Context, Poll},
};

/// One of the workers of a scheduler that balances its load by stealing: the right to run its tasks on
/// one thread, or core, at a time.
///
/// [`StealingScheduler::worker`](super::StealingScheduler::worker) hands out as many as the scheduler
/// has. Drive it by [`run`](Self::run), a future, or by [`tick`](Self::tick) and
/// [`poll_ready`](Self::poll_ready), which that is made of.
///
/// When it is dropped what it has queued goes to the others.
///
/// # Contexts
///
/// [`tick`](Self::tick) and [`run`](Self::run) run the tasks' code. [`poll_ready`](Self::poll_ready) takes no lock and waits
/// for nobody; a core may call it with its interrupts masked.
pub struct Worker<'a> {
    pool: PoolRef<'a>,
    /// INVARIANT: the slot is claimed by this.
    me: usize,
    /// Whether the idle workers' counts have this one among those who search.
    is_searching: bool,
    /// How many tasks it has taken, for what is due every so often.
    turn: usize,
    /// How many of them, the last ones, were the newest.
    streak: usize,
    /// Where it begins to look for a victim.
    random: usize,
    /// On one thread at a time.
    _not_sync: PhantomData<Cell<()>>,
}

/// Every so many tasks the injector is looked at first, so that it does not starve while the workers
/// feed themselves. A prime, so that it falls in step with nothing.
const INJECTOR_INTERVAL: usize = 61;

/// So many tasks in a row may be the newest, before the first of the ring gets its turn.
const NEWEST_IN_A_ROW: usize = 3;

/// How many tasks a worker takes from the injector at once, so that others get some as well.
const BATCH: usize = if HALF < 64 { HALF } else { 64 };

// === impl Worker ===

impl<'a> Worker<'a> {
    /// How many polls a [`tick`](Self::tick) does at most.
    pub const DEFAULT_TICK_SIZE: usize = 256;

    pub(super) fn claim(pool: PoolRef<'a>) -> Option<Self> {
        let me = pool.claim()?;
        Some(Self {
            pool,
            me,
            is_searching: false,
            turn: 0,
            streak: 0,
            random: me.wrapping_mul(0x9E37) | 1,
            _not_sync: PhantomData,
        })
    }

    /// Returns which of the scheduler's workers this is, from 0 on.
    #[must_use]
    pub fn index(&self) -> usize {
        self.me
    }

    /// Polls ready tasks, [`DEFAULT_TICK_SIZE`](Self::DEFAULT_TICK_SIZE) times at most.
    ///
    /// The counts are of what this worker did, and of what others have spawned and woken from
    /// outside; each event is reported by one tick of one worker.
    ///
    /// # Panics
    ///
    /// Without the feature `std`: when a task panics. The task is complete by then, and the next
    /// tick goes on with the others.
    pub fn tick(&mut self) -> Tick {
        self.tick_n(Self::DEFAULT_TICK_SIZE)
    }

    /// As [`tick`](Self::tick), but polls `max` times at most.
    pub fn tick_n(&mut self, max: usize) -> Tick {
        let mut tick = Tick::default();
        self.stay_awake();
        let slot = self.slot();
        // SAFETY: the slot is claimed by this, which is borrowed for as long.
        let _entered = unsafe { Entered::new(self.pool.pool, slot, self.me) };
        let is_closed = self.pool.pool.injector.is_closed();
        while tick.polled < max {
            let Some(ticket) = self.next() else { break };
            if is_closed {
                ticket.state().cancel();
            }
            tick.polled += 1;
            // SAFETY: the queues hold tickets, and of no local task: those go to `LocalSchedule`rs alone.
            match unsafe { ticket.run_in(slot.current()) } {
                Run::Pending | Run::Gone => {}
                Run::Completed => tick.completed += 1,
                Run::Reschedule(ticket) => {
                    tick.woken_internal += 1;
                    let overflow = |ticket| self.pool.pool.injector.enqueue_counted(ticket);
                    // SAFETY: this is the worker's loop, inside of `Entered`.
                    let queued = unsafe { slot.push_last(ticket, overflow) };
                    self.pool.queued(queued);
                }
            }
        }
        // SAFETY: as above.
        let local = unsafe { slot.take_counts() };
        let (spawned, woken) = self.pool.pool.injector.take_counts();
        tick.spawned = local.spawned + spawned;
        tick.woken_external = local.woken + woken;
        // SAFETY: as above.
        tick.has_remaining = unsafe { slot.has_newest() }
            || !slot.ring.is_empty()
            || self.pool.pool.injector.has_remaining();
        tick
    }

    /// Completes when there may be something to do for this worker, which sleeps until then.
    ///
    /// While it sleeps, and only then, the waker of `cx` is called: as soon as a task is queued for
    /// which there is no other worker. Then [`tick`](Self::tick). To tick without having been
    /// woken is no error. When the scheduler is closed there is no sleep.
    ///
    /// A worker that sleeps and is not driven any more has to be told so: by a tick, or by its drop. If
    /// not, the task that it is woken for waits for it.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let slot = self.slot();
        loop {
            // First the waker, then the sleep: who chooses this worker finds it.
            slot.register(cx);
            match slot.take_wake_up() {
                Sleep::Awake => {}
                Sleep::Asleep => return Poll::Pending,
                Sleep::Woken => {
                    self.is_searching = true;
                    return Poll::Ready(());
                }
            }
            if self.has_newest() {
                // Which nobody else sees.
                return Poll::Ready(());
            }
            if self.is_searching {
                self.end_search(false);
            }
            slot.set_asleep();
            let idle = &self.pool.pool.idle;
            idle.fall_asleep(self.pool.slots, self.me, || self.pool.has_work());
            // After the fence in `fall_asleep`: either this sees the end, or that finds a sleeper.
            if self.pool.pool.injector.is_closed() {
                self.stay_awake();
                return Poll::Ready(());
            }
        }
    }

    /// Runs tasks until the scheduler is closed, and sleeps while there are none.
    ///
    /// Each poll is a [`tick`](Self::tick). What it sleeps by is up to who polls it:
    /// `block_on` with a thread's parker, an interrupt, or a task of another executor.
    ///
    /// # Cancellation
    ///
    /// Cancel safe: the tasks stay queued, for the other workers, and for this one if it goes on.
    pub async fn run(&mut self) {
        let running = Running(self);
        poll_fn(|cx| running.0.poll_run(cx)).await
    }

    fn poll_run(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let has_remaining = self.tick().has_remaining;
        if self.pool.pool.injector.is_closed() && !has_remaining {
            return Poll::Ready(());
        }
        if has_remaining || self.poll_ready(cx).is_ready() {
            // Others who share the thread get their turn.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn slot(&self) -> &'a Slot {
        &self.pool.slots[self.me]
    }

    /// The next task to run, from where there is one.
    #[inline]
    fn next(&mut self) -> Option<TaskRef> {
        let found = self.take_own().or_else(|| self.take_others());
        if self.is_searching {
            self.end_search(found.is_some());
        }
        found
    }

    /// The next of this worker's tasks.
    #[inline]
    fn take_own(&mut self) -> Option<TaskRef> {
        let slot = self.slot();
        self.turn = self.turn.wrapping_add(1);
        if self.turn % INJECTOR_INTERVAL == 0 {
            if let Some(ticket) = self.take_injected(1) {
                return Some(ticket);
            }
        }
        if self.streak < NEWEST_IN_A_ROW {
            // SAFETY: this is the worker's loop, inside of `Entered`.
            if let Some(ticket) = unsafe { slot.take_newest() } {
                self.streak += 1;
                return Some(ticket);
            }
        }
        self.streak = 0;
        // SAFETY: as above.
        if let Some(ticket) = unsafe { slot.pop() } {
            return Some(ticket);
        }
        // SAFETY: as above.
        unsafe { slot.take_newest() }
    }

    /// A task that nobody has yet, or somebody else.
    #[cold]
    fn take_others(&mut self) -> Option<TaskRef> {
        self.take_injected(BATCH).or_else(|| self.steal())
    }

    /// Takes tasks from the injector: one to run, the others into the ring.
    fn take_injected(&self, max: usize) -> Option<TaskRef> {
        let injector = &self.pool.pool.injector;
        if !injector.has_remaining() {
            return None;
        }
        let mut is_closed = false;
        let take = |max, each: &mut dyn FnMut(TaskRef)| is_closed = injector.take(max, each);
        // SAFETY: this is the worker's loop, inside of `Entered`.
        let ticket = unsafe { self.slot().refill(max, take) };
        if is_closed {
            injector.settle();
        }
        if max > 1 && !self.is_searching && !self.slot().ring.is_empty() {
            // On their way they were in no queue. Who fell asleep meanwhile did not see them.
            self.pool.notify();
        }
        ticket
    }

    /// Steals from another worker, unless enough others are about it.
    fn steal(&mut self) -> Option<TaskRef> {
        let count = self.pool.slots.len();
        if count == 1 {
            return None;
        }
        if !self.is_searching {
            self.is_searching = self.pool.pool.idle.try_search(count);
            if !self.is_searching {
                return None;
            }
        }
        // Marsaglia's xorshift: the victims are to be different ones, no more.
        self.random ^= self.random << 7;
        self.random ^= self.random >> 9;
        let slot = self.slot();
        for offset in 0..count {
            let victim = (self.random.wrapping_add(offset)) % count;
            if victim == self.me {
                continue;
            }
            // SAFETY: this is the worker's loop, inside of `Entered`, and it is another slot.
            let stolen = unsafe { slot.steal_from(&self.pool.slots[victim]) };
            if stolen.is_some() {
                return stolen;
            }
        }
        // What did not fit into a ring, or came meanwhile.
        self.take_injected(BATCH)
    }

    #[cold]
    fn end_search(&mut self, has_found: bool) {
        self.is_searching = false;
        let idle = &self.pool.pool.idle;
        match has_found {
            true => idle.stop_searching(self.pool.slots),
            false => idle.give_up(self.pool.slots, || self.pool.has_work()),
        }
    }

    /// Whether there is a task that no other worker sees.
    ///
    /// Not inside of `Entered`: a handler that came after the look would still queue its task here, where
    /// nobody looks again before this worker sleeps. From outside it goes to the injector, and wakes.
    fn has_newest(&self) -> bool {
        // SAFETY: the slot is claimed by this, which is in no tick: that would borrow it.
        unsafe { self.slot().has_newest() }
    }

    /// Gives what this worker has queued to the others.
    fn empty(&self) {
        self.empty_once();
        // What a handler has queued here after the last look inside.
        while self.has_newest() {
            self.empty_once();
        }
    }

    fn empty_once(&self) {
        let slot = self.slot();
        let injector = &self.pool.pool.injector;
        // SAFETY: the slot is claimed by this, which is in no tick: that would borrow it.
        let _entered = unsafe { Entered::new(self.pool.pool, slot, self.me) };
        loop {
            // SAFETY: this is the worker's loop, inside of `Entered`.
            let newest = unsafe { slot.take_newest() };
            // SAFETY: as above.
            let Some(ticket) = newest.or_else(|| unsafe { slot.pop() }) else {
                break;
            };
            injector.enqueue_counted(ticket);
        }
        // SAFETY: as above.
        let counts = unsafe { slot.take_counts() };
        injector.add_counts(counts.spawned, counts.woken);
    }

    /// Wakes another worker for what `empty` gave away, and for what this one was woken for.
    fn leave_to_others(&mut self) {
        self.pool.pool.injector.settle();
        if self.is_searching {
            self.end_search(false);
        }
        if self.pool.has_work() {
            self.pool.notify();
        }
    }

    /// Ends the sleep of a worker that goes on without having been woken.
    fn stay_awake(&mut self) {
        let slot = self.slot();
        let mut sleep = slot.take_wake_up();
        if sleep == Sleep::Asleep {
            self.pool.pool.idle.wake_up(slot);
            sleep = slot.take_wake_up();
        }
        self.is_searching |= sleep == Sleep::Woken;
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        self.stay_awake();
        self.empty();
        self.slot().unclaim();
        self.leave_to_others();
    }
}

/// A worker that runs. When it stops to, nobody waits for it.
struct Running<'a, 'worker>(&'a mut Worker<'worker>);

impl Drop for Running<'_, '_> {
    fn drop(&mut self) {
        self.0.stay_awake();
        self.0.empty();
        self.0.leave_to_others();
    }
}

impl fmt::Debug for Worker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("index", &self.me)
            .finish_non_exhaustive()
    }
}
