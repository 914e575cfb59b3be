//! A readers-writer lock with a mistake that was made once: the models have to find it.

use super::rw::{race, read, try_write_fails_for_readers_only, write};
use pintle_core::atomic::{AtomicUsize, Ordering::*};
use pintle_core::hint;
use pintle_core::model::PREEMPTIONS;
use pintle_lock::blocking::RawRwLock;

const WRITER: usize = 1;
const READER: usize = 2;

/// Readers count themselves first and look afterwards; the writer leaves by a store, which takes
/// away the count of a reader that is about to take it back: then it is one less than none.
///
/// maitake-sync had it until 0.3.0. Its own model passed with two preemptions and failed with
/// three; the one below fails from one on. With `OVERWRITES` false the
/// writer takes away its own bit only, as it did afterwards.
struct OptimisticReaders<const OVERWRITES: bool>(AtomicUsize);

impl<const OVERWRITES: bool> OptimisticReaders<OVERWRITES> {
    fn new() -> Self {
        Self(AtomicUsize::new(0))
    }
}

// SAFETY: none: what is broken is what loom has to find.
unsafe impl<const OVERWRITES: bool> RawRwLock for OptimisticReaders<OVERWRITES> {
    type GuardMarker = ();

    fn lock_shared(&self) {
        while !self.try_lock_shared() {
            hint::spin_loop();
        }
    }

    fn try_lock_shared(&self) -> bool {
        if self.0.fetch_add(READER, Acquire) & WRITER == 0 {
            return true;
        }
        self.0.fetch_sub(READER, Release);
        false
    }

    unsafe fn unlock_shared(&self) {
        self.0.fetch_sub(READER, Release);
    }

    fn lock_exclusive(&self) {
        while !self.try_lock_exclusive() {
            hint::spin_loop();
        }
    }

    fn try_lock_exclusive(&self) -> bool {
        self.0.compare_exchange(0, WRITER, Acquire, Relaxed).is_ok()
    }

    unsafe fn unlock_exclusive(&self) {
        if OVERWRITES {
            self.0.store(0, Release);
        } else {
            self.0.fetch_and(!WRITER, Release);
        }
    }

    fn is_locked(&self) -> bool {
        self.0.load(Relaxed) != 0
    }

    fn is_locked_exclusive(&self) -> bool {
        self.0.load(Relaxed) & WRITER != 0
    }
}

#[test]
#[should_panic = "the lock is not free in the end"]
fn an_unlock_that_overwrites_an_optimistic_reader_is_caught() {
    race(
        PREEMPTIONS,
        OptimisticReaders::<true>::new,
        write,
        &[read],
        1,
    );
}

/// It was the store that the model found, and nothing else.
#[test]
fn an_unlock_that_takes_its_own_bit_away_passes() {
    race(
        PREEMPTIONS,
        OptimisticReaders::<false>::new,
        write,
        &[read],
        1,
    );
}

/// What is left of optimistic readers' trouble: one that does not get in keeps a writer out.
#[test]
#[should_panic = "a reader that did not get in kept a writer out"]
fn a_reader_that_only_looks_and_keeps_a_writer_out_is_caught() {
    try_write_fails_for_readers_only(PREEMPTIONS, OptimisticReaders::<false>::new);
}
