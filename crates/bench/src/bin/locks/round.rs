//! One round: threads that start at a barrier and work until the time is up.

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
    /// From the first worker's start to the word to stop, which on a busy machine comes late.
    pub(crate) time: Duration,
}

/// Lets `threads` threads do `work(their number, when to stop)` at the same time, for `time`.
pub(crate) fn round<R: Send>(
    threads: usize,
    time: Duration,
    work: impl Fn(usize, &AtomicBool) -> R + Sync,
) -> Worked<R> {
    let stop = AtomicBool::new(false);
    let barrier = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|me| {
                let (work, barrier, stop) = (&work, &barrier, &stop);
                scope.spawn(move || {
                    barrier.wait();
                    let start = Instant::now();
                    (start, work(me, stop))
                })
            })
            .collect();
        barrier.wait();
        thread::sleep(time);
        stop.store(true, Relaxed);
        let end = Instant::now();
        let (starts, results): (Vec<_>, Vec<_>) = workers
            .into_iter()
            .map(|worker| worker.join().expect("a worker does not panic"))
            .unzip();
        let start = starts.into_iter().min().unwrap_or(end);
        Worked {
            results,
            time: end.saturating_duration_since(start),
        }
    })
}
