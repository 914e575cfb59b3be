use super::{JoinHandle, PoolStorage, PooledTask, Storage, Task, TaskPoolFull, trace::About};
use crate::scheduler::{LocalSchedule, Schedule};
// Not loom's cell: a slot is found by the address of what is in it.
use core::{cell::UnsafeCell, fmt, future::Future, mem::MaybeUninit, ptr::NonNull};
use pintle_core::{
    atomic::{
        AtomicBool,
        Ordering::{Acquire, Relaxed, Release},
    },
    not_loom,
};

/// Room for `N` tasks of one type in a `static`, for programs without a heap.
///
/// A slot is taken when a task is put in it, and free again when the last that refers to the task
/// is gone: its [`JoinHandle`], each [`TaskRef`](super::TaskRef), and each of its wakers.
///
/// # Stale wakers
///
/// A waker that outlives its task therefore keeps the slot, and **never wakes the slot's next tenant**.
/// Who forgets a waker (`mem::forget`) loses a slot. A pool is as large as the number of tasks that may be
/// remembered at once, by a driver that keeps the waker of one that is complete, say.
///
/// # Contexts
///
/// A task may be put in anywhere, in interrupt handlers and critical sections too: it takes no lock and
/// waits for nobody, but looks at the slots one by one, `N` at most.
///
/// # Examples
///
/// ```
/// use pintle_task::future::Yield;
/// use pintle_task::scheduler::{StaticScheduler, new_static};
/// use pintle_task::task::TaskPool;
///
/// static SCHEDULER: StaticScheduler = new_static!();
/// static POOL: TaskPool<&StaticScheduler, Yield, 2> = TaskPool::new();
///
/// let first = POOL.spawn(&&SCHEDULER, Yield::new(1)).unwrap();
/// let second = POOL.spawn(&&SCHEDULER, Yield::new(2)).unwrap();
/// let full = POOL.spawn(&&SCHEDULER, Yield::new(3)).unwrap_err();
/// // The future is not lost.
/// let third: Yield = full.into_inner();
///
/// while SCHEDULER.tick().has_remaining {}
/// drop(first);
/// POOL.spawn(&&SCHEDULER, third).unwrap();
/// # drop(second);
/// ```
pub struct TaskPool<S: 'static, F: Future + 'static, const N: usize> {
    slots: [Slot<S, F>; N],
}

/// A place for one task.
///
/// # Invariants
///
/// - `task` comes first: a pointer to the slot is a pointer to it.
/// - While `is_taken` is set there is a task, which belongs to one [`PooledTask`], or to who has its
///   pointer from `into_raw`.
#[repr(C)]
pub(super) struct Slot<S, F: Future> {
    task: UnsafeCell<MaybeUninit<Task<S, F, PoolStorage>>>,
    is_taken: AtomicBool,
}

// SAFETY: the task in a slot belongs to its `PooledTask`, and goes to other threads only by that, which
// is as `Send` as the task, or by being spawned.
unsafe impl<S, F: Future> Sync for Slot<S, F> {}

// === impl TaskPool ===

// Pools are for statics, which loom has none of.
not_loom! {
    impl<S: Schedule, F: Future + 'static, const N: usize> TaskPool<S, F, N> {
        /// Makes a pool with `N` free slots.
        #[must_use]
        pub const fn new() -> Self {
            let slots = [const {
                Slot {
                    task: UnsafeCell::new(MaybeUninit::uninit()),
                    is_taken: AtomicBool::new(false),
                }
            }; N];
            Self { slots }
        }
    }

    impl<S: Schedule, F: Future + 'static, const N: usize> Default for TaskPool<S, F, N> {
        fn default() -> Self {
            Self::new()
        }
    }
}

