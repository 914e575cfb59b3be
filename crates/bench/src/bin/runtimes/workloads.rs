//! The workloads of tokio's benches/rt_multi_threaded.rs, for any runtime.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
    mpsc::{SyncSender, sync_channel},
};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::contenders::{Runtime, Spawner};

/// A workload, and how much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// So many tasks, spawned from outside, each of which counts down.
    SpawnMany(usize),
    /// So many tasks, each of which yields so many times.
    YieldMany(usize, usize),
    /// So many tasks, each of which spawns another and waits for its answer.
    PingPong(usize),
    /// A task that spawns one that spawns one, so many in all.
    ChainedSpawn(usize),
}

/// As large as tokio has them.
pub(crate) const WORKLOADS: [(&str, Shape); 4] = [
    ("spawn_many", Shape::SpawnMany(10_000)),
    ("yield_many", Shape::YieldMany(200, 1_000)),
    ("ping_pong", Shape::PingPong(1_000)),
    ("chained_spawn", Shape::ChainedSpawn(1_000)),
];

// === impl Shape ===

impl Shape {
    /// How many times the workload does what it is about.
    pub(crate) fn operations(self) -> usize {
        match self {
            Self::YieldMany(tasks, yields) => tasks * yields,
            Self::SpawnMany(count) | Self::PingPong(count) | Self::ChainedSpawn(count) => count,
        }
    }

    /// A tenth of it, for tests.
    #[cfg(test)]
    pub(crate) fn tenth(self) -> Self {
        match self {
            Self::YieldMany(tasks, yields) => Self::YieldMany(tasks, yields / 10),
            Self::SpawnMany(count) => Self::SpawnMany(count / 10),
            Self::PingPong(count) => Self::PingPong(count / 10),
            Self::ChainedSpawn(count) => Self::ChainedSpawn(count / 10),
        }
    }
}

/// Runs a workload once.
pub(crate) fn run<R: Runtime>(runtime: &R, shape: Shape) -> Duration {
    let start = Instant::now();
    match shape {
        Shape::SpawnMany(count) => spawn_many(runtime, count),
        Shape::YieldMany(tasks, yields) => yield_many(runtime, tasks, yields),
        Shape::PingPong(count) => ping_pong(runtime, count),
        Shape::ChainedSpawn(count) => chained_spawn(runtime, count),
    }
    start.elapsed()
}

fn spawn_many<R: Runtime>(runtime: &R, count: usize) {
    let (sender, receiver) = sync_channel(1);
    let left = Arc::new(AtomicUsize::new(count));
    let spawner = runtime.spawner();
    runtime.block_on(async move {
        for _ in 0..count {
            let (sender, left) = (sender.clone(), left.clone());
            spawner.spawn(async move { count_down(&left, &sender) });
        }
        receiver.recv().expect("the last task sends");
    });
}

fn yield_many<R: Runtime>(runtime: &R, tasks: usize, yields: usize) {
    let (sender, receiver) = sync_channel(tasks);
    let spawner = runtime.spawner();
    runtime.block_on(async move {
        for _ in 0..tasks {
            let sender = sender.clone();
            spawner.spawn(async move {
                for _ in 0..yields {
                    R::yield_now().await;
                }
                sender.send(()).expect("there is room for all");
            });
        }
    });
    for _ in 0..tasks {
        receiver.recv().expect("every task sends");
    }
}

fn ping_pong<R: Runtime>(runtime: &R, count: usize) {
    let (sender, receiver) = sync_channel(1);
    let left = Arc::new(AtomicUsize::new(count));
    let spawner = runtime.spawner();
    runtime.block_on(async move {
        let pinger = spawner.clone();
        spawner.spawn(async move {
            for _ in 0..count {
                let (left, sender, ponger) = (left.clone(), sender.clone(), pinger.clone());
                pinger.spawn(async move {
                    let (ping, pinged) = oneshot::channel();
                    let (pong, ponged) = oneshot::channel();
                    ponger.spawn(async move {
                        pinged.await.expect("it is sent");
                        pong.send(()).expect("it is awaited");
                    });
                    ping.send(()).expect("it is awaited");
                    ponged.await.expect("it is sent");
                    count_down(&left, &sender);
                });
            }
        });
        receiver.recv().expect("the last task sends");
    });
}

fn chained_spawn<R: Runtime>(runtime: &R, count: usize) {
    fn link<S: Spawner>(spawner: S, left: usize, sender: SyncSender<()>) {
        if left == 0 {
            sender.send(()).expect("somebody waits");
            return;
        }
        let next = spawner.clone();
        spawner.spawn(async move { link(next, left - 1, sender) });
    }

    let (sender, receiver) = sync_channel(1);
    let spawner = runtime.spawner();
    runtime.block_on(async move {
        let first = spawner.clone();
        spawner.spawn(async move { link(first, count, sender) });
        receiver.recv().expect("the last task sends");
    });
}

fn count_down(left: &AtomicUsize, sender: &SyncSender<()>) {
    if left.fetch_sub(1, Relaxed) == 1 {
        sender.send(()).expect("somebody waits");
    }
}
