//! The events that the feature `tracing` emits, and that none is emitted under a lock.
#![cfg(all(not(loom), feature = "tracing"))]

mod support;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, Mutex},
};

use pintle_sync::{
    Mutex as AsyncMutex, RwLock, Semaphore, WaitCell, WaitMap, WaitQueue, spin::Spinlock,
};
use support::{CriticalSection, Lock, Probe, poll};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::with_default,
};

/// One test, since `tracing` remembers for the whole process who wants to hear of what.
#[test]
fn primitives_say_what_happens() {
    a_cell_says_what_happens();
    a_queue_says_what_happens::<Spinlock>();
    a_queue_says_what_happens::<CriticalSection>();
    a_map_says_what_happens::<Spinlock>();
    a_map_says_what_happens::<CriticalSection>();
    a_semaphore_says_what_happens::<CriticalSection>();
    a_semaphore_says_what_happens::<Spinlock>();
    locks_say_what_happens::<CriticalSection>();
    locks_say_what_happens::<Spinlock>();
    a_listener_that_panics_leaves_the_line_sound::<Spinlock>();
}

/// Writes down what is said, and does something each time.
struct Listener {
    said: Arc<Mutex<Vec<String>>>,
    then: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Fields {
    message: String,
    at: Option<String>,
    n: Option<u64>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "at" => self.at = Some(format!("{value:?}")),
            other => panic!("{other}"),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        assert!(["n", "need"].contains(&field.name()));
        self.n = Some(value);
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("pintle_sync")
    }

