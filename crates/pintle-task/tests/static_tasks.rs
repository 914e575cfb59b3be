//! A scheduler and its tasks in statics: what there is without any feature.

mod support;

use pintle_task::{
    future::Yield,
    new_static_scheduler,
    scheduler::{Schedule, StaticScheduler, TaskStub, new_static},
    task::{Context, JoinHandle, Poll, StaticStorage, Task, TaskRef, TaskStatus},
};
use std::{future::Future, pin::Pin};
use support::{Alive, CountWaker, Gate, poll_with, quietly, ready};

type Static<F> = Task<&'static StaticScheduler, F, StaticStorage>;

/// Spawns a future in memory that is never given back, without the crate's allocating.
fn spawn<F>(scheduler: &'static StaticScheduler, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let task: &'static mut Static<F> = Box::leak(Box::new(Task::new(future)));
    scheduler.spawn_allocated::<F, StaticStorage>(task)
}

#[test]
fn a_static_task_runs() {
    /// Counts to three, a poll each.
    struct Count(usize);

    impl Future for Count {
        type Output = usize;

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
            if self.0 == 3 {
                return Poll::Ready(self.0);
            }
            self.0 += 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }

    static SCHEDULER: StaticScheduler = new_static!();
    static mut COUNT: Static<Count> = Task::new(Count(0));

    let task = &raw mut COUNT;
    // SAFETY: nobody else borrows it, and the test runs once.
    let task = unsafe { &mut *task };
    let handle = SCHEDULER.spawn_allocated::<_, StaticStorage>(task);
    assert!(SCHEDULER.has_remaining());
    let tick = SCHEDULER.tick();
    assert_eq!((tick.spawned, tick.polled, tick.completed), (1, 4, 1));
    assert_eq!((tick.woken_internal, tick.woken_external), (3, 0));
    assert!(!tick.has_remaining);
    assert!(!SCHEDULER.has_remaining());
    assert_eq!(ready(handle), Ok(3));
}

#[test]
fn the_macro_has_two_names() {
    static ONE: StaticScheduler = new_static_scheduler!();
    static OTHER: StaticScheduler = pintle_task::scheduler::new_static!();
    spawn(&ONE, async {});
    assert_eq!(ONE.tick().completed, 1);
    assert_eq!(OTHER.tick().polled, 0);
}

#[test]
fn one_place_makes_any_number_of_schedulers() {
    fn make() -> &'static StaticScheduler {
        Box::leak(Box::new(new_static!()))
    }

    let (first, second) = (make(), make());
    spawn(first, async {});
    assert_eq!(second.tick().polled, 0);
    assert_eq!(first.tick().completed, 1);
}

#[test]
fn a_stub_can_be_had_by_hand() {
    static STUB: TaskStub = TaskStub::new();
    // SAFETY: the stub is this scheduler's alone.
    static SCHEDULER: StaticScheduler = unsafe { StaticScheduler::new_with_static_stub(&STUB) };
    let handle = spawn(&SCHEDULER, Yield::new(2));
    assert_eq!(SCHEDULER.tick().polled, 3);
    assert!(handle.is_complete());
}

#[test]
fn contents_of_a_static_task_are_dropped() {
    static SCHEDULER: StaticScheduler = new_static!();
    let alive = Alive::new();

    // By completing: the future at once, the output with the handle.
    let (token, output) = (alive.token(), alive.token());
    let handle = spawn(&SCHEDULER, async move {
        drop(token);
        output
    });
    SCHEDULER.tick();
    assert_eq!(alive.count(), 1);
    drop(handle);
    assert_eq!(alive.count(), 0);

    // Not by being forgotten: nobody counts who could wake it. But by being cancelled.
    let gate = Gate::new();
    let (token, wait) = (alive.token(), gate.wait());
    let handle = spawn(&SCHEDULER, async move {
        wait.await;
        drop(token);
    });
    let abort = handle.abort_handle();
    drop(handle);
    SCHEDULER.tick();
    drop(gate.take_wakers());
    assert_eq!(alive.count(), 1);
    abort.abort();
    assert_eq!(SCHEDULER.tick().completed, 1);
    assert_eq!(alive.count(), 0);
}

