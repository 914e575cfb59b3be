//! The process-wide barrier on this machine.
#![cfg(not(loom))]

use pintle_park::barrier::{self, Strategy};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;

/// Store buffering: not both sides may miss the other's write. Without the barriers a machine
/// shows that within milliseconds.
#[test]
fn not_both_sides_miss_the_other() {
    let rounds = if pintle_core::model::full() {
        2_000_000
    } else {
        50_000
    };
    let x = AtomicU32::new(0);
    let y = AtomicU32::new(0);
    let round_now = AtomicU32::new(0);
    let seen_by_light = AtomicU32::new(0);
    let light_done = AtomicU32::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1..=rounds {
                while round_now.load(Relaxed) < round {
                    core::hint::spin_loop();
                }
                x.store(round, Relaxed);
                barrier::light();
                seen_by_light.store(y.load(Relaxed), Relaxed);
                light_done.store(round, std::sync::atomic::Ordering::Release);
            }
        });
        for round in 1..=rounds {
            round_now.store(round, Relaxed);
            y.store(round, Relaxed);
            barrier::heavy();
            let seen_by_heavy = x.load(Relaxed);
            while light_done.load(std::sync::atomic::Ordering::Acquire) < round {
                thread::yield_now();
            }
            let seen_by_light = seen_by_light.load(Relaxed);
            assert!(
                seen_by_heavy == round || seen_by_light == round,
                "round {round}: both missed ({seen_by_heavy}, {seen_by_light})"
            );
        }
    });
}

#[test]
fn the_strategy_is_one_for_all_threads() {
    let start = Barrier::new(4);
    let answers: Vec<Strategy> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    barrier::light();
                    barrier::strategy()
                })
            })
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

/// Many heavy sides at once, with the light side in a loop.
#[test]
fn heavy_sides_do_not_disturb_each_other() {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                barrier::light();
            }
        });
        let heavy: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| (0..200).for_each(|_| barrier::heavy())))
            .collect();
        for thread in heavy {
            thread.join().unwrap();
        }
        stop.store(true, Relaxed);
    });
}

/// A child process has its own threads: the barrier must work there, too.
#[cfg(target_os = "linux")]
#[test]
fn the_barrier_works_after_a_fork() {
    barrier::heavy();
    // SAFETY: the child calls nothing but system calls and `_exit`.
    match unsafe { libc::fork() } {
        0 => {
            barrier::heavy();
            // SAFETY: ends the child without running anything of the parent's.
            unsafe { libc::_exit(0) }
        }
        child => {
            assert!(child > 0);
            let mut status = 0;
            // SAFETY: `child` is a child of ours, and `status` a place for the result.
            let waited = unsafe { libc::waitpid(child, &mut status, 0) };
            assert_eq!((waited, status), (child, 0));
        }
    }
}
