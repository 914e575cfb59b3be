use super::{
    LocalSchedule, Schedule,
    counted::{Close, Counted},
    driven::driven,
    ready::ReadyQueue,
};
use crate::task::{
    BoxStorage, Builder, JoinHandle, Task, TaskRef,
    header::{Bound, Header},
    stub,
    trace::About,
};
use alloc::boxed::Box;
use core::{cell::Cell, fmt, future::Future, marker::PhantomData, mem, ptr::NonNull};
use pintle_core::cell::UnsafeCell;
use pintle_intrusive::{Linked, List, MpscQueue, list};

/// A scheduler on the heap for one thread, whose tasks need not be `Send`.
///
/// It stays on its thread, and so do the futures of its tasks: they are polled there, and dropped there,
/// whatever threads their wakers and handles are on. Other threads wake its tasks, and spawn by a
/// [`LocalSpawner`] futures that are `Send`.
///
/// Cloning gives another handle of the same scheduler. When the last handle is dropped the scheduler
/// is closed: **all** its local tasks are cancelled, those that are idle too, as nobody could run
/// them any more. Their futures are dropped then and there.
///
/// # Contexts
///
/// Spawning allocates. Waking takes no lock and waits for nobody, so it may be done in interrupt handlers
/// and critical sections, as long as the scheduler is not closed. [`tick`](Self::tick) and the drop of
/// the last handle run the tasks' code.
///
/// # Examples
///
/// ```
/// use pintle_task::scheduler::LocalScheduler;
/// use std::rc::Rc;
///
/// let scheduler = LocalScheduler::new();
/// let number = Rc::new(6);
/// let handle = scheduler.spawn(async move { *number * 7 });
/// assert_eq!(scheduler.tick().completed, 1);
/// assert!(handle.is_complete());
/// ```
///
/// ```compile_fail,E0277
/// let scheduler = pintle_task::scheduler::LocalScheduler::new();
/// std::thread::spawn(move || scheduler.tick());
/// ```
pub struct LocalScheduler {
    core: Counted<Core>,
    /// Of the handle that a local task keeps: its place in the scheduler's list.
    links: list::Links<Bound<LocalScheduler>>,
    /// It stays on its thread.
    _not_send: PhantomData<Cell<*const ()>>,
}

/// Spawns futures that are `Send` on a [`LocalScheduler`], from any thread.
///
/// It does not keep the scheduler open. A task that is spawned when that is closed is cancelled at once:
/// its handle gives a [`JoinError`](crate::task::JoinError).
///
/// # Examples
///
/// ```
/// use pintle_task::scheduler::LocalScheduler;
///
/// let scheduler = LocalScheduler::new();
/// let spawner = scheduler.spawner();
/// let handle = std::thread::spawn(move || spawner.spawn(async { 6 * 7 })).join().unwrap();
/// assert_eq!(scheduler.tick().completed, 1);
/// assert!(handle.is_complete());
/// ```
#[derive(Clone)]
pub struct LocalSpawner(Counted<Core>);

/// # Invariants
///
/// `tasks` is for the scheduler's own thread. On it are the local tasks whose futures are not gone.
struct Core {
    ready: ReadyQueue,
    own: UnsafeCell<Own>,
}

/// What the own thread alone uses.
struct Own {
    tasks: List<Bound<LocalScheduler>>,
    is_closed: bool,
}

// SAFETY: by the invariant only the own thread gets at `own`. When the last handle is dropped, which may be
// a task's on another thread, the list is empty: the last unbound handle has closed the scheduler.
unsafe impl Send for Core {}
// SAFETY: as above; `ReadyQueue` is `Sync`.
unsafe impl Sync for Core {}

// === impl LocalScheduler ===

impl LocalScheduler {
    driven!(self: &Self);

    /// Makes a scheduler of the current thread, without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::from_core(Counted::new(Core {
            ready: ReadyQueue::new(MpscQueue::new_with_stub(stub::boxed())),
            own: UnsafeCell::new(Own {
                tasks: List::new(),
                is_closed: false,
            }),
        }))
    }

    /// Allocates a task and spawns it.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_allocated(Task::boxed(future))
    }

    /// Spawns a task that is in its box already.
    #[track_caller]
    pub fn spawn_allocated<F>(&self, task: Box<Task<Self, F, BoxStorage>>) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Task::<Self, F, BoxStorage>::spawn_local(self, task, About::here())
    }

    /// Starts to spawn a task with a name, a kind or a location of its own.
    #[must_use]
    pub fn build_task<'a>(&self) -> Builder<'a, Self> {
        Builder::new(self.clone())
    }

    /// Returns a handle that spawns tasks from other threads.
    #[must_use]
    pub fn spawner(&self) -> LocalSpawner {
        LocalSpawner(self.core.bind())
    }

    /// Returns the task that is being polled, if one is.
    #[must_use]
    pub fn current_task(&self) -> Option<TaskRef> {
        self.core.ready.current_task()
    }

    /// Returns whether a task is ready to be polled. It only loads.
    #[must_use]
    pub fn has_remaining(&self) -> bool {
        self.core.ready.has_remaining()
    }

    /// Cancels all tasks of this scheduler, idle ones too, and from now on those that are spawned.
    ///
    /// Dropping the last handle does it too.
    pub fn close(&self) {
        self.core.close();
    }

    fn from_core(core: Counted<Core>) -> Self {
        Self {
            core,
            links: list::Links::new(),
            _not_send: PhantomData,
        }
    }

    fn ready(&self) -> &ReadyQueue {
        &self.core.ready
    }
}

