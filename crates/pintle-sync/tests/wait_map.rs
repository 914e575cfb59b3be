//! `WaitMap`, stepped by hand: no value is lost and none comes twice.
#![cfg(not(loom))]

mod support;

use std::{
    cell::{Cell, RefCell},
    pin::{Pin, pin},
    sync::{Arc, OnceLock},
    task::Poll,
};

use pintle_sync::{
    WaitMap,
    wait_map::{Wait, WaitError, WakeOutcome},
};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    a_value_goes_to_the_one_that_waits_under_its_key,
    without_a_waiter_the_value_comes_back_and_nothing_is_stored,
    a_spurious_poll_does_not_complete,
    another_waker_replaces_the_first,
    a_completed_wait_gives_its_value_once,
    a_key_is_waited_under_by_one_at_a_time,
    who_is_woken_makes_room_for_the_next,
    dropping_a_waiter_takes_its_place_away,
    a_value_that_nobody_looked_at_goes_to_the_next_under_its_key,
    a_value_that_nobody_waits_for_any_more_is_dropped_once,
    cancelling_gives_the_value_back,
    cancelling_a_wait_that_has_not_begun_ends_it,
    closing_ends_every_wait,
    closing_is_final_when_waiters_leave,
    a_value_that_came_before_the_closing_is_given,
    subscribing_takes_a_place,
    waiting_for_a_condition_looks_after_each_wake_up,
    waiting_for_a_condition_ends_with_the_map,
    a_value_counts_for_more_than_the_closing,
    what_is_shown_does_not_wait,
];

#[cfg(feature = "alloc")]
mod owned {
    use super::{for_each_lock, owned_waits_keep_their_map};

    for_each_lock![owned_waits_keep_their_map];
}

type Map<L> = WaitMap<u32, &'static str, L>;

type Waiting<'a, L> = (Pin<Box<Wait<'a, u32, &'static str, L>>>, Arc<Probe>);

/// One that waits under `key`, polled once by a task of its own.
fn waiting<L: Lock>(map: &Map<L>, key: u32) -> Waiting<'_, L> {
    let (mut wait, task) = (Box::pin(map.wait(key)), Probe::new());
    assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
    (wait, task)
}

fn a_value_goes_to_the_one_that_waits_under_its_key<L: Lock>() {
    let map = Map::<L>::default();
    let mut waits: Vec<_> = (0..5).map(|key| waiting(&map, key)).collect();
    for key in [3, 0, 4, 2, 1] {
        assert_eq!(map.wake(&key, "value"), WakeOutcome::Woke);
        let (wait, task) = &mut waits[key as usize];
        assert_eq!(poll(wait.as_mut(), task), Poll::Ready(Ok("value")));
        assert_eq!((task.wakes(), task.live()), (1, 0));
    }
    assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
}

fn without_a_waiter_the_value_comes_back_and_nothing_is_stored<L: Lock>() {
    let map = Map::<L>::default();
    assert_eq!(map.wake(&1, "early"), WakeOutcome::NoMatch("early"));
    let (_wait, task) = waiting(&map, 1);
    assert_eq!(map.wake(&2, "other"), WakeOutcome::NoMatch("other"));
    assert_eq!(task.wakes(), 0);
}

fn a_spurious_poll_does_not_complete<L: Lock>() {
    let map = Map::<L>::default();
    let (mut wait, task) = waiting(&map, 1);
    for _ in 0..8 {
        assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
    }
    assert_eq!((task.wakes(), task.clones()), (0, 1));
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok("one")));
}

fn another_waker_replaces_the_first<L: Lock>() {
    let map = Map::<L>::default();
    let (mut wait, first) = waiting(&map, 1);
    let second = Probe::new();
    assert_eq!(poll(wait.as_mut(), &second), Poll::Pending);
    assert_eq!((first.live(), second.live()), (0, 1));
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

fn a_completed_wait_gives_its_value_once<L: Lock>() {
    let map = Map::<L>::default();
    let (mut wait, task) = waiting(&map, 1);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    assert_eq!(map.wake(&1, "two"), WakeOutcome::NoMatch("two"));
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok("one")));
    for _ in 0..3 {
        assert_eq!(
            poll(wait.as_mut(), &task),
            Poll::Ready(Err(WaitError::AlreadyConsumed))
        );
    }
    assert_eq!(map.wake(&1, "three"), WakeOutcome::NoMatch("three"));
    map.close();
    assert_eq!(
        poll(wait.as_mut(), &task),
        Poll::Ready(Err(WaitError::AlreadyConsumed))
    );
}

