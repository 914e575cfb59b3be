//! Keys, values and wakers that use the map that holds them, and that panic.
//!
//! All but the comparison of keys would deadlock, or with one lock panic, if it ran under the map's lock.
#![cfg(not(loom))]

mod support;

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use pintle_sync::{
    WaitMap,
    wait_map::{Wait, WaitError, WakeOutcome},
};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    a_waker_may_use_the_map_when_it_is_called,
    a_waker_may_use_the_map_when_it_is_cloned,
    a_waker_may_use_the_map_when_it_is_dropped,
    a_waker_may_drop_the_wait_that_it_wakes,
    keys_and_values_may_use_the_map_when_they_are_dropped,
    a_comparison_that_panics_changes_nothing,
    a_wake_that_panics_has_delivered,
    wakes_that_panic_do_not_keep_close_from_waking_the_others,
    a_clone_that_panics_leaves_the_waiter_where_it_was,
];

type Map<L> = WaitMap<u32, u32, L>;
type Waiting<L> = (Pin<Box<Wait<'static, u32, u32, L>>>, Arc<Probe>);

/// A map that wakers and their hooks can hold on to.
fn leaked<L: Lock>() -> &'static Map<L> {
    Box::leak(Box::default())
}

fn waiting<L: Lock>(map: &'static Map<L>, key: u32) -> Waiting<L> {
    let (mut wait, task) = (Box::pin(map.wait(key)), Probe::new());
    assert!(poll(wait.as_mut(), &task).is_pending());
    (wait, task)
}

/// Does everything that can be done with a map, short of closing it, under a key of its own.
fn use_all_of<L: Lock>(map: &Map<L>) {
    assert!(!map.is_closed());
    let (mut wait, task) = (Box::pin(map.wait(1000)), Probe::new());
    assert!(poll(wait.as_mut(), &task).is_pending());
    assert!(poll(wait.as_mut(), &Probe::new()).is_pending());
    assert_eq!(map.wake(&1000, 1), WakeOutcome::Woke);
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(1)));
    assert_eq!(map.wake(&1000, 1), WakeOutcome::NoMatch(1));
}

fn a_waker_may_use_the_map_when_it_is_called<L: Lock>() {
    let map = leaked::<L>();
    let (mut wait, task) = waiting(map, 1);
    task.on_wake(|| {
        use_all_of(map);
        assert_eq!(
            map.wake(&1, 8),
            WakeOutcome::NoMatch(8),
            "it has been woken"
        );
    });
    assert_eq!(map.wake(&1, 7), WakeOutcome::Woke);
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(7)));

    let waits: Vec<_> = (0..40).map(|key| waiting(map, key)).collect();
    for (_, task) in &waits {
        task.on_wake(|| {
            assert!(map.is_closed());
            assert_eq!(map.wake(&1, 8), WakeOutcome::Closed(8));
            map.close();
        });
    }
    map.close();
    assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
}

fn a_waker_may_use_the_map_when_it_is_cloned<L: Lock>() {
    let (map, task, other) = (leaked::<L>(), Probe::new(), Probe::new());
    task.on_clone(|| use_all_of(map));
    let mut wait = Box::pin(map.wait(1));
    assert!(poll(wait.as_mut(), &task).is_pending());
    assert!(poll(wait.as_mut(), &other).is_pending());
    assert!(poll(wait.as_mut(), &task).is_pending(), "cloned to replace");
    assert_eq!(task.clones(), 2);

    // What has been seen before the clone need not hold after it.
    other.on_clone(|| assert_eq!(map.wake(&1, 7), WakeOutcome::Woke));
    assert_eq!(poll(wait.as_mut(), &other), Poll::Ready(Ok(7)));
    task.disarm();
    other.disarm();
    let mut late = Box::pin(map.wait(2));
    task.on_clone(|| std::mem::forget(waiting(map, 2)));
    assert_eq!(
        poll(late.as_mut(), &task),
        Poll::Ready(Err(WaitError::Duplicate)),
        "another came while it arrived"
    );
    let mut late = Box::pin(map.wait(3));
    task.on_clone(|| map.close());
    assert_eq!(
        poll(late.as_mut(), &task),
        Poll::Ready(Err(WaitError::Closed))
    );
    task.disarm();
    assert_eq!((task.live(), other.live()), (0, 0));
}

