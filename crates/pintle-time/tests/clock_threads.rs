//! A narrow counter that wraps round many times, while threads read it.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicU64, Ordering::*};
use std::thread;

use pintle_time::clock::HalfPeriod;

/// What a counter of 64 bits would show.
static TRUTH: AtomicU64 = AtomicU64::new(0);
static COUNT: HalfPeriod<8> = HalfPeriod::new(|| TRUTH.load(SeqCst) as u32);

const END: u64 = 5_000_000;

/// However the scheduler holds them up: each reading is of a moment within it.
#[test]
fn readers_see_the_truth_and_never_go_back() {
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut last = 0;
                while last < END {
                    let before = TRUTH.load(SeqCst);
                    let now = COUNT.now_ticks();
                    let after = TRUTH.load(SeqCst);
                    assert!(before <= now && now <= after, "{before} {now} {after}");
                    assert!(last <= now);
                    last = now;
                }
            });
        }
        // The hardware, and the interrupt that notes each of its half periods of 128.
        let mut step = 1;
        while TRUTH.load(SeqCst) < END {
            step = step * 13 % 101;
            TRUTH.fetch_add(step, SeqCst);
            COUNT.update();
        }
    });
}