impl Clone for LocalScheduler {
    fn clone(&self) -> Self {
        Self::from_core(self.core.clone())
    }
}

impl Default for LocalScheduler {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule for LocalScheduler {
    fn schedule(&self, task: TaskRef) {
        self.core.ready.schedule(task);
    }

    fn current_task(&self) -> Option<TaskRef> {
        LocalScheduler::current_task(self)
    }

    /// Returns a handle that does not keep the scheduler open.
    fn bind(&self) -> Self {
        Self::from_core(self.core.bind())
    }
}

// SAFETY: it is neither `Send` nor `Sync`, by the phantom. What it is made of besides is both but for
// `own`, which `schedule` and the drop of a bound handle do not touch. Tickets of local tasks
// are spent by `tick`, on the thread where this is; those that a closed queue's drain finds elsewhere are of
// tasks that are complete.
unsafe impl LocalSchedule for LocalScheduler {
    unsafe fn adopt(&self, task: &TaskRef) -> bool {
        self.core.with_own(|own| {
            if !own.is_closed {
                own.tasks.push_back(Listed(task.ptr()));
            }
            !own.is_closed
        })
    }

    unsafe fn release(&self, task: &TaskRef) {
        if !self.links.is_linked() {
            return;
        }
        self.core.with_own(|own| {
            // SAFETY: `self` is the task's, and linked; there is no list of such links but its
            // scheduler's, which is this one.
            unsafe { own.tasks.remove(task.ptr().cast()) };
        });
    }
}

impl fmt::Debug for LocalScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalScheduler")
            .field("ready", &self.core.ready)
            .finish_non_exhaustive()
    }
}

// === impl LocalSpawner ===

impl LocalSpawner {
    /// Allocates a task and spawns it.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_allocated(Task::boxed(future))
    }

    /// Spawns a task that is in its box already.
    #[track_caller]
    pub fn spawn_allocated<F>(
        &self,
        task: Box<Task<LocalScheduler, F, BoxStorage>>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let bound = LocalScheduler::from_core(self.0.clone());
        // SAFETY: future and output are `Send`; and `LocalScheduler`'s bound handles may be dropped and
        // scheduled through on any thread.
        let (ticket, handle) = unsafe {
            Task::<LocalScheduler, F, BoxStorage>::bind(Some(bound), task, About::here())
        };
        self.0.ready.schedule(ticket);
        handle
    }
}

impl fmt::Debug for LocalSpawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSpawner").finish_non_exhaustive()
    }
}

// === impl Core ===

impl Core {
    /// Gives access to what the own thread alone uses. `f` calls nobody's code.
    fn with_own<R>(&self, f: impl FnOnce(&mut Own) -> R) -> R {
        // SAFETY: callers are methods of `LocalScheduler`, which does not leave its thread, and `f`
        // does not get here again.
        self.own.with_mut(|own| f(unsafe { &mut *own }))
    }
}

impl Close for Core {
    /// Called by `LocalScheduler` only: bound handles do not close.
    fn close(&self) {
        self.with_own(|own| own.is_closed = true);
        let closing = Closing(self);
        closing.shut_down_all();
        mem::forget(closing);
        self.ready.close();
    }
}

/// Goes on to close when a panic unwinds out of the shutting down: a joiner's waker's, or without `std`
/// a future's.
struct Closing<'a>(&'a Core);

impl Closing<'_> {
    fn shut_down_all(&self) {
        while let Some(Listed(task)) = self.0.with_own(|own| own.tasks.pop_front()) {
            // SAFETY: a task on the list is not complete.
            let task = unsafe { TaskRef::from_listed(task) };
            // SAFETY: the task is local, and this is its thread.
            unsafe { task.shut_down() };
        }
    }
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.shut_down_all();
        self.0.ready.close();
    }
}

/// A local task on its scheduler's list, which has no reference of its own: the task's count does not
/// fall to zero before it is complete, and it leaves the list before that.
pub(crate) struct Listed(NonNull<Header>);

// SAFETY: point by point of the trait's contract:
// 1. `adopt` is called once for each task, which stays where it is until it has been released. No `_mut`
//    method is called.
// 2. `Header` is `!Unpin`.
// 3. `links` goes by raw pointers, but for the `Option`'s tag. `Bound`s are dropped in place.
// 4. The links are private to this module, where only the own thread looks at them.
// 5. `Bound<LocalScheduler>` is not `Send`, as `LocalScheduler` is not.
unsafe impl Linked<list::Links<Bound<LocalScheduler>>> for Bound<LocalScheduler> {
    type Handle = Listed;

    fn into_ptr(task: Listed) -> NonNull<Self> {
        task.0.cast()
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Listed {
        Listed(ptr.cast())
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<list::Links<Self>> {
        // SAFETY: the caller's pointer is to a live task. The scheduler is not written while there are
        // references.
        match unsafe { &(*ptr.as_ptr()).scheduler } {
            Some(scheduler) => NonNull::from(&scheduler.links),
            None => unreachable!("a task that is listed has a scheduler"),
        }
    }
}
