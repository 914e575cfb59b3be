//! The process-wide barrier, whose strategy in a model is a fence on both sides.

use loom::sync::Arc;
use pintle_core::atomic::{AtomicU32, Ordering::*, compiler_fence};
use pintle_core::model::check;
use pintle_core::thread;
use pintle_park::barrier;

/// Dekker's store buffering with the given barriers; true if both sides can miss the other.
fn store_buffering(light: fn(), heavy: fn()) {
    check(move || {
        let x = Arc::new(AtomicU32::new(0));
        let y = Arc::new(AtomicU32::new(0));
        let frequent = thread::spawn({
            let (x, y) = (x.clone(), y.clone());
            move || {
                x.store(1, Relaxed);
                light();
                y.load(Relaxed)
            }
        });
        y.store(1, Relaxed);
        heavy();
        let rare = x.load(Relaxed);
        let frequent = frequent.join().unwrap();
        assert!(rare == 1 || frequent == 1, "both sides missed the other");
    });
}

#[test]
fn light_and_heavy_order_store_buffering() {
    store_buffering(barrier::light, barrier::heavy);
}

#[test]
fn heavy_and_heavy_order_store_buffering() {
    store_buffering(barrier::heavy, barrier::heavy);
}

#[test]
#[should_panic(expected = "both sides missed the other")]
fn store_buffering_without_a_barrier_is_caught() {
    store_buffering(|| compiler_fence(SeqCst), barrier::heavy);
}
