use super::{
    Schedule,
    ready::{self, ReadyQueue},
    static_queue::{self, StaticQueue},
};
use crate::task::header::Header;
use core::{error, fmt, marker::PhantomData};
use pintle_core::atomic::{AtomicUsize, Ordering::Relaxed};
use pintle_intrusive::mpsc_queue::Consumer;

/// The right to take tasks out of an [`Injector`](super::Injector), or out of somebody else's queue, and
/// to spawn them on a scheduler.
///
/// One thief at a time is at a queue; until this is dropped others find it
/// [`Busy`](TryStealError::Busy). It may go to another thread, but not be shared.
///
/// # Whose a stolen task is
///
/// A task from an injector had no scheduler: from now on it has this one. A task from a scheduler's queue
/// keeps the one it has: the thief runs it this time, and counts it as woken, and when it is woken it is
/// queued at home again. A [resident](crate::task#resident-tasks) of a scheduler is not stolen: those that are
/// come upon are queued again there, behind the others.
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>() {}
/// shared::<pintle_task::scheduler::Stealer<'static, pintle_task::scheduler::Scheduler>>();
/// ```
pub struct Stealer<'worker, S: Schedule> {
    victim: Victim<'worker>,
    initial: usize,
    _scheduler: PhantomData<fn(S) -> S>,
}

enum Victim<'a> {
    /// An injector, and how many tasks it has.
    Injector(Consumer<'a, Header>, &'a AtomicUsize),
    /// A scheduler's queue.
    Scheduler(ready::Consumer<'a>, &'a ReadyQueue),
    /// The queue of a scheduler in a static.
    Static(static_queue::Consumer<'a>),
}

/// Why nothing could be stolen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryStealError {
    /// Somebody else takes tasks out of the queue just now.
    Busy,
    /// The queue is empty.
    Empty,
}

// === impl Stealer ===

impl<'worker, S: Schedule> Stealer<'worker, S> {
    pub(super) fn of_injector(
        consumer: Consumer<'worker, Header>,
        count: &'worker AtomicUsize,
    ) -> Self {
        Self {
            victim: Victim::Injector(consumer, count),
            initial: count.load(Relaxed),
            _scheduler: PhantomData,
        }
    }

    pub(super) fn of_scheduler(ready: &'worker ReadyQueue) -> Result<Self, TryStealError> {
        if !ready.has_remaining() {
            return Err(TryStealError::Empty);
        }
        let consumer = ready.try_consume().ok_or(TryStealError::Busy)?;
        Ok(Self {
            victim: Victim::Scheduler(consumer, ready),
            initial: ready.len(),
            _scheduler: PhantomData,
        })
    }

    pub(super) fn of_static(queue: &'worker StaticQueue) -> Result<Self, TryStealError> {
        if !queue.has_remaining() {
            return Err(TryStealError::Empty);
        }
        let consumer = queue.try_consume().ok_or(TryStealError::Busy)?;
        Ok(Self {
            initial: consumer.len(),
            victim: Victim::Static(consumer),
            _scheduler: PhantomData,
        })
    }

    /// Returns how many tasks there were when the theft began.
    #[must_use]
    pub fn initial_task_count(&self) -> usize {
        self.initial
    }

    /// Returns how many tasks there are now. Others may put some in meanwhile.
    #[must_use]
    pub fn task_count(&self) -> usize {
        match &self.victim {
            Victim::Injector(_, count) => count.load(Relaxed),
            Victim::Scheduler(_, ready) => ready.len(),
            Victim::Static(consumer) => consumer.len(),
        }
    }

    /// Steals the first task and spawns it on `scheduler`. False: there was none.
    pub fn spawn_one(&self, scheduler: &S) -> bool {
        // A producer between its two steps hides what comes after it. It is not waited for.
        let ticket = match &self.victim {
            Victim::Injector(consumer, count) => {
                let Ok(ticket) = consumer.try_dequeue() else {
                    return false;
                };
                count.fetch_sub(1, Relaxed);
                // SAFETY: the injector's tasks are `Task<S, _, _>`s without a scheduler, and whoever put
                // it there promised by its bounds what `bind` demands.
                unsafe { ticket.bind_to(scheduler.bind()) };
                // It has only waited for its first scheduler.
                ticket.into_new()
            }
            Victim::Scheduler(consumer, ready) => {
                let Ok(ticket) = consumer.try_dequeue() else {
                    return false;
                };
                ready.count_stolen();
                ticket
            }
            Victim::Static(consumer) => match consumer.steal() {
                Some(ticket) => ticket,
                None => return false,
            },
        };
        scheduler.schedule(ticket);
        true
    }

    /// Steals `max` tasks at most and spawns them on `scheduler`. Returns how many.
    pub fn spawn_n(&self, scheduler: &S, max: usize) -> usize {
        (0..max).take_while(|_| self.spawn_one(scheduler)).count()
    }

    /// Steals half of the tasks that there were when the theft began, rounded up, and spawns them on
    /// `scheduler`. Returns how many.
    pub fn spawn_half(&self, scheduler: &S) -> usize {
        self.spawn_n(scheduler, self.initial.div_ceil(2))
    }
}

impl<S: Schedule> fmt::Debug for Stealer<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stealer")
            .field("initial_task_count", &self.initial)
            .field("task_count", &self.task_count())
            .finish_non_exhaustive()
    }
}

// === impl TryStealError ===

impl fmt::Display for TryStealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "somebody else takes tasks out of the queue",
            Self::Empty => "the queue is empty",
        })
    }
}

impl error::Error for TryStealError {}
