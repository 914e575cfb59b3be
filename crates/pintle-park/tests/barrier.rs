//! The process-wide barrier on this machine.
#![cfg(not(loom))]

use pintle_core::CachePadded;
use pintle_park::barrier::{self, Strategy};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::thread;
use std::time::{Duration, Instant};

/// Dekker's mutual exclusion, which store buffering breaks: each side announces itself, makes its
/// barrier, and goes in if the other one has not announced itself. Never are both inside.
///
/// If `heavy` makes only a fence it fails within a few seconds with `--release` on two cores; without
/// optimisation the hardware hardly gets a chance to err.
#[test]
fn not_both_sides_are_inside() {
    let time = Duration::from_secs(if pintle_core::model::full() { 60 } else { 1 });
    let light_wants = AtomicBool::new(false);
    let heavy_wants = AtomicBool::new(false);
    let heavy_is_in = AtomicBool::new(false);
    let stop = AtomicBool::new(false);
    let entered = [AtomicUsize::new(0), AtomicUsize::new(0)];
    // Lines that both sides write to, to keep their store buffers full: so the announcement takes
    // long to get out.
    let noise = [const { CachePadded::new(AtomicUsize::new(0)) }; 16];
    let make_noise = |value| noise.iter().for_each(|line| line.store(value, Relaxed));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut round = 0;
            while !stop.load(Relaxed) {
                make_noise(round);
                light_wants.store(true, Relaxed);
                barrier::light();
                // Acquire pairs with the heavy side's Release as it leaves.
                if !heavy_wants.load(Acquire) {
                    for _ in 0..round % 256 {
                        assert!(!heavy_is_in.load(Relaxed), "both are inside");
                    }
                    entered[0].fetch_add(1, Relaxed);
                }
                light_wants.store(false, Release);
                round += 1;
            }
        });
        let until = Instant::now() + time;
        while Instant::now() < until {
            make_noise(0);
            heavy_wants.store(true, Relaxed);
            barrier::heavy();
            // Acquire pairs with the light side's Release as it leaves.
            if !light_wants.load(Acquire) {
                heavy_is_in.store(true, Relaxed);
                for _ in 0..20 {
                    core::hint::spin_loop();
                }
                heavy_is_in.store(false, Relaxed);
                entered[1].fetch_add(1, Relaxed);
            }
            heavy_wants.store(false, Release);
        }
        stop.store(true, Relaxed);
    });
    assert!(entered.iter().all(|side| side.load(Relaxed) > 0));
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

/// What the application chose at compile time is what it gets; both together are no choice.
#[test]
fn a_forced_strategy_is_the_strategy() {
    let fences = cfg!(feature = "barrier-fences");
    let process = cfg!(feature = "barrier-process");
    if fences && !process {
        assert_eq!(barrier::strategy(), Strategy::Fences);
    }
    if process && !fences && cfg!(target_os = "linux") {
        assert_eq!(barrier::strategy(), Strategy::ProcessBarrier);
    }
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
