//! Models of the algorithm over fences: each race that the proof in `domain` speaks of.
#![cfg(loom)]

mod reclaim;

mod asleep;
mod shared;
mod sleepers;

use loom::sync::Arc;
use pintle_core::atomic::{AtomicUsize, Ordering::*};
use pintle_core::cell::UnsafeCell;
use pintle_core::model::{check, check_bounded};
use pintle_core::thread;
use pintle_rcu::domain::{Barrier, Domain, Fences, ProcessWide, Reader, Slot};

/// Loom's objects cannot be in statics, and a slot is `'static`.
fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn slot() -> &'static Slot {
    leak(Slot::new())
}

/// A value and its successor, of which a link names the current one. Loom watches the values: a read
/// that does not happen before the `free` of what it reads fails the model.
struct Shared {
    link: AtomicUsize,
    values: [UnsafeCell<u32>; 2],
}

const ALIVE: u32 = 7;
const FREED: u32 = 0xdead;

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            link: AtomicUsize::new(0),
            values: [UnsafeCell::new(ALIVE), UnsafeCell::new(ALIVE)],
        })
    }

    /// Within a section.
    fn read(&self) {
        let link = self.link.load(Acquire);
        // SAFETY: that no writer writes meanwhile is what the model checks.
        let value = self.values[link].with(|value| unsafe { *value });
        assert_eq!(value, ALIVE);
    }

    fn unlink(&self) {
        self.link.store(1, Release);
    }

    /// After a grace period.
    fn free(&self) {
        // SAFETY: that no reader reads meanwhile is what the model checks.
        self.values[0].with_mut(|value| unsafe { *value = FREED });
    }

    fn replace<B: Barrier>(&self, domain: &Domain<B>) {
        self.unlink();
        domain.synchronize_with(thread::yield_now);
        self.free();
    }
}

/// One thread that does `reads`, while the model's own thread replaces the value.
fn reader_and_writer<B: Barrier + Send + Sync + 'static>(
    barrier: fn() -> B,
    reads: fn(&Reader<B>, &Shared),
) {
    check(move || {
        let domain = leak(Domain::with_barrier(barrier()));
        let reader = domain.reader(slot()).unwrap();
        let shared = Shared::new();
        let other = thread::spawn({
            let shared = shared.clone();
            move || reads(&reader, &shared)
        });
        shared.replace(domain);
        other.join().unwrap();
    });
}

/// The first section, by a full fence, against a writer that may skip its barrier.
#[test]
fn quiescent_reader_and_writer() {
    reader_and_writer(
        || ProcessWide,
        |reader, shared| reader.run(|| shared.read()),
    );
}

/// The second one is entered by the light barrier; its entry follows the exit of the first directly.
#[test]
fn active_reader_and_writer() {
    reader_and_writer(
        || Fences,
        |reader, shared| {
            reader.run(|| shared.read());
            reader.run(|| shared.read());
        },
    );
}

#[test]
fn quiescing_reader_and_writer() {
    reader_and_writer(
        || Fences,
        |reader, shared| {
            reader.run(|| shared.read());
            reader.quiesce();
            reader.run(|| shared.read());
            reader.quiesce();
        },
    );
}

/// The outer section goes on when an inner one ends, and when the first guard is dropped first.
#[test]
fn nested_reader_and_writer() {
    reader_and_writer(
        || Fences,
        |reader, shared| {
            let first = reader.enter();
            reader.run(|| shared.read());
            let second = reader.enter();
            drop(first);
            reader.quiesce();
            shared.read();
            drop(second);
        },
    );
}

/// The slot is pushed while the writer walks the list.
#[test]
fn a_reader_that_registers_and_a_writer() {
    check(|| {
        let domain = leak(Domain::new());
        let slot = slot();
        let shared = Shared::new();
        let other = thread::spawn({
            let shared = shared.clone();
            move || {
                let reader = domain.reader(slot).unwrap();
                reader.run(|| shared.read());
            }
        });
        shared.replace(domain);
        other.join().unwrap();
    });
}

