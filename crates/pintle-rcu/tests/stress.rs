//! Readers check a canary that writers poison after each grace period, over the real barrier of this
//! machine, while threads come and go.
//!
//! A build without optimisation leaves so many stores between a section's entry and its first load that the
//! hardware hardly gets a chance to err. With `--release` a grace period without its heavy barrier fails
//! the tests over the process-wide barrier within a second or two, so that is how they prove most. (Over
//! `Fences` the fence before the first look does the work of the heavy barrier, too.)
#![cfg(not(loom))]

use pintle_core::CachePadded;
use pintle_rcu::domain::{Barrier, Domain, Fences, Reader, Slot};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering::*};
use std::thread;
use std::time::{Duration, Instant};

const ALIVE: u64 = 0x0a11_0a11_0a11_0a11;
const POISON: u64 = 0xdead_dead_dead_dead;

fn duration() -> Duration {
    Duration::from_secs(if pintle_core::model::full() { 200 } else { 1 })
}

/// Read sections of whichever domain, as the stress needs them.
trait Read {
    fn section(&self, f: impl FnOnce());
    fn quiesce(&self);
}

/// A value that is never freed for real: an early "free" is caught by the canary, and is not undefined
/// behaviour.
struct Value {
    canary: AtomicU64,
}

/// What the readers look at.
struct Shared {
    link: AtomicPtr<Value>,
    stop: AtomicBool,
    sections: AtomicUsize,
    /// Lines that everybody writes to, to keep their store buffers full: so the store that enters a
    /// section takes long to get out, and a writer that does not make the heavy barrier misses it.
    noise: [CachePadded<AtomicUsize>; 16],
}

impl Shared {
    fn new() -> Self {
        Self {
            link: AtomicPtr::new(Box::into_raw(Box::new(Value {
                canary: AtomicU64::new(ALIVE),
            }))),
            stop: AtomicBool::new(false),
            sections: AtomicUsize::new(0),
            noise: [const { CachePadded::new(AtomicUsize::new(0)) }; 16],
        }
    }

    /// `sections` read sections, with a quiescent state now and then.
    fn read(&self, reader: &impl Read, sections: usize) {
        for section in 0..sections {
            for line in &self.noise {
                line.store(section, Relaxed);
            }
            reader.section(|| {
                let value = self.link.load(Acquire);
                // The longer the section, the likelier that a writer comes in between.
                for _ in 0..section % 32 {
                    // SAFETY: values are leaked, so the reference is valid whatever the domain does.
                    let canary = unsafe { &*value }.canary.load(Relaxed);
                    assert_eq!(canary, ALIVE, "freed under a reader's hands");
                }
            });
            if section % 61 == 0 {
                reader.quiesce();
            }
        }
        self.sections.fetch_add(sections, Relaxed);
    }

    /// Replaces the value until the time is up, two values in turn; returns how often.
    fn write(&self, until: Instant, synchronize: impl Fn()) -> usize {
        let mut spare: *mut Value = Box::into_raw(Box::new(Value {
            canary: AtomicU64::new(POISON),
        }));
        let mut rounds = 0;
        while Instant::now() < until {
            // SAFETY: values are leaked.
            unsafe { &*spare }.canary.store(ALIVE, Relaxed);
            for line in &self.noise {
                line.store(rounds, Relaxed);
            }
            let old = self.link.swap(spare, AcqRel);
            synchronize();
            // SAFETY: values are leaked.
            unsafe { &*old }.canary.store(POISON, Relaxed);
            spare = old;
            rounds += 1;
        }
        rounds
    }
}

/// One writer, a reader that stays, and two lanes of readers that come and go. `spawn` runs one reader
/// for as many sections as it is told.
fn stress<R: Read>(reader: impl Fn(usize) -> R + Sync, synchronize: impl Fn()) {
    let shared = Shared::new();
    let until = Instant::now() + duration();
    let rounds = thread::scope(|scope| {
        let (shared, reader) = (&shared, &reader);
        scope.spawn(move || {
            let reader = reader(0);
            while !shared.stop.load(Relaxed) {
                shared.read(&reader, 1_000);
            }
        });
        for lane in 1..=2 {
            scope.spawn(move || {
                while !shared.stop.load(Relaxed) {
                    thread::scope(|scope| {
                        scope.spawn(move || shared.read(&reader(lane), 300));
                    });
                }
            });
        }
        let rounds = shared.write(until, synchronize);
        shared.stop.store(true, Relaxed);
        rounds
    });
    assert!(rounds > 0 && shared.sections.load(Relaxed) > 0);
}

impl<B: Barrier> Read for Reader<B> {
    fn section(&self, f: impl FnOnce()) {
        self.run(f);
    }

    fn quiesce(&self) {
        Reader::quiesce(self);
    }
}

fn stress_domain<B: Barrier + Sync + 'static>(domain: Domain<B>) {
    let domain: &'static Domain<B> = Box::leak(Box::new(domain));
    let slots: &'static [Slot; 3] = Box::leak(Box::new([const { Slot::new() }; 3]));
    stress(
        |lane| domain.reader(&slots[lane]).unwrap(),
        || domain.synchronize(),
    );
}

#[test]
fn over_the_process_wide_barrier() {
    stress_domain(Domain::new());
}

#[test]
fn over_fences() {
    stress_domain(Domain::with_barrier(Fences));
}

#[cfg(feature = "std")]
#[test]
fn over_threads_of_the_global_domain() {
    struct Global;
    impl Read for Global {
        fn section(&self, f: impl FnOnce()) {
            pintle_rcu::global().run(f);
        }

        fn quiesce(&self) {
            pintle_rcu::global().quiesce();
        }
    }
    stress(|_| Global, || pintle_rcu::global().synchronize_blocking());
}

/// Several writers at once, each with its own value, over the same readers.
#[cfg(feature = "std")]
#[test]
fn several_writers_of_one_cell() {
    use pintle_rcu::{RcuCell, global};

    /// Poisoned when dropped; leaked storage, so that a reader that comes late reads the poison.
    struct Canary(&'static AtomicU64);
    impl Drop for Canary {
        fn drop(&mut self) {
            self.0.store(POISON, Relaxed);
        }
    }
    fn canary() -> Canary {
        Canary(Box::leak(Box::new(AtomicU64::new(ALIVE))))
    }

    let cell = RcuCell::new(canary());
    let rounds = if pintle_core::model::full() {
        100_000
    } else {
        500
    };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..rounds {
                        drop(cell.replace(canary()).synchronize());
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                let guard = global().enter();
                let canary = cell.load(&guard).0;
                for _ in 0..8 {
                    assert_eq!(canary.load(Relaxed), ALIVE);
                }
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        stop.store(true, Relaxed);
    });
}
