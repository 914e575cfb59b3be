use super::{Schedule, Stealer, TaskStub, TryStealError};
#[cfg(feature = "alloc")]
use crate::task::{BoxStorage, stub};
use crate::task::{
    JoinHandle, Storage, Task, TaskRef, header::Header, resident::cancel_unbound, trace::About,
};
use core::{fmt, future::Future, marker::PhantomData, mem::ManuallyDrop};
use pintle_core::{
    atomic::{AtomicUsize, Ordering::Relaxed},
    const_fn,
};
use pintle_intrusive::MpscQueue;

/// A queue of tasks that belong to no scheduler yet: whoever has time [steals](Self::try_steal) them for
/// his own.
///
/// `S` is the kind of scheduler that the tasks will run on. They are the scheduler's who takes them, and
/// their wake-ups go there. (A [`StealingScheduler`](super::StealingScheduler) balances its load
/// later, too.)
///
/// Tasks that are in it when it is dropped are cancelled.
///
/// # Contexts
///
/// Spawning and stealing take no lock and wait for nobody.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::scheduler::{Injector, Scheduler};
///
/// let injector = Injector::new();
/// let handle = injector.spawn(async { 6 * 7 });
///
/// let scheduler = Scheduler::new();
/// let stealer = injector.try_steal().expect("there is a task");
/// assert_eq!(stealer.spawn_n(&scheduler, 8), 1);
/// assert_eq!(scheduler.tick().completed, 1);
/// assert!(handle.is_complete());
/// # }
/// ```
pub struct Injector<S: Schedule> {
    /// Dropped only with a stub of its own: see the drop.
    queue: ManuallyDrop<MpscQueue<Header>>,
    /// The static stub, if it is one.
    stub: Option<&'static TaskStub>,
    /// How many tasks there are.
    count: AtomicUsize,
    /// Tasks go in and come out that will be bound to one.
    _scheduler: PhantomData<fn(S) -> S>,
}

// === impl Injector ===

impl<S: Schedule> Injector<S> {
    const_fn! {
        /// Makes an injector around `stub`, which needs no heap.
        ///
        /// # Safety
        ///
        /// `stub` is not passed to this function, or one of its kind, again.
        #[must_use]
        pub const unsafe fn new_with_static_stub(stub: &'static TaskStub) -> Self {
            Self {
                // SAFETY: no other queue has this stub, or uses it.
                queue: ManuallyDrop::new(unsafe { stub.queue() }),
                stub: Some(stub),
                count: AtomicUsize::new(0),
                _scheduler: PhantomData,
            }
        }
    }

    /// Makes an injector whose stub is on the heap.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn new() -> Self {
        Self {
            queue: ManuallyDrop::new(MpscQueue::new_with_stub(stub::boxed())),
            stub: None,
            count: AtomicUsize::new(0),
            _scheduler: PhantomData,
        }
    }

    /// Puts a task in that is stored already.
    ///
    /// The scheduler will be `Send` and `Sync`: the task keeps a handle of it, by which it is
    /// scheduled on whatever thread its waker is called.
    #[track_caller]
    pub fn spawn_allocated<STO, F>(&self, task: STO::StoredTask) -> JoinHandle<F::Output>
    where
        S: Send + Sync,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        STO: Storage<S, F>,
    {
        // SAFETY: future and output are `Send`, and the scheduler that it will have is `Send` and `Sync`.
        let (ticket, handle) = unsafe { Task::<S, F, STO>::bind(None, task, About::here()) };
        // In front of the enqueuing, so that it does not fall below zero.
        self.count.fetch_add(1, Relaxed);
        self.queue.enqueue(ticket);
        handle
    }

    /// Allocates a task and puts it in.
    #[cfg(feature = "alloc")]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        S: Send + Sync,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_allocated::<BoxStorage, F>(Task::boxed(future))
    }

    /// Takes the right to steal tasks, which one at a time has.
    ///
    /// # Errors
    ///
    /// - [`TryStealError::Empty`]: there is no task.
    /// - [`TryStealError::Busy`]: somebody else is stealing.
    pub fn try_steal(&self) -> Result<Stealer<'_, S>, TryStealError> {
        if self.queue.is_empty() {
            return Err(TryStealError::Empty);
        }
        let consumer = self.queue.try_consume().ok_or(TryStealError::Busy)?;
        Ok(Stealer::of_injector(consumer, &self.count))
    }
}

impl<S: Schedule> Injector<S> {
    fn cancel_all(&self) {
        if let Some(consumer) = self.queue.try_consume() {
            while let Some(ticket) = consumer.dequeue() {
                cancel(ticket);
            }
        }
    }
}

/// Ends an injector, also when a panic unwinds out of the cancelling: a joiner's waker's, or without
/// `std` a future's.
struct End<'a, S: Schedule>(&'a mut Injector<S>);

impl<S: Schedule> Drop for Injector<S> {
    fn drop(&mut self) {
        let end = End(self);
        end.0.cancel_all();
    }
}

impl<S: Schedule> Drop for End<'_, S> {
    fn drop(&mut self) {
        let injector = &mut *self.0;
        injector.cancel_all();
        if injector.stub.is_none() {
            // A static stub may be in another queue's chain, if somebody has broken his promise, and a queue
            // with a static stub has nothing to drop.
            // SAFETY: it is not used any more.
            unsafe { ManuallyDrop::drop(&mut injector.queue) };
        }
    }
}

/// Cancels a task that has no scheduler.
fn cancel(ticket: TaskRef) {
    if ticket.is_resident() {
        // SAFETY: this is the ticket, which is given up.
        return unsafe { cancel_unbound(ticket) };
    }
    ticket.state().cancel();
    // What wakes it from now on finds it complete.
    drop(ticket.run());
}

#[cfg(feature = "alloc")]
impl<S: Schedule> Default for Injector<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Schedule> fmt::Debug for Injector<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Injector")
            .field("tasks", &self.count.load(Relaxed))
            .finish_non_exhaustive()
    }
}