fn a_key_is_waited_under_by_one_at_a_time<L: Lock>() {
    let map = Map::<L>::default();
    let (mut first, task) = waiting(&map, 1);
    let (mut second, other) = (pin!(map.wait(1)), Probe::new());
    for _ in 0..3 {
        assert_eq!(
            poll(second.as_mut(), &other),
            Poll::Ready(Err(WaitError::Duplicate))
        );
    }
    assert_eq!(
        poll(pin!(second.as_mut().subscribe()), &other),
        Poll::Ready(Err(WaitError::Duplicate))
    );
    assert_eq!(other.live(), 0);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    assert_eq!(poll(first.as_mut(), &task), Poll::Ready(Ok("one")));
    assert_eq!(
        poll(second.as_mut(), &other),
        Poll::Ready(Err(WaitError::Duplicate)),
        "as it said"
    );
    let (_third, _) = waiting(&map, 1);
}

fn who_is_woken_makes_room_for_the_next<L: Lock>() {
    let map = Map::<L>::default();
    let (mut first, task) = waiting(&map, 1);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    let (mut second, other) = waiting(&map, 1);
    assert_eq!(map.wake(&1, "two"), WakeOutcome::Woke);
    assert_eq!(poll(second.as_mut(), &other), Poll::Ready(Ok("two")));
    assert_eq!(poll(first.as_mut(), &task), Poll::Ready(Ok("one")));
}

fn dropping_a_waiter_takes_its_place_away<L: Lock>() {
    let map = Map::<L>::default();
    // First, middle, last and only one.
    for dropped in 0..3 {
        let mut waits: Vec<_> = (0..3).map(|key| waiting(&map, key)).collect();
        let (_, task) = waits.remove(dropped);
        assert_eq!((task.wakes(), task.live()), (0, 0));
        assert_eq!(
            map.wake(&(dropped as u32), "late"),
            WakeOutcome::NoMatch("late")
        );
        for key in (0..3).filter(|&key| key != dropped as u32) {
            assert_eq!(map.wake(&key, "value"), WakeOutcome::Woke);
        }
    }
    drop(waiting(&map, 1));
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));
}

fn a_value_that_nobody_looked_at_goes_to_the_next_under_its_key<L: Lock>() {
    let map = Map::<L>::default();
    let (first, _) = waiting(&map, 1);
    let (_other, other_task) = waiting(&map, 2);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    let (mut second, task) = waiting(&map, 1);
    drop(first);
    assert_eq!((task.wakes(), other_task.wakes()), (1, 0));
    assert_eq!(poll(second.as_mut(), &task), Poll::Ready(Ok("one")));
}

fn a_value_that_nobody_waits_for_any_more_is_dropped_once<L: Lock>() {
    struct Counts<'a>(&'a Cell<u32>);
    impl Drop for Counts<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    let dropped = Cell::new(0);
    let map = WaitMap::<u32, Counts<'_>, L>::default();
    for looks in [false, true] {
        dropped.set(0);
        let (mut wait, task) = (Box::pin(map.wait(1)), Probe::new());
        assert!(poll(wait.as_mut(), &task).is_pending());
        assert!(matches!(map.wake(&1, Counts(&dropped)), WakeOutcome::Woke));
        assert_eq!(dropped.get(), 0);
        let value = looks.then(|| poll(wait.as_mut(), &task));
        drop(wait);
        assert_eq!(dropped.get(), u32::from(!looks));
        drop(value);
        assert_eq!(dropped.get(), 1);
    }
    assert!(matches!(
        map.wake(&1, Counts(&dropped)),
        WakeOutcome::NoMatch(_)
    ));
    assert_eq!(dropped.get(), 2);
}

