//! A multi-threaded runtime, made of the kit's parts.
//!
//! ```text
//!             spawn: one worker after the other
//!                │                    │
//!          ┌─────▼─────┐        ┌─────▼─────┐
//!          │ Scheduler │        │ Scheduler │   run queues: any thread may push
//!          │   tick()  │        │   tick()  │
//!          ├───────────┤        ├───────────┤
//!          │   one Timer, turned by each    │   wakes the tasks whose time has come
//!          ├───────────┤        ├───────────┤
//!          │  Parker   │        │  Parker   │   a futex: sleeps until the next
//!          └─────▲─────┘        └─────▲─────┘   deadline or an unpark
//!                └── schedule() unparks ──┘
//! ```
//!
//! A worker goes to sleep without a gap in which a wake could be lost: a task is
//! pushed *before* its worker is unparked, and an unpark that comes before the
//! park makes that park return at once. So either the last `tick` saw the task,
//! or the park does not sleep.
//!
//! A task stays on the worker that it was spawned on.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;
use std::{io, iter};

use pintle::park::{ParkOutcome, Parker, Unparker};
use pintle::scheduler::{Schedule, Scheduler};
use pintle::task::{JoinHandle, TaskRef};
use pintle::time::{Clock, Sleep, Timeout, Timer};

use crate::stats::STATS;

/// The wheel that every sleep of the process is on, in ticks of a millisecond.
static TIMER: Timer = Timer::new(Clock::monotonic());

/// Completes when `duration` has passed.
pub(crate) fn sleep(duration: Duration) -> Sleep<'static> {
    STATS.sleeps_armed.add(1);
    TIMER.sleep(duration.min(TIMER.max_duration()))
}

/// Gives `future` until `duration` has passed.
pub(crate) fn timeout<F: Future>(duration: Duration, future: F) -> Timeout<'static, F> {
    STATS.sleeps_armed.add(1);
    TIMER.timeout(duration.min(TIMER.max_duration()), future)
}

/// What a task knows of the worker it runs on: where to queue itself, and whom
/// to wake for it.
#[derive(Clone, Debug)]
struct Worker {
    scheduler: Scheduler,
    unparker: Unparker,
}

impl Schedule for Worker {
    fn schedule(&self, task: TaskRef) {
        STATS.run_queue_pushes.add(1);
        // In this order: see the module's documentation.
        self.scheduler.schedule(task);
        self.unparker.unpark();
        STATS.unparks.add(1);
    }

    fn current_task(&self) -> Option<TaskRef> {
        self.scheduler.current_task()
    }
}

/// Spawns tasks; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Spawner {
    workers: Arc<[Worker]>,
    next: Arc<AtomicUsize>,
}

impl Spawner {
    /// Spawns a task on the next worker.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        STATS.tasks_spawned.add(1);
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.workers[turn % self.workers.len()]
            .build_task()
            .spawn(future)
    }

    pub(crate) fn workers(&self) -> usize {
        self.workers.len()
    }
}

/// The worker threads.
#[derive(Debug)]
pub(crate) struct Runtime {
    spawner: Spawner,
    threads: Vec<thread::JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

impl Runtime {
    /// Starts `workers` threads, at least one.
    pub(crate) fn start(workers: usize) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let parkers: Vec<Parker> = iter::repeat_with(Parker::new)
            .take(workers.max(1))
            .collect();
        let worker = |parker: &Parker| Worker {
            scheduler: Scheduler::new(),
            unparker: parker.unparker(),
        };
        let workers: Arc<[Worker]> = parkers.iter().map(worker).collect();
        let start = |(index, parker): (usize, Parker)| {
            let worker = workers[index].clone();
            let stop = Arc::clone(&stop);
            thread::Builder::new()
                .name(format!("worker-{index}"))
                .spawn(move || run(&worker.scheduler, &parker, &stop))
        };
        let threads = parkers
            .into_iter()
            .enumerate()
            .map(start)
            .collect::<io::Result<_>>()?;
        let next = Arc::new(AtomicUsize::new(0));
        let spawner = Spawner { workers, next };
        Ok(Self {
            spawner,
            threads,
            stop,
        })
    }

    pub(crate) fn spawner(&self) -> &Spawner {
        &self.spawner
    }

    /// Stops the workers after the tick they are in.
    pub(crate) fn stop(self) {
        // Release: pairs with the load in `run`; and before the unparks, so that
        // no worker sleeps past it.
        self.stop.store(true, Ordering::Release);
        for worker in self.spawner.workers.iter() {
            worker.unparker.unpark();
        }
        for thread in self.threads {
            // A worker that has panicked has said so.
            drop(thread.join());
        }
        for worker in self.spawner.workers.iter() {
            // Tasks that wait for ever hold handles of their schedulers, which
            // hold queued tasks: this lets go of both.
            worker.scheduler.close();
        }
    }
}

/// A worker's life.
fn run(scheduler: &Scheduler, parker: &Parker, stop: &AtomicBool) {
    // Acquire: pairs with the store in `Runtime::stop`.
    while !stop.load(Ordering::Acquire) {
        let tick = scheduler.tick();
        let turn = TIMER.turn();
        STATS.ticks.add(1);
        STATS.polls.add(tick.polled);
        STATS.tasks_completed.add(tick.completed);
        STATS.wakes_external.add(tick.woken_external);
        STATS.wakes_internal.add(tick.woken_internal);
        STATS.wheel_turns.add(1);
        STATS.sleeps_fired.add(turn.expired);
        if tick.has_remaining || turn.expired > 0 {
            continue;
        }
        // A thread that says it reads nothing spares the writers of settings
        // the barrier that would make it show.
        pintle::rcu::global().quiesce();
        STATS.parks.add(1);
        match turn
            .time_to_next_deadline()
            .map(|pause| parker.park_timeout(pause))
        {
            Some(ParkOutcome::TimedOut) => STATS.park_timeouts.add(1),
            Some(ParkOutcome::Unparked) => {}
            None => parker.park(),
        }
    }
}

/// Runs a future on the calling thread, which sleeps while it waits.
///
/// For the ends of the process, where there is no worker: the timer is turned by
/// the workers only, so a sleep belongs into a task.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Unparker);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let parker = Parker::new();
    let waker = Waker::from(Arc::new(Unpark(parker.unparker())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => parker.park(),
        }
    }
}
