//! A kernel's tasks: with the names and shapes of `maitake::{task, scheduler, future}`, all of them.

use std::{
    cell::RefCell,
    future::Future,
    panic::Location,
    pin::{Pin, pin},
    ptr::NonNull,
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering::*},
};

use maitake::{
    future::{self, Yield},
    new_static_scheduler,
    scheduler::{
        self, Injector, LocalScheduler, LocalSpawner, LocalStaticScheduler, LocalStaticSpawner,
        Schedule, Scheduler, StaticScheduler, Stealer, TaskStub, Tick, TryStealError,
    },
    task::{
        BoxStorage, Builder, Context, JoinError, JoinHandle, Poll, Storage, Task, TaskId, TaskRef,
        Waker,
    },
};

static CORE_0: StaticScheduler = new_static_scheduler!();
static CORE_1: StaticScheduler = scheduler::new_static!();

/// What a core that boots may take from.
static INJECTOR: Injector<&'static StaticScheduler> = {
    static STUB: TaskStub = TaskStub::new();
    // SAFETY: the stub is in no other queue.
    unsafe { Injector::new_with_static_stub(&STUB) }
};

static DONE: AtomicUsize = AtomicUsize::new(0);

async fn work(yields: usize) -> usize {
    Yield::new(yields).await;
    future::yield_now().await;
    DONE.fetch_add(1, Relaxed) + 1
}

/// As mycelium's core does it: tick, and steal if there was nothing to do.
fn run_core(mine: &'static StaticScheduler, other: &'static StaticScheduler) -> usize {
    let Tick {
        polled,
        completed,
        has_remaining,
        ..
    } = mine.tick();
    assert!(completed <= polled);
    if has_remaining {
        return completed;
    }
    let mut stolen = 0;
    match INJECTOR.try_steal() {
        Ok(stealer) => stolen += stealer.spawn_half(&mine),
        Err(TryStealError::Empty | TryStealError::Busy) => {}
        Err(_) => unreachable!("there are no others"),
    }
    if stolen == 0 {
        if let Ok(stealer) = other.try_steal() {
            let stealer: Stealer<'_, &'static StaticScheduler> = stealer;
            let half = stealer.initial_task_count() / 2;
            stealer.spawn_n(&mine, half);
            assert!(stealer.task_count() >= half);
        }
    }
    completed
}

#[test]
fn two_cores_share_their_work() {
    for yields in 0..8 {
        INJECTOR.spawn(work(yields));
        CORE_0.spawn(work(yields));
    }
    INJECTOR.spawn_allocated::<BoxStorage, _>(Box::new(Task::new(work(0))));
    let mut completed = 0;
    for _ in 0..20 {
        completed += run_core(&CORE_0, &CORE_1) + run_core(&CORE_1, &CORE_0);
    }
    assert_eq!(completed, 17);
    assert_eq!(DONE.load(Relaxed), 17);
}

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_scheduler_on_the_heap() {
    let scheduler = Scheduler::new();
    let builder: Builder<'_, Scheduler> = scheduler.build_task();
    let inner = scheduler.clone();
    let mut named: JoinHandle<TaskId> = builder
        .name("named")
        .kind("test")
        .location(*Location::caller())
        .spawn(async move { inner.current_task().expect("it is this one").id() });
    let id: TaskId = named.id();
    let task: TaskRef = named.task_ref();
    assert!(task == named && named == id);
    // And the other way round.
    assert!(named == task && id == named);
    assert!(!named.is_complete() && !task.is_complete());
    let tick = scheduler.tick();
    assert_eq!((tick.polled, tick.completed, tick.spawned), (1, 1, 1));
    assert_eq!(
        (tick.woken(), tick.woken_external, tick.woken_internal),
        (0, 0, 0)
    );
    assert_eq!(poll(&mut named), Poll::Ready(Ok(id)));

    let mut idle = scheduler.spawn(std::future::pending::<u8>());
    assert_eq!(Scheduler::DEFAULT_TICK_SIZE, 256);
    scheduler.tick();
    assert!(idle.cancel());
    assert!(!idle.task_ref().cancel());
    scheduler.tick();
    let Poll::Ready(Err(error)) = poll(&mut idle) else {
        panic!("it was cancelled");
    };
    let error: JoinError<u8> = error;
    assert!(error.is_canceled() && !error.is_completed());
    assert_eq!(error.id(), idle.id());
    assert_eq!(error.output(), None);
    let shown = format!("{id} {id:x} {id:X} {task:?} {task:p}");
    assert!(shown.contains("TaskRef"));
    assert!(format!("{:?}", scheduler.try_steal()).contains("Empty"));
}

