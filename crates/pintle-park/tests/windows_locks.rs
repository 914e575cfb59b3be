//! The locks of Windows that stay in one process. `cargo xtask run-on windows` runs them under Wine.
#![cfg(all(not(loom), windows))]

use core::cell::Cell;
use core::pin::{Pin, pin};
use core::time::Duration;
use pintle_park::windows::*;
use pintle_park::{Deadline, WaitOutcome};
use std::sync::Barrier;
use std::{thread, time::Instant};

fn full() -> bool {
    pintle_core::model::full()
}

/// For threads that are not to go on before another one sleeps: most often it does by then.
const A_MOMENT: Duration = Duration::from_millis(20);

// === SrwLock ===

#[test]
fn an_srw_lock_excludes() {
    const THREADS: usize = 4;
    let rounds = if full() { 1_000_000 } else { 10_000 };
    let lock = SrwLock::new((0_usize, 0_usize));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let lock = &lock;
            scope.spawn(move || {
                for round in 0..rounds {
                    if (thread + round) % 4 == 0 {
                        let pair = lock.shared();
                        assert_eq!(pair.0, pair.1);
                    }
                    let mut pair = lock.exclusive();
                    pair.0 += 1;
                    if round % 1000 == 0 {
                        thread::yield_now();
                    }
                    pair.1 += 1;
                }
            });
        }
    });
    assert_eq!(lock.into_inner(), (THREADS * rounds, THREADS * rounds));
}

/// With nobody letting go at that moment, the fault that `shared` tells of cannot show.
#[test]
fn an_srw_lock_shares() {
    let lock = SrwLock::new(1);
    let first = lock.shared();
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            assert!(lock.try_exclusive().is_none());
            *lock.try_shared().expect("two may read")
        });
        assert_eq!(other.join().unwrap(), *first);
    });
    drop(first);
    let exclusive = lock.exclusive();
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(lock.try_exclusive().is_none());
            assert!(lock.try_shared().is_none());
            assert_eq!(format!("{lock:?}"), "SrwLock { value: <locked>, .. }");
        });
    });
    drop(exclusive);
    assert_eq!(format!("{lock:?}"), "SrwLock { value: 1, .. }");
}

#[test]
fn an_srw_lock_with_a_leaked_guard_may_move_and_be_dropped() {
    let lock = SrwLock::new(String::from("value"));
    core::mem::forget(lock.exclusive());
    let mut moved = Box::new(lock);
    assert!(moved.try_shared().is_none());
    // Nobody else has it, whatever the lock says.
    assert_eq!(moved.get_mut(), "value");
}

#[test]
fn an_srw_lock_is_let_go_by_a_panic() {
    let lock = SrwLock::new(0);
    let panic = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        *lock.exclusive() += 1;
        let _guard = lock.exclusive();
        panic!("as it should");
    }));
    assert!(panic.is_err());
    assert_eq!(*lock.try_exclusive().expect("it is free"), 1);
}

// === CriticalSection ===

#[test]
fn a_critical_section_is_recursive_for_its_thread_and_excludes_others() {
    let section = pin!(CriticalSection::new(Cell::new(0)));
    let section = section.as_ref();
    let others_turn = || thread::scope(|scope| scope.spawn(|| section.try_lock().is_some()).join());
    let guards = [section.lock(), section.lock(), section.try_lock().unwrap()];
    guards[1].set(7);
    for guard in guards {
        assert_eq!(guard.get(), 7);
        assert!(
            !others_turn().unwrap(),
            "it is held as often as there are guards"
        );
    }
    assert!(others_turn().unwrap());
}

/// The first lock initialises it: here in several threads at once.
#[test]
fn a_critical_section_excludes_from_the_first_lock_on() {
    const THREADS: usize = 4;
    for spins in 0..if full() { 5_000 } else { 50 } {
        let section = Box::pin(CriticalSection::with_spins(Cell::new(0), spins));
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..50 {
                        let count = section.as_ref().lock();
                        let seen = count.get();
                        if seen % 64 == 0 {
                            thread::yield_now();
                        }
                        count.set(seen + 1);
                    }
                });
            }
        });
        assert_eq!(section.as_ref().lock().get(), THREADS * 50);
    }
}

