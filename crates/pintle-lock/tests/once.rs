//! Values that are made once: by whom, how often, and what becomes of them.
#![cfg(not(loom))]

use pintle_lock::blocking::{LazyLock, OnceLock};
use pintle_lock::spin::once::{InitOnce, Lazy, TryInitError};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::{Arc, Barrier};
use std::thread;

static BY_TYPE: Lazy<Vec<u8>> = Lazy::new(|| vec![1, 2]);
static LOCK_BY_TYPE: LazyLock<Vec<u8>> = LazyLock::new(|| vec![3]);

#[test]
fn statics_need_no_closure_type() {
    assert_eq!(BY_TYPE.get_if_present(), None);
    BY_TYPE.init();
    assert_eq!(BY_TYPE.get_if_present().map(Vec::len), Some(2));
    assert_eq!(LazyLock::get(&LOCK_BY_TYPE), None);
    assert_eq!(*LOCK_BY_TYPE, [3]);
}

/// What all four can do.
trait Cells: Sync {
    fn get(&self) -> &Counted;
    fn is_there(&self) -> bool;
}

/// Counts its own drops.
struct Counted(&'static AtomicUsize);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn counter() -> &'static AtomicUsize {
    Box::leak(Box::new(AtomicUsize::new(0)))
}

/// Its cells are made of an initialiser, whoever keeps it.
struct Filled<C, F>(C, F);

impl<F: Fn() -> Counted + Sync> Cells for Filled<OnceLock<Counted>, F> {
    fn get(&self) -> &Counted {
        self.0.get_or_init(&self.1)
    }
    fn is_there(&self) -> bool {
        self.0.get().is_some()
    }
}

impl<F: Fn() -> Counted + Sync> Cells for Filled<InitOnce<Counted>, F> {
    fn get(&self) -> &Counted {
        self.0.get_or_else(&self.1)
    }
    fn is_there(&self) -> bool {
        self.0.try_get().is_some()
    }
}

impl<F: Fn() -> Counted + Sync> Cells for Lazy<Counted, F> {
    fn get(&self) -> &Counted {
        self
    }
    fn is_there(&self) -> bool {
        self.get_if_present().is_some()
    }
}

impl<F: Fn() -> Counted + Sync + Send> Cells for LazyLock<Counted, F> {
    fn get(&self) -> &Counted {
        self
    }
    fn is_there(&self) -> bool {
        LazyLock::get(self).is_some()
    }
}

/// Runs `$check` on a maker of each of the four, of an initialiser.
macro_rules! for_each_cell {
    ($(#[$meta:meta])* $name:ident: |$new:ident| $check:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            #[test]
            fn once_lock() {
                fn $new<F: Fn() -> Counted + Send + Sync>(f: F) -> impl Cells {
                    Filled(OnceLock::new(), f)
                }
                $check
            }
            #[test]
            fn init_once() {
                fn $new<F: Fn() -> Counted + Send + Sync>(f: F) -> impl Cells {
                    Filled(InitOnce::uninitialized(), f)
                }
                $check
            }
            #[test]
            fn lazy() {
                fn $new<F: Fn() -> Counted + Send + Sync>(f: F) -> impl Cells {
                    Lazy::new(f)
                }
                $check
            }
            #[test]
            fn lazy_lock() {
                fn $new<F: Fn() -> Counted + Send + Sync>(f: F) -> impl Cells {
                    LazyLock::new(f)
                }
                $check
            }
        }
    };
}

for_each_cell! {
    the_contents_are_dropped_once: |new| {
        let drops = counter();
        drop(new(|| Counted(drops)));
        assert_eq!(drops.load(Relaxed), 0, "there was nothing to drop");
        let cell = new(|| Counted(drops));
        assert!(!cell.is_there());
        cell.get();
        cell.get();
        assert!(cell.is_there());
        assert_eq!(drops.load(Relaxed), 0);
        drop(cell);
        assert_eq!(drops.load(Relaxed), 1);
    }
}

for_each_cell! {
    after_a_panic_the_next_one_tries_again: |new| {
        let (drops, calls) = (counter(), AtomicUsize::new(0));
        let cell = new(|| {
            assert!(calls.fetch_add(1, Relaxed) >= 2, "on purpose");
            Counted(drops)
        });
        for _ in 0..2 {
            assert!(catch_unwind(AssertUnwindSafe(|| cell.get())).is_err());
            assert!(!cell.is_there());
        }
        cell.get();
        assert_eq!(calls.load(Relaxed), 3);
        drop(cell);
        assert_eq!(drops.load(Relaxed), 1);
    }
}

for_each_cell! {
    /// Threads that start together, some of whose initialisers panic: all get one and the same value,
    /// or the panic of their own initialiser.
    all_see_one_value: |new| {
        let rounds = if pintle_core::model::full() { 20_000 } else { 300 };
        for round in 0..rounds {
            let (drops, calls, there) = (counter(), AtomicUsize::new(0), AtomicUsize::new(0));
            let panics = round % 3;
            let cell = new(|| {
                if calls.fetch_add(1, Relaxed) < panics {
                    // Without the hook, which prints.
                    std::panic::resume_unwind(Box::new(()));
                }
                there.fetch_add(1, Relaxed);
                Counted(drops)
            });
            let (start, cell) = (Barrier::new(4), &cell);
            let addresses: Vec<Option<usize>> = thread::scope(|scope| {
                let get = || {
                    start.wait();
                    catch_unwind(AssertUnwindSafe(|| core::ptr::from_ref(cell.get()) as usize)).ok()
                };
                let threads = [(); 4].map(|()| scope.spawn(get));
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let given: Vec<usize> = addresses.iter().flatten().copied().collect();
            assert!(given.windows(2).all(|two| two[0] == two[1]), "{addresses:x?}");
            assert_eq!(given.len(), 4 - panics);
            assert!(cell.is_there());
            // All but the one that is there.
            assert_eq!(drops.load(Relaxed), there.load(Relaxed) - 1);
        }
    }
}

/// One closure runs, whoever asks: of three of the four. Threads that wait are woken.
#[test]
fn one_initialiser_runs() {
    let once = OnceLock::new();
    let (lock_calls, lazy_calls, lazy_lock_calls) = Default::default();
    let count = |calls: &AtomicUsize| {
        // Others come meanwhile.
        thread::yield_now();
        calls.fetch_add(1, Relaxed)
    };
    let lazy = Lazy::new(|| count(&lazy_calls));
    let lazy_lock = LazyLock::new(|| count(&lazy_lock_calls));
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                assert_eq!(*once.get_or_init(|| count(&lock_calls)), 0);
                assert_eq!((*lazy, *lazy_lock), (0, 0));
            });
        }
    });
    let calls = [lock_calls, lazy_calls, lazy_lock_calls].map(AtomicUsize::into_inner);
    assert_eq!(calls, [1, 1, 1]);
}

