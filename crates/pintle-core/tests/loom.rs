//! The switch itself: models explore, watch cells and end spin loops.
#![cfg(loom)]

use loom::sync::Arc;
use pintle_core::atomic::{AtomicBool, AtomicUsize, Ordering::*, fence};
use pintle_core::{Backoff, cell::UnsafeCell, const_fn, model, thread};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize as StdUsize, Ordering as StdOrdering};

struct Flag(AtomicBool);

impl Flag {
    const_fn! {
        const fn new() -> Self {
            Self(AtomicBool::new(false))
        }
    }
}

#[test]
fn check_explores_more_than_one_interleaving() {
    static RUNS: StdUsize = StdUsize::new(0);
    static SEEN: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    model::check(|| {
        RUNS.fetch_add(1, StdOrdering::Relaxed);
        let word = Arc::new(AtomicUsize::new(0));
        let writer = thread::spawn({
            let word = word.clone();
            move || word.store(1, Relaxed)
        });
        SEEN.lock().unwrap().push(word.load(Relaxed));
        writer.join().unwrap();
    });
    assert!(RUNS.load(StdOrdering::Relaxed) > 1);
    let seen = SEEN.lock().unwrap();
    assert!(seen.contains(&0) && seen.contains(&1));
}

#[test]
fn a_spinning_reader_sees_what_was_published() {
    model::check(|| {
        let shared = Arc::new((Flag::new(), UnsafeCell::new(0)));
        let writer = thread::spawn({
            let shared = shared.clone();
            move || {
                // SAFETY: the reader waits for the flag, which is set after this write.
                shared.1.with_mut(|value| unsafe { *value = 42 });
                // Release: pairs with the reader's Acquire.
                shared.0.0.store(true, Release);
            }
        });
        let mut backoff = Backoff::new();
        // Acquire: pairs with the writer's Release.
        while !shared.0.0.load(Acquire) {
            backoff.spin();
        }
        // SAFETY: the flag was seen, so the write is over.
        assert_eq!(shared.1.with(|value| unsafe { *value }), 42);
        writer.join().unwrap();
    });
}

#[test]
#[should_panic = "Causality violation"]
fn an_unordered_publication_is_caught() {
    model::check(|| {
        let shared = Arc::new((Flag::new(), UnsafeCell::new(0)));
        let writer = thread::spawn({
            let shared = shared.clone();
            move || {
                // SAFETY: none: this is the race that loom has to find.
                shared.1.with_mut(|value| unsafe { *value = 42 });
                shared.0.0.store(true, Relaxed);
            }
        });
        if shared.0.0.load(Relaxed) {
            // SAFETY: none: see above.
            shared.1.with(|value| unsafe { *value });
        }
        writer.join().unwrap();
    });
}

#[test]
fn a_fence_orders_a_store_before_a_load() {
    // Dekker's pattern: with a SeqCst fence between store and load, one side sees the other.
    model::check(|| {
        let words = Arc::new((AtomicBool::new(false), AtomicBool::new(false)));
        let other = thread::spawn({
            let words = words.clone();
            move || {
                words.0.store(true, Relaxed);
                fence(SeqCst);
                words.1.load(Relaxed)
            }
        });
        words.1.store(true, Relaxed);
        fence(SeqCst);
        let mine = words.0.load(Relaxed);
        let others = other.join().unwrap();
        assert!(mine || others);
    });
}
