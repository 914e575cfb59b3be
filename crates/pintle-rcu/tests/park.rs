//! Threads that quiesce whenever they sleep.
#![cfg(not(loom))]

use pintle_park::{Park, ParkOutcome, ParkUntil, Unpark};
use pintle_rcu::domain::{Barrier, Domain, Fences, Reader, Slot};
use pintle_rcu::{Quiesce, QuiescingPark};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::*};

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// `Fences` that count the heavy ones.
#[derive(Default)]
struct Counting {
    heavy: AtomicUsize,
}

impl Counting {
    fn heavy(&self) -> usize {
        self.heavy.load(Relaxed)
    }
}

// SAFETY: it is `Fences`, and counts.
unsafe impl Barrier for &'static Counting {
    fn light(&self) {
        Fences.light();
    }

    fn heavy(&self) {
        self.heavy.fetch_add(1, Relaxed);
        Fences.heavy();
    }
}

/// A sleep during which others do something.
struct During<F>(F);

#[derive(Clone)]
struct Nothing;

impl Unpark for Nothing {
    fn unpark(&self) {}
}

impl<F: Fn()> Park for During<F> {
    type Unparker = Nothing;

    fn park(&self) {
        (self.0)();
    }

    fn unparker(&self) -> Nothing {
        Nothing
    }
}

impl<F: Fn()> ParkUntil for During<F> {
    type Deadline = u32;

    fn park_until(&self, deadline: u32) -> ParkOutcome {
        assert_eq!(deadline, 7);
        (self.0)();
        ParkOutcome::TimedOut
    }
}

fn reader(
    counting: &'static Counting,
) -> (
    &'static Domain<&'static Counting>,
    Reader<&'static Counting>,
) {
    let domain = leak(Domain::with_barrier(counting));
    (domain, domain.reader(leak(Slot::new())).unwrap())
}

/// Without: the one that sleeps has read, and a writer cannot know that it does not now. With: it costs
/// neither the barrier nor a wait.
#[test]
fn a_sleeping_reader_costs_a_writer_no_barrier() {
    let counting = leak(Counting::default());
    let (domain, reader) = reader(counting);
    let rounds = Cell::new(0);
    let sleep = During(|| {
        domain.synchronize();
        rounds.set(rounds.get() + 1);
    });

    reader.run(|| {});
    sleep.park();
    assert_eq!((rounds.get(), counting.heavy()), (1, 1));

    let quiescing = QuiescingPark::new(&sleep, &reader);
    for round in 1..=10 {
        // Awake, it counts as before.
        reader.run(|| {});
        domain.synchronize();
        assert_eq!(counting.heavy(), 1 + round);
        quiescing.park();
        assert_eq!(quiescing.park_until(7), ParkOutcome::TimedOut);
        assert_eq!(counting.heavy(), 1 + round);
    }
    assert_eq!(rounds.get(), 1 + 20);
}

/// A section that is slept in is one that writers wait for.
#[test]
fn a_sleep_within_a_section_ends_nothing() {
    let counting = leak(Counting::default());
    let (_, reader) = reader(counting);
    let inside = Cell::new(false);
    let park = QuiescingPark::new(During(|| inside.set(true)), &reader);
    let section = reader.enter();
    park.park();
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reader.synchronize()));
    assert!(inside.get() && refused.is_err());
    drop(section);
    reader.synchronize();
}

/// Readers of several domains.
#[test]
fn a_pair_quiesces_both() {
    let counting = [(); 2].map(|()| leak(Counting::default()));
    let (one, first) = reader(counting[0]);
    let (two, second) = reader(counting[1]);
    first.run(|| second.run(|| {}));
    (&first, &second).quiesce();
    one.synchronize();
    two.synchronize();
    assert_eq!(counting.map(Counting::heavy), [0, 0]);
}

/// Threads that sleep for good do not hold writers of the global domain up.
#[cfg(feature = "std")]
#[test]
fn threads_that_sleep() {
    use pintle_park::Parker;
    use pintle_rcu::{RcuCell, global};

    let cell = RcuCell::new(0);
    std::thread::scope(|scope| {
        let sleepers = [(); 8].map(|()| {
            let park = QuiescingPark::new(Parker::new(), global());
            let unparker = park.unparker();
            let (cell, read) = (&cell, leak(AtomicUsize::new(0)));
            scope.spawn(move || {
                loop {
                    let value = *cell.load(&global().enter());
                    read.store(value, Release);
                    if value == 3 {
                        return;
                    }
                    park.park();
                }
            });
            (unparker, read)
        });
        for value in 1..=3 {
            let old = cell.replace(value).synchronize();
            assert_eq!(old, value - 1);
            for (unparker, read) in &sleepers {
                unparker.unpark();
                while read.load(Acquire) != value {
                    std::thread::yield_now();
                }
            }
        }
    });
}
