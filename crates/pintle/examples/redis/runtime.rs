//! A multi-threaded runtime, made of the kit's parts.
//!
//! ```text
//!                 spawn, wake
//!          ┌───────────▼────────────┐
//!          │   StealingScheduler    │   wakes a worker that sleeps, if none
//!          ├───────────┬────────────┤   is looking for work
//!          │  Worker   │   Worker   │   run queues: who has nothing to do
//!          │  tick()   │   tick()   │   takes half of the other's
//!          ├───────────┴────────────┤
//!          │ one Timer, turned by   │   wakes the tasks whose time has come
//!          │ each                   │
//!          ├───────────┬────────────┤
//!          │  Parker   │   Parker   │   a futex: sleeps until the next
//!          └───────────┴────────────┘   deadline or an unpark, quiescent
//! ```
//!
//! A worker goes to sleep without a gap in which a wake could be lost: `poll_ready` puts its
//! waker in place and then looks once more, and an unpark that comes before the park makes that
//! park return at once. A worker that sleeps is quiescent by its `QuiescingPark`: a writer of
//! settings need not make it show that it reads none.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use pintle::park::{Deadline, Park, ParkOutcome, ParkUntil, Parker, Unparker};
use pintle::rcu::{self, QuiescingPark, RcuDomain};
use pintle::scheduler::{StealingScheduler, Worker};
use pintle::task::JoinHandle;
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

/// Spawns tasks; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Spawner(StealingScheduler);

impl Spawner {
    /// Spawns a task: on the worker that calls this, or on the next that has time.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        STATS.tasks_spawned.add(1);
        self.0.spawn(future)
    }

    pub(crate) fn workers(&self) -> usize {
        self.0.workers()
    }
}

/// The worker threads.
#[derive(Debug)]
pub(crate) struct Runtime {
    spawner: Spawner,
    threads: Vec<(Unparker, thread::JoinHandle<()>)>,
    stop: Arc<AtomicBool>,
}

impl Runtime {
    /// Starts `workers` threads, at least one.
    pub(crate) fn start(workers: usize) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let scheduler = StealingScheduler::new(workers.max(1));
        let start = |index| {
            let parker = QuiescingPark::new(Parker::new(), rcu::global());
            let unparker = parker.unparker();
            let (scheduler, stop) = (scheduler.clone(), Arc::clone(&stop));
            let thread = thread::Builder::new()
                .name(format!("worker-{index}"))
                .spawn(move || {
                    let worker = scheduler.worker().expect("as many as threads");
                    run(worker, &parker, &stop);
                })?;
            Ok((unparker, thread))
        };
        let threads = (0..scheduler.workers())
            .map(start)
            .collect::<io::Result<_>>()?;
        Ok(Self {
            spawner: Spawner(scheduler),
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
        for (unparker, thread) in self.threads {
            unparker.unpark();
            // A worker that has panicked has said so.
            drop(thread.join());
        }
        // Tasks that wait for ever may hold spawners: this lets go of what is queued.
        self.spawner.0.close();
    }
}

/// Ends a worker's sleep.
struct Rouse(Unparker);

impl Wake for Rouse {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
        STATS.unparks.add(1);
    }
}

/// A worker's life.
fn run(mut worker: Worker<'_>, parker: &QuiescingPark<Parker, RcuDomain>, stop: &AtomicBool) {
    let waker = Waker::from(Arc::new(Rouse(parker.unparker())));
    let mut context = Context::from_waker(&waker);
    // Acquire: pairs with the store in `Runtime::stop`.
    while !stop.load(Ordering::Acquire) {
        let tick = worker.tick();
        let turn = TIMER.turn();
        STATS.ticks.add(1);
        STATS.polls.add(tick.polled);
        STATS.tasks_completed.add(tick.completed);
        STATS.run_queue_pushes.add(tick.spawned + tick.woken());
        STATS.wakes_external.add(tick.woken_external);
        STATS.wakes_internal.add(tick.woken_internal);
        STATS.wheel_turns.add(1);
        STATS.sleeps_fired.add(turn.expired);
        if tick.has_remaining || turn.expired > 0 {
            continue;
        }
        if worker.poll_ready(&mut context).is_ready() {
            continue;
        }
        STATS.parks.add(1);
        match turn
            .time_to_next_deadline()
            .map(|pause| parker.park_until(Deadline::after(pause)))
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
    pintle::future::block_on(&Parker::new(), future)
}

#[cfg(test)]
mod tests {
    use super::{RcuDomain, Runtime, block_on, rcu, sleep};
    use pintle::park::barrier::{Strategy, strategy};
    use pintle::rcu::{Global, Scope, domain::Slot};
    use std::time::{Duration, Instant};

    const RCU: RcuDomain = rcu::global();

    /// Whether a writer may pass over this reader without a barrier.
    fn is_quiescent(slot: &Slot) -> bool {
        format!("{slot:?}").contains("QUIESCENT: true")
    }

    /// Reads as a connection reads settings, and says where writers look for the worker that did.
    fn read() -> &'static Slot {
        let slot = RCU.run(Global::slot);
        // Where readers make fences, they are quiescent after each section.
        assert_eq!(is_quiescent(slot), strategy() == Strategy::Fences);
        slot
    }

    fn falls_quiescent(slot: &Slot) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !is_quiescent(slot) {
            assert!(
                Instant::now() < deadline,
                "a worker sleeps as if it might read"
            );
            std::thread::yield_now();
        }
    }

    /// Whoever sleeps has read before: it is its `QuiescingPark` that tells writers.
    #[test]
    fn workers_that_sleep_are_quiescent() {
        let runtime = Runtime::start(1).expect("a thread");
        // It sleeps until it is woken.
        let slot = block_on(runtime.spawner().spawn(async { read() })).expect("no panic");
        falls_quiescent(slot);
        // It sleeps until a deadline.
        let (sender, receiver) = std::sync::mpsc::channel();
        let task = runtime.spawner().spawn(async move {
            sender.send(read()).expect("the test waits");
            sleep(Duration::from_secs(3600)).await;
        });
        let again = receiver.recv().expect("the task reads");
        assert!(std::ptr::eq(slot, again), "there is one worker");
        falls_quiescent(slot);
        task.abort();
        block_on(task).expect_err("it was aborted");
        runtime.stop();
    }
}
