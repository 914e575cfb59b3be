//! What the workers of a scheduler share.

use super::{
    here::{CoreId, here},
    idle::Idle,
    slot::{Queued, Slot},
};
use crate::{
    scheduler::ready::ReadyQueue,
    task::{TaskRef, header::Header},
};
use pintle_core::const_fn;
use pintle_intrusive::MpscQueue;

/// What the workers share, but for their slots.
pub(super) struct Pool {
    /// The tasks that are queued by who is no worker, or did not fit into a worker's ring.
    pub(super) injector: ReadyQueue,
    pub(super) idle: Idle,
    /// How to find out which worker somebody is on, if not by the thread.
    pub(super) core_id: Option<CoreId>,
}

/// A pool and its slots.
#[derive(Clone, Copy)]
pub(super) struct PoolRef<'a> {
    pub(super) pool: &'a Pool,
    pub(super) slots: &'a [Slot],
}

// === impl Pool ===

impl Pool {
    const_fn! {
        pub(super) const fn new(queue: MpscQueue<Header>, core_id: Option<CoreId>) -> Self {
            Self {
                injector: ReadyQueue::new(queue),
                idle: Idle::new(),
                core_id,
            }
        }
    }
}

// === impl PoolRef ===

impl PoolRef<'_> {
    /// Queues a task, unless it is queued, being polled (then it will be), or complete.
    #[inline]
    pub(super) fn schedule(self, task: TaskRef) {
        let Some(ticket) = task.into_ticket() else {
            return;
        };
        let ticket = match here(self.pool, self.slots) {
            None => ticket,
            Some(slot) => {
                let overflow = |ticket| self.pool.injector.enqueue_counted(ticket);
                // SAFETY: the caller is on the thread that has entered the slot.
                match unsafe { slot.push_newest(ticket, overflow) } {
                    Ok(queued) => return self.queued(queued),
                    Err(ticket) => ticket,
                }
            }
        };
        self.pool.injector.schedule(ticket);
        self.notify();
    }

    /// Wakes a worker, if that is called for.
    #[inline]
    pub(super) fn notify(self) {
        self.pool.idle.notify(self.slots);
    }

    /// Does what is left to do after a worker has queued something.
    #[inline]
    pub(super) fn queued(self, queued: Queued) {
        match queued {
            // The worker that is here will come to it, before all else.
            Queued::First => {}
            Queued::Stealable => self.notify(),
            Queued::Overflown => {
                self.pool.injector.settle();
                self.notify();
            }
        }
    }

    /// Wakes every worker that sleeps.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(super) fn wake_all(self) {
        self.pool.idle.wake_all(self.slots);
    }

    /// Whether somebody could have work: a task in a queue that all workers look at.
    pub(super) fn has_work(self) -> bool {
        self.pool.injector.has_remaining() || self.slots.iter().any(|slot| !slot.ring.is_empty())
    }

    /// Claims a slot for the caller, the core's own if cores are told apart.
    pub(super) fn claim(self) -> Option<usize> {
        match self.pool.core_id {
            Some(core_id) => {
                let index = core_id();
                self.slots.get(index)?.claim().then_some(index)
            }
            None => self.slots.iter().position(Slot::claim),
        }
    }
}