#[test]
fn wakes_are_counted_where_they_come_from() {
    static SCHEDULER: StaticScheduler = new_static!();
    let gate = Gate::new();
    let handle = spawn(&SCHEDULER, gate.wait());
    let tick = SCHEDULER.tick();
    assert_eq!((tick.spawned, tick.polled, tick.completed), (1, 1, 0));
    let waker = gate.take_wakers().pop().unwrap();
    waker.wake_by_ref();
    waker.wake_by_ref();
    let tick = SCHEDULER.tick();
    assert_eq!((tick.spawned, tick.polled, tick.woken_external), (0, 1, 1));
    gate.open();
    let tick = SCHEDULER.tick();
    assert_eq!((tick.woken(), tick.completed), (1, 1));
    assert!(handle.is_complete());
    // A task that is complete is not woken.
    waker.wake();
    assert_eq!(SCHEDULER.tick().woken(), 0);
}

#[test]
fn build_task_counts_as_spawned() {
    static SCHEDULER: StaticScheduler = new_static!();
    let task: &'static mut Static<_> = Box::leak(Box::new(Task::new(async {})));
    SCHEDULER
        .build_task()
        .name("named")
        .kind("kind")
        .location(*std::panic::Location::caller())
        .spawn_allocated::<StaticStorage, _>(task);
    let tick = SCHEDULER.tick();
    assert_eq!((tick.spawned, tick.woken_external), (1, 0));
}

#[test]
fn the_joiner_is_woken_once() {
    static SCHEDULER: StaticScheduler = new_static!();
    let gate = Gate::new();
    let wait = gate.wait();
    let mut handle = spawn(&SCHEDULER, async move {
        wait.await;
        "done"
    });
    let first = CountWaker::new();
    let second = CountWaker::new();
    SCHEDULER.tick();
    assert!(poll_with(&mut handle, &first.clone().into()).is_pending());
    assert!(poll_with(&mut handle, &first.clone().into()).is_pending());
    assert!(poll_with(&mut handle, &second.clone().into()).is_pending());
    gate.open();
    SCHEDULER.tick();
    assert_eq!((first.woken(), second.woken()), (0, 1));
    assert_eq!(ready(&mut handle), Ok("done"));
    assert!(quietly(|| ready(&mut handle)).is_err());
}

#[test]
fn a_handle_that_was_polled_can_be_dropped() {
    // The reference's tick panics on this.
    static SCHEDULER: StaticScheduler = new_static!();
    let gate = Gate::new();
    let mut handle = spawn(&SCHEDULER, gate.wait());
    let waker = CountWaker::new();
    SCHEDULER.tick();
    assert!(poll_with(&mut handle, &waker.clone().into()).is_pending());
    assert_eq!(std::sync::Arc::strong_count(&waker), 2);
    drop(handle);
    assert_eq!(std::sync::Arc::strong_count(&waker), 1);
    gate.open();
    assert_eq!(SCHEDULER.tick().completed, 1);
    assert_eq!(waker.woken(), 0);
}

#[test]
fn a_resident_tells_its_status() {
    static SCHEDULER: StaticScheduler = new_static!();
    let slot: &'static std::sync::Mutex<Option<TaskRef>> = Box::leak(Box::default());
    let gate = Gate::new();
    let wait = gate.wait();
    let handle = spawn(&SCHEDULER, async move {
        let me: TaskRef = slot.lock().unwrap().clone().unwrap();
        assert_eq!(me.status(), TaskStatus::Running);
        wait.await;
        // A clone of it is no ticket, whoever it is passed to.
        let elsewhere: &'static StaticScheduler = Box::leak(Box::default());
        Schedule::schedule(&elsewhere, me.clone());
        assert_eq!(elsewhere.tick().polled, 0);
        assert_eq!(me.status(), TaskStatus::Queued);
        assert!(me.into_ticket().is_none());
    });
    *slot.lock().unwrap() = Some(handle.task_ref());
    assert_eq!(handle.status(), TaskStatus::Queued);
    assert_eq!(SCHEDULER.tick().polled, 1);
    assert_eq!(handle.status(), TaskStatus::Idle);
    gate.open();
    let tick = SCHEDULER.tick();
    // The ticket of the wake-up in the last poll is void.
    assert_eq!((tick.polled, tick.completed), (1, 1));
    assert_eq!((tick.woken_external, tick.woken_internal), (1, 0));
    assert!(!tick.has_remaining);
    assert_eq!(handle.status(), TaskStatus::Complete);
    assert_eq!(ready(handle), Ok(()));
}

