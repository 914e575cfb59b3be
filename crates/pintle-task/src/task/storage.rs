use super::Task;
#[cfg(feature = "alloc")]
use alloc::boxed::Box;
#[cfg(feature = "alloc")]
use core::mem::ManuallyDrop;
use core::{future::Future, ptr::NonNull};

/// Says where a task's memory comes from and goes to.
///
/// [`BoxStorage`] is a heap allocation, [`StaticStorage`] a `&'static mut` borrow. Others may be
/// written: a slab, an arena, a pool.
///
/// # Safety
///
/// A stored task owns its memory: from [`into_raw`](Self::into_raw) on until
/// [`from_raw`](Self::from_raw) is called with the same pointer
///
/// - the pointer is to a live `Task`, which was made by [`Task::new`] and not spawned since, and
///   gives access to all of it, for reading and writing, on every thread;
/// - nobody else accesses it, and it is neither moved, nor freed, nor dropped;
///
/// and any thread may make the owner again and drop it, `Send` or not.
pub unsafe trait Storage<S, F: Future>: Sized {
    /// The owner of a task that is not spawned: a `Box`, say.
    type StoredTask;

    /// Whether the memory is never used for anything else, so that nobody has to know when a task is done
    /// with.
    ///
    /// If it is true, a task of a scheduler in a static is a [resident](crate::task#resident-tasks):
    /// nobody counts who refers to it, and [`from_raw`](Self::from_raw) is not called. Its wakers cost
    /// less, but a future that nobody can wake any more is not dropped. With other schedulers it changes nothing.
    const IS_FOREVER: bool = false;

    /// Gives up the owner for a pointer to the task.
    fn into_raw(task: Self::StoredTask) -> NonNull<Task<S, F, Self>>;

    /// Makes the owner again of a task that is done with.
    ///
    /// By then there is no future, output, scheduler or waker in it any more. This is
    /// called, and the owner dropped, by whoever gives up the task's last reference, which may be
    /// any thread, and an interrupt handler if wakers are dropped in one.
    ///
    /// # Safety
    ///
    /// `ptr` came from [`into_raw`](Self::into_raw), and was not passed to this function since.
    unsafe fn from_raw(ptr: NonNull<Task<S, F, Self>>) -> Self::StoredTask;

    /// Gives the memory of a task back that is done with: makes the owner again, and drops it.
    ///
    /// A storage may do it without: there is nothing left in the task to be dropped.
    ///
    /// # Safety
    ///
    /// As for [`from_raw`](Self::from_raw), which this stands in for.
    unsafe fn free(ptr: NonNull<Task<S, F, Self>>) {
        // SAFETY: the contract is the same.
        drop(unsafe { Self::from_raw(ptr) });
    }
}

/// Stores each task in an allocation of its own.
#[cfg(feature = "alloc")]
#[derive(Debug)]
pub struct BoxStorage;

/// Stores a task in memory that is borrowed for ever: a static's, without a heap.
///
/// A `&'static mut` to a task can be had once, so such a task is spawned once, without `unsafe` on
/// anybody's side. Its memory is not used again: on a [`StaticScheduler`](crate::scheduler::StaticScheduler) or
/// a [`LocalStaticScheduler`](crate::scheduler::LocalStaticScheduler) it is a
/// [resident](crate::task#resident-tasks).
///
/// # Examples
///
/// With the `static_cell` crate, `TASK.init(Task::new(blink()))` is the borrow. Or, by hand:
///
/// ```
/// use pintle_task::{
///     future::Yield,
///     scheduler::{StaticScheduler, new_static},
///     task::{StaticStorage, Task},
/// };
///
/// type Blink = Task<&'static StaticScheduler, Yield, StaticStorage>;
///
/// static SCHEDULER: StaticScheduler = new_static!();
/// static mut BLINK: Blink = Task::new(Yield::new(2));
///
/// let blink = &raw mut BLINK;
/// // SAFETY: this is the only place that borrows it, and runs once.
/// let blink: &'static mut Blink = unsafe { &mut *blink };
/// let handle = SCHEDULER.spawn_allocated::<_, StaticStorage>(blink);
/// let tick = SCHEDULER.tick();
/// assert_eq!((tick.polled, tick.completed), (3, 1));
/// assert!(handle.is_complete());
/// ```
#[derive(Debug)]
pub struct StaticStorage;

// === impl BoxStorage ===

// SAFETY: a box owns its task, alone, for reading and writing; leaked it stays as it is.
#[cfg(feature = "alloc")]
unsafe impl<S, F: Future> Storage<S, F> for BoxStorage {
    type StoredTask = Box<Task<S, F, Self>>;

    fn into_raw(task: Self::StoredTask) -> NonNull<Task<S, F, Self>> {
        NonNull::from(Box::leak(task))
    }

    unsafe fn from_raw(ptr: NonNull<Task<S, F, Self>>) -> Self::StoredTask {
        // SAFETY: the pointer is of a leaked box, by the contract.
        unsafe { Box::from_raw(ptr.as_ptr()) }
    }

    unsafe fn free(ptr: NonNull<Task<S, F, Self>>) {
        let empty = ptr.cast::<ManuallyDrop<Task<S, F, Self>>>();
        // SAFETY: the pointer is of a leaked box, by the contract, and the type of the same layout.
        drop(unsafe { Box::from_raw(empty.as_ptr()) });
    }
}

// === impl StaticStorage ===

// SAFETY: a `&'static mut` borrows its task alone, for reading and writing, and for ever.
unsafe impl<S: 'static, F: Future + 'static> Storage<S, F> for StaticStorage {
    type StoredTask = &'static mut Task<S, F, Self>;

    const IS_FOREVER: bool = true;

    fn into_raw(task: Self::StoredTask) -> NonNull<Task<S, F, Self>> {
        NonNull::from(task)
    }

    unsafe fn from_raw(mut ptr: NonNull<Task<S, F, Self>>) -> Self::StoredTask {
        // SAFETY: the pointer is of such a borrow, which by the contract comes back to life here.
        unsafe { ptr.as_mut() }
    }
}
