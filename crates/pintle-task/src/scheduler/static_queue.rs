//! The run queue of a scheduler that lives for ever, and is never closed.
//!
//! It is D. Vyukov's queue, as [`MpscQueue`](pintle_intrusive::MpscQueue) is, less its stub: where that
//! has a node that is nobody's task, this one is empty.
//!
//! ```text
//!     empty              two tasks                    a producer (P) in the middle
//!
//!     first  head        first          head          first         head
//!       │     │            │              │             │             │
//!       ∅     ∅            ▼              ▼             ∅             ▼
//!                         [A]──────────►[B]─∅                        [P]─∅
//! ```
//!
//! - To **push**, a producer swaps `head` for its task. If there was another, that gets it as its next. If
//!   there was none the queue was empty, and `first` gets it; and whoever sleeps is roused.
//! - The **consumer** walks from `first` along the chain. It takes a task out as soon as it knows the next.
//!   The last has none: for that it empties `first`, and then `head`, by a compare-and-swap that fails if
//!   a producer has been there.
//!
//! `first` is therefore written by the consumer as long as `head` is not null, and by the one producer that
//! has found `head` null when it is. A task that is taken out is in no queue, and may be pushed while it is
//! polled.
//!
//! # How it sleeps
//!
//! Who falls asleep puts its waker in place and a hook beside `head`, and then looks at `head` by an operation
//! that writes. Who pushes onto an empty queue does so by a swap of `head`, and then looks for the hook.
//! These operations have an order: either the sleeper sees the task, or the producer sees the hook. So a
//! push onto a queue that is not empty, which nobody sleeps at, need not look; and the code that calls a
//! waker is part of a program only if somebody ever waits.