fn cancelling_gives_the_value_back<L: Lock>() {
    let map = Map::<L>::default();
    let (mut wait, task) = waiting(&map, 1);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    assert_eq!(wait.as_mut().cancel(), Some("one"));
    assert_eq!(wait.as_mut().cancel(), None);
    assert_eq!(
        poll(wait.as_mut(), &task),
        Poll::Ready(Err(WaitError::AlreadyConsumed))
    );

    let (mut wait, task) = waiting(&map, 1);
    assert_eq!(wait.as_mut().cancel(), None);
    assert_eq!((task.wakes(), task.live()), (0, 0));
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));
}

fn cancelling_a_wait_that_has_not_begun_ends_it<L: Lock>() {
    let (map, task) = (Map::<L>::default(), Probe::new());
    let mut wait = pin!(map.wait(1));
    assert_eq!(wait.as_mut().cancel(), None);
    assert_eq!(
        poll(wait, &task),
        Poll::Ready(Err(WaitError::AlreadyConsumed))
    );
    assert_eq!(map.wake(&1, "one"), WakeOutcome::NoMatch("one"));

    map.close();
    let mut wait = pin!(map.wait(1));
    assert_eq!(
        poll(wait.as_mut(), &task),
        Poll::Ready(Err(WaitError::Closed))
    );
    assert_eq!(wait.as_mut().cancel(), None);
    assert_eq!(poll(wait, &task), Poll::Ready(Err(WaitError::Closed)));
}

fn closing_ends_every_wait<L: Lock>() {
    // None, less than a batch, exactly one, more than two.
    for n in [0, 3, 16, 40] {
        let map = Map::<L>::default();
        assert!(!map.is_closed());
        let waits: Vec<_> = (0..n).map(|key| waiting(&map, key)).collect();
        map.close();
        assert!(map.is_closed());
        for (mut wait, task) in waits {
            assert_eq!((task.wakes(), task.live()), (1, 0));
            for _ in 0..2 {
                assert_eq!(
                    poll(wait.as_mut(), &task),
                    Poll::Ready(Err(WaitError::Closed))
                );
            }
        }
        let task = Probe::new();
        assert_eq!(
            poll(pin!(map.wait(1)), &task),
            Poll::Ready(Err(WaitError::Closed))
        );
        assert_eq!(task.live(), 0);
        assert_eq!(map.wake(&1, "late"), WakeOutcome::Closed("late"));
        map.close();
        assert!(map.is_closed());
    }
}

fn closing_is_final_when_waiters_leave<L: Lock>() {
    let map = Map::<L>::default();
    let (woken, _) = waiting(&map, 1);
    let (closed, _) = waiting(&map, 2);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    map.close();
    drop(woken);
    drop(closed);
    assert!(map.is_closed());
    assert_eq!(map.wake(&2, "late"), WakeOutcome::Closed("late"));
}

fn a_value_that_came_before_the_closing_is_given<L: Lock>() {
    let map = Map::<L>::default();
    let (mut wait, task) = waiting(&map, 1);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    map.close();
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok("one")));
    assert_eq!(task.wakes(), 1);
}

fn subscribing_takes_a_place<L: Lock>() {
    let (map, task) = (Map::<L>::default(), Probe::new());
    let mut wait = pin!(map.wait(1));
    for _ in 0..2 {
        assert_eq!(
            poll(pin!(wait.as_mut().subscribe()), &task),
            Poll::Ready(Ok(()))
        );
        assert_eq!(task.live(), 1);
    }
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    assert_eq!(task.wakes(), 1);
    assert_eq!(
        poll(pin!(wait.as_mut().subscribe()), &task),
        Poll::Ready(Ok(())),
        "its value is there"
    );
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok("one")));
    assert_eq!(
        poll(pin!(wait.as_mut().subscribe()), &task),
        Poll::Ready(Err(WaitError::AlreadyConsumed))
    );
    #[allow(deprecated, reason = "it must still be there")]
    let enqueue = wait.as_mut().enqueue();
    assert_eq!(
        poll(pin!(enqueue), &task),
        Poll::Ready(Err(WaitError::AlreadyConsumed))
    );
    map.close();
    assert_eq!(
        poll(pin!(pin!(map.wait(1)).subscribe()), &task),
        Poll::Ready(Err(WaitError::Closed))
    );
}

