//! Tasks and the turn of a scheduler.

use std::{
    future::poll_fn,
    hint::black_box,
    pin::{Pin, pin},
    sync::{Arc, OnceLock},
    task::{Poll, Waker},
};

use super::poll;
use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "spawn_join",
        what: "Spawn a task that is ready at once, run it, poll its handle, which gives its output.",
        contenders: &[
            Contender::new("pintle", pintle::spawn_join),
            Contender::new("pintle StaticScheduler", pintle_static::spawn_join),
            Contender::new("async-executor", async_executor::spawn_join),
            Contender::new("tokio current_thread", tokio::spawn_join),
        ],
    },
    Op {
        name: "wake_poll",
        what: "Wake an idle task by reference, and run one turn of the scheduler, which polls it. (tokio's turn polls block_on's own future too.)",
        contenders: &[
            Contender::new("pintle", pintle::wake_poll),
            Contender::new("pintle StaticScheduler", pintle_static::wake_poll),
            Contender::new("embassy-executor", embassy::wake_poll),
            Contender::new("async-executor", async_executor::wake_poll),
            Contender::new("tokio current_thread", tokio::wake_poll),
        ],
    },
    Op {
        name: "yield_100",
        what: "A hundred tasks that each wake themselves and return: one such yield of one of them, and its turn.",
        contenders: &[
            Contender::new("pintle", pintle::yield_100),
            Contender::new("pintle StaticScheduler", pintle_static::yield_100),
            Contender::new("embassy-executor", embassy::yield_100),
            Contender::new("async-executor", async_executor::yield_100),
            Contender::new("tokio current_thread", tokio::yield_100),
        ],
    },
    Op {
        name: "waker_clone_drop",
        what: "Clone the waker of a task, and drop the clone.",
        contenders: &[
            Contender::new("pintle", pintle::waker_clone_drop),
            Contender::new("pintle StaticScheduler", pintle_static::waker_clone_drop),
            Contender::new("embassy-executor", embassy::waker_clone_drop),
            Contender::new("async-executor", async_executor::waker_clone_drop),
            Contender::new("tokio current_thread", tokio::waker_clone_drop),
        ],
    },
];

const TASKS: usize = 100;

/// Where an idle task leaves its waker.
type Left = Arc<OnceLock<Waker>>;

/// A task that never ends: leaves its waker, then counts how often it is polled.
fn idle(left: &Left) -> impl Future<Output = ()> + Send + use<> {
    let left = left.clone();
    let mut polls = 0usize;
    poll_fn(move |cx| {
        left.get_or_init(|| cx.waker().clone());
        polls += 1;
        black_box(polls);
        Poll::Pending
    })
}

/// Is ready after it has woken itself `times` times.
fn yields(mut times: usize) -> impl Future<Output = ()> + Send {
    poll_fn(move |cx| {
        if times == 0 {
            return Poll::Ready(());
        }
        times -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

fn waker(left: &Left) -> &Waker {
    left.get().expect("the idle task has been polled")
}

fn clone_and_drop(waker: &Waker, n: usize) {
    for _ in 0..n {
        drop(black_box(black_box(waker).clone()));
    }
}

mod pintle {
    use super::*;
    use pintle_task::scheduler::Scheduler;

    pub(super) fn spawn_join(n: usize) {
        let scheduler = Scheduler::new();
        for i in 0..n {
            let mut task = scheduler.spawn(async move { i });
            scheduler.tick();
            match poll(Pin::new(&mut task)) {
                Poll::Ready(output) => black_box(output.expect("the task does not panic")),
                Poll::Pending => unreachable!("the task has run"),
            };
        }
    }

    pub(super) fn wake_poll(n: usize) {
        let scheduler = Scheduler::new();
        let left = Left::default();
        let task = scheduler.spawn(idle(&left));
        assert_eq!(scheduler.tick().polled, 1);
        let waker = waker(&left);
        for _ in 0..n {
            waker.wake_by_ref();
            assert!(scheduler.tick().polled == 1);
        }
        task.cancel();
        scheduler.tick();
    }

    pub(super) fn yield_100(n: usize) {
        let scheduler = Scheduler::new();
        for _ in 0..TASKS {
            drop(scheduler.spawn(yields(n / TASKS)));
        }
        while scheduler.tick().has_remaining {}
    }

    pub(super) fn waker_clone_drop(n: usize) {
        let scheduler = Scheduler::new();
        let left = Left::default();
        let task = scheduler.spawn(idle(&left));
        assert_eq!(scheduler.tick().polled, 1);
        clone_and_drop(waker(&left), n);
        task.cancel();
        scheduler.tick();
    }
}

/// Tasks that are leaked, as statics are, but for those that are joined.
mod pintle_static {
    use super::*;
    use pintle_task::{
        scheduler::StaticScheduler,
        task::{StaticStorage, Task},
    };

    fn scheduler() -> &'static StaticScheduler {
        Box::leak(Box::new(StaticScheduler::new()))
    }

    fn spawn<F>(scheduler: &'static StaticScheduler, future: F)
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        let task = Box::leak(Box::new(Task::new(future)));
        scheduler.spawn_allocated::<F, StaticStorage>(task).detach();
    }

    pub(super) fn spawn_join(n: usize) {
        let scheduler = scheduler();
        for i in 0..n {
            let mut task = scheduler.spawn(async move { i });
            scheduler.tick();
            match poll(Pin::new(&mut task)) {
                Poll::Ready(output) => black_box(output.expect("the task does not panic")),
                Poll::Pending => unreachable!("the task has run"),
            };
        }
    }

    pub(super) fn wake_poll(n: usize) {
        let scheduler = scheduler();
        let left = Left::default();
        spawn(scheduler, idle(&left));
        assert_eq!(scheduler.tick().polled, 1);
        let waker = waker(&left);
        for _ in 0..n {
            waker.wake_by_ref();
            assert!(scheduler.tick().polled == 1);
        }
    }

    pub(super) fn yield_100(n: usize) {
        let scheduler = scheduler();
        for _ in 0..TASKS {
            spawn(scheduler, yields(n / TASKS));
        }
        while scheduler.tick().has_remaining {}
    }

    pub(super) fn waker_clone_drop(n: usize) {
        let scheduler = scheduler();
        let left = Left::default();
        spawn(scheduler, idle(&left));
        assert_eq!(scheduler.tick().polled, 1);
        clone_and_drop(waker(&left), n);
    }
}

/// Its tasks are in statics, so leaked here, and cannot be joined.
mod embassy {
    use super::*;
    use embassy_executor::raw::{Executor, TaskStorage};

    /// What embassy calls when it has something to do, which the benches know.
    // SAFETY: it is the function that embassy declares, and the only one of the name.
    #[unsafe(export_name = "__pender")]
    fn pender(_: *mut ()) {}

    fn executor() -> &'static Executor {
        Box::leak(Box::new(Executor::new(core::ptr::null_mut())))
    }

    fn spawn<F: Future<Output = ()> + 'static>(executor: &'static Executor, future: F) {
        let task: &'static TaskStorage<F> = Box::leak(Box::new(TaskStorage::new()));
        executor
            .spawner()
            .spawn(task.spawn(|| future).expect("the storage is new"));
    }

    fn turn(executor: &'static Executor) {
        // SAFETY: no task calls it, and nobody else has this executor.
        unsafe { executor.poll() };
    }

    pub(super) fn wake_poll(n: usize) {
        let executor = executor();
        let left = Left::default();
        spawn(executor, idle(&left));
        turn(executor);
        let waker = waker(&left);
        for _ in 0..n {
            waker.wake_by_ref();
            turn(executor);
        }
    }

    pub(super) fn yield_100(n: usize) {
        let executor = executor();
        for _ in 0..TASKS {
            spawn(executor, yields(n / TASKS));
        }
        // Each turn polls all that are queued.
        for _ in 0..=n / TASKS {
            turn(executor);
        }
    }

    pub(super) fn waker_clone_drop(n: usize) {
        let executor = executor();
        let left = Left::default();
        spawn(executor, idle(&left));
        turn(executor);
        clone_and_drop(waker(&left), n);
    }
}

