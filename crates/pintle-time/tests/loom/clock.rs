//! A narrow counter that is read while an interrupt notes its half periods.

use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

use pintle_core::atomic::{
    AtomicU32,
    Ordering::{Relaxed, Release},
};
use pintle_core::model::check;
use pintle_core::thread;
use pintle_time::clock::HalfPeriod;

use crate::support::{now, set_now};

const HALF: u64 = 1 << 15;

fn hardware() -> u32 {
    now() as u32
}

/// Readers see the truth of some moment of their reading, and time never goes back.
fn read_twice(count: &HalfPeriod<16>) {
    let before = now();
    let first = count.now_ticks();
    assert!(before <= first && first <= now());
    let second = count.now_ticks();
    assert!(first <= second && second <= now());
}

#[test]
fn a_reader_vs_the_interrupt() {
    check(|| {
        set_now(HALF - 1);
        let count = Arc::new(HalfPeriod::<16>::new(hardware));
        let interrupt = thread::spawn({
            let count = count.clone();
            move || {
                set_now(HALF);
                count.update();
            }
        });
        read_twice(&count);
        interrupt.join().unwrap();
        assert_eq!(count.now_ticks(), HALF);

        // And over the edge where the hardware wraps round.
        set_now(2 * HALF - 1);
        let interrupt = thread::spawn({
            let count = count.clone();
            move || {
                set_now(2 * HALF + 1);
                count.update();
            }
        });
        read_twice(&count);
        interrupt.join().unwrap();
        assert_eq!(count.now_ticks(), 2 * HALF + 1);
    });
}

#[test]
fn two_readers_note_one_half_period_once() {
    check(|| {
        set_now(0);
        let count = Arc::new(HalfPeriod::<16>::new(hardware));
        set_now(HALF + 5);
        let reader = thread::spawn({
            let count = count.clone();
            move || read_twice(&count)
        });
        read_twice(&count);
        reader.join().unwrap();
        set_now(2 * HALF);
        assert_eq!(count.now_ticks(), 2 * HALF);
        set_now(3 * HALF);
        assert_eq!(count.now_ticks(), 3 * HALF);
    });
}

/// As a device is read: whoever sees it where the hardware has gone on sees all that came before,
/// but its reads are ordered by nothing except what the counter itself does.
#[test]
fn a_register_whose_reads_are_not_ordered() {
    thread_local! {
        /// All of a model's threads are on one thread of the machine.
        static REGISTER: Cell<*const AtomicU32> = const { Cell::new(ptr::null()) };
    }

    fn read() -> u32 {
        // SAFETY: it is that of this model, which outlives its threads.
        unsafe { &*REGISTER.get() }.load(Relaxed)
    }

    check(|| {
        let register = Arc::new(AtomicU32::new(HALF as u32 - 1));
        REGISTER.set(Arc::as_ptr(&register));
        let count = Arc::new(HalfPeriod::<16>::new(read));
        let interrupt = thread::spawn({
            let (count, register) = (count.clone(), register.clone());
            move || {
                for now in [HALF, 2 * HALF] {
                    register.store(now as u16 as u32, Release);
                    count.update();
                }
            }
        });
        let first = count.now_ticks();
        let second = count.now_ticks();
        assert!([HALF - 1, HALF, 2 * HALF].contains(&first), "{first:x}");
        assert!([HALF - 1, HALF, 2 * HALF].contains(&second), "{second:x}");
        assert!(first <= second);
        interrupt.join().unwrap();
        assert_eq!(count.now_ticks(), 2 * HALF);
    });
}