/// Two readers that push their slots at once, against a scan.
#[test]
fn two_readers_that_register_and_a_writer() {
    check(|| {
        let domain = leak(Domain::new());
        let shared = Shared::new();
        let others = [slot(), slot()].map(|slot| {
            let shared = shared.clone();
            thread::spawn(move || {
                let reader = domain.reader(slot).unwrap();
                reader.run(|| shared.read());
            })
        });
        shared.replace(domain);
        for other in others {
            other.join().unwrap();
        }
    });
}

/// A slot goes from one thread to the next while a writer looks at it.
#[test]
fn a_slot_that_changes_hands_and_a_writer() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let slot = slot();
        let shared = Shared::new();
        let others = [(); 2].map(|()| {
            let shared = shared.clone();
            thread::spawn(move || {
                if let Ok(reader) = domain.reader(slot) {
                    reader.run(|| shared.read());
                }
            })
        });
        shared.replace(domain);
        for other in others {
            other.join().unwrap();
        }
    });
}

/// Two writers wait for the same reader, each for its own value.
#[test]
fn two_writers() {
    // Three threads of which two wait in loops: with two preemptions 90,000 interleavings, with three the model had not
    // come to an end after 1,400,000. `a_reader_that_becomes_the_second_writer` has three.
    check_bounded(2, || {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        let first = Shared::new();
        let second = Shared::new();
        let other_reader = thread::spawn({
            let (first, second) = (first.clone(), second.clone());
            move || {
                reader.run(|| {
                    first.read();
                    second.read();
                });
            }
        });
        let other_writer = thread::spawn({
            let second = second.clone();
            move || second.replace(domain)
        });
        first.replace(domain);
        other_reader.join().unwrap();
        other_writer.join().unwrap();
    });
}

/// The second writer has been the reader that the first one waits for: at 3 preemptions, with a thread less.
#[test]
fn a_reader_that_becomes_the_second_writer() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        let (first, second) = (Shared::new(), Shared::new());
        let other = thread::spawn({
            let first = first.clone();
            move || first.replace(domain)
        });
        reader.run(|| {
            first.read();
            second.read();
        });
        second.replace(domain);
        other.join().unwrap();
    });
}

/// A barrier whose light side does nothing.
struct Broken;

// SAFETY: none; it breaks the contract, and the model has to find that out.
unsafe impl Barrier for Broken {
    fn light(&self) {}

    fn heavy(&self) {
        Fences.heavy();
    }
}

/// Without the light barrier the reader's load may come before the store of its entry: the proof that
/// these models would notice.
#[test]
#[should_panic(expected = "Causality violation")]
fn a_light_barrier_left_out_is_caught() {
    reader_and_writer(
        || Broken,
        |reader, shared| {
            reader.run(|| {});
            reader.run(|| shared.read());
        },
    );
}

/// The reader has long been quiescent, and comes back while the writer takes it off the list.
#[test]
fn a_reader_that_comes_back_and_a_writer() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        reader.run(|| {});
        reader.quiesce();
        // It has been seen quiescent once.
        domain.synchronize_with(thread::yield_now);
        let shared = Shared::new();
        let other = thread::spawn({
            let shared = shared.clone();
            move || {
                reader.run(|| shared.read());
                reader
            }
        });
        shared.replace(domain);
        let reader = other.join().unwrap();
        // And is on the list again: a writer waits for it now.
        let section = reader.enter();
        let cookie = domain.start_poll();
        assert!(!domain.poll(cookie));
        drop(section);
        assert!(domain.poll(cookie));
    });
}

/// A reader that never leaves, but says now and then that it holds nothing.
#[test]
fn a_reader_with_checkpoints_and_a_writer() {
    reader_and_writer(
        || Fences,
        |reader, shared| {
            let mut section = reader.enter();
            shared.read();
            section.checkpoint();
            shared.read();
        },
    );
}
