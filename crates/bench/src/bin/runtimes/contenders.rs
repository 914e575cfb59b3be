//! The runtimes: each with so many workers, which are there before anything is measured.

use std::sync::{Arc, Barrier};
use std::thread;

use pintle_park::Parker;
use pintle_task::future::{block_on, yield_now};
use pintle_task::scheduler::{StaticStealingScheduler, StealingScheduler, new_static_stealing};

/// A runtime.
pub(crate) trait Runtime: 'static {
    const NAME: &'static str;
    type Spawner: Spawner;

    fn spawner(&self) -> Self::Spawner;
    /// Runs a future on the calling thread, which is no worker.
    fn block_on(&self, future: impl Future<Output = ()>);
    fn yield_now() -> impl Future<Output = ()> + Send;
}

/// Spawns tasks and forgets them.
pub(crate) trait Spawner: Clone + Send + 'static {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static);
}

/// Ours, on the heap. Its threads end with the process.
#[derive(Debug)]
pub(crate) struct Pintle(StealingScheduler);

/// Ours, in a static.
#[derive(Debug)]
pub(crate) struct PintleStatic(&'static StaticStealingScheduler<{ Self::WORKERS }>);

#[derive(Debug)]
pub(crate) struct Tokio(tokio::runtime::Runtime);

#[derive(Debug)]
pub(crate) struct AsyncExecutor(Arc<async_executor::Executor<'static>>);

/// What spawns on a tokio runtime from inside of it.
#[derive(Clone, Debug)]
pub(crate) struct TokioSpawner;

/// Starts threads, and waits until they run.
fn start(workers: usize, work: impl Fn() + Clone + Send + 'static) {
    let barrier = Arc::new(Barrier::new(workers + 1));
    for _ in 0..workers {
        let (work, barrier) = (work.clone(), barrier.clone());
        thread::spawn(move || {
            barrier.wait();
            work();
        });
    }
    barrier.wait();
}

// === impl Pintle ===

impl Pintle {
    pub(crate) fn start(workers: usize) -> Self {
        let scheduler = StealingScheduler::new(workers);
        let inner = scheduler.clone();
        start(workers, move || {
            let mut worker = inner.worker().expect("there are enough");
            block_on(&Parker::new(), worker.run());
        });
        Self(scheduler)
    }
}

impl Runtime for Pintle {
    const NAME: &'static str = "pintle";
    type Spawner = StealingScheduler;

    fn spawner(&self) -> Self::Spawner {
        self.0.clone()
    }

    fn block_on(&self, future: impl Future<Output = ()>) {
        block_on(&Parker::new(), future);
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        yield_now()
    }
}

impl Spawner for StealingScheduler {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(StealingScheduler::spawn(self, future));
    }
}

// === impl PintleStatic ===

static SCHEDULER: StaticStealingScheduler<{ PintleStatic::WORKERS }> = new_static_stealing!();

impl PintleStatic {
    pub(crate) const WORKERS: usize = 2;

    /// To be called once.
    pub(crate) fn start() -> Self {
        start(Self::WORKERS, || {
            let mut worker = SCHEDULER.worker().expect("there are enough");
            block_on(&Parker::new(), worker.run());
        });
        Self(&SCHEDULER)
    }
}

impl Runtime for PintleStatic {
    const NAME: &'static str = "pintle, static";
    type Spawner = &'static StaticStealingScheduler<{ PintleStatic::WORKERS }>;

    fn spawner(&self) -> Self::Spawner {
        self.0
    }

    fn block_on(&self, future: impl Future<Output = ()>) {
        block_on(&Parker::new(), future);
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        yield_now()
    }
}

impl<const WORKERS: usize> Spawner for &'static StaticStealingScheduler<WORKERS> {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(StaticStealingScheduler::spawn(self, future));
    }
}

// === impl Tokio ===

impl Tokio {
    pub(crate) fn start(workers: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .build();
        Self(runtime.expect("a runtime needs nothing of the system but threads"))
    }
}

impl Runtime for Tokio {
    const NAME: &'static str = "tokio";
    type Spawner = TokioSpawner;

    fn spawner(&self) -> Self::Spawner {
        TokioSpawner
    }

    fn block_on(&self, future: impl Future<Output = ()>) {
        self.0.block_on(future);
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }
}

impl Spawner for TokioSpawner {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(tokio::spawn(future));
    }
}

// === impl AsyncExecutor ===

impl AsyncExecutor {
    pub(crate) fn start(workers: usize) -> Self {
        let executor = Arc::new(async_executor::Executor::new());
        let inner = executor.clone();
        start(workers, move || {
            futures::executor::block_on(inner.run(std::future::pending::<()>()));
        });
        Self(executor)
    }
}

impl Runtime for AsyncExecutor {
    const NAME: &'static str = "async-executor";
    type Spawner = Arc<async_executor::Executor<'static>>;

    fn spawner(&self) -> Self::Spawner {
        self.0.clone()
    }

    fn block_on(&self, future: impl Future<Output = ()>) {
        futures::executor::block_on(future);
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        // As futures-lite's, which is async-executor's own.
        yield_now()
    }
}

impl Spawner for Arc<async_executor::Executor<'static>> {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        async_executor::Executor::spawn(self, future).detach();
    }
}