#[test]
fn wait_returns_what_another_thread_sets() {
    let once = Arc::new(OnceLock::new());
    let waiters = [(); 2].map(|()| {
        let once = once.clone();
        thread::spawn(move || *once.wait())
    });
    // An attempt that fails must not end the wait, nor make the next one's wake-up go missing.
    assert_eq!(once.get_or_try_init(|| Err("not yet")), Err("not yet"));
    thread::yield_now();
    assert_eq!(once.set(5), Ok(()));
    assert_eq!(waiters.map(|waiter| waiter.join().unwrap()), [5, 5]);
}

#[test]
fn once_lock_is_std_s() {
    let mut once = OnceLock::new();
    assert_eq!(once.get(), None::<&String>);
    assert_eq!(once.get_mut(), None);
    assert_eq!(once.take(), None);
    assert_eq!(format!("{once:?}"), "OnceLock(<uninit>)");
    assert_eq!(once.get_or_try_init(|| Err(7)), Err(7));
    assert_eq!(once.set("one".into()), Ok(()));
    assert_eq!(once.set("two".into()), Err("two".into()));
    assert_eq!(once.get_or_try_init(|| Err(7)), Ok(&"one".into()));
    once.get_mut().unwrap().push('!');
    assert_eq!(format!("{once:?}"), "OnceLock(\"one!\")");
    let clone = once.clone();
    assert_eq!((clone == once, clone == OnceLock::new()), (true, false));
    assert_eq!(once.take().as_deref(), Some("one!"));
    assert_eq!(once, OnceLock::default());
    assert_eq!(once.get_or_init(|| "three".into()), "three");
    assert_eq!(once.into_inner().as_deref(), Some("three"));
    assert_eq!(OnceLock::from(1).into_inner(), Some(1));
}