    fn event(&self, event: &Event<'_>) {
        assert_eq!(*event.metadata().level(), Level::TRACE);
        let mut fields = Fields::default();
        event.record(&mut fields);
        assert!(fields.at.is_some_and(|at| at.starts_with("0x")));
        let module = event.metadata().target().split("::").nth(1).unwrap();
        let n = fields.n.map_or(String::new(), |n| format!(" {n}"));
        let line = format!("{module} {}{n}", fields.message);
        self.said.lock().unwrap().push(line);
        (self.then)();
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        unreachable!("there are no spans")
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// What is said while `f` runs; `then` runs each time.
fn listen(then: impl Fn() + Send + Sync + 'static, f: impl FnOnce()) -> Vec<String> {
    let said = Arc::<Mutex<Vec<String>>>::default();
    let listener = Listener {
        said: said.clone(),
        then: Box::new(then),
    };
    with_default(listener, f);
    let mut said = said.lock().unwrap();
    std::mem::take(&mut *said)
}

fn a_queue_says_what_happens<L: Lock>() {
    let steps = |queue: &WaitQueue<L>| {
        let task = Probe::new();
        let mut wait = Box::pin(queue.wait());
        for _ in 0..2 {
            assert!(poll(wait.as_mut(), &task).is_pending());
        }
        queue.wake();
        assert!(poll(wait.as_mut(), &task).is_ready());
        let mut wait = Box::pin(queue.wait());
        assert!(poll(wait.as_mut(), &task).is_pending());
        drop(wait);
        queue.wake_many(2);
        queue.wake_all();
        queue.close();
    };
    let expected = [
        "wait_queue wait",
        "wait_queue wake",
        "wait_queue wait",
        "wait_queue leave",
        "wait_queue wake_many 2",
        "wait_queue wake_all",
        "wait_queue close",
    ];
    assert_eq!(listen(|| (), || steps(&WaitQueue::default())), expected);

    // And with one who takes the lock when he hears of something: under it, that would not come back.
    let queue: &'static WaitQueue<L> = Box::leak(Box::default());
    let uses = move || {
        let _ = pin!(queue.wait()).subscribe();
    };
    assert_eq!(listen(uses, || steps(queue)), expected);
}

fn a_map_says_what_happens<L: Lock>() {
    let map: &'static WaitMap<u8, u8, L> = Box::leak(Box::default());
    let uses = move || {
        let _ = map.is_closed();
    };
    let said = listen(uses, || {
        let task = Probe::new();
        let mut wait = Box::pin(map.wait(1));
        for _ in 0..2 {
            assert!(poll(wait.as_mut(), &task).is_pending());
        }
        let _ = map.wake(&1, 1);
        assert!(poll(wait.as_mut(), &task).is_ready());
        let mut wait = Box::pin(map.wait(1));
        assert!(poll(wait.as_mut(), &task).is_pending());
        drop(wait);
        map.close();
    });
    let expected = [
        "wait_map wait",
        "wait_map wake",
        "wait_map wait",
        "wait_map leave",
        "wait_map close",
    ];
    assert_eq!(said, expected);
}

fn a_cell_says_what_happens() {
    let said = listen(
        || (),
        || {
            let (cell, task) = (WaitCell::new(), Probe::new());
            let mut wait = pin!(cell.wait());
            for _ in 0..2 {
                assert!(poll(wait.as_mut(), &task).is_pending());
            }
            cell.wake();
            assert!(poll(wait.as_mut(), &task).is_ready());
            cell.close();
            std::mem::forget(cell);
        },
    );
    assert_eq!(
        said,
        ["wait_cell wait", "wait_cell wake", "wait_cell close"]
    );
}

fn a_semaphore_says_what_happens<L: Lock>() {
    let semaphore: &'static Semaphore<L> = Box::leak(Box::default());
    // Where the line is locked, the first would say so.
    let uses = move || {
        semaphore.add_permits(0);
        drop(poll(pin!(semaphore.acquire(0)), &Probe::new()));
    };
    let said = listen(uses, || {
        let task = Probe::new();
        let mut acquire = Box::pin(semaphore.acquire(2));
        for _ in 0..2 {
            assert!(poll(acquire.as_mut(), &task).is_pending());
        }
        semaphore.add_permits(2);
        assert!(poll(acquire.as_mut(), &task).is_ready());
        // Who need not wait says nothing.
        assert!(poll(Box::pin(semaphore.acquire(1)).as_mut(), &task).is_ready());
        let mut leaves = Box::pin(semaphore.acquire(3));
        assert!(poll(leaves.as_mut(), &task).is_pending());
        drop(leaves);
        let mut leaves = Box::pin(semaphore.acquire(3));
        assert!(poll(leaves.as_mut(), &task).is_pending());
        semaphore.add_permits(1);
        drop(leaves);
        semaphore.close();
        assert!(poll(Box::pin(semaphore.acquire(1)).as_mut(), &task).is_ready());
    });
    let expected = [
        "permits wait 2",
        "permits wake",
        "permits wait 3",
        "permits leave",
        "permits wait 3",
        "permits wake",
        "permits leave",
        "permits close",
    ];
    assert_eq!(said, expected);
}

fn locks_say_what_happens<L: Lock>() {
    let mutex: &'static AsyncMutex<u8, L> = Box::leak(Box::default());
    let lock: &'static RwLock<u8, L> = Box::leak(Box::default());
    let all = RwLock::<u8, L>::MAX_READERS;
    let said = listen(
        || (),
        || {
            let task = Probe::new();
            let guard = mutex.try_lock();
            let mut waits = Box::pin(mutex.lock());
            assert!(poll(waits.as_mut(), &task).is_pending());
            drop(guard);
            assert!(poll(waits.as_mut(), &task).is_ready());

            let guard = lock.try_read();
            let mut waits = Box::pin(lock.write());
            assert!(poll(waits.as_mut(), &task).is_pending());
            let mut reads = Box::pin(lock.read());
            assert!(poll(reads.as_mut(), &task).is_pending());
            drop(waits);
            drop((guard, reads));
        },
    );
    let expected = [
        "permits wait 1",
        "permits wake",
        &format!("permits wait {all}"),
        "permits wait 1",
        // The reader goes on, as the writer has left.
        "permits leave",
        "permits wake",
        // And leaves with what it was given.
        "permits leave",
    ];
    assert_eq!(said, expected);
}

/// What it hears of has happened already, or happens all the same when it is asked for again.
fn a_listener_that_panics_leaves_the_line_sound<L: Lock>() {
    let semaphore: &'static Semaphore<L> = Box::leak(Box::default());
    let panics = || panic!("a listener's");
    listen(panics, || {
        let task = Probe::new();
        let mut acquire = Box::pin(semaphore.acquire(1));
        for _ in 0..2 {
            // The first time it says that it waits, and does.
            let polled = catch_unwind(AssertUnwindSafe(|| poll(acquire.as_mut(), &task)));
            assert!(polled.map_or(true, |polled| polled.is_pending()));
        }
        assert!(catch_unwind(AssertUnwindSafe(|| drop(acquire))).is_err());
        assert_eq!((task.wakes(), task.live()), (0, 0));
        assert!(catch_unwind(|| semaphore.close()).is_err());
        assert!(!semaphore.is_closed());
    });
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 1);
}
