//! Tasks: futures that a scheduler runs, the handles that wait for them, and what both are made of.
//!
//! A [`Task`] is one piece of memory. Everybody who has to do with it holds a counted reference to
//! it and knows it by its header: the run queue and the ticking scheduler as a [`TaskRef`], whoever
//! is to wake it as a [`Waker`], whoever waits for it as a [`JoinHandle`].
//!
//! ```text
//!            ┌ Task ────────────────────────────────────────────────────────┐
//!            │ ┌ Header ──────────────────────────────────────┐             │
//!  TaskRef ──┼▶│ links │ state │ vtable │ id │ join waker     │ scheduler │ stage: future,
//!  Waker ────┼▶│       │       │        │    │                │           │   then output
//!  JoinHandle┼▶└──────────────────────────────────────────────┘             │
//!            └──────────────────────────────────────────────────────────────┘
//! ```
//!
//! # States
//!
//! The state word has a flag for each fact and counts the references. Seen from the future:
//!
//! ```text
//!                      wake, cancel                   start_poll
//!   spawn ──────┐   ┌─────────────────┐   ┌────────────────────────────────┐
//!               ▼   │                 ▼   │                                ▼
//!           ┌─────────────┐       ┌──────────────┐                 ┌──────────────────┐
//!           │    idle     │       │   queued     │                 │     polling      │
//!           │      –      │       │    WOKEN     │                 │     POLLING      │──┐ wake
//!           └─────────────┘       └──────────────┘                 │ (POLLING, WOKEN) │◀─┘
//!             ▲      ▲  unwake        │    ▲     end_poll, woken   └──────────────────┘
//!             │      └────────────────┘    └──────────────────────────────┘ │  │ complete
//!             └──────────────────────────────────────────────────────────── ┘  ▼
//!                              end_poll, not woken                     ┌────────────────┐
//!                                                                      │    complete    │
//!                                                                      │   COMPLETED    │
//!                                                                      └────────────────┘
//! ```
//!
//! (`spawn` enters *queued*.) `CANCELED` may be set in any state, and with it `WOKEN`: an idle task is queued,
//! and `start_poll` and `end_poll` tell the runner to drop the future and `complete`. `JOIN_HANDLE` and `JOIN_WAKER` are the handle's business, below.
//!
//! # Protocol: who may touch what, and when
//!
//! 1. **The ticket.** Who moves a task from *idle* to *queued* makes its one ticket: a [`TaskRef`]
//!    that is marked as such, and keeps the task by `WOKEN`, without a count. It goes through [`Schedule::schedule`](crate::scheduler::Schedule) to a
//!    run queue. The task's queue **links** belong to its owner.
//! 2. **The runner.** Who has the ticket spends it by `start_poll`, and is the runner until `end_poll`
//!    or `complete`. While `POLLING` is set the **stage**, future and all, belongs to the runner alone.
//!    A wake-up in that time sets `WOKEN` and does no more: `end_poll` leaves the next ticket to the
//!    runner.
//! 3. **Visibility.** Every wake-up writes the state word with release order, also if it changes
//!    nothing, and `start_poll` reads it with acquire order: a poll sees what was done before each
//!    wake-up that it answers.
//! 4. **Completion.** The runner first replaces the future in the stage by what it leaves: an output,
//!    a panic, or the mark of cancellation. Then `complete` sets `COMPLETED`, if `JOIN_HANDLE` is set at
//!    that moment, and the stage belongs to the handle from then on, for good. If it is not set, the
//!    runner empties the stage before it sets `COMPLETED`. With that `WOKEN` is set, so that a wake-up
//!    finds nothing to do.
//! 5. **The join waker's slot.** While `JOIN_WAKER` is clear it belongs to the handle. The handle puts a
//!    waker there and sets the bit; now nobody may touch it. To replace it the handle clears the bit
//!    first. Both are void once `COMPLETED` is set: if the bit was set by then the slot belongs to the
//!    completing runner, who takes the waker and calls it; if not, it stays the handle's.
//! 6. **The handle's end.** Dropping the handle clears `JOIN_HANDLE`, and `JOIN_WAKER` if the task is not
//!    complete. Then it drops what is its own by rules 4 and 5: its waker, or what is in the stage.
//! 7. **The scheduler** is written before the first reference exists and read while any does. As
//!    [`schedule`](crate::scheduler::Schedule::schedule) borrows it from the task, whoever calls that
//!    keeps a reference besides the ticket.
//! 8. **Memory.** Each waker, `TaskRef` and handle counts as one reference. The ticket and the runner
//!    count as none: until completion `WOKEN` and `POLLING` keep the task as well. So a wake-up, a start and an end
//!    of a poll are one operation each. Who ends the last of all that drops what is left in the task (the
//!    future of an idle task that nobody can wake any more) and gives the memory back to its [`Storage`].
//!
//! # Local tasks
//!
//! A task of a [`LocalSchedule`](crate::scheduler::LocalSchedule)r may have a future that is not `Send`.
//! Its state has `LOCAL` set, and three more rules hold:
//!
//! 9. **Its thread** is that of its scheduler. There alone it is run, and hence completed: the future
//!    is dropped there, and so is an output that nobody joins. (One that is joined goes with the
//!    handle, which is as `Send` as the output.) So a local task is spent by
//!    [`run_local`](TaskRef::run_local), and one that is passed to another scheduler goes to its own.
//! 10. **The last reference** never goes before completion. Who would drop it, on whatever thread,
//!     turns it into the ticket and cancels the task in the same step: the scheduler then drops the
//!     future, by rules 2 and 4. After completion the last reference frees the memory, anywhere.
//!
//!     ```text
//!       another thread                        │  the task's own thread
//!       drop(waker), the last:                │
//!         REFS stays 1, + WOKEN, + CANCELED   │
//!         schedule(ticket) ───────────────────┼─▶ start_poll: POLLING, drop the future
//!         REFS 1 ─▶ 0; free, if COMPLETED     │   COMPLETED; free, if no REFS
//!     ```
//!
//!     If the scheduler drops that ticket instead of spending it, the task is leaked.
//! 11. **Shut down.** The own thread may take the stage of a task that is not being polled without its
//!     ticket, drop the future and complete it: so a scheduler ends, with a list of its tasks. It
//!     needs no references for that, by rule 10, and no lock, by rule 9. A ticket that is on its way then
//!     counts as a reference and outlives completion; who spends it finds [nothing to run](Run::Gone), on whatever thread.
//!
//! # Resident tasks
//!
//! A task whose memory is never given back ([`Storage::IS_FOREVER`]: a [`StaticStorage`]'s), and whose
//! scheduler is in a static ([`StaticScheduler`](crate::scheduler::StaticScheduler),
//! [`LocalStaticScheduler`](crate::scheduler::LocalStaticScheduler)), resides there. Two things are then simpler:
//! nobody need know when the last reference goes, and only who *ticks* its scheduler, one at a time, ever polls
//! it. So its wakers are addresses, which are cloned and dropped for nothing, and a poll has no end that others
//! must be told of:
//!
//! ```text
//!                 wake, cancel             start_turn: - WOKEN, and the tick polls it
//!   spawn ──────┐   ┌────────┐          ┌─────────────────────────────────────────┐
//!               ▼   │        ▼          │                                         ▼
//!           ┌─────────────┐ ┌──────────────┐                              ┌───────────────┐
//!           │    idle     │ │    queued    │◀─────────────────────────────│ being polled  │
//!           │      –      │ │    WOKEN     │ wake, cancel: queued at once │       –       │
//!           └─────────────┘ └──────────────┘                              └───────────────┘
//!                  ▲                                                        │    │ complete:
//!                  └────────────────────────────────────────────────────────┘    ▼ + COMPLETED, + WOKEN
//!                                the poll returns                           ┌────────────────┐
//!                                                                           │    complete    │
//!                                                                           └────────────────┘
//! ```
//!
//! *Idle* and *being polled* are one state to those who wake. Rules 3, 4, 5 and 6 hold as they stand, but that in
//! 4 a runner without a handle empties the stage after `COMPLETED` is set. The others read:
//!
//! - **The ticket** (1). Who sets `WOKEN` makes it and puts it in the scheduler's queue, also during a poll: to
//!   take it out one must tick, and so nobody polls the task twice at once. It is always in that queue, or an
//!   injector's before the first: whoever is passed a [`TaskRef`] to a resident wakes it where it resides, and it
//!   is not [stolen](crate::scheduler::Stealer).
//! - **The runner** (2) is who ticks the scheduler. It owns the stage of each task that is not complete.
//! - **A void ticket** is one that was made by the very poll that completed the task. Who finds it does nothing.
//! - **The scheduler** (7) is written before the ticket first reaches its queue.
//! - **Memory** (8 to 11). Nothing counts as a reference. What nobody can wake any more is not dropped: it
//!   waits, with what it owns, unless it is cancelled. What is complete has dropped its future, and its output or
//!   left that to the handle; a waker that the handle left goes with it.
//!
//! `CANCELED` is looked at when a turn starts: a task that is cancelled while it is polled is queued, and dropped
//! when its turn comes. A resident is [`Running`](TaskStatus::Running) if its scheduler's slot of the current task
//! has it, until it is woken: then it is [`Queued`](TaskStatus::Queued), though its poll may go on.
//!
//! No waker is called, cloned or dropped, and no future or output polled or dropped, while a reference
//! to a cell that others may get at is held.
//!
//! # Panics
//!
//! A task that panics is complete, and its joiner gets a [`JoinError`] which says so. With the feature
//! `std` the scheduler catches the panic and the error has its payload. Without `std` it cannot be
//! caught: the task is completed while the panic unwinds, which then leaves `tick()`, and the next
//! `tick()` goes on with the other tasks. Where panics abort, all of that costs nothing.
//!
//! # Tracing
//!
//! With the feature `tracing-01` tasks tell of themselves by the crate `tracing`, version 0.1, in the words that
//! tokio-console knows. All is of level `TRACE`.
//!
//! | | target | fields | when |
//! |---|---|---|---|
//! | the span `runtime.spawn` | `tokio::task` | `kind`, `task.name`, `task.id`, `size.bytes` (of the future), `loc.file`, `loc.line`, `loc.col` | from the spawn until the future is dropped; entered for each poll |
//! | an event | `tokio::task::waker` | `op`: `waker.clone`, `waker.wake`, `waker.wake_by_ref` or `waker.drop`; `task.id`: the *span's* id | before each such call of one of the task's wakers |
//!
//! Name, kind and location are those of the [`Builder`]; otherwise the location is where `spawn` is called. A span
//! has no parent. What a waker does after the task's span is closed is told of with that span's id, still. An event
//! goes to who subscribes on the thread where the waker is called.
//!
//! `TaskRef::counts` says how often a task was polled and woken, also if nobody subscribes.
//!
//! Who subscribes is user code, and may spawn, wake and cancel tasks, this one too. If he panics
//!
//! - when a span is begun, the panic leaves `spawn`, and the future is dropped; a resident's waits for ever;
//! - when it is entered, left or closed, it is as if the task did: see [above](#panics);
//! - when a waker is called, the panic leaves that call, which has done its work; only a clone was not made.
//!
//! Without the feature a task has no room for any of that, and none of it costs an instruction.

pub(crate) mod header;
mod id;
mod join;
pub(crate) mod panic;
mod raw;
pub(crate) mod resident;
pub(crate) mod run;
mod stage;
pub(crate) mod state;
pub(crate) mod stub;
mod waker;

mod abort_handle;
mod builder;
#[cfg(feature = "tracing-01")]
mod counts;
mod join_error;
mod join_handle;
mod pool;
mod pooled_task;
mod status;
mod storage;
mod task_ref;
pub(crate) mod trace;

pub use self::abort_handle::AbortHandle;
pub use self::builder::Builder;
#[cfg(feature = "tracing-01")]
pub use self::counts::TaskCounts;
pub use self::id::TaskId;
pub use self::join_error::JoinError;
pub use self::join_handle::JoinHandle;
pub use self::pool::TaskPool;
pub use self::pooled_task::{PoolStorage, PooledTask, TaskPoolFull};
pub use self::raw::Task;
pub use self::run::Run;
pub use self::status::TaskStatus;
#[cfg(feature = "alloc")]
pub use self::storage::BoxStorage;
pub use self::storage::{StaticStorage, Storage};
pub use self::task_ref::TaskRef;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use crate::join_set::JoinSet;
pub use core::task::{Context, Poll, Waker};