#[test]
fn a_value_that_came_too_late_is_dropped_by_its_owner() {
    let drops = counter();
    let once = OnceLock::from(Counted(drops));
    let late = once.set(Counted(drops)).unwrap_err();
    assert_eq!(drops.load(Relaxed), 0);
    drop(late);
    assert_eq!(drops.load(Relaxed), 1);
    drop(once);
    assert_eq!(drops.load(Relaxed), 2);
}

#[test]
fn lazy_lock_is_std_s() {
    let mut lazy = LazyLock::new(|| String::from("one"));
    assert_eq!(format!("{lazy:?}"), "LazyLock(<uninit>)");
    assert_eq!(LazyLock::get_mut(&mut lazy), None);
    lazy.push('!');
    assert_eq!(LazyLock::force(&lazy), "one!");
    LazyLock::force_mut(&mut lazy).push('!');
    assert_eq!(format!("{lazy:?}"), "LazyLock(\"one!!\")");
    assert_eq!(LazyLock::get(&lazy).map(String::len), Some(5));
    assert_eq!(LazyLock::into_inner(lazy).ok().as_deref(), Some("one!!"));
    let asked_for = LazyLock::into_inner(LazyLock::new(|| 3)).unwrap_err();
    assert_eq!(asked_for(), 3);
    assert_eq!(*LazyLock::<u8>::default(), 0);
}

/// Its initialiser needs to be `Send` only, as std's: it is called by one thread at a time.
#[test]
fn lazy_lock_hands_its_initialiser_on() {
    let calls = Cell::new(0);
    let lazy = LazyLock::new(move || {
        calls.set(calls.get() + 1);
        if calls.get() < 3 {
            std::panic::resume_unwind(Box::new(()));
        }
        calls.get()
    });
    let value = thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(|| *lazy));
        threads.map(|thread| thread.join().ok())
    });
    assert_eq!(value.into_iter().flatten().collect::<Vec<_>>(), [3]);
}

#[test]
fn lazy_can_be_changed_by_its_owner() {
    let mut lazy = Lazy::new(|| 1);
    assert_eq!(format!("{lazy:?}"), "Lazy(<uninitialized>)");
    *lazy.get_mut() += 1;
    *lazy += 1;
    assert_eq!((*lazy, lazy.get()), (3, &3));
    assert_eq!(format!("{lazy:?}"), "Lazy(3)");
}

#[test]
fn init_once_says_why_not() {
    let once = InitOnce::uninitialized();
    assert_eq!(format!("{once:?}"), "InitOnce(<uninitialized>)");
    assert_eq!(once.try_get(), None);
    assert!(once.try_init(1).is_ok());
    let error: TryInitError<i32> = once.try_init(2).unwrap_err();
    assert_eq!(error.to_string(), "it is initialised already");
    assert_eq!(
        format!("{error:?}"),
        r#"TryInitError("it is initialised already")"#
    );
    assert_eq!(error.into_inner(), 2);
    assert_eq!(once.get_or_else(|| unreachable!()), &1);
    // SAFETY: it was initialised by this thread.
    assert_eq!(unsafe { once.get_unchecked() }, &1);
    assert_eq!(format!("{once:?}"), "InitOnce(1)");
}

#[test]
#[should_panic = "InitOnce<u8> cannot be read: it is not initialised"]
fn init_once_is_not_read_before() {
    let _ = InitOnce::<u8>::uninitialized().get();
}

/// Its closure runs before the cell is touched: no wait can be for itself.
#[test]
fn init_once_may_be_filled_by_its_own_closure() {
    let drops = counter();
    let once = InitOnce::uninitialized();
    let value = once.get_or_else(|| {
        once.init(Counted(drops));
        Counted(drops)
    });
    assert_eq!(drops.load(Relaxed), 1, "the second one was not needed");
    assert!(core::ptr::eq(value, once.get()));
}

#[test]
fn sizes() {
    assert_eq!(size_of::<OnceLock<u32>>(), 8);
    assert_eq!(size_of::<InitOnce<u32>>(), 8);
    assert_eq!(size_of::<OnceLock<usize>>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<LazyLock<u32>>(), size_of::<(u64, fn())>());
}

/// As std's: a panic leaves nothing broken to be seen.
#[test]
fn may_be_used_across_catch_unwind() {
    fn all<T: UnwindSafe + RefUnwindSafe>() {}
    all::<OnceLock<u8>>();
    all::<LazyLock<u8>>();
    all::<InitOnce<u8>>();
    all::<Lazy<u8>>();
}