fn a_waker_may_use_the_map_when_it_is_dropped<L: Lock>() {
    let (map, other) = (leaked::<L>(), Probe::new());
    // With its wait, when it is given up, when it is replaced, and when it is not needed.
    let (wait, task) = waiting(map, 1);
    task.on_drop(|| use_all_of(map));
    drop(wait);
    let (mut wait, task) = waiting(map, 1);
    task.on_drop(|| use_all_of(map));
    assert_eq!(wait.as_mut().cancel(), None);
    let (mut wait, task) = waiting(map, 1);
    task.on_drop(|| use_all_of(map));
    assert!(poll(wait.as_mut(), &other).is_pending());
    let (mut duplicate, task) = (Box::pin(map.wait(1)), Probe::new());
    let calls = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    task.on_drop({
        let calls = calls.clone();
        move || {
            calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            use_all_of(map);
        }
    });
    assert_eq!(
        poll(duplicate.as_mut(), &task),
        Poll::Ready(Err(WaitError::Duplicate))
    );
    // The clone that was not needed, and the one that `poll` made for itself.
    assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 2);
    assert_eq!(task.live(), 0);
}

fn a_waker_may_drop_the_wait_that_it_wakes<L: Lock>() {
    for close in [false, true] {
        let map = leaked::<L>();
        let (wait, task) = waiting(map, 1);
        let (mut next, next_task) = waiting(map, 2);
        let mut wait = Some(wait);
        task.on_wake(move || drop(wait.take()));
        if close {
            map.close();
            assert_eq!(
                poll(next.as_mut(), &next_task),
                Poll::Ready(Err(WaitError::Closed))
            );
        } else {
            assert_eq!(map.wake(&1, 7), WakeOutcome::Woke);
            assert_eq!(next_task.wakes(), 0);
        }
        assert_eq!(task.wakes(), 1);
    }
}

/// Runs code when it is dropped, and equals those of its number.
struct Noisy(u32, Option<Rc<dyn Fn()>>);

impl PartialEq for Noisy {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        if let Some(f) = &self.1 {
            f();
        }
    }
}

fn keys_and_values_may_use_the_map_when_they_are_dropped<L: Lock>() {
    let (map, uses) = (
        Rc::new(WaitMap::<Noisy, Noisy, L>::default()),
        Rc::new(Cell::new(0)),
    );
    let f: Rc<dyn Fn()> = Rc::new({
        let (map, uses) = (map.clone(), uses.clone());
        move || {
            uses.set(uses.get() + 1);
            let _ = map.is_closed();
            let _ = map.wake(&Noisy(77, None), Noisy(77, None));
            let mut wait = Box::pin(map.wait(Noisy(78, None)));
            let _ = poll(wait.as_mut(), &Probe::new());
        }
    });
    let noisy = |n| Noisy(n, Some(f.clone()));

    // A value that nobody looked at, and its waiter's key.
    let task = Probe::new();
    let mut wait = Box::pin(map.wait(noisy(1)));
    assert!(poll(wait.as_mut(), &task).is_pending());
    let outcome = map.wake(&Noisy(1, None), noisy(2));
    assert!(matches!(outcome, WakeOutcome::Woke));
    drop(wait);
    assert_eq!(uses.get(), 2);
    // A key that waits; a duplicate; one on a closed map.
    let mut wait = Box::pin(map.wait(noisy(1)));
    assert!(poll(wait.as_mut(), &task).is_pending());
    let mut duplicate = Box::pin(map.wait(noisy(1)));
    assert!(poll(duplicate.as_mut(), &task).is_ready());
    drop(duplicate);
    drop(wait);
    assert_eq!(uses.get(), 4);
    map.close();
    let mut wait = Box::pin(map.wait(noisy(1)));
    assert!(poll(wait.as_mut(), &task).is_ready());
    drop(wait);
    assert_eq!(uses.get(), 5);
}

/// A key whose comparison panics if either of the two says so.
#[derive(Debug)]
struct Picky<'a>(u32, &'a Cell<bool>);

impl PartialEq for Picky<'_> {
    fn eq(&self, other: &Self) -> bool {
        assert!(!self.1.get(), "picky");
        self.0 == other.0
    }
}

