//! Defect 24 of the crate that this one replaces, which its stress showed within seconds.
//!
//! The other two parts of it are about weakly ordered memory: that leaving a section and quiescing
//! release, and that a writer makes a fence before a look that skips the heavy barrier. `tests/loom.rs`
//! has them: without either, its models fail.
#![cfg(all(not(loom), feature = "std"))]

use pintle_rcu::global;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::thread;

/// There a thread's very first section, while a writer looked, showed that writer a word that it took for
/// impossible, and it panicked.
#[test]
fn a_threads_first_section_does_not_disturb_a_writer() {
    let threads = match pintle_core::model::full() {
        true => 200_000,
        false => 2_000,
    };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut rounds = 0;
                while !stop.load(Relaxed) {
                    global().synchronize_blocking();
                    rounds += 1;
                }
                rounds
            })
        });
        for _ in 0..threads / 4 {
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| global().run(|| {}));
                }
            });
        }
        stop.store(true, Relaxed);
        for writer in writers {
            let rounds: u32 = writer.join().expect("a writer does not panic");
            assert!(rounds > 0);
        }
    });
}