use super::{Tick, current::CurrentTask};
use crate::task::{
    TaskRef,
    header::Header,
    panic,
    run::{Run, Start},
    state::StateCell,
};
use core::{
    fmt,
    ptr::{self, NonNull},
    task::{Context, Poll},
};
use pintle_core::{
    CachePadded,
    atomic::{
        AtomicPtr, AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
    const_fn,
};
use pintle_sync::WaitCell;

mod consumer;
mod tally;
mod turns;

pub(super) use self::consumer::Consumer;
use self::tally::Tally;

/// The queue and the loop of a scheduler in a static.
///
/// # Invariants
///
/// - From the consumer's place, or `first`, to `head` the tasks are chained by their links, with a gap for
///   each producer in the middle of a push. Of each of them the queue owns the ticket.
/// - `tally` and the chain are changed only by who has set `consumers`. That is who polls the tasks.
pub(crate) struct StaticQueue {
    entry: CachePadded<Entry>,
    exit: CachePadded<Exit>,
}

/// Where producers come in.
struct Entry {
    /// The last task of the chain, or null.
    head: AtomicPtr<Header>,
    /// What to call when the queue is not empty any more, or null.
    hook: AtomicPtr<Hook>,
    /// How many tasks were spawned since the last tick.
    spawned: AtomicUsize,
}

/// What belongs to the consumer, or nobody.
struct Exit {
    first: AtomicPtr<Header>,
    /// 1 while somebody takes tasks out.
    consumers: AtomicUsize,
    current: CurrentTask,
    tally: UnsafeCell<Tally>,
    sleeper: WaitCell,
}

/// What [`StaticQueue::poll_ready`] leaves to be called.
struct Hook {
    /// Not to unwind, so that a wake-up needs no landing pad.
    rouse: extern "C" fn(&StaticQueue),
}

static HOOK: Hook = Hook {
    rouse: StaticQueue::rouse,
};

// SAFETY: the tally is the consumer's, of which there is one. The rest is atomic, or `Sync`.
unsafe impl Sync for StaticQueue {}

// === impl StaticQueue ===

impl StaticQueue {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self {
                entry: CachePadded::new(Entry {
                    head: AtomicPtr::new(ptr::null_mut()),
                    hook: AtomicPtr::new(ptr::null_mut()),
                    spawned: AtomicUsize::new(0),
                }),
                exit: CachePadded::new(Exit {
                    first: AtomicPtr::new(ptr::null_mut()),
                    consumers: AtomicUsize::new(0),
                    current: CurrentTask::new(),
                    tally: UnsafeCell::new(Tally::new()),
                    sleeper: WaitCell::new(),
                }),
            }
        }
    }

    pub(super) fn current_task(&self) -> Option<TaskRef> {
        self.exit.current.get()
    }

    /// Shows a resident that is going to be polled.
    #[inline(always)]
    pub(crate) fn show(&self, task: NonNull<Header>) {
        self.exit.current.show(task);
    }

    /// Whether the task is the one that is being polled.
    pub(crate) fn is_current(&self, task: NonNull<Header>) -> bool {
        self.exit.current.is(task)
    }

    /// Whether a task is ready. One load.
    pub(super) fn has_remaining(&self) -> bool {
        // Relaxed: this word alone tells.
        !self.entry.head.load(Relaxed).is_null()
    }

    /// Queues a task, unless it is queued, being polled (then it will be), or complete.
    #[inline]
    pub(super) fn schedule(&self, task: TaskRef) {
        if let Some(ticket) = task.into_ticket() {
            if ticket.is_new() {
                self.count_spawned();
            }
            // SAFETY: this is the ticket, which is given away.
            unsafe { self.push(ticket.into_ticket_ptr()) };
        }
    }

    /// Takes note of a task before it is pushed for the first time.
    #[inline]
    pub(crate) fn count_spawned(&self) {
        // Relaxed: the push that follows makes it seen by who takes the ticket.
        self.entry.spawned.fetch_add(1, Relaxed);
    }

    /// Puts a task in as the last.
    ///
    /// # Safety
    ///
    /// The caller owns the task's ticket, and gives it up.
    #[inline]
    pub(crate) unsafe fn push(&self, ticket: NonNull<Header>) {
        // SAFETY: the ticket keeps the task, and is in no queue.
        unsafe { Header::set_linked(ticket) };
        // Release: pairs with the acquire of the next producer, whose store to the task's `next` must come
        // after the reset; and with that of who falls asleep. Acquire: for the same, as to `last`; and
        // pairs with the consumer's emptying of `head`, which comes after that of `first`.
        let last = self.entry.head.swap(ticket.as_ptr(), AcqRel);
        match NonNull::new(last) {
            // SAFETY: a task without a next stays in the queue, and only the one that swapped it out of
            // `head` gives it one.
            Some(last) => unsafe { Header::set_next(last, ticket) },
            None => self.push_first(ticket),
        }
    }

    /// Ends a push onto an empty queue.
    #[inline]
    fn push_first(&self, ticket: NonNull<Header>) {
        // Release: pairs with the acquire in `Consumer::pop`, which goes on to use the task.
        self.exit.first.store(ticket.as_ptr(), Release);
        // Relaxed: if somebody has fallen asleep, the swap of `head` has read what he wrote there after
        // the hook.
        // SAFETY: it is null, or a static's address.
        if let Some(hook) = unsafe { self.entry.hook.load(Relaxed).as_ref() } {
            (hook.rouse)(self);
        }
    }

    /// Completes when a task is ready; until then the waker of `cx` is kept.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.exit.sleeper.poll_wait(cx).is_ready() {
            return Poll::Ready(());
        }
        let hook = ptr::from_ref(&HOOK).cast_mut();
        self.entry.hook.store(hook, Relaxed);
        let null = ptr::null_mut();
        // Release: pairs with the acquire of a push, which then sees the hook and the waker. Written even
        // if nothing changes: see the module.
        match self
            .entry
            .head
            .compare_exchange(null, null, AcqRel, Relaxed)
        {
            Ok(_) => Poll::Pending,
            Err(_) => Poll::Ready(()),
        }
    }

    /// Runs tasks, for ever.
    pub(super) fn poll_run(&self, max: usize, cx: &mut Context<'_>) -> Poll<()> {
        let tick = self.tick(max);
        if tick.has_remaining || self.poll_ready(cx).is_ready() {
            // Others who share the thread get their turn.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Calls the waker that `poll_ready` has kept.
    #[cold]
    extern "C" fn rouse(&self) {
        // AcqRel: who clears the hook has seen what its sleeper did before, who if he sleeps again puts
        // it there again.
        if self.entry.hook.swap(ptr::null_mut(), AcqRel).is_null() {
            return;
        }
        // Who wakes a task is not to blame for its platform. (Without `std` the process ends.)
        if let Err(payload) = panic::catch(|| self.exit.sleeper.wake()) {
            payload.discard();
        }
    }

    /// Takes the right to take tasks out, and so to run them, or says `None` if somebody has it.
    #[inline]
    pub(super) fn try_consume(&self) -> Option<Consumer<'_>> {
        // Acquire: pairs with `stop_consuming`. By one operation that cannot fail, of which the processor's flags
        // tell the outcome.
        if self.exit.consumers.fetch_or(1, Acquire) & 1 != 0 {
            return None;
        }
        // SAFETY: the flag has just been set, by this call.
        Some(unsafe { Consumer::new(self) })
    }

    pintle_core::not_loom! {
        /// Gives back the right to take tasks out.
        #[inline(always)]
        fn stop_consuming(&self) {
            // Release: pairs with the acquire of the next consumer.
            self.exit.consumers.store(0, Release);
        }
    }

    pintle_core::only_loom! {
        /// As on a machine. What was written by those who have found a consumer here comes before the store there, as
        /// each of them has read what that one wrote to begin; loom does not see that.
        fn stop_consuming(&self) {
            // Release: as on a machine.
            self.exit.consumers.fetch_and(0, Release);
        }
    }

    /// Puts the first of the chain where the next consumer finds it.
    ///
    /// # Safety
    ///
    /// It is in the queue, of which the caller is the consumer.
    unsafe fn set_first(&self, task: NonNull<Header>) {
        // Relaxed: who reads it is a consumer. No producer writes it as long as the queue is not empty.
        self.exit.first.store(task.as_ptr(), Relaxed);
    }

    /// Gives access to the tally. `f` calls nobody's code.
    ///
    /// # Safety
    ///
    /// The caller is the consumer, or what that calls.
    #[inline]
    unsafe fn with_tally<R>(&self, f: impl FnOnce(&mut Tally) -> R) -> R {
        // SAFETY: by the contract nobody else accesses it, and `f` does not get here again.
        self.exit.tally.with_mut(|tally| f(unsafe { &mut *tally }))
    }

    /// Takes note of a task that is complete.
    ///
    /// # Safety
    ///
    /// The caller is run by the consumer.
    pub(crate) unsafe fn count_completed(&self) {
        // SAFETY: the contract is the same.
        unsafe { self.with_tally(Tally::count_completed) };
    }

    /// Takes note of a ticket that was void: its task is complete.
    ///
    /// # Safety
    ///
    /// The caller is run by the consumer.
    pub(crate) unsafe fn count_void(&self) {
        // SAFETY: the contract is the same.
        unsafe { self.with_tally(Tally::count_void) };
    }
}

