//! What belongs to one worker.

use super::ring::{CAPACITY, Ring};
use crate::scheduler::current::CurrentTask;
use crate::task::TaskRef;
use core::task::{Context, Poll};
use pintle_core::{
    CachePadded,
    atomic::{
        AtomicBool, AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
        compiler_fence,
    },
    cell::UnsafeCell,
    const_fn,
};
use pintle_sync::WaitCell;

/// No more is taken at once from elsewhere: the rest of a ring is for what that causes.
pub(super) const HALF: usize = CAPACITY / 2;

/// A worker's queues, and its sleep.
///
/// # Invariants
///
/// `owned` belongs to the thread that is inside [`enter`](super::here), one at a time, which is the
/// worker's: it has [claimed](Self::claim) the slot. While it is in the middle of changing it `is_busy`
/// is set, so that an interrupt handler on top of it knows.
pub(super) struct Slot {
    pub(super) ring: Ring,
    owned: CachePadded<Owned>,
    shared: CachePadded<Shared>,
}

/// What the owner alone uses.
struct Owned {
    is_busy: AtomicBool,
    is_entered: AtomicBool,
    current: CurrentTask,
    queue: UnsafeCell<Queue>,
}

/// What others use to wake the owner.
struct Shared {
    is_claimed: AtomicBool,
    sleep: AtomicUsize,
    waker: WaitCell,
}

/// The part of the queue that nobody steals.
struct Queue {
    /// The task that was queued last: what it is about is in the cache still.
    newest: Option<TaskRef>,
    counts: Counts,
}

/// How many events this worker has caused that no tick has reported.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) spawned: usize,
    pub(super) woken: usize,
}

/// How far a ticket went that was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Queued {
    /// To the place that nobody steals from, which was empty.
    First,
    /// It, or the one in whose place it is, can be stolen.
    Stealable,
    /// Some did not fit, and were passed to `overflow`.
    Overflown,
}

// What `sleep` says. Only the owner goes from `WOKEN` to `AWAKE` and from there to `ASLEEP`.

/// The worker runs.
const AWAKE: usize = 0;
/// The worker sleeps, or is about to. Its waker is in place.
const ASLEEP: usize = 1;
/// Somebody has chosen this worker, which counts as searching, to wake up.
const WOKEN: usize = 2;

/// What a worker finds itself to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sleep {
    /// It runs.
    Awake,
    /// It sleeps, and nobody has chosen it.
    Asleep,
    /// It was chosen, and runs from now on. It counts as searching.
    Woken,
}

// SAFETY: `queue` is used by one thread at a time, by the invariant; what is in it is `Send`.
unsafe impl Sync for Slot {}

// === impl Slot ===

