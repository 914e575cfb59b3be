use super::{Schedule, Tick, ready::ReadyQueue};
#[cfg(feature = "alloc")]
use crate::task::BoxStorage;
use crate::task::{Builder, JoinHandle, Storage, Task, TaskRef, header::Header, stub};
#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::{fmt, future::Future, mem::ManuallyDrop, ptr};
use pintle_core::{
    atomic::{AtomicPtr, Ordering::Relaxed},
    const_fn,
};
use pintle_intrusive::MpscQueue;

/// A scheduler that lives in a `static`, and needs no heap.
///
/// [`new_static!`](super::new_static) makes one. Its tasks hold no more than a `&'static` reference
/// to it. They come from wherever their [`Storage`] keeps them: statics
/// ([`StaticStorage`](crate::task::StaticStorage)), or with feature `alloc` the heap.
///
/// # Contexts
///
/// Spawning, waking and [`has_remaining`](Self::has_remaining) take no lock and wait for nobody, nor
/// does [`current_task`](Self::current_task) but in a crowd; they may be called in interrupt handlers
/// and critical sections.
/// [`tick`](Self::tick) runs the tasks' code, so it may be called wherever that may run.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use pintle_task::scheduler::{StaticScheduler, new_static};
///
/// static SCHEDULER: StaticScheduler = new_static!();
///
/// let handle = SCHEDULER.spawn(async { 1 + 1 });
/// let tick = SCHEDULER.tick();
/// assert_eq!((tick.spawned, tick.polled, tick.completed), (1, 1, 1));
/// assert!(handle.is_complete());
/// # }
/// ```
pub struct StaticScheduler {
    /// Dropped only with a stub of its own. A static stub may be in another queue's chain, which this
    /// one's drop would follow; and a scheduler that is dropped was never used, so it has no tasks.
    ready: ManuallyDrop<ReadyQueue>,
    /// The static stub, if it is one. Its owner is looked up at each use: see `ready`.
    stub: Option<&'static TaskStub>,
}

/// What a [`StaticScheduler`]'s queue needs to be never without an element: one stub for each.
///
/// [`new_static!`](super::new_static) makes it along with its scheduler.
pub struct TaskStub {
    header: Header,
    /// The scheduler whose stub it is, once that has been used.
    owner: AtomicPtr<()>,
}

// SAFETY: a stub's header is only used by the queue that it is in: its links are atomic, its
// counter and its id too, and nobody ever fills its waker's slot.
unsafe impl Sync for TaskStub {}

/// Makes a [`StaticScheduler`](crate::scheduler::StaticScheduler) with a stub of its own, for the
/// initialiser of a `static`.
///
/// In the module [`scheduler`](crate::scheduler) this is called `new_static!`.
///
/// # Panics
///
/// Each *place* where this macro stands has one stub, and a stub serves one scheduler. A `static` is
/// made once. But in a `const`, or in a function that is called twice, the macro makes two schedulers
/// with the same stub, and the second that is used panics.
///
/// # Examples
///
/// ```
/// use pintle_task::scheduler::{StaticScheduler, new_static};
///
/// static SCHEDULER: StaticScheduler = new_static!();
/// assert!(!SCHEDULER.has_remaining());
/// ```
#[macro_export]
macro_rules! new_static_scheduler {
    () => {{
        static STUB: $crate::scheduler::TaskStub = $crate::scheduler::TaskStub::new();
        // SAFETY: nobody else can name the stub. Should this be evaluated twice, the scheduler that
        // is not the first to be used finds out before it touches its queue.
        unsafe { $crate::scheduler::StaticScheduler::new_with_static_stub(&STUB) }
    }};
}

// === impl TaskStub ===

impl TaskStub {
    const_fn! {
        /// Makes a stub.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                header: stub::static_header(),
                owner: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }
}

impl TaskStub {
    /// Makes sure that `owner`, a scheduler, is the only one with this stub. See `StaticScheduler::ready`.
    ///
    /// # Panics
    ///
    /// If another is.
    #[inline]
    pub(super) fn claim(&'static self, owner: *const ()) {
        // Relaxed: a scheduler compares the address with its own, and reads nothing behind it.
        if !ptr::eq(self.owner.load(Relaxed), owner) {
            self.claim_first(owner.cast_mut());
        }
    }

    #[cold]
    #[inline(never)]
    fn claim_first(&'static self, owner: *mut ()) {
        let claim = self
            .owner
            .compare_exchange(ptr::null_mut(), owner, Relaxed, Relaxed);
        if let Err(other) = claim {
            assert!(
                ptr::eq(other, owner),
                "two static schedulers share a stub: `new_static!` belongs in a `static`"
            );
        }
    }

