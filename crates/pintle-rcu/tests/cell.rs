//! Cells, and the values taken out of them: over a domain whose readers are "cores", as without `std`.
#![cfg(all(not(loom), feature = "alloc"))]

use core::cell::Cell;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use pintle_rcu::domain::Fences;
use pintle_rcu::reclaim::{Full, Reclaimer, Turn};
use pintle_rcu::{Changed, RcuCell, RcuDomain};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};

std::thread_local! {
    static CORE: Cell<usize> = const { Cell::new(0) };
}

fn core() -> usize {
    CORE.get()
}

/// Tests run at the same time: each has a domain of its own.
macro_rules! cores {
    ($name:ident, $rcu:ident) => {
        pintle_rcu::domain! {
            // SAFETY: each thread of the test has a number of its own.
            unsafe struct $name { slots: 3, current: core, barrier: Fences = Fences }
        }

        #[allow(dead_code)]
        const $rcu: RcuDomain<$name> = RcuDomain::new();
    };
}

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_value_is_replaced_only_if_it_is_the_one_that_was_loaded() {
    cores!(Cores, RCU);
    let cell = RcuCell::new_in(1, RCU);
    let section = RCU.enter();
    let one = cell.load(&section);
    let first = cell.try_replace(one, 2).unwrap();
    // An equal value is not the same.
    let second = cell.replace(1);
    assert!(matches!(cell.try_replace(one, 3), Err(Changed(3))));
    assert!(cell.try_replace(&1, 3).is_err());
    assert_eq!(Changed(3).to_string(), "the cell has another value by now");
    assert_eq!((*one, *cell.load(&section)), (1, 1));
    drop(section);
    assert_eq!((first.synchronize(), second.synchronize()), (1, 2));
    assert_eq!(format!("{cell:?}"), "RcuCell(1)");
}

#[test]
fn no_update_is_lost() {
    cores!(Cores, RCU);
    const UPDATES: usize = 500;
    let cell: RcuCell<usize, Cores> = RcuCell::default();
    let calls = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..3 {
            let (cell, calls) = (&cell, &calls);
            scope.spawn(move || {
                CORE.set(number);
                for _ in 0..UPDATES {
                    let old = cell.update(|value| {
                        calls.fetch_add(1, Relaxed);
                        value + 1
                    });
                    let _ = old.synchronize();
                }
            });
        }
    });
    assert!(calls.into_inner() >= 3 * UPDATES);
    // One that panics changes nothing, and leaves its section.
    let panics = AssertUnwindSafe(|| drop(cell.update(|_| panic!("in an update"))));
    assert!(catch_unwind(panics).is_err());
    RCU.synchronize_blocking();
    assert_eq!(cell.into_inner(), 3 * UPDATES);
}

#[test]
fn a_retired_value_comes_back_after_a_grace_period_and_not_before() {
    cores!(Cores, RCU);
    let cell = RcuCell::new_in(1, RCU);
    let section = RCU.enter();
    let retired = cell.replace(2).poll().unwrap_err();
    let mut retired = retired.poll().unwrap_err();
    let cookie = retired.cookie();
    assert!(!RCU.is_over(cookie));
    assert_eq!(retired.cookie(), cookie);
    drop(section);
    RCU.wait(cookie);
    // A section that has begun since does not matter.
    let section = RCU.enter();
    assert_eq!(retired.poll().unwrap(), 1);
    drop(section);
    let mut retired = cell.replace(3);
    let _ = retired.cookie();
    assert_eq!(retired.synchronize(), 2);
}

#[test]
fn a_task_gets_a_retired_value() {
    cores!(Cores, RCU);
    let cell = RcuCell::new_in(1, RCU);
    let mut cx = Context::from_waker(Waker::noop());
    let mut value = pin!(cell.replace(2).grace_period());
    assert_eq!(value.as_mut().poll(&mut cx), Poll::Ready(1));
    // While somebody else reads it waits.
    let cell = Arc::new(cell);
    let mut value = pin!(cell.replace(3).grace_period());
    let section = {
        CORE.set(1);
        RCU.enter()
    };
    CORE.set(0);
    assert!(value.as_mut().poll(&mut cx).is_pending());
    drop(section);
    assert_eq!(value.as_mut().poll(&mut cx), Poll::Ready(2));
}

