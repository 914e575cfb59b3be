//! Schedulers: queues of tasks that are ready to be polled, and the loop that polls them.
//!
//! | | where it lives | its tasks |
//! |---|---|---|
//! | [`StaticScheduler`] | in a `static` ([`new_static!`]), or leaked | futures that are `Send`; from statics or boxes |
//! | [`Scheduler`] | on the heap, counted (feature `alloc`) | futures that are `Send` |
//! | [`LocalStaticScheduler`] | where it is leaked, or on one core | any futures: they stay on its thread |
//! | [`LocalScheduler`] | on the heap, counted (feature `alloc`) | as `LocalStaticScheduler` |
//! | [`StaticStealingScheduler`] | in a `static` ([`new_static_stealing!`]) | as `StaticScheduler`, on several workers |
//! | [`StealingScheduler`] | on the heap, counted (feature `alloc`) | as `Scheduler`, on several workers |
//!
//! A scheduler is ticked by a thread of the application's, or by a core: each [`tick`](Scheduler::tick)
//! polls what is ready, up to a bound, and reports what it did as a [`Tick`]. Tasks are spawned
//! and woken from anywhere, interrupt handlers included, without a lock: the run queue is an intrusive
//! multi-producer queue, in which a wake-up is one swap. Polls happen in the order of the
//! wake-ups (first in, first out).
//!
//! # When there is nothing to do
//!
//! A tick whose [`has_remaining`](Tick::has_remaining) is false has emptied the queue. Whether it still
//! is empty [`has_remaining`](Scheduler::has_remaining) tells, by a load alone, so that a core which
//! asks again and again does not take the queue's cache line from those who fill it.
//!
//! - A bare-metal core masks its interrupts, asks, sleeps until an interrupt is pending
//!   (`wfi` returns with interrupts masked) and unmasks them: a wake-up by an interrupt handler
//!   comes before the question or ends the sleep.
//! - Whatever else can be roused (a thread, another core) has a waker for it. `poll_ready` keeps that waker and
//!   says whether there is a task; it is called when there is, once, and only while nobody is awake.
//!   `run` is the loop of both, as a future, for a `block_on` (that of feature `park`, or another).
//!
//! Two threads that work until the scheduler is closed, and sleep while there is nothing to do:
//!
//! ```
//! # #[cfg(all(feature = "std", feature = "park"))] {
//! use pintle_park::Parker;
//! use pintle_task::{future::block_on, scheduler::StealingScheduler};
//!
//! let scheduler = StealingScheduler::new(2);
//! std::thread::scope(|scope| {
//!     for _ in 0..2 {
//!         scope.spawn(|| {
//!             let mut worker = scheduler.worker().expect("there are two");
//!             block_on(&Parker::new(), worker.run());
//!         });
//!     }
//!     let handle = scheduler.spawn(async { 6 * 7 });
//!     assert_eq!(block_on(&Parker::new(), handle), Ok(42));
//!     scheduler.close();
//! });
//! # }
//! ```
//!
//! # A scheduler of one's own
//!
//! [`Schedule`] is what a task knows of its scheduler. To do something at each wake-up (unpark a
//! thread, kick another core, count) implement it for a handle of your own, pass what it is given on
//! to a scheduler of this module, and spawn through [`build_task`](Schedule::build_task):
//!
//! ```
//! # #[cfg(feature = "std")] {
//! use pintle_task::scheduler::{Schedule, Scheduler};
//! use pintle_task::task::TaskRef;
//! use std::sync::Arc;
//! use std::thread::{self, Thread};
//!
//! /// A thread that sleeps while its tasks do.
//! #[derive(Clone)]
//! struct Worker(Arc<Inner>);
//!
//! struct Inner {
//!     scheduler: Scheduler,
//!     thread: Thread,
//! }
//!
//! impl Schedule for Worker {
//!     fn schedule(&self, task: TaskRef) {
//!         self.0.scheduler.schedule(task);
//!         self.0.thread.unpark();
//!     }
//!
//!     fn current_task(&self) -> Option<TaskRef> {
//!         self.0.scheduler.current_task()
//!     }
//! }
//!
//! impl Worker {
//!     fn run_until(&self, is_done: impl Fn() -> bool) {
//!         while !is_done() {
//!             if !self.0.scheduler.tick().has_remaining {
//!                 // A wake-up from now on leaves a token, with which `park` returns at once.
//!                 thread::park();
//!             }
//!         }
//!         // A queued task keeps its `Worker`, and that the queue: this lets go of both.
//!         self.0.scheduler.close();
//!     }
//! }
//!
//! let worker = Worker(Arc::new(Inner {
//!     scheduler: Scheduler::new(),
//!     thread: thread::current(),
//! }));
//! let handle = worker.build_task().spawn(async { /* ... */ });
//! worker.run_until(|| handle.is_complete());
//! # }
//! ```
//!
//! # A queue of one's own
//!
//! A scheduler may also keep its tasks in whatever order it likes: by priority, by deadline. What it
//! is given is the task's [ticket](TaskRef#tickets), which it spends by [`TaskRef::run`]:
//!
//! ```
//! # #[cfg(feature = "std")] {
//! use pintle_task::scheduler::Schedule;
//! use pintle_task::task::{Run, TaskRef};
//! use std::sync::{Arc, Mutex};
//!
//! /// Polls the task next that was woken last.
//! #[derive(Clone, Default)]
//! struct Stack(Arc<Mutex<Vec<TaskRef>>>);
//!
//! impl Schedule for Stack {
//!     fn schedule(&self, task: TaskRef) {
//!         // What is given by a task is its ticket already; what is given by others need not be.
//!         if let Some(ticket) = task.into_ticket() {
//!             self.0.lock().unwrap().push(ticket);
//!         }
//!     }
//!
//!     fn current_task(&self) -> Option<TaskRef> {
//!         None
//!     }
//! }
//!
//! impl Stack {
//!     fn run_until_idle(&self) {
//!         loop {
//!             // The lock is not held while a task runs: it may wake others.
//!             let ticket = self.0.lock().unwrap().pop();
//!             let Some(ticket) = ticket else { break };
//!             match ticket.run() {
//!                 Run::Reschedule(ticket) => self.0.lock().unwrap().push(ticket),
//!                 Run::Pending | Run::Completed | Run::Gone => {}
//!             }
//!         }
//!     }
//! }
//!
//! let stack = Stack::default();
//! let handle = stack.build_task().spawn(async { "done" });
//! stack.run_until_idle();
//! assert!(handle.is_complete());
//! # }
//! ```
//!
//! One whose tasks stay on their thread, and need not be `Send`, is a [`LocalSchedule`]r.
//!
//! # The end of a scheduler
//!
//! When the last handle of a [`Scheduler`] is dropped, or when it is closed before, the tasks
//! in its queue are cancelled: their futures are dropped, their joiners get a
//! [`JoinError`](crate::task::JoinError). A task that is idle then is cancelled when it is woken,
//! by whoever wakes it, and one that is spawned later at once. So no task is ever polled after
//! that, and none is leaked.

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod counted;
pub(crate) mod current;
mod driven;
mod injector;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod local;
mod local_schedule;
mod local_static;
#[cfg_attr(
    not(all(feature = "alloc", target_has_atomic = "ptr")),
    allow(dead_code, reason = "without a heap it is an injector's alone")
)]
mod ready;
mod residents;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod shared;
mod r#static;
pub(crate) mod static_queue;
#[cfg_attr(
    not(all(feature = "alloc", target_has_atomic = "ptr")),
    allow(
        dead_code,
        reason = "without a heap only schedulers in statics are stolen from"
    )
)]
mod stealer;
mod stealing;
mod task_stub;
mod tick;