mod async_executor {
    use super::*;
    use ::async_executor::Executor;

    pub(super) fn spawn_join(n: usize) {
        let executor = Executor::new();
        for i in 0..n {
            let mut task = executor.spawn(async move { i });
            assert!(executor.try_tick());
            match poll(Pin::new(&mut task)) {
                Poll::Ready(output) => black_box(output),
                Poll::Pending => unreachable!("the task has run"),
            };
        }
    }

    pub(super) fn wake_poll(n: usize) {
        let executor = Executor::new();
        let left = Left::default();
        let _task = executor.spawn(idle(&left));
        assert!(executor.try_tick());
        let waker = waker(&left);
        for _ in 0..n {
            waker.wake_by_ref();
            assert!(executor.try_tick());
        }
    }

    pub(super) fn yield_100(n: usize) {
        let executor = Executor::new();
        for _ in 0..TASKS {
            executor.spawn(yields(n / TASKS)).detach();
        }
        while executor.try_tick() {}
    }

    pub(super) fn waker_clone_drop(n: usize) {
        let executor = Executor::new();
        let left = Left::default();
        let _task = executor.spawn(idle(&left));
        assert!(executor.try_tick());
        clone_and_drop(waker(&left), n);
    }
}

mod tokio {
    use super::*;
    use ::tokio::{
        runtime::{Builder, Runtime},
        spawn,
    };

    fn runtime() -> Runtime {
        Builder::new_current_thread()
            .build()
            .expect("a runtime needs nothing of the system")
    }

    /// Lets the scheduler run one turn before `block_on`'s future is polled again.
    fn turn() -> impl Future<Output = ()> {
        yields(1)
    }

    pub(super) fn spawn_join(n: usize) {
        runtime().block_on(async {
            for i in 0..n {
                black_box(
                    spawn(async move { i })
                        .await
                        .expect("the task does not panic"),
                );
            }
        });
    }

    pub(super) fn wake_poll(n: usize) {
        runtime().block_on(async {
            let left = Left::default();
            let _task = spawn(idle(&left));
            turn().await;
            let waker = waker(&left);
            for _ in 0..n {
                waker.wake_by_ref();
                turn().await;
            }
        });
    }

    pub(super) fn yield_100(n: usize) {
        runtime().block_on(async {
            let tasks: Vec<_> = (0..TASKS).map(|_| spawn(yields(n / TASKS))).collect();
            for task in tasks {
                let task = pin!(task);
                task.await.expect("the task does not panic");
            }
        });
    }

    pub(super) fn waker_clone_drop(n: usize) {
        runtime().block_on(async {
            let left = Left::default();
            let _task = spawn(idle(&left));
            turn().await;
            clone_and_drop(waker(&left), n);
        });
    }
}