/// Runs a task that is no resident: what its vtable has as [`turn`](crate::task::header::Vtable::turn).
///
/// # Safety
///
/// As for that.
pub(crate) unsafe fn turn_counted(task: NonNull<Header>, queue: &StaticQueue) -> usize {
    // SAFETY: the ticket keeps it.
    let header = unsafe { task.as_ref() };
    let current = &queue.exit.current;
    // What may be there is a resident.
    current.hide();
    // SAFETY: the ticket is given up for it. If the task is local this is its thread.
    match unsafe { (header.vtable.run)(task, current, Start::Ticket) } {
        Run::Pending => 0,
        Run::Completed => {
            // SAFETY: the caller is the consumer.
            unsafe { queue.count_completed() };
            0
        }
        Run::Gone => {
            // SAFETY: the caller is the consumer.
            unsafe { queue.count_void() };
            0
        }
        Run::Reschedule(ticket) => {
            // SAFETY: this is the ticket, which is given away.
            unsafe { queue.push(ticket.into_ticket_ptr()) };
            StateCell::INTERNAL
        }
    }
}

impl fmt::Debug for StaticQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticQueue")
            .field("current_task", &self.exit.current)
            .field("has_remaining", &self.has_remaining())
            .finish_non_exhaustive()
    }
}
