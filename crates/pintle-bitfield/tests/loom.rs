//! `AtomicBits` in every interleaving of up to three preemptions.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p pintle-bitfield --test loom --all-features`
#![cfg(all(loom, feature = "atomic"))]

use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::{
    atomic::Ordering::{AcqRel, Acquire, Relaxed, Release},
    cell::UnsafeCell,
    model, thread,
};
use std::sync::Arc;

bitfield! {
    /// One slot that is filled once and taken once, and how many have tried.
    #[derive(PartialEq, Eq)]
    struct Slot<u32> {
        const FULL: bool;
        const TAKEN: bool;
        const TRIES = 4;
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Take {
    Taken,
    Empty,
    Gone,
}

struct Cell {
    state: AtomicBits<Slot>,
    value: UnsafeCell<u32>,
}

// SAFETY: the value is written before FULL is set, once, and read by the one who sets TAKEN.
unsafe impl Sync for Cell {}

impl Cell {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Slot::new().into_atomic(),
            value: UnsafeCell::new(0),
        })
    }

    fn fill(&self, value: u32) {
        // SAFETY: FULL is not set, so nobody reads it, and there is one who fills.
        self.value.with_mut(|slot| unsafe { *slot = value });
        // Release: pairs with the acquire in `take`.
        self.state.fetch_set_all(Slot::FULL, Release);
    }

    fn take(&self) -> (Take, Option<u32>) {
        // Acquire: pairs with the release in `fill`.
        let outcome = self.state.transition(Acquire, Relaxed, |slot| {
            let tried = slot.with(Slot::TRIES, slot.get(Slot::TRIES) + 1);
            match (slot.get(Slot::FULL), slot.get(Slot::TAKEN)) {
                (false, _) => Transition::To(tried, Take::Empty),
                (true, false) => Transition::To(tried.with(Slot::TAKEN, true), Take::Taken),
                (true, true) => Transition::Stay(Take::Gone),
            }
        });
        let value = (outcome == Take::Taken)
            // SAFETY: FULL was set and we set TAKEN: it was written before, and is ours alone.
            .then(|| self.value.with(|slot| unsafe { *slot }));
        (outcome, value)
    }
}

/// Two that take race with one who fills: what is taken is taken once, with the value, and no try
/// is lost.
#[test]
fn taken_once() {
    model::check(|| {
        let cell = Cell::new();
        let taker = thread::spawn({
            let cell = cell.clone();
            move || cell.take()
        });
        let filler = thread::spawn({
            let cell = cell.clone();
            move || cell.fill(42)
        });
        let mine = cell.take();
        let theirs = taker.join().unwrap();
        filler.join().unwrap();

        let outcomes = [&mine, &theirs];
        let taken = outcomes
            .iter()
            .filter(|outcome| outcome.0 == Take::Taken)
            .count();
        let empty = outcomes
            .iter()
            .filter(|outcome| outcome.0 == Take::Empty)
            .count();
        assert!(taken <= 1);
        for outcome in outcomes {
            assert_eq!(outcome.1, (outcome.0 == Take::Taken).then_some(42));
        }

        let end = cell.state.load(Relaxed);
        assert!(end.get(Slot::FULL));
        assert_eq!(end.get(Slot::TAKEN), taken == 1);
        assert_eq!(end.get(Slot::TRIES), (taken + empty) as u32);
    });
}

/// Who stays because of what another did sees what led to it, be it the first look at the word that
/// shows it or a failed exchange.
#[test]
fn who_stays_has_seen() {
    model::check(|| {
        let cell = Cell::new();
        let filler = thread::spawn({
            let cell = cell.clone();
            move || cell.fill(42)
        });
        // Acquire on failure: pairs with the release in `fill`.
        let full = cell.state.transition(Relaxed, Acquire, |slot| {
            let tried = slot.with(Slot::TRIES, slot.get(Slot::TRIES) + 1);
            match slot.get(Slot::FULL) {
                true => Transition::Stay(true),
                false => Transition::To(tried, false),
            }
        });
        if full {
            // SAFETY: FULL is set, so it was written before and nobody writes it any more.
            assert_eq!(cell.value.with(|slot| unsafe { *slot }), 42);
        }
        filler.join().unwrap();
        let end = cell.state.load(Relaxed);
        assert!(end.get(Slot::FULL));
        assert_eq!(end.get(Slot::TRIES), u32::from(!full));
    });
}

/// Two count in one word, one by a transition and one by an addition: both are there at the end,
/// and the transition was told a count that there was.
#[test]
fn no_transition_is_lost() {
    bitfield! {
        struct Count<usize> {
            const FLAG: bool;
            const COUNT = ..;
        }
    }

    model::check(|| {
        let state = Arc::new(Count::new().into_atomic());
        let other = thread::spawn({
            let state = state.clone();
            move || {
                state.transition(AcqRel, Relaxed, |seen| {
                    let count = seen.get(Count::COUNT);
                    Transition::To(seen.with(Count::COUNT, count + 1), count)
                })
            }
        });
        let third = thread::spawn({
            let state = state.clone();
            move || {
                state
                    .fetch_toggle_all(Count::FLAG, Relaxed)
                    .get(Count::FLAG)
            }
        });
        let mine = state
            .fetch_add(Count::COUNT.first_bit(), AcqRel)
            .get(Count::COUNT);
        let theirs = other.join().unwrap();
        assert!(!third.join().unwrap());
        assert_eq!(mine + theirs, 1, "one was first, and the other saw it");

        let mut state = Arc::into_inner(state).unwrap();
        state.with_mut(|count| assert!(count.get(Count::FLAG)));
        assert_eq!(state.into_inner().get(Count::COUNT), 2);
    });
}