#[test]
fn a_scheduler_of_one_thread() {
    let scheduler = LocalScheduler::new();
    let log = Rc::new(RefCell::new(Vec::new()));
    let here = log.clone();
    scheduler.spawn(async move { here.borrow_mut().push("spawn") });
    let here = log.clone();
    scheduler.spawn_allocated(Box::new(Task::new(async move {
        here.borrow_mut().push("spawn_allocated");
    })));
    let here = log.clone();
    scheduler
        .build_task()
        .name("local")
        .spawn_local(async move { here.borrow_mut().push("spawn_local") });
    let spawner: LocalSpawner = scheduler.spawner();
    let remote = std::thread::spawn({
        let spawner = spawner.clone();
        move || spawner.spawn(async { 4 })
    });
    let mut remote = remote.join().unwrap();
    let tick: Tick = scheduler.tick();
    assert_eq!(tick.completed, 4);
    assert!(scheduler.current_task().is_none());
    assert_eq!(poll(&mut remote), Poll::Ready(Ok(4)));
    assert_eq!(*log.borrow(), ["spawn", "spawn_allocated", "spawn_local"]);
    drop(scheduler);
    let mut late = spawner.spawn_allocated(Box::new(Task::new(async {})));
    assert!(matches!(poll(&mut late), Poll::Ready(Err(_))));
}

#[test]
fn a_static_scheduler_of_one_thread() {
    let scheduler: &'static LocalStaticScheduler = Box::leak(Box::new(LocalStaticScheduler::new()));
    let rc = Rc::new(1);
    let mut one = scheduler.spawn(async move { rc });
    scheduler.build_task().spawn_local(async {});
    let spawner: LocalStaticSpawner = scheduler.spawner();
    spawner.spawn(async {});
    spawner.spawn_allocated::<_, BoxStorage>(Box::new(Task::new(async {})));
    assert_eq!(scheduler.tick().completed, 4);
    assert!(scheduler.current_task().is_none());
    assert_eq!(poll(&mut one), Poll::Ready(Ok(Rc::new(1))));
    assert_eq!(LocalStaticScheduler::DEFAULT_TICK_SIZE, 256);
}

/// A scheduler on top of another: it counts.
#[derive(Clone)]
struct Counting(Scheduler, std::sync::Arc<AtomicUsize>);

impl Schedule for Counting {
    fn schedule(&self, task: TaskRef) {
        self.1.fetch_add(1, Relaxed);
        self.0.schedule(task);
    }

    fn current_task(&self) -> Option<TaskRef> {
        self.0.current_task()
    }
}

#[test]
fn a_scheduler_of_ones_own() {
    let counting = Counting(Scheduler::default(), Default::default());
    let handle = counting.build_task().spawn(async {});
    assert_eq!(counting.0.tick().completed, 1);
    assert_eq!(counting.1.load(Relaxed), 1);
    let mut handle = pin!(handle);
    assert_eq!(poll(&mut handle), Poll::Ready(Ok(())));
}

/// Tasks in memory that is never freed. `unsafe` is the bend: theirs is a safe trait.
struct Leaked;

// SAFETY: what is leaked stays where it is.
unsafe impl<S, F: Future + 'static> Storage<S, F> for Leaked
where
    S: 'static,
{
    type StoredTask = &'static mut Task<S, F, Self>;

    fn into_raw(task: Self::StoredTask) -> NonNull<Task<S, F, Self>> {
        NonNull::from(task)
    }

    unsafe fn from_raw(mut ptr: NonNull<Task<S, F, Self>>) -> Self::StoredTask {
        // SAFETY: it is such a pointer, by the trait's contract.
        unsafe { ptr.as_mut() }
    }
}

#[test]
fn a_storage_of_ones_own() {
    static SCHEDULER: StaticScheduler = new_static_scheduler!();
    let task = Box::leak(Box::new(Task::new(async { 1 })));
    let mut handle = SCHEDULER.spawn_allocated::<_, Leaked>(task);
    let task = Box::leak(Box::new(Task::new(async { 2 })));
    let mut built = SCHEDULER.build_task().spawn_allocated::<Leaked, _>(task);
    assert_eq!(SCHEDULER.tick().completed, 2);
    assert_eq!(poll(&mut handle), Poll::Ready(Ok(1)));
    assert_eq!(poll(&mut built), Poll::Ready(Ok(2)));
}