#[test]
fn a_deferred_value_is_dropped_by_the_reclaimer() {
    cores!(Cores, RCU);
    static RECLAIMER: Reclaimer<RcuDomain<Cores>> = Reclaimer::bounded(RCU, 1);
    let drops = Arc::new(AtomicUsize::new(0));
    let new = || Counted(drops.clone());
    let cell = RcuCell::new_in(new(), RCU);
    let section = RCU.enter();
    cell.load(&section);
    cell.replace(new()).defer(&RECLAIMER).unwrap();
    let Err(Full(retired)) = cell.replace(new()).defer(&RECLAIMER) else {
        panic!("there is room for one");
    };
    assert_eq!(RECLAIMER.turn(), Turn::Waiting);
    // It would wait for this section.
    assert!(catch_unwind(|| RECLAIMER.drain()).is_err());
    assert_eq!(drops.load(Relaxed), 0);
    drop(section);
    RECLAIMER.drain();
    assert_eq!(drops.load(Relaxed), 1);
    retired.defer(&RECLAIMER).unwrap();
    RECLAIMER.drain();
    assert_eq!(drops.load(Relaxed), 2);
    drop(cell);
    assert_eq!(drops.load(Relaxed), 3);
}

/// Whoever defers wakes the driver. If that panics the value is deferred all the same, and dropped once.
#[test]
fn a_driver_whose_waker_panics() {
    cores!(Cores, RCU);
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker");
        }
    }

    let reclaimer = Reclaimer::new(RCU);
    let drops = Arc::new(AtomicUsize::new(0));
    let cell = RcuCell::new_in(Counted(drops.clone()), RCU);
    let waker = Waker::from(Arc::new(Panics));
    let mut drive = Box::pin(reclaimer.drive().unwrap());
    assert!(
        drive
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    let old = cell.replace(Counted(drops.clone()));
    let defer = AssertUnwindSafe(|| old.defer(&reclaimer).is_ok());
    assert!(catch_unwind(defer).is_err());
    assert_eq!((drops.load(Relaxed), reclaimer.backlog()), (0, 1));
    reclaimer.drain();
    assert_eq!(drops.load(Relaxed), 1);
}

/// What an update has made in vain is dropped outside of the section: it may wait, and does not leak.
#[test]
fn an_update_in_vain_is_dropped_outside() {
    cores!(Cores, RCU);
    struct Outside(u32);
    impl Drop for Outside {
        fn drop(&mut self) {
            assert!(!RCU.is_inside());
        }
    }

    let cell = RcuCell::new_in(Outside(0), RCU);
    let mut other = None;
    let old = cell.update(|value| {
        // Another writer is faster the first time.
        other.get_or_insert_with(|| cell.replace(Outside(10)));
        Outside(value.0 + 1)
    });
    assert_eq!(old.synchronize().0, 10);
    assert_eq!(other.map(|old| old.synchronize().0), Some(0));
    assert_eq!(cell.load(&RCU.enter()).0, 11);
}

/// In a section a reclaimer that is dropped cannot wait: what it has is leaked, as a retired value is.
#[test]
fn a_reclaimer_that_is_dropped_in_a_section_leaks() {
    cores!(Cores, RCU);
    let drops = Arc::new(AtomicUsize::new(0));
    let reclaimer = Reclaimer::new(RCU);
    let section = RCU.enter();
    reclaimer.defer_drop(Counted(drops.clone())).ok().unwrap();
    drop(reclaimer);
    drop(section);
    assert_eq!(drops.load(Relaxed), 0);
}

/// Readers check canaries while others replace and defer, and one reclaims.
#[cfg(feature = "std")]
#[test]
fn deferred_values_under_load() {
    use pintle_rcu::global;
    use std::sync::atomic::{AtomicBool, AtomicU64};

    const ALIVE: u64 = 0x0a11_0a11_0a11_0a11;
    const POISON: u64 = 0xdead_dead_dead_dead;

    /// Poisoned when dropped, and leaked, so that a reader that comes late reads the poison.
    struct Canary(&'static AtomicU64);
    impl Drop for Canary {
        fn drop(&mut self) {
            self.0.store(POISON, Relaxed);
        }
    }
    fn canary() -> Canary {
        Canary(Box::leak(Box::new(AtomicU64::new(ALIVE))))
    }

    static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::bounded(global(), 64);
    let rounds = match pintle_core::model::full() {
        true => 300_000,
        false => 3_000,
    };
    let driver = RECLAIMER.spawn_thread().unwrap();
    let cell = RcuCell::new(canary());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    let guard = global().enter();
                    let canary = cell.load(&guard).0;
                    for _ in 0..8 {
                        assert_eq!(canary.load(Relaxed), ALIVE, "freed under a reader's hands");
                    }
                }
            });
        }
        let writers = [(); 2].map(|()| {
            scope.spawn(|| {
                for round in 0..rounds {
                    let mut retired = cell.replace(canary());
                    while let Err(Full(back)) = retired.defer(&RECLAIMER) {
                        retired = back;
                        RECLAIMER.room_blocking();
                    }
                    if round % 1000 == 0 {
                        RECLAIMER.barrier_blocking();
                    }
                }
            })
        });
        for writer in writers {
            writer.join().unwrap();
        }
        stop.store(true, Relaxed);
    });
    driver.stop();
    assert_eq!(RECLAIMER.backlog(), 0);
}
