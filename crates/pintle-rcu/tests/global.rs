//! The domain of the process, and cells.
#![cfg(all(not(loom), feature = "std"))]

use core::{
    cell::{Cell, RefCell},
    future::{Future, pending, ready},
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use pintle_rcu::{RcuCell, RcuDomain, RcuGuard, Retired, global};
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::thread;

/// minircu's surface, as a program written for it uses it.
#[test]
fn minircu_programs_compile() {
    const RCU: RcuDomain = global();
    fn is_copy_and_shared<T: Copy + Send + Sync + Unpin + core::fmt::Debug>(_: T) {}
    is_copy_and_shared(RCU);
    let answer: i32 = RCU.run(|| RCU.run(|| 42));
    assert_eq!(answer, 42);
    RCU.quiesce();
    RCU.synchronize_blocking();
    let mut context = Context::from_waker(Waker::noop());
    let mut quiescing = pin!(RCU.quiesce_on_pending(ready(1)));
    assert_eq!(quiescing.as_mut().poll(&mut context), Poll::Ready(1));
    let mut quiescing = pin!(RCU.quiesce_on_pending(pending::<()>()));
    assert!(quiescing.as_mut().poll(&mut context).is_pending());
    let mut synchronizing = pin!(RCU.synchronize(async |_: Duration| {}));
    while synchronizing.as_mut().poll(&mut context).is_pending() {}
}

#[test]
fn a_section_in_a_thread_holds_a_writer_up() {
    let inside = AtomicBool::new(false);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = global().enter();
            inside.store(true, Release);
            thread::sleep(Duration::from_millis(20));
            over.store(true, Relaxed);
            drop(guard);
        });
        while !inside.load(Acquire) {
            thread::yield_now();
        }
        global().synchronize_blocking();
        assert!(over.load(Relaxed));
    });
}

#[test]
fn the_async_writer_sleeps_while_a_section_runs() {
    let inside = AtomicBool::new(false);
    let leave = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            global().run(|| {
                inside.store(true, Release);
                while !leave.load(Acquire) {
                    thread::yield_now();
                }
            });
        });
        while !inside.load(Acquire) {
            thread::yield_now();
        }
        let naps = Cell::new(0);
        let mut writer = pin!(global().synchronize(async |time: Duration| {
            assert!(time > Duration::ZERO);
            naps.set(naps.get() + 1);
            if naps.get() == 3 {
                leave.store(true, Release);
            }
            thread::sleep(time);
        }));
        let mut context = Context::from_waker(Waker::noop());
        while writer.as_mut().poll(&mut context).is_pending() {}
        let naps = naps.get();
        // Whatever has come out: the reader must not hang.
        leave.store(true, Release);
        assert!(naps >= 3, "the writer did not wait: {naps} naps");
    });
}

#[test]
fn a_writer_in_a_section_panics() {
    let result = catch_unwind(|| global().run(|| global().synchronize_blocking()));
    let message = *result.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("within a read section"), "{message}");
    // The panic has left the section.
    global().synchronize_blocking();
}

#[test]
fn a_panic_leaves_the_section() {
    let result = catch_unwind(|| global().run(|| panic!("in a section")));
    assert!(result.is_err());
    global().synchronize_blocking();
}

#[test]
fn sections_nest_and_end_in_any_order() {
    let first = global().enter();
    let second = global().enter();
    drop(first);
    assert!(catch_unwind(|| global().synchronize_blocking()).is_err());
    global().quiesce();
    assert!(catch_unwind(|| global().synchronize_blocking()).is_err());
    drop(second);
    global().synchronize_blocking();
}

/// A destructor that runs after this crate's own still can read.
#[test]
fn late_thread_local_destructors_can_read() {
    static READ: AtomicUsize = AtomicUsize::new(0);
    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            let cell = RcuCell::new(5);
            let guard = global().enter();
            let nested = global().enter();
            READ.fetch_add(*cell.load(&nested), Relaxed);
            // It still knows that it is in a section.
            assert!(catch_unwind(|| global().synchronize_blocking()).is_err());
            drop(guard);
            drop(nested);
            global().quiesce();
            global().synchronize_blocking();
            global().run(|| READ.fetch_add(1, Relaxed));
        }
    }
    thread_local!(static LATE: Late = const { Late });
    for _ in 0..3 {
        thread::spawn(|| {
            // Registered before this crate's, so dropped after.
            LATE.with(|_| ());
            global().run(|| {});
        })
        .join()
        .unwrap();
    }
    assert_eq!(READ.load(Relaxed), 18);
    global().synchronize_blocking();
}

/// A guard that outlives this crate's destructor keeps its section open until it is dropped itself.
#[test]
fn a_guard_in_a_thread_local_holds_until_it_is_dropped() {
    static OVER: AtomicBool = AtomicBool::new(false);
    static INSIDE: AtomicBool = AtomicBool::new(false);
    struct Holder(RefCell<Option<RcuGuard>>);
    impl Drop for Holder {
        fn drop(&mut self) {
            INSIDE.store(true, Release);
            thread::sleep(Duration::from_millis(10));
            OVER.store(true, Relaxed);
            self.0.take();
            // And afterwards the thread is outside, with or without a slot.
            global().synchronize_blocking();
        }
    }
    thread_local!(static HOLDER: Holder = const { Holder(RefCell::new(None)) });
    let thread = thread::spawn(|| {
        HOLDER.with(|holder| holder.0.replace(Some(global().enter())));
    });
    while !INSIDE.load(Acquire) {
        thread::yield_now();
    }
    global().synchronize_blocking();
    assert!(OVER.load(Relaxed));
    thread.join().unwrap();
}

/// Counts its drops.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn each_value_is_dropped_once() {
    let drops = AtomicUsize::new(0);
    let mut cell = RcuCell::new(Counted(&drops));
    let old = cell.replace(Counted(&drops)).synchronize();
    assert_eq!(drops.load(Relaxed), 0);
    drop(old);
    assert_eq!(drops.load(Relaxed), 1);
    // A retired value that is dropped waits and drops.
    drop(cell.replace(Counted(&drops)));
    assert_eq!(drops.load(Relaxed), 2);
    cell.get_mut();
    drop(cell.into_inner());
    assert_eq!(drops.load(Relaxed), 3);
    drop(RcuCell::from(Counted(&drops)));
    assert_eq!(drops.load(Relaxed), 4);
}

/// Where waiting is impossible the value is leaked: late is bad, early would be worse.
#[test]
fn a_value_retired_and_dropped_in_a_section_is_not_freed() {
    let drops = AtomicUsize::new(0);
    let cell = RcuCell::new(Counted(&drops));
    let guard = global().enter();
    let seen = cell.load(&guard);
    drop(cell.replace(Counted(&drops)));
    assert!(core::ptr::eq(seen.0, &drops));
    assert_eq!(drops.load(Relaxed), 0);
    drop(guard);
    drop(cell);
    assert_eq!(drops.load(Relaxed), 1);
}

#[test]
fn a_load_sees_what_was_replaced_last() {
    let cell: RcuCell<u32> = RcuCell::default();
    let guard = global().enter();
    let before = cell.load(&guard);
    let retired: Retired<u32> = cell.replace(1);
    assert_eq!((*before, *cell.load(&guard)), (0, 1));
    assert_eq!(format!("{cell:?}"), "RcuCell(1)");
    drop(guard);
    assert_eq!(retired.synchronize(), 0);
}
