use super::{
    Worker,
    here::{CoreId, here},
    idle::MAX_WORKERS,
    pool::{Pool, PoolRef},
    slot::Slot,
};
use crate::scheduler::{Schedule, TaskStub};
#[cfg(feature = "alloc")]
use crate::task::BoxStorage;
use crate::task::{Builder, JoinHandle, Storage, Task, TaskRef, trace::About};
use core::{fmt, future::Future, mem::ManuallyDrop, ptr};
use pintle_core::const_fn;

/// A scheduler in a `static` whose `WORKERS` workers, cores or threads, steal from each other. It
/// needs no heap.
///
/// [`new_static_stealing!`](crate::new_static_stealing_scheduler) makes one. Each worker takes
/// 2 kB on a 64-bit target and 1 kB on a 32-bit one, for its ring.
///
/// # Which worker am I?
///
/// A task that is woken by a task of the same worker goes to that worker's own queue. With the feature
/// `std` a thread knows which worker it is. Without, all tasks go through the injector, which is right
/// but slower, unless there is [a function that tells the cores apart](Self::with_core_id).
///
/// # Contexts
///
/// Spawning and waking take no lock and wait for nobody. They may call the waker of a worker that sleeps, and be
/// done in interrupt handlers and critical sections if that may be called there.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::scheduler::{StaticStealingScheduler, new_static_stealing};
///
/// static SCHEDULER: StaticStealingScheduler<2> = new_static_stealing!();
///
/// // On each core:
/// let mut worker = SCHEDULER.worker().expect("there are two");
///
/// let handle = SCHEDULER.spawn(async { 6 * 7 });
/// assert_eq!(worker.tick().completed, 1);
/// assert!(handle.is_complete());
/// # }
/// ```
pub struct StaticStealingScheduler<const WORKERS: usize> {
    /// Never dropped: a static stub may be in another queue's chain, which this one's drop would
    /// follow.
    pool: ManuallyDrop<Pool>,
    slots: [Slot; WORKERS],
    stub: &'static TaskStub,
}

/// Makes a [`StaticStealingScheduler`](crate::scheduler::StaticStealingScheduler) with a stub of its own,
/// for the initialiser of a `static`.
///
/// In the module [`scheduler`](crate::scheduler) this is called `new_static_stealing!`.
///
/// # Panics
///
/// Each *place* where this macro stands has one stub, and a stub serves one scheduler. A `static` is
/// made once. But in a `const`, or in a function that is called twice, the macro makes two schedulers
/// with the same stub, and the second that is used panics.
#[macro_export]
macro_rules! new_static_stealing_scheduler {
    () => {{
        static STUB: $crate::scheduler::TaskStub = $crate::scheduler::TaskStub::new();
        // SAFETY: nobody else can name the stub. Should this be evaluated twice, the scheduler that
        // is not the first to be used finds out before it touches its queue.
        unsafe { $crate::scheduler::StaticStealingScheduler::new_with_static_stub(&STUB) }
    }};
}

pintle_core::not_loom! {
    const fn slots<const WORKERS: usize>() -> [Slot; WORKERS] {
        [const { Slot::new() }; WORKERS]
    }
}

pintle_core::only_loom! {
    fn slots<const WORKERS: usize>() -> [Slot; WORKERS] {
        core::array::from_fn(|_| Slot::new())
    }
}

// === impl StaticStealingScheduler ===

impl<const WORKERS: usize> StaticStealingScheduler<WORKERS> {
    const_fn! {
        /// Makes a scheduler around `stub`.
        /// [`new_static_stealing!`](crate::new_static_stealing_scheduler) does it without `unsafe`.
        ///
        /// # Safety
        ///
        /// `stub` is not passed to such a function again. (If it is, the scheduler which is second to be
        /// used panics; that is a help, not a promise.)
        #[must_use]
        pub const unsafe fn new_with_static_stub(stub: &'static TaskStub) -> Self {
            const { assert!(WORKERS != 0 && WORKERS <= MAX_WORKERS, "at least one worker") };
            Self {
                // SAFETY: no other queue has this stub, or uses it: see `pool()`.
                pool: ManuallyDrop::new(Pool::new(unsafe { stub.queue() }, None)),
                slots: slots(),
                stub,
            }
        }
    }

    /// Tells the scheduler how to find out on which core it is, for want of thread-local storage.
    ///
    /// [`worker`](Self::worker) then gives each core the worker of its own number.
    ///
    /// # Safety
    ///
    /// `core_id` returns on each core, always and in interrupt handlers too, one number that it
    /// returns on no other. What runs as a worker stays on its core until its tick is over, and
    /// shares it with nothing but interrupt handlers.
    #[must_use]
    pub const unsafe fn with_core_id(mut self, core_id: fn() -> usize) -> Self {
        let pool: *mut Pool = (&raw mut self.pool).cast();
        // SAFETY: `ManuallyDrop` is transparent, and the place is this function's own.
        unsafe { (*pool).core_id = Some(core_id as CoreId) };
        self
    }

    /// Makes the caller one of the workers. `None`: there are as many as there can be, or
    /// this core's number is none of theirs.
    #[must_use]
    pub fn worker(&'static self) -> Option<Worker<'static>> {
        Worker::claim(self.pool())
    }

    /// Spawns a task that is stored already.
    #[track_caller]
    pub fn spawn_allocated<F, STO>(&'static self, task: STO::StoredTask) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        STO: Storage<&'static Self, F>,
    {
        Task::<&'static Self, F, STO>::spawn(&self, task, About::here())
    }

    /// Allocates a task and spawns it.
    #[cfg(feature = "alloc")]
    #[track_caller]
    pub fn spawn<F>(&'static self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_allocated::<F, BoxStorage>(Task::boxed(future))
    }

    /// Starts to spawn a task with a name, a kind or a location of its own.
    #[must_use]
    pub fn build_task<'a>(&'static self) -> Builder<'a, &'static Self> {
        Builder::new(self)
    }

    /// Returns the task that the caller polls as one of this scheduler's workers, if it does and it is
    /// known [which worker that is](Self#which-worker-am-i).
    #[must_use]
    pub fn current_task(&'static self) -> Option<TaskRef> {
        let PoolRef { pool, slots } = self.pool();
        here(pool, slots)?.current().get()
    }

    #[inline]
    fn pool(&'static self) -> PoolRef<'static> {
        self.stub.claim(ptr::from_ref(self).cast());
        PoolRef {
            pool: &self.pool,
            slots: &self.slots,
        }
    }
}

impl<const WORKERS: usize> Schedule for &'static StaticStealingScheduler<WORKERS> {
    #[inline]
    fn schedule(&self, task: TaskRef) {
        self.pool().schedule(task);
    }

    fn current_task(&self) -> Option<TaskRef> {
        StaticStealingScheduler::current_task(self)
    }
}

impl<const WORKERS: usize> fmt::Debug for StaticStealingScheduler<WORKERS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticStealingScheduler")
            .field("workers", &WORKERS)
            .field("idle", &self.pool.idle)
            .finish_non_exhaustive()
    }
}