#[test]
fn a_critical_section_may_stand_in_a_static_and_move_before_it_is_used() {
    static SECTION: CriticalSection<Cell<u32>> = CriticalSection::new(Cell::new(1));
    assert_eq!(Pin::static_ref(&SECTION).lock().get(), 1);

    let section = CriticalSection::new(Cell::new(2));
    let moved = section;
    let section = Box::pin(moved);
    assert_eq!(section.as_ref().lock().get(), 2);
}

/// Its memory is used again right away; what was leaked must not refer to it.
#[test]
fn a_critical_section_with_a_leaked_guard_may_be_dropped() {
    for _ in 0..100 {
        let section = Box::pin(CriticalSection::new(String::from("value")));
        core::mem::forget(section.as_ref().lock());
        thread::scope(|scope| {
            scope.spawn(|| assert!(section.as_ref().try_lock().is_none()));
        });
    }
    for _ in 0..100 {
        let section = Box::pin(CriticalSection::new(String::from("value")));
        assert_eq!(*section.as_ref().lock(), "value");
    }
}

// === ConditionVariable ===

/// Two threads take turns. A wake-up that is lost hangs.
fn take_turns<'a, G: ConditionVariableGuard>(
    lock: impl Fn() -> G + Sync + 'a,
    turn: impl Fn(&mut G) -> usize + Sync + 'a,
    set_turn: impl Fn(&mut G, usize) + Sync + 'a,
) {
    let rounds = if full() { 200_000 } else { 2_000 };
    let changed = ConditionVariable::new();
    let side = |mine: usize| {
        for round in 0..rounds {
            let my_turn = 2 * round + mine;
            let mut guard = changed.wait_while(lock(), |guard| turn(guard) != my_turn);
            set_turn(&mut guard, my_turn + 1);
            // Under the lock or not, in turns.
            if round % 2 == 0 {
                drop(guard);
                changed.wake_one();
            } else {
                changed.wake_one();
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| side(0));
        scope.spawn(|| side(1));
    });
    assert_eq!(turn(&mut lock()), 2 * rounds);
}

#[test]
fn no_turn_is_lost_with_an_srw_lock() {
    let lock = SrwLock::new(0);
    take_turns(
        || lock.exclusive(),
        |turn| **turn,
        |turn, next| **turn = next,
    );
}

/// Who waits has a share; who changes something needs the lock for itself.
#[test]
fn no_turn_is_lost_with_a_share_of_an_srw_lock() {
    let rounds = if full() { 200_000 } else { 2_000 };
    let turn = SrwLock::new(0);
    let changed = ConditionVariable::new();
    let side = |mine: usize| {
        for round in 0..rounds {
            let my_turn = 2 * round + mine;
            drop(changed.wait_while(turn.shared(), |turn| **turn != my_turn));
            *turn.exclusive() = my_turn + 1;
            changed.wake_one();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| side(0));
        scope.spawn(|| side(1));
    });
    assert_eq!(turn.into_inner(), 2 * rounds);
}

#[test]
fn no_turn_is_lost_with_a_critical_section() {
    let section = pin!(CriticalSection::new(Cell::new(0)));
    let section = section.as_ref();
    take_turns(
        || section.lock(),
        |turn| turn.get(),
        |turn, next| turn.set(next),
    );
}

#[test]
fn waking_all_wakes_readers_too() {
    let lock = SrwLock::new(false);
    let changed = ConditionVariable::new();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| drop(changed.wait_while(lock.shared(), |set| !**set)));
        }
        scope.spawn(|| drop(changed.wait_while(lock.exclusive(), |set| !**set)));
        thread::sleep(A_MOMENT);
        *lock.exclusive() = true;
        changed.wake_all();
    });
}

/// A hundred of them. The system's own grain is a millisecond; the clock here is std's.
fn no_timeout_is_early<G: ConditionVariableGuard>(lock: impl Fn() -> G) {
    let changed = ConditionVariable::new();
    for round in 0..100 {
        let timeout = Duration::from_micros(round * 37);
        let start = Instant::now();
        let deadline = Deadline::after(timeout);
        let mut guard = lock();
        loop {
            let outcome;
            (guard, outcome) = changed.wait_until(guard, deadline);
            if outcome == WaitOutcome::TimedOut {
                break;
            }
        }
        assert!(start.elapsed() >= timeout, "{timeout:?} was early");
    }
}

