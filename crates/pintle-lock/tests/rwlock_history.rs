//! What happened under a lock, in the order in which it did: is there an order of the sections, one
//! after the other, that the lock could have let happen?
//!
//! Each section notes the time, by a clock that only counts, when it is inside and when it is about to leave,
//! and the version of the value. The versions give the only order that there can be: the write of version
//! `n` lies behind the write of `n - 1`, and each section that read `n` lies between the writes of `n`
//! and `n + 1`.
#![cfg(not(loom))]

use pintle_lock::ConstInit;
use pintle_lock::blocking::{RawRwLockUpgrade, RwLock, RwLockWriteGuard};
use pintle_lock::spin::RwSpinlock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

/// A pair that a writer makes equal again before it leaves.
#[derive(Default)]
struct Versions {
    before: usize,
    after: usize,
}

/// One section of one thread.
#[derive(Clone, Copy, Debug)]
struct Section {
    version: usize,
    writes: bool,
    from: usize,
    to: usize,
}

/// Notes the sections of one thread.
struct Recorder<'a> {
    clock: &'a AtomicUsize,
    sections: Vec<Section>,
}

impl Recorder<'_> {
    fn now(&self) -> usize {
        self.clock.fetch_add(1, SeqCst)
    }

    fn reads(&mut self, versions: &Versions) {
        let from = self.now();
        assert_eq!(versions.before, versions.after, "half a write was seen");
        self.sections.push(Section {
            version: versions.after,
            writes: false,
            from,
            to: self.now(),
        });
    }

    fn writes(&mut self, versions: &mut Versions) {
        let from = self.now();
        versions.before += 1;
        let to = self.now();
        versions.after += 1;
        self.sections.push(Section {
            version: versions.after,
            writes: true,
            from,
            to,
        });
    }
}

fn history<L: RawRwLockUpgrade + ConstInit + Send + Sync>(rounds: usize) -> Vec<Section> {
    const THREADS: usize = 4;

    let lock = RwLock::new_with_raw_rwlock(Versions::default(), L::INIT);
    let (clock, start) = (AtomicUsize::new(0), Arc::new(Barrier::new(THREADS)));
    let one_thread = |me: usize| {
        let mut recorder = Recorder {
            clock: &clock,
            sections: Vec::new(),
        };
        start.wait();
        for round in 0..rounds {
            match (round * 7 + me) % 16 {
                0 => recorder.writes(&mut lock.write()),
                1 => {
                    let versions = lock.upgradable_read();
                    recorder.reads(&versions);
                    recorder.writes(&mut versions.upgrade());
                }
                2 => {
                    let mut versions = lock.write();
                    recorder.writes(&mut versions);
                    recorder.reads(&RwLockWriteGuard::downgrade(versions));
                }
                3 => {
                    if let Some(mut versions) = lock.try_write() {
                        recorder.writes(&mut versions);
                    }
                }
                4 => {
                    if let Some(versions) = lock.try_read() {
                        recorder.reads(&versions);
                    }
                }
                _ => recorder.reads(&lock.read()),
            }
        }
        recorder.sections
    };
    thread::scope(|scope| {
        let one_thread = &one_thread;
        let threads: Vec<_> = (0..THREADS)
            .map(|me| scope.spawn(move || one_thread(me)))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// Panics unless the sections can be put one after the other, readers of one version side by side.
fn check(sections: &[Section]) {
    let mut writes: Vec<_> = sections.iter().filter(|section| section.writes).collect();
    writes.sort_by_key(|section| section.version);
    for (index, write) in writes.iter().enumerate() {
        assert_eq!(
            write.version,
            index + 1,
            "two writes of one version, or none"
        );
    }
    for pair in writes.windows(2) {
        assert!(pair[0].to < pair[1].from, "two writers at once: {pair:?}");
    }
    for read in sections.iter().filter(|section| !section.writes) {
        if let Some(write) = read.version.checked_sub(1).map(|index| writes[index]) {
            assert!(write.to < read.from, "{read:?} before {write:?} had ended");
        }
        if let Some(next) = writes.get(read.version) {
            assert!(read.to < next.from, "{read:?} beside {next:?}");
        }
    }
}

fn run<L: RawRwLockUpgrade + ConstInit + Send + Sync>() {
    let (histories, rounds) = if pintle_core::model::full() {
        (200, 20_000)
    } else {
        (10, 4_000)
    };
    for _ in 0..histories {
        let sections = history::<L>(rounds);
        assert!(sections.len() > rounds);
        check(&sections);
    }
}

#[test]
fn rw_spinlock() {
    run::<RwSpinlock>();
}

#[test]
#[cfg(feature = "os")]
fn futex_rwlock() {
    run::<pintle_lock::os::FutexRwLock>();
}

/// The check has to be able to fail.
mod the_check {
    use super::*;

    const fn section(version: usize, writes: bool, from: usize, to: usize) -> Section {
        Section {
            version,
            writes,
            from,
            to,
        }
    }

    #[test]
    fn passes_readers_side_by_side() {
        check(&[
            section(0, false, 0, 1),
            section(1, true, 2, 3),
            section(1, false, 4, 7),
            section(1, false, 5, 6),
            section(2, true, 8, 9),
        ]);
    }

    #[test]
    #[should_panic = "two writers at once"]
    fn finds_two_writers() {
        check(&[section(1, true, 0, 2), section(2, true, 1, 3)]);
    }

    #[test]
    #[should_panic = "two writes of one version"]
    fn finds_a_lost_write() {
        check(&[section(1, true, 0, 1), section(1, true, 2, 3)]);
    }

    #[test]
    #[should_panic = "had ended"]
    fn finds_a_reader_that_sees_a_write_too_early() {
        check(&[section(1, true, 0, 3), section(1, false, 1, 4)]);
    }

    #[test]
    #[should_panic = "beside"]
    fn finds_a_reader_that_a_writer_runs_over() {
        check(&[section(0, false, 0, 2), section(1, true, 1, 3)]);
    }
}
