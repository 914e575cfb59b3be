//! One round: threads that start at a barrier, warm up, and work until the time is up.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How often a thread had the lock.
pub(crate) type Counted = u64;

/// What a lock guards here: a count, and who was there last.
#[derive(Debug)]
pub(crate) struct Guarded {
    visits: u64,
    last: usize,
    changes: u64,
}

impl Guarded {
    pub(crate) fn new() -> Self {
        Self {
            visits: 0,
            last: usize::MAX,
            changes: 0,
        }
    }

    /// Counts a visit of thread `me`.
    pub(crate) fn visit(&mut self, me: usize) {
        self.visits += 1;
        if self.last != me {
            self.last = me;
            self.changes += 1;
        }
    }

    /// How often somebody else than the last one came.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }
}

/// What came of a round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Millions of visits per second, of all threads together.
    pub(crate) mops: f64,
    /// The least count of a thread by the greatest.
    pub(crate) share: f64,
    /// How often the holder was another than the one before.
    pub(crate) changes: u64,
}

impl Round {
    pub(crate) fn new(worked: &Worked<Counted>, changes: u64) -> Self {
        let counts = || worked.results.iter().copied();
        let total: u64 = counts().sum();
        let most = counts().max().unwrap_or(0).max(1);
        let least = counts().min().unwrap_or(0);
        Self {
            mops: total as f64 / worked.time.as_secs_f64() / 1e6,
            share: least as f64 / most as f64,
            changes,
        }
    }
}

/// What the workers of a round bring home, and how long they worked.
#[derive(Debug)]
pub(crate) struct Worked<R> {
    pub(crate) results: Vec<R>,
    /// From the end of the warm-up to the word to stop, which on a busy machine comes late.
    pub(crate) time: Duration,
}

/// The warm-up takes this part of a round's time.
const WARM_UP: u32 = 4;

/// Lets `threads` threads do `work(their number, when to stop)` at the same time, for `time`.
///
/// They do it for a while before, which does not count: a barrier lets go of its threads one by one,
/// and until the last one runs the first ones have the lock to themselves.
pub(crate) fn round<R: Send>(
    threads: usize,
    time: Duration,
    work: impl Fn(usize, &AtomicBool) -> R + Sync,
) -> Worked<R> {
    let warm = AtomicBool::new(false);
    let stop = AtomicBool::new(false);
    let barrier = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|me| {
                let (work, barrier, warm, stop) = (&work, &barrier, &warm, &stop);
                scope.spawn(move || {
                    barrier.wait();
                    work(me, warm);
                    work(me, stop)
                })
            })
            .collect();
        barrier.wait();
        thread::sleep(time / WARM_UP);
        warm.store(true, Relaxed);
        let start = Instant::now();
        thread::sleep(time);
        stop.store(true, Relaxed);
        let time = start.elapsed();
        let results = workers
            .into_iter()
            .map(|worker| worker.join().expect("a worker does not panic"))
            .collect();
        Worked { results, time }
    })
}