#[test]
fn residents_are_not_stolen() {
    static SCHEDULER: StaticScheduler = new_static!();
    let thief: &'static StaticScheduler = Box::leak(Box::default());
    let resident = spawn(&SCHEDULER, Yield::new(1));
    let stealer = SCHEDULER.try_steal().unwrap();
    assert_eq!(SCHEDULER.tick().polled, 0, "the thief is at the queue");
    assert_eq!((stealer.initial_task_count(), stealer.task_count()), (1, 1));
    assert!(!stealer.spawn_one(&thief));
    assert_eq!(stealer.task_count(), 1);
    drop(stealer);
    assert_eq!(thief.tick().polled, 0);
    let tick = SCHEDULER.tick();
    assert_eq!((tick.spawned, tick.polled, tick.completed), (1, 2, 1));
    assert_eq!((tick.woken_external, tick.woken_internal), (0, 1));
    assert!(resident.is_complete());
}

#[cfg(feature = "alloc")]
#[test]
fn what_is_not_resident_is_stolen() {
    static SCHEDULER: StaticScheduler = new_static!();
    let thief: &'static StaticScheduler = Box::leak(Box::default());
    let gate = Gate::new();
    let residents = [(); 2].map(|()| spawn(&SCHEDULER, gate.wait()));
    let counted = [(); 3].map(|()| SCHEDULER.spawn(gate.wait()));
    let stealer = SCHEDULER.try_steal().unwrap();
    assert_eq!(stealer.spawn_half(&thief), 3);
    assert!(!stealer.spawn_one(&thief));
    drop(stealer);
    assert_eq!(thief.tick().polled, 3);
    // Reported where they were spawned.
    let tick = SCHEDULER.tick();
    assert_eq!((tick.spawned, tick.polled), (5, 2));
    gate.open();
    assert_eq!(thief.tick().polled, 0);
    let tick = SCHEDULER.tick();
    assert_eq!((tick.woken_external, tick.completed), (5, 5));
    for handle in residents.into_iter().chain(counted) {
        assert_eq!(ready(handle), Ok(()));
    }
}

#[cfg(feature = "alloc")]
#[test]
fn a_resident_may_wait_in_an_injector() {
    use pintle_task::scheduler::Injector;

    let scheduler: &'static StaticScheduler = Box::leak(Box::default());
    let alive = Alive::new();
    let inject = |injector: &Injector<&'static StaticScheduler>| {
        let token = alive.token();
        let task: Box<Static<_>> = Box::new(Task::new(async move { drop(token) }));
        injector.spawn_allocated::<StaticStorage, _>(Box::leak(task))
    };
    let injector = Injector::new();
    let run = inject(&injector);
    let canceled = inject(&injector);
    let left = inject(&injector);
    assert_eq!(run.status(), TaskStatus::Queued);
    canceled.cancel();
    assert_eq!(injector.try_steal().unwrap().spawn_n(&scheduler, 2), 2);
    let tick = scheduler.tick();
    assert_eq!((tick.spawned, tick.completed), (2, 2));
    assert_eq!(ready(run), Ok(()));
    assert!(ready(canceled).unwrap_err().is_canceled());
    assert_eq!(alive.count(), 1);
    drop(injector);
    assert_eq!(alive.count(), 0);
    assert!(ready(left).unwrap_err().is_canceled());
}

#[test]
fn wake_ups_that_a_tick_leaves_are_reported_by_the_next() {
    static SCHEDULER: StaticScheduler = new_static!();
    let handles = [(); 3].map(|()| spawn(&SCHEDULER, Yield::new(1)));
    let tick = SCHEDULER.tick_n(2);
    assert_eq!((tick.polled, tick.spawned), (2, 3));
    assert_eq!((tick.woken_internal, tick.woken_external), (2, 0));
    assert!(tick.has_remaining);
    let tick = SCHEDULER.tick();
    assert_eq!((tick.polled, tick.spawned, tick.completed), (4, 0, 3));
    assert_eq!((tick.woken_internal, tick.woken_external), (1, 0));
    assert!(handles.iter().all(JoinHandle::is_complete));
}

