//! Readers check a canary that writers poison after each grace period, over the real barrier of this
//! machine, while threads come and go.
//!
//! Each test takes 0.4 s, or 13 s of the long form (`PINTLE_FULL`): with the feature sets of `cargo xtask
//! test` about 20 s, or 10 minutes. One at a time, so that a reader and a writer have a processor each.
//!
//! This package is compiled with optimisation for tests, too: without, so many stores lie between a section's entry and
//! its first load that the hardware hardly gets a chance to err. As it is, a writer that does not wait fails every test,
//! and on a quiet machine one that leaves out the heavy barrier fails half of those over the process-wide barrier. The
//! fence of an entry from a quiescent state, and those that keep a reader from being forgotten, are missed in a run of
//! two or three; the models look for them, too. (Over `Fences` the fence before the first look does the work of the
//! heavy barrier as well. A missing `Release` cannot be seen on x86 at all: the models and the test `codegen` look for
//! those.)
//!
//! A test with values that are read and freed for real is there for the sanitizers.
#![cfg(not(loom))]

mod canary;
mod domains;
#[cfg(feature = "std")]
mod global;

use canary::{Cage, Read};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Lanes of readers: one that stays, and one in which one comes after the other.
const LANES: usize = 2;

/// Threads that write at the same time.
const WRITERS: usize = 2;

/// The right to run, as one test at a time, and until when.
fn turn() -> (MutexGuard<'static, ()>, Instant) {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let time = if pintle_core::model::full() {
        13_000
    } else {
        400
    };
    (turn, Instant::now() + Duration::from_millis(time))
}

/// Lets readers and writers loose on a cage. `reader` makes the reader of a lane, in its thread; `write` does what
/// a writer does, until the time that it is given.
fn stress<R: Read>(
    reader: impl Fn(usize) -> R + Sync,
    write: impl Fn(&'static Cage, Instant) + Sync,
) {
    let (_turn, until) = turn();
    let cage = Cage::new();
    let (reader, write) = (&reader, &write);
    thread::scope(|scope| {
        scope.spawn(move || {
            let reader = reader(0);
            reader.begin(cage);
            while cage.is_open() {
                cage.read(&reader, 1_024);
            }
        });
        for lane in 1..LANES {
            scope.spawn(move || {
                while cage.is_open() {
                    thread::scope(|scope| {
                        scope.spawn(move || {
                            let reader = reader(lane);
                            reader.begin(cage);
                            cage.read(&reader, 256);
                        });
                    });
                }
            });
        }
        // Closed when a writer has failed, too, or readers would never end.
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| scope.spawn(move || write(cage, until)))
            .collect();
        let written: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        cage.close();
        for result in written {
            result.unwrap();
        }
    });
    cage.check();
}