impl Slot {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                ring: Ring::new(),
                owned: CachePadded::new(Owned {
                    is_busy: AtomicBool::new(false),
                    is_entered: AtomicBool::new(false),
                    current: CurrentTask::new(),
                    queue: UnsafeCell::new(Queue {
                        newest: None,
                        counts: Counts { spawned: 0, woken: 0 },
                    }),
                }),
                shared: CachePadded::new(Shared {
                    is_claimed: AtomicBool::new(false),
                    sleep: AtomicUsize::new(AWAKE),
                    waker: WaitCell::new(),
                }),
            }
        }
    }

    /// Makes the caller the slot's worker, if it has none.
    pub(super) fn claim(&self) -> bool {
        let claimed = &self.shared.is_claimed;
        // Acquire: pairs with `unclaim`.
        !claimed.load(Relaxed)
            && claimed
                .compare_exchange(false, true, Acquire, Relaxed)
                .is_ok()
    }

    /// Ends the caller's being the slot's worker. The queues are empty.
    pub(super) fn unclaim(&self) {
        // Release: pairs with `claim`, whose caller is the owner of the queues from then on.
        self.shared.is_claimed.store(false, Release);
    }

    pub(super) fn current(&self) -> &CurrentTask {
        &self.owned.current
    }

    pub(super) fn is_entered(&self) -> bool {
        // Relaxed: only asked by the thread that may have entered.
        self.owned.is_entered.load(Relaxed)
    }

    pub(super) fn set_entered(&self, is_entered: bool) {
        self.owned.is_entered.store(is_entered, Relaxed);
    }

    /// Lets the owner, in `f`, change its queues. `None`: this is an interrupt or signal handler, on
    /// top of the owner who is doing that just now.
    ///
    /// # Safety
    ///
    /// The caller is on the owner's thread, inside of `enter`; or has claimed the slot, and nobody is inside: a
    /// handler passes this slot by then. `f` does not call this again.
    #[inline]
    unsafe fn change<R>(&self, f: impl FnOnce(&mut Queue) -> R) -> Option<R> {
        let is_busy = &self.owned.is_busy;
        // A handler comes and goes between any two steps of this, and leaves the flag as it was.
        if is_busy.load(Relaxed) {
            return None;
        }
        is_busy.store(true, Relaxed);
        compiler_fence(Acquire);
        // SAFETY: the owner's thread alone gets here, and once at a time by the flag.
        let result = self.owned.queue.with_mut(|queue| f(unsafe { &mut *queue }));
        compiler_fence(Release);
        is_busy.store(false, Relaxed);
        Some(result)
    }

    /// Queues a ticket in the place for the newest. What does not fit is passed to `overflow`.
    ///
    /// The ticket comes back if this is a handler on top of the owner.
    ///
    /// # Safety
    ///
    /// The caller is on the owner's thread, inside of `enter`. `overflow` does not use this slot.
    #[inline]
    pub(super) unsafe fn push_newest(
        &self,
        ticket: TaskRef,
        overflow: impl FnMut(TaskRef),
    ) -> Result<Queued, TaskRef> {
        let mut ticket = Some(ticket);
        let push = |queue: &mut Queue| {
            let ticket = ticket.take()?;
            match ticket.is_new() {
                true => queue.counts.spawned += 1,
                false => queue.counts.woken += 1,
            }
            Some(match queue.newest.replace(ticket) {
                // SAFETY: the caller is the owner.
                Some(older) => unsafe { self.push_into_ring(older, overflow) },
                None => Queued::First,
            })
        };
        // SAFETY: the contract is the same.
        let queued = unsafe { self.change(push) }.flatten();
        match ticket {
            None => Ok(queued.unwrap_or(Queued::First)),
            Some(ticket) => Err(ticket),
        }
    }

    /// Queues a ticket behind all others of this worker: of a task that has yielded.
    ///
    /// # Safety
    ///
    /// As for `push_newest`; and the caller is the worker's loop.
    #[inline]
    pub(super) unsafe fn push_last(
        &self,
        ticket: TaskRef,
        overflow: impl FnMut(TaskRef),
    ) -> Queued {
        let push = |queue: &mut Queue| {
            // SAFETY: the caller is the owner.
            let queued = unsafe { self.push_into_ring(ticket, overflow) };
            match queue.newest.is_none() && self.ring.len() <= 1 {
                true => Queued::First,
                false => queued,
            }
        };
        // SAFETY: the contract is the same.
        match unsafe { self.change(push) } {
            Some(queued) => queued,
            None => unreachable!("a worker runs no task while it changes its queue"),
        }
    }

    /// # Safety
    ///
    /// The caller is the owner, in `change`.
    #[inline]
    unsafe fn push_into_ring(&self, ticket: TaskRef, overflow: impl FnMut(TaskRef)) -> Queued {
        // SAFETY: the caller is the owner.
        match unsafe { self.ring.push(ticket) } {
            Ok(()) => Queued::Stealable,
            Err(ticket) => {
                // SAFETY: the caller is the owner.
                unsafe { self.make_room(ticket, overflow) };
                Queued::Overflown
            }
        }
    }

    /// Passes half of a full ring to `overflow`, and `ticket`, which comes after them.
    ///
    /// # Safety
    ///
    /// The caller is the owner, in `change`.
    #[cold]
    unsafe fn make_room(&self, ticket: TaskRef, mut overflow: impl FnMut(TaskRef)) {
        // If a thief makes room just now, it passes none: to wait for that could take long.
        // SAFETY: the caller is the owner, and `overflow` does not use the ring.
        unsafe { self.ring.spill(&mut overflow) };
        overflow(ticket);
    }

    /// Takes the newest ticket.
    ///
    /// # Safety
    ///
    /// The caller is the worker's loop, inside of `enter`.
    #[inline]
    pub(super) unsafe fn take_newest(&self) -> Option<TaskRef> {
        // SAFETY: the contract is the same.
        unsafe { self.change(|queue| queue.newest.take()) }.flatten()
    }

    /// Takes the first ticket of the ring.
    ///
    /// # Safety
    ///
    /// The caller is the worker's loop, inside of `enter`.
    #[inline]
    pub(super) unsafe fn pop(&self) -> Option<TaskRef> {
        // SAFETY: the caller is the owner. A handler that pushes meanwhile changes the tail, and
        // this the heads.
        unsafe { self.ring.pop() }
    }

    /// Fills the ring from `source`, which is told how many it may give: `max` or as many as there is
    /// room for. The first of them is returned instead.
    ///
    /// # Safety
    ///
    /// The caller is the worker's loop, inside of `enter`. `source` does not use this slot.
    pub(super) unsafe fn refill(
        &self,
        max: usize,
        source: impl FnOnce(usize, &mut dyn FnMut(TaskRef)),
    ) -> Option<TaskRef> {
        let mut first = None;
        let fill = |_: &mut Queue| {
            // SAFETY: the caller is the owner.
            let max = max.min(unsafe { self.ring.room() } + 1);
            source(max, &mut |ticket| match first {
                None => first = Some(ticket),
                // SAFETY: the caller is the owner.
                Some(_) => match unsafe { self.ring.push(ticket) } {
                    Ok(()) => {}
                    Err(_) => unreachable!("only the owner makes the room less"),
                },
            });
        };
        // SAFETY: the contract is the same.
        unsafe { self.change(fill) };
        first
    }

    /// Steals half of what another worker has.
    ///
    /// # Safety
    ///
    /// The caller is the worker's loop, inside of `enter`. `other` is another slot.
    pub(super) unsafe fn steal_from(&self, other: &Self) -> Option<TaskRef> {
        if other.ring.is_empty() {
            return None;
        }
        // SAFETY: the caller is the owner.
        let steal = |_: &mut Queue| unsafe { other.ring.steal_into(&self.ring) };
        // SAFETY: the contract is the same.
        unsafe { self.change(steal) }.flatten()
    }

    /// Returns how many tasks this worker has spawned and woken, and starts anew.
    ///
    /// # Safety
    ///
    /// The caller is the worker's loop, inside of `enter`.
    pub(super) unsafe fn take_counts(&self) -> Counts {
        // SAFETY: the contract is the same.
        unsafe { self.change(|queue| core::mem::take(&mut queue.counts)) }.unwrap_or_default()
    }

    /// Whether this worker has work that is its own alone.
    ///
    /// # Safety
    ///
    /// The caller is the worker's loop, inside of `enter`; or has claimed the slot, and nobody is inside.
    pub(super) unsafe fn has_newest(&self) -> bool {
        // SAFETY: the contract is the same.
        unsafe { self.change(|queue| queue.newest.is_some()) }.unwrap_or(true)
    }

    // --- sleep ---

    /// Puts the worker's waker in place. A wake-up that was left from before is forgotten.
    pub(super) fn register(&self, cx: &mut Context<'_>) {
        while let Poll::Ready(result) = self.shared.waker.poll_wait(cx) {
            if result.is_err() {
                // Somebody takes the last waker out just now, of a sleep that is over.
                pintle_core::thread::yield_now();
            }
        }
    }

    /// Says that the worker sleeps.
    pub(super) fn set_asleep(&self) {
        // Release: pairs with `try_wake`. What it reads, the waker, is in a cell that orders itself.
        self.shared.sleep.store(ASLEEP, Release);
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.shared.sleep.load(Relaxed) == ASLEEP
    }

    /// Chooses this worker, if it sleeps, and calls its waker.
    pub(super) fn try_wake(&self) -> bool {
        let is_chosen = self.try_wake_silently();
        if is_chosen {
            self.shared.waker.wake();
        }
        is_chosen
    }

    /// Chooses this worker, if it sleeps.
    pub(super) fn try_wake_silently(&self) -> bool {
        // Acquire: pairs with `set_asleep`. Release: with `take_wake_up`.
        self.shared
            .sleep
            .compare_exchange(ASLEEP, WOKEN, AcqRel, Relaxed)
            .is_ok()
    }

    /// Takes note of having been chosen, or says what the worker is about.
    ///
    /// By one load: who finds that it has not been chosen, and then that it is not asleep either, may
    /// have been chosen in between.
    pub(super) fn take_wake_up(&self) -> Sleep {
        // Acquire: pairs with `try_wake`: what was queued before is there.
        match self.shared.sleep.load(Acquire) {
            WOKEN => {
                self.shared.sleep.store(AWAKE, Relaxed);
                Sleep::Woken
            }
            ASLEEP => Sleep::Asleep,
            _ => Sleep::Awake,
        }
    }
}