#[test]
fn the_current_task_is_known_while_it_is_polled() {
    static SCHEDULER: StaticScheduler = new_static!();
    assert!(SCHEDULER.current_task().is_none());
    let handle = spawn(&SCHEDULER, async {
        let current = SCHEDULER.current_task().unwrap();
        let by_trait = Schedule::current_task(&&SCHEDULER).unwrap();
        assert_eq!(current, by_trait);
        current.id()
    });
    let id = handle.id();
    SCHEDULER.tick();
    assert!(SCHEDULER.current_task().is_none());
    assert_eq!(ready(handle), Ok(id));
}

#[test]
fn handles_references_and_ids_compare() {
    static SCHEDULER: StaticScheduler = new_static!();
    let one = spawn(&SCHEDULER, async {});
    let other = spawn(&SCHEDULER, async {});
    let task: TaskRef = one.task_ref();
    assert_eq!(one, task);
    assert_eq!(task, one);
    assert_eq!(task, &one);
    assert_eq!(one, &task);
    assert_eq!(one, one.id());
    assert_eq!(one.id(), one);
    assert_eq!(task.id(), &one.id());
    assert_eq!(&one.id(), task.id());
    assert_ne!(one, other);
    assert_ne!(other, task);
    assert_ne!(task, other.task_ref());
    assert_eq!(task.clone(), task);
    assert_eq!(format!("{task:p}"), format!("{:p}", one.task_ref()));
    SCHEDULER.tick();
}

#[test]
fn at_most_a_ticks_worth_is_polled() {
    static SCHEDULER: StaticScheduler = new_static!();
    let handle = spawn(&SCHEDULER, Yield::new(usize::MAX));
    let tick = SCHEDULER.tick();
    assert_eq!(tick.polled, StaticScheduler::DEFAULT_TICK_SIZE);
    assert_eq!(tick.woken_internal, 256);
    assert!(tick.has_remaining);
    handle.cancel();
    assert_eq!(SCHEDULER.tick().completed, 1);
}

#[test]
fn a_tick_within_a_tick_returns_at_once() {
    static SCHEDULER: StaticScheduler = new_static!();
    let outer = spawn(&SCHEDULER, async {
        spawn(&SCHEDULER, async {});
        let tick = SCHEDULER.tick();
        (tick.polled, tick.has_remaining)
    });
    let tick = SCHEDULER.tick();
    assert_eq!((tick.polled, tick.completed, tick.spawned), (2, 2, 2));
    assert_eq!(ready(outer), Ok((0, true)));
}

/// It completes the task between the handle's two steps: when its new waker is cloned.
#[test]
#[cfg(feature = "std")]
fn a_displaced_waker_that_panics_leaves_no_other_behind() {
    use std::{
        sync::Arc,
        task::{RawWaker, RawWakerVTable, Wake, Waker},
    };

    static SCHEDULER: StaticScheduler = new_static!();

    struct PanicOnDrop;

    impl Wake for PanicOnDrop {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for PanicOnDrop {
        fn drop(&mut self) {
            panic!("as it was told to");
        }
    }

    unsafe fn clone(data: *const ()) -> RawWaker {
        assert_eq!(SCHEDULER.tick().completed, 1);
        // SAFETY: the data are an `Arc`'s.
        unsafe { Arc::increment_strong_count(data.cast::<()>()) };
        RawWaker::new(data, &TICKS)
    }
    unsafe fn drop_it(data: *const ()) {
        // SAFETY: the data are an `Arc`'s.
        unsafe { Arc::decrement_strong_count(data.cast::<()>()) };
    }
    static TICKS: RawWakerVTable = RawWakerVTable::new(clone, drop_it, |_| {}, drop_it);

    let mut handle = spawn(&SCHEDULER, async {});
    let first = Waker::from(Arc::new(PanicOnDrop));
    assert!(poll_with(&mut handle, &first).is_pending());
    // The slot's is the last now.
    drop(first);
    let count = Arc::new(());
    let data = Arc::into_raw(count.clone());
    // SAFETY: the functions count the `Arc`.
    let second = unsafe { Waker::new(data.cast(), &TICKS) };
    assert!(quietly(|| poll_with(&mut handle, &second).is_pending()).is_err());
    drop(second);
    drop(handle);
    assert_eq!(Arc::strong_count(&count), 1, "the second waker is leaked");
}