#[test]
fn a_hundred_timeouts_and_none_early() {
    let lock = SrwLock::new(());
    no_timeout_is_early(|| lock.exclusive());
    no_timeout_is_early(|| lock.shared());
    let section = pin!(CriticalSection::new(()));
    let section = section.as_ref();
    no_timeout_is_early(|| section.lock());
    // Each is held again after it, and let go by its guard.
    assert!(lock.try_exclusive().is_some());
    assert!(thread::scope(|scope| scope.spawn(|| section.try_lock().is_some()).join()).unwrap());
}

#[test]
fn the_longest_timeout_is_none() {
    let lock = SrwLock::new(false);
    let changed = ConditionVariable::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut set = lock.exclusive();
            while !*set {
                let outcome;
                (set, outcome) = changed.wait_timeout(set, Duration::MAX);
                assert_eq!(outcome, WaitOutcome::Woken);
            }
        });
        thread::sleep(A_MOMENT);
        *lock.exclusive() = true;
        changed.wake_all();
    });
}

/// Each waiter has its own lock again.
#[test]
fn one_condition_for_several_locks() {
    let (first, second) = (SrwLock::new(0), SrwLock::new(0));
    let third = pin!(CriticalSection::new(Cell::new(0)));
    let third = third.as_ref();
    let changed = ConditionVariable::new();
    let rounds = if full() { 100_000 } else { 500 };
    let soon = || Deadline::after(Duration::from_millis(1));
    thread::scope(|scope| {
        for _ in 0..2 {
            for lock in [&first, &second] {
                let changed = &changed;
                scope.spawn(move || {
                    for _ in 0..rounds {
                        let (mut guard, _) = changed.wait_until(lock.exclusive(), soon());
                        *guard += 1;
                        drop(guard);
                        changed.wake_one();
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..rounds {
                    let (guard, _) = changed.wait_until(third.lock(), soon());
                    guard.set(guard.get() + 1);
                    drop(guard);
                    changed.wake_all();
                }
            });
        }
    });
    assert_eq!(first.into_inner(), 2 * rounds);
    assert_eq!(second.into_inner(), 2 * rounds);
    assert_eq!(third.lock().get(), 2 * rounds);
}

/// The system would leave the section once, and go to sleep inside.
#[test]
fn a_section_that_is_held_twice_is_not_waited_with() {
    let section = pin!(CriticalSection::new(()));
    let section = section.as_ref();
    let changed = ConditionVariable::new();
    let outer = section.lock();
    let panic = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        drop(changed.wait(section.lock()));
    }));
    assert!(panic.is_err());
    // The guard that was given away has left; the outer one may wait.
    let (guard, outcome) = changed.wait_timeout(outer, Duration::from_millis(1));
    assert!(matches!(
        outcome,
        WaitOutcome::TimedOut | WaitOutcome::Woken
    ));
    drop(guard);
    assert!(thread::scope(|scope| scope.spawn(|| section.try_lock().is_some()).join()).unwrap());
}

// === Send and Sync ===

/// Compiles only where `T` is not `Send`: for one that is, `A` has two answers.
trait NotSend<A> {
    fn holds() {}
}
struct IsSend;
impl<T: ?Sized> NotSend<()> for T {}
impl<T: ?Sized + Send> NotSend<IsSend> for T {}

fn send_sync<T: Send + Sync>() {}
fn sync<T: Sync>() {}

#[test]
fn what_belongs_to_a_thread_stays_there() {
    <ExclusiveGuard<'_, ()> as NotSend<_>>::holds();
    <SharedGuard<'_, ()> as NotSend<_>>::holds();
    <CriticalSectionGuard<'_, ()> as NotSend<_>>::holds();
    <MutexGuard<'_> as NotSend<_>>::holds();
    <Acquired<'_> as NotSend<_>>::holds();
    <AnyOutcome<'_> as NotSend<_>>::holds();
    <AllGuard<'_> as NotSend<_>>::holds();

    send_sync::<SrwLock<u8>>();
    // As one thread at a time has the value, it need not be `Sync`.
    send_sync::<CriticalSection<Cell<u8>>>();
    send_sync::<ConditionVariable>();
    sync::<ExclusiveGuard<'_, u8>>();
    sync::<SharedGuard<'_, u8>>();
    sync::<CriticalSectionGuard<'_, u8>>();
    send_sync::<Mutex>();
    send_sync::<Event>();
    send_sync::<Semaphore>();
    send_sync::<WaitableTimer>();
}