/// Defect 16: the reference gives up after the first wake-up.
fn waiting_for_a_condition_looks_after_each_wake_up<L: Lock>() {
    let (map, task, looks) = (Map::<L>::default(), Probe::new(), Cell::new(0));
    let mut wait = pin!(map.wait_for(1, || {
        looks.set(looks.get() + 1);
        looks.get() == 4
    }));
    for look in 1..4 {
        assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
        assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
        assert_eq!(
            looks.get(),
            look,
            "it looks when it is woken, not when it is polled"
        );
        assert_eq!(map.wake(&1, "look"), WakeOutcome::Woke);
        assert_eq!(task.wakes(), look);
    }
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(())));
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));

    // It is on the map before it looks.
    let outcome = RefCell::new(None);
    let mut wait = pin!(map.wait_for_value(1, || {
        *outcome.borrow_mut() = Some(map.wake(&1, "meanwhile"));
        Some(5)
    }));
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(5)));
    assert_eq!(outcome.take(), Some(WakeOutcome::Woke));
}

fn waiting_for_a_condition_ends_with_the_map<L: Lock>() {
    let (map, task) = (Map::<L>::default(), Probe::new());
    let (_first, _) = waiting(&map, 1);
    assert_eq!(
        poll(pin!(map.wait_for(1, || false)), &task),
        Poll::Ready(Err(WaitError::Duplicate))
    );
    let mut wait = pin!(map.wait_for(2, || false));
    assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
    map.close();
    assert_eq!(poll(wait, &task), Poll::Ready(Err(WaitError::Closed)));
}

fn a_value_counts_for_more_than_the_closing<L: Lock>() {
    let (map, task) = (Map::<L>::default(), Probe::new());
    map.close();
    assert_eq!(
        poll(pin!(map.wait_for_value(1, || Some(3))), &task),
        Poll::Ready(Ok(3))
    );
    assert_eq!(
        poll(pin!(map.wait_for(1, || true)), &task),
        Poll::Ready(Ok(()))
    );
}

fn what_is_shown_does_not_wait<L: Lock>() {
    let map = Map::<L>::default();
    assert!(format!("{map:?}").contains("Empty"));
    let (wait, _) = waiting(&map, 1);
    assert!(format!("{wait:?}").contains("Waiting"));
    map.close();
    assert!(format!("{map:?}").contains("Closed"));

    /// A key that shows its map when it is compared, with the lock held.
    struct Shows<L: Lock>(&'static OnceLock<WaitMap<Shows<L>, (), L>>);
    impl<L: Lock> PartialEq for Shows<L> {
        fn eq(&self, _: &Self) -> bool {
            format!("{:?}", self.0.get().expect("set")).contains("<locked>")
        }
    }

    let map: &'static _ = Box::leak(Box::new(OnceLock::new()));
    let shown = map.get_or_init(WaitMap::<Shows<L>, (), L>::default);
    let mut wait = Box::pin(shown.wait(Shows(map)));
    assert!(poll(wait.as_mut(), &Probe::new()).is_pending());
    assert_eq!(shown.wake(&Shows(map), ()), WakeOutcome::Woke);
}

#[cfg(feature = "alloc")]
fn owned_waits_keep_their_map<L: Lock>() {
    let (map, task) = (Arc::new(Map::<L>::default()), Probe::new());
    let mut wait = Box::pin(map.wait_owned(1));
    assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    drop(map);
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok("one")));
    assert_eq!(
        poll(wait.as_mut(), &task),
        Poll::Ready(Err(WaitError::AlreadyConsumed))
    );

    let map = Arc::new(Map::<L>::default());
    let mut wait = Box::pin(map.wait_owned(1));
    assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
    assert_eq!(map.wake(&1, "one"), WakeOutcome::Woke);
    assert_eq!(wait.as_mut().cancel(), Some("one"));
    let mut wait = Box::pin(map.wait_owned(1));
    assert_eq!(poll(wait.as_mut(), &task), Poll::Pending);
    drop(wait);
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));
}
