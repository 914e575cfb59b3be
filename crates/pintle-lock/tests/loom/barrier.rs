//! `Barrier`, over pintle-park's model of a futex.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::os::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Each thread writes a cell of its own before the barrier and reads the others' after it, through
/// several generations: loom's cells report who runs ahead, and whoever stays asleep is a deadlock.
fn meet(preemptions: usize, threads: usize, generations: usize) {
    struct Shared {
        barrier: Barrier,
        /// `generation % 2`, thread.
        cells: [[UnsafeCell<usize>; 3]; 2],
    }

    impl Shared {
        fn run(&self, me: usize, threads: usize, generations: usize) -> usize {
            let mut led = 0;
            for generation in 0..generations {
                let cells = &self.cells[generation % 2];
                // SAFETY: the others read this cell after the barrier, and have read it before
                // the last one.
                cells[me].with_mut(|cell| unsafe { *cell = generation + 1 });
                led += usize::from(self.barrier.wait().is_leader());
                for cell in &cells[..threads] {
                    // SAFETY: its writer writes it again after the next barrier.
                    let seen = cell.with(|cell| unsafe { *cell });
                    assert_eq!(seen, generation + 1);
                }
            }
            led
        }
    }

    // SAFETY: the cells are written and read as `run` says.
    unsafe impl Sync for Shared {}

    model::check_bounded(preemptions, move || {
        let shared = Arc::new(Shared {
            barrier: Barrier::new(threads),
            cells: [(); 2].map(|()| [(); 3].map(|()| UnsafeCell::new(0))),
        });
        let others: Vec<_> = (1..threads)
            .map(|me| {
                let shared = shared.clone();
                thread::spawn(move || shared.run(me, threads, generations))
            })
            .collect();
        let mut led = shared.run(0, threads, generations);
        for other in others {
            led += other.join().unwrap();
        }
        assert_eq!(led, generations, "one leader for each generation");
    });
}

#[test]
fn two_meet_again_and_again() {
    meet(PREEMPTIONS, 2, 3);
}

#[test]
fn three_meet_twice() {
    meet(PREEMPTIONS - 1, 3, 2);
}

/// More threads than it is for: they go on in groups, and nobody with a group that was complete
/// before he came.
#[test]
fn four_meet_by_twos() {
    // One preemption lets one arrive while the last of a group opens the door.
    model::check_bounded(PREEMPTIONS - 2, || {
        let barrier = Arc::new(Barrier::new(2));
        // Not loom's: for the assertion only.
        let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let threads = [(); 3].map(|()| {
            let (barrier, counts) = (barrier.clone(), counts.clone());
            thread::spawn(move || meets(&barrier, &counts))
        });
        let mut led = meets(&barrier, &counts);
        for thread in threads {
            led += thread.join().unwrap();
        }
        assert_eq!(led, 2, "one leader for each group");
    });

    fn meets(barrier: &Barrier, (arrived, passed): &(AtomicUsize, AtomicUsize)) -> usize {
        arrived.fetch_add(1, SeqCst);
        let leads = barrier.wait().is_leader();
        let passed = passed.fetch_add(1, SeqCst) + 1;
        assert!(arrived.load(SeqCst) >= passed.next_multiple_of(2));
        usize::from(leads)
    }
}