impl<S: Schedule, F: Future + 'static, const N: usize> TaskPool<S, F, N> {
    /// Puts a task in a free slot, not spawned yet. O(`N`).
    ///
    /// `spawn_allocated::<_, PoolStorage>` of a scheduler or a [`Builder`](super::Builder) spawns it.
    ///
    /// # Errors
    ///
    /// With the future, if no slot is free.
    pub fn allocate(&'static self, future: F) -> Result<PooledTask<S, F>, TaskPoolFull<F>> {
        match self.slots.iter().find(|slot| slot.take()) {
            // SAFETY: the slot has just been taken for this.
            Some(slot) => Ok(unsafe { PooledTask::new(slot, future) }),
            None => Err(TaskPoolFull::new(future)),
        }
    }

    /// Puts a task in a free slot and spawns it. O(`N`).
    ///
    /// # Errors
    ///
    /// With the future, if no slot is free.
    #[track_caller]
    pub fn spawn(
        &'static self,
        scheduler: &S,
        future: F,
    ) -> Result<JoinHandle<F::Output>, TaskPoolFull<F>>
    where
        S: Send + Sync,
        F: Send,
        F::Output: Send + 'static,
    {
        let task = self.allocate(future)?;
        Ok(Task::<S, F, PoolStorage>::spawn(
            scheduler,
            task,
            About::here(),
        ))
    }

    /// Puts a task in a free slot and spawns it on the scheduler of this thread: the future need not be
    /// `Send`. O(`N`).
    ///
    /// # Errors
    ///
    /// With the future, if no slot is free.
    #[track_caller]
    pub fn spawn_local(
        &'static self,
        scheduler: &S,
        future: F,
    ) -> Result<JoinHandle<F::Output>, TaskPoolFull<F>>
    where
        S: LocalSchedule,
        F::Output: 'static,
    {
        let task = self.allocate(future)?;
        Ok(Task::<S, F, PoolStorage>::spawn_local(
            scheduler,
            task,
            About::here(),
        ))
    }
}

impl<S, F: Future, const N: usize> TaskPool<S, F, N> {
    /// Returns how many slots there are.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Returns how many slots are free: a hint, as others may take and free some meanwhile. O(`N`).
    #[must_use]
    pub fn available(&self) -> usize {
        let free = |slot: &&Slot<S, F>| !slot.is_taken.load(Relaxed);
        self.slots.iter().filter(free).count()
    }
}

impl<S, F: Future, const N: usize> fmt::Debug for TaskPool<S, F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskPool")
            .field("capacity", &self.capacity())
            .field("available", &self.available())
            .finish()
    }
}

// === impl Slot ===

impl<S, F: Future> Slot<S, F> {
    /// Takes the slot, if it is free.
    fn take(&self) -> bool {
        if self.is_taken.load(Relaxed) {
            return false;
        }
        // Acquire: pairs with `free`: the last tenant is gone before the next moves in.
        self.is_taken
            .compare_exchange(false, true, Acquire, Relaxed)
            .is_ok()
    }

    /// Points to the task, and may be cast back to the slot.
    pub(super) fn task_ptr(&'static self) -> NonNull<Task<S, F, PoolStorage>> {
        NonNull::from(self).cast()
    }

    /// Writes the task.
    ///
    /// # Safety
    ///
    /// The caller has taken the slot, and there is no task in it yet.
    pub(super) unsafe fn write(&self, task: Task<S, F, PoolStorage>) {
        // SAFETY: the slot is the caller's.
        let place = unsafe { &mut *self.task.get() };
        place.write(task);
    }

    /// Drops the task and frees the slot, also if the drop panics.
    ///
    /// # Safety
    ///
    /// The caller owns the task, and nobody refers to it.
    pub(super) unsafe fn free(&self) {
        struct Free<'a>(&'a AtomicBool);

        impl Drop for Free<'_> {
            fn drop(&mut self) {
                // Release: pairs with `take`.
                self.0.store(false, Release);
            }
        }

        let _free = Free(&self.is_taken);
        // SAFETY: the task is the caller's.
        let place = unsafe { &mut *self.task.get() };
        // SAFETY: while the slot is taken it holds a task.
        unsafe { place.assume_init_drop() };
    }
}

// === impl PoolStorage ===

// SAFETY: a taken slot's task belongs to its `PooledTask` alone, for reading and writing, and stays where it
// is: the pool is a static. The pointer is to the whole slot.
unsafe impl<S: Schedule, F: Future + 'static> Storage<S, F> for PoolStorage {
    type StoredTask = PooledTask<S, F>;

    fn into_raw(task: Self::StoredTask) -> NonNull<Task<S, F, Self>> {
        task.into_slot().task_ptr()
    }

    unsafe fn from_raw(ptr: NonNull<Task<S, F, Self>>) -> Self::StoredTask {
        // SAFETY: the pointer came from `task_ptr`, of a slot in a static.
        let slot = unsafe { ptr.cast::<Slot<S, F>>().as_ref() };
        // SAFETY: by the contract the task is the caller's again.
        unsafe { PooledTask::from_slot(slot) }
    }
}