    const_fn! {
        /// The queue of which this is the stub.
        ///
        /// # Safety
        ///
        /// No other queue has this stub, or uses it.
        pub(super) const unsafe fn queue(&'static self) -> MpscQueue<Header> {
            // SAFETY: the contract is the same.
            unsafe { MpscQueue::new_with_static_stub(&self.header) }
        }
    }
}

impl Default for TaskStub {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TaskStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskStub").finish_non_exhaustive()
    }
}

// === impl StaticScheduler ===

impl StaticScheduler {
    /// How many polls a [`tick`](Self::tick) does at most.
    pub const DEFAULT_TICK_SIZE: usize = ReadyQueue::TICK_SIZE;

    const_fn! {
        /// Makes a scheduler around `stub`. [`new_static!`](super::new_static) does it without `unsafe`.
        ///
        /// # Safety
        ///
        /// `stub` is not passed to this function again. (If it is, the scheduler which is second to be
        /// used panics; that is a help, not a promise.)
        #[must_use]
        pub const unsafe fn new_with_static_stub(stub: &'static TaskStub) -> Self {
            Self {
                // SAFETY: no other queue has this stub, or uses it: see `ready`.
                ready: ManuallyDrop::new(ReadyQueue::new(unsafe { stub.queue() })),
                stub: Some(stub),
            }
        }
    }

    /// Makes a scheduler whose stub is on the heap, to be leaked or put in a lazy static.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn new() -> Self {
        Self {
            ready: ManuallyDrop::new(ReadyQueue::new(MpscQueue::new_with_stub(stub::boxed()))),
            stub: None,
        }
    }

    /// Spawns a task that is stored already.
    ///
    /// # Examples
    ///
    /// See [`StaticStorage`](crate::task::StaticStorage).
    #[track_caller]
    pub fn spawn_allocated<F, STO>(&'static self, task: STO::StoredTask) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        STO: Storage<&'static Self, F>,
    {
        Task::<&'static Self, F, STO>::spawn(&self, task)
    }

    /// Allocates a task and spawns it.
    #[cfg(feature = "alloc")]
    #[track_caller]
    pub fn spawn<F>(&'static self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_allocated::<F, BoxStorage>(Box::new(Task::new(future)))
    }

    /// Starts to spawn a task with a name, a kind or a location of its own.
    #[must_use]
    pub fn build_task<'a>(&'static self) -> Builder<'a, &'static Self> {
        Builder::new(self)
    }

    /// Returns the task that is being polled, if one is.
    ///
    /// May be called by any thread. Unless it is the one that ticks, the answer may be outdated when it
    /// comes. Who calls this while seven others are in the middle of it waits for one of them.
    #[must_use]
    pub fn current_task(&self) -> Option<TaskRef> {
        self.ready.current_task()
    }

    /// Returns whether a task is ready to be polled.
    ///
    /// It only loads, so a core may ask again and again at no cost to others. See [the
    /// module](super#when-there-is-nothing-to-do) for how to sleep on it.
    #[must_use]
    pub fn has_remaining(&self) -> bool {
        self.ready.has_remaining()
    }

    /// Polls ready tasks, [`DEFAULT_TICK_SIZE`](Self::DEFAULT_TICK_SIZE) times at most.
    ///
    /// If another thread is ticking the same scheduler, or if it is a task of this scheduler that calls
    /// this, it returns at once without polling any.
    ///
    /// # Panics
    ///
    /// Without the feature `std`: when a task panics. The task is complete by then, and the next
    /// tick goes on with the others.
    pub fn tick(&'static self) -> Tick {
        self.ready().tick(Self::DEFAULT_TICK_SIZE)
    }

    /// The queue, once it is certain that no other queue uses its stub.
    ///
    /// `new_static!` is safe code and could make two schedulers around one stub: their queues would
    /// tear each other's chains apart.
    #[inline]
    fn ready(&'static self) -> &'static ReadyQueue {
        if let Some(stub) = self.stub {
            stub.claim(ptr::from_ref(self).cast());
        }
        &self.ready
    }
}

impl Drop for StaticScheduler {
    fn drop(&mut self) {
        if self.stub.is_none() {
            // SAFETY: it is not used any more.
            unsafe { ManuallyDrop::drop(&mut self.ready) };
        }
    }
}

#[cfg(feature = "alloc")]
impl Default for StaticScheduler {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule for &'static StaticScheduler {
    fn schedule(&self, task: TaskRef) {
        self.ready().schedule(task);
    }

    fn current_task(&self) -> Option<TaskRef> {
        StaticScheduler::current_task(self)
    }
}

impl fmt::Debug for StaticScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticScheduler")
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}