fn a_comparison_that_panics_changes_nothing<L: Lock>() {
    let (panics, dropped) = (Cell::new(false), Rc::new(Cell::new(0)));
    let count: Rc<dyn Fn()> = Rc::new({
        let dropped = dropped.clone();
        move || dropped.set(dropped.get() + 1)
    });
    let map = WaitMap::<Picky<'_>, Noisy, L>::default();
    let (mut first, first_task) = (Box::pin(map.wait(Picky(1, &panics))), Probe::new());
    assert!(poll(first.as_mut(), &first_task).is_pending());
    let (mut second, second_task) = (Box::pin(map.wait(Picky(2, &panics))), Probe::new());

    panics.set(true);
    let wake = || map.wake(&Picky(1, &panics), Noisy(0, Some(count.clone())));
    assert!(catch_unwind(AssertUnwindSafe(wake)).is_err());
    assert_eq!((first_task.wakes(), dropped.get()), (0, 1));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(second.as_mut(), &second_task))).is_err());
    assert_eq!(second_task.live(), 0);

    panics.set(false);
    assert!(poll(second.as_mut(), &second_task).is_pending());
    for (key, wait, task) in [(1, &mut first, &first_task), (2, &mut second, &second_task)] {
        let outcome = map.wake(&Picky(key, &panics), Noisy(key, None));
        assert!(matches!(outcome, WakeOutcome::Woke));
        match poll(wait.as_mut(), task) {
            Poll::Ready(Ok(value)) => assert_eq!(value.0, key),
            _ => panic!("woken"),
        }
        assert_eq!((task.wakes(), task.live()), (1, 0));
    }

    // While a value is handed on: it is dropped, and the waiter is gone.
    let (mut first, task) = (Box::pin(map.wait(Picky(1, &panics))), Probe::new());
    assert!(poll(first.as_mut(), &task).is_pending());
    let outcome = map.wake(&Picky(1, &panics), Noisy(0, Some(count.clone())));
    assert!(matches!(outcome, WakeOutcome::Woke));
    let (mut other, other_task) = (Box::pin(map.wait(Picky(2, &panics))), Probe::new());
    assert!(poll(other.as_mut(), &other_task).is_pending());
    panics.set(true);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(first))).is_err());
    assert_eq!(dropped.get(), 2);
    panics.set(false);
    map.close();
    assert_eq!(other_task.wakes(), 1);
}

fn a_wake_that_panics_has_delivered<L: Lock>() {
    let map = leaked::<L>();
    let (mut wait, task) = waiting(map, 1);
    task.on_wake(|| panic!("wake"));
    assert!(catch_unwind(AssertUnwindSafe(|| map.wake(&1, 7))).is_err());
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(7)));
    use_all_of(map);
}

fn wakes_that_panic_do_not_keep_close_from_waking_the_others<L: Lock>() {
    for bad in [0, 15, 16, 39] {
        let map = leaked::<L>();
        let waits: Vec<_> = (0..40).map(|key| waiting(map, key)).collect();
        waits[bad].1.on_wake(|| panic!("wake"));
        assert!(catch_unwind(AssertUnwindSafe(|| map.close())).is_err());
        for (mut wait, task) in waits {
            assert_eq!((task.wakes(), task.live()), (1, 0));
            assert_eq!(
                poll(wait.as_mut(), &task),
                Poll::Ready(Err(WaitError::Closed))
            );
        }
    }
}

fn a_clone_that_panics_leaves_the_waiter_where_it_was<L: Lock>() {
    let (map, bad) = (leaked::<L>(), Probe::new());
    bad.on_clone(|| panic!("clone"));
    let (mut wait, task) = waiting(map, 1);
    let mut idle = Box::pin(map.wait(2));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(wait.as_mut(), &bad))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| poll(idle.as_mut(), &bad))).is_err());
    assert_eq!(map.wake(&2, 7), WakeOutcome::NoMatch(7));
    assert_eq!(map.wake(&1, 7), WakeOutcome::Woke);
    assert_eq!((task.wakes(), bad.wakes(), bad.live()), (1, 0, 0));
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(7)));
    assert!(poll(idle.as_mut(), &task).is_pending());
}