pub use self::injector::Injector;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::local::{LocalScheduler, LocalSpawner};
pub use self::local_schedule::LocalSchedule;
pub use self::local_static::{LocalStaticScheduler, LocalStaticSpawner};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::shared::Scheduler;
pub use self::r#static::StaticScheduler;
pub use self::stealer::{Stealer, TryStealError};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::stealing::StealingScheduler;
pub use self::stealing::{StaticStealingScheduler, Worker};
pub use self::task_stub::TaskStub;
pub use self::tick::Tick;

pintle_core::not_loom! {
    #[doc(inline)]
    pub use crate::new_static_local_scheduler as new_static_local;
    #[doc(inline)]
    pub use crate::new_static_scheduler as new_static;
    #[doc(inline)]
    pub use crate::new_static_stealing_scheduler as new_static_stealing;
}

use self::residents::Residents;
use crate::task::{Builder, TaskRef};

/// A handle of a scheduler, as tasks know it: what to call when they are woken.
///
/// Implemented by the schedulers of this crate, and by those of others on top of them: see
/// [the module](self#a-scheduler-of-ones-own).
///
/// A task keeps a clone of the handle, and calls [`schedule`](Self::schedule) through it on whatever
/// thread, and in whatever interrupt handler, its waker is called. So tasks can be spawned only by
/// handles which are `Send` and `Sync`:
///
/// ```compile_fail,E0277
/// use pintle_task::{scheduler::Schedule, task::TaskRef};
///
/// #[derive(Clone)]
/// struct OneThread(std::rc::Rc<()>);
///
/// impl Schedule for OneThread {
///     fn schedule(&self, _: TaskRef) {}
///     fn current_task(&self) -> Option<TaskRef> { None }
/// }
///
/// OneThread(Default::default()).build_task().spawn(async {});
/// ```
pub trait Schedule: Sized + Clone + 'static {
    /// For this crate alone to set.
    #[doc(hidden)]
    const RESIDENTS: Residents<Self> = Residents::NONE;

    /// Queues a task to be polled.
    ///
    /// It is called once for each time that the task has to be polled after it was idle, and not
    /// again before it is; `task` is its [ticket](TaskRef#tickets). (A task that is woken while it is
    /// polled is queued again by the scheduler that polls it, without this call.)
    ///
    /// An implementation passes the task on to the `schedule` of another scheduler, or
    /// [runs](TaskRef::run) it, now or later. If it drops it instead, the wake-up is lost, but not
    /// the next one.
    ///
    /// # Contexts
    ///
    /// Called wherever wakers are: in interrupt handlers, in critical sections, in drops.
    fn schedule(&self, task: TaskRef);

    /// Returns the task that the scheduler is polling, if it is.
    #[must_use]
    fn current_task(&self) -> Option<TaskRef>;

    /// Starts to spawn a task with a name, a kind or a location of its own.
    #[must_use]
    fn build_task<'a>(&self) -> Builder<'a, Self> {
        Builder::new(self.clone())
    }

    /// Returns the handle that a task is to keep: a clone, unless there is something better.
    ///
    /// A queued task is owned by its queue. If it keeps a handle that in turn keeps the queue, the
    /// three are leaked when everybody else has gone. [`Scheduler`] therefore binds its tasks to
    /// handles that do not count; with others, [`Scheduler::close`] ends the cycle.
    #[must_use]
    fn bind(&self) -> Self {
        self.clone()
    }
}
