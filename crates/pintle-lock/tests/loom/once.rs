//! `InitOnce`, `Lazy`, `OnceLock`, `LazyLock`: one machine, whose waiters spin or sleep.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering::*};
use loom::thread;
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::blocking::{LazyLock, OnceLock};
use pintle_lock::spin::{InitOnce, Lazy};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A value that says if it is read before it is written.
struct Watched(UnsafeCell<usize>);

// SAFETY: the models read it only, but for `new`; loom watches.
unsafe impl Sync for Watched {}

impl Watched {
    fn new(value: usize) -> Self {
        let cell = UnsafeCell::new(0);
        // SAFETY: nobody else has it yet.
        cell.with_mut(|place| unsafe { *place = value });
        Self(cell)
    }

    fn read(&self) -> usize {
        // SAFETY: nobody writes it.
        self.0.with(|place| unsafe { *place })
    }
}

/// Two that fill, one that looks: all see one value, whole.
#[test]
fn init_init_get_by_init_once() {
    model::check(|| {
        let once = Arc::new(InitOnce::uninitialized());
        let fill = |value| {
            let once = once.clone();
            thread::spawn(move || once.try_init(Watched::new(value)).is_ok())
        };
        let (one, two) = (fill(1), fill(2));
        let seen = once.try_get().map(Watched::read);
        let filled = (one.join().unwrap(), two.join().unwrap());
        let expected = match filled {
            (true, false) => 1,
            (false, true) => 2,
            _ => panic!("filled {filled:?}"),
        };
        assert_eq!(once.get().read(), expected);
        assert!(seen.is_none() || seen == Some(expected));
    });
}

/// As above, by closures: nobody leaves without the value.
#[test]
fn init_init_get_by_init_once_or_else() {
    model::check(|| {
        let once = Arc::new(InitOnce::uninitialized());
        let other = thread::spawn({
            let once = once.clone();
            move || once.get_or_else(|| Watched::new(1)).read()
        });
        let mine = once.get_or_else(|| Watched::new(2)).read();
        assert_eq!(mine, other.join().unwrap());
    });
}

/// Two that initialise and one that looks.
fn init_init_get<C: Send + Sync + 'static>(
    new: fn() -> C,
    get: fn(&C, &AtomicUsize) -> usize,
    look: fn(&C) -> Option<usize>,
) {
    model::check(move || {
        let shared = Arc::new((new(), AtomicUsize::new(0)));
        let others = [(); 2].map(|()| {
            let shared = shared.clone();
            thread::spawn(move || get(&shared.0, &shared.1))
        });
        let seen = look(&shared.0);
        assert!(seen.is_none() || seen == Some(7));
        for other in others {
            assert_eq!(other.join().unwrap(), 7);
        }
        assert_eq!(look(&shared.0), Some(7));
        assert!(shared.1.load(Relaxed) <= 1, "two initialisers ran");
    });
}

#[test]
fn init_init_get_by_once_lock() {
    init_init_get(
        OnceLock::new,
        |once, calls| {
            once.get_or_init(|| {
                calls.fetch_add(1, Relaxed);
                Watched::new(7)
            })
            .read()
        },
        |once| once.get().map(Watched::read),
    );
}

#[test]
fn init_init_get_by_lazy() {
    init_init_get(
        || Lazy::new(|| Watched::new(7)),
        |lazy, _| lazy.get().read(),
        |lazy| lazy.get_if_present().map(Watched::read),
    );
}

#[test]
fn init_init_get_by_lazy_lock() {
    init_init_get(
        || LazyLock::new(|| Watched::new(7)),
        |lazy, _| LazyLock::force(lazy).read(),
        |lazy| LazyLock::get(lazy).map(Watched::read),
    );
}

/// The first initialiser panics while others wait, as far as the model goes: one of them tries again,
/// sees what the first one did, and nobody is left waiting.
fn a_panic_hands_over<C: Send + Sync + 'static>(
    preemptions: usize,
    others: usize,
    new: fn(Attempts) -> C,
    get: fn(&C) -> usize,
) {
    model::check_bounded(preemptions, move || {
        let cell = Arc::new(new(Attempts(UnsafeCell::new(0))));
        let try_it = move |cell: &C| catch_unwind(AssertUnwindSafe(|| get(cell))).ok();
        let threads: Vec<_> = (0..others)
            .map(|_| {
                let cell = cell.clone();
                thread::spawn(move || try_it(&cell))
            })
            .collect();
        let mut seen = vec![try_it(&cell)];
        seen.extend(threads.into_iter().map(|thread| thread.join().unwrap()));
        let failed = seen.iter().filter(|value| value.is_none()).count();
        assert_eq!(failed, 1, "{seen:?}");
        assert!(seen.iter().flatten().all(|value| *value == 2), "{seen:?}");
    });
}

/// Counts without an atomic, so loom sees whether one attempt happens before the next.
struct Attempts(UnsafeCell<usize>);

// SAFETY: one thread at a time is the initialiser; loom watches.
unsafe impl Sync for Attempts {}
// SAFETY: as above.
unsafe impl Send for Attempts {}

impl Attempts {
    /// Panics the first time, without the hook, which prints.
    fn next(&self) -> Watched {
        // SAFETY: the caller is the initialiser.
        let attempt = self.0.with_mut(|count| unsafe {
            *count += 1;
            *count
        });
        if attempt == 1 {
            resume_unwind(Box::new(()));
        }
        Watched::new(attempt)
    }
}

#[test]
fn a_panic_hands_over_by_once_lock() {
    a_panic_hands_over(
        PREEMPTIONS,
        1,
        |attempts| (OnceLock::new(), attempts),
        |(once, attempts)| once.get_or_init(|| attempts.next()).read(),
    );
}

/// Two that sleep have to be woken, both: one tries again, the other sleeps until it is done.
#[test]
fn a_panic_wakes_everybody() {
    a_panic_hands_over(
        if model::full() { PREEMPTIONS } else { 2 },
        2,
        |attempts| (OnceLock::new(), attempts),
        |(once, attempts)| once.get_or_init(|| attempts.next()).read(),
    );
}

#[test]
fn a_panic_hands_over_by_lazy() {
    a_panic_hands_over(
        PREEMPTIONS,
        1,
        |attempts| Lazy::new(move || attempts.next()),
        |lazy| lazy.get().read(),
    );
}

/// `wait` sleeps while the cell is empty, too: neither an attempt that fails nor the one that
/// succeeds leaves it there.
#[test]
fn wait_meets_a_failure_and_a_value() {
    model::check(|| {
        let once = Arc::new(OnceLock::new());
        let waiter = thread::spawn({
            let once = once.clone();
            move || Watched::read(once.wait())
        });
        assert!(once.get_or_try_init(|| Err(())).is_err());
        assert!(once.set(Watched::new(3)).is_ok());
        assert_eq!(waiter.join().unwrap(), 3);
    });
}
