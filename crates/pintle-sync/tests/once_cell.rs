//! `OnceCell`, stepped by hand.
#![cfg(not(loom))]

mod support;

use std::{
    cell::Cell,
    future::{Future, pending, poll_fn, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use pintle_sync::{OnceCell, once_cell::SetError};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    the_first_makes_the_value_and_all_get_it,
    who_comes_while_it_is_made_waits,
    who_is_cancelled_leaves_it_to_the_next,
    who_is_cancelled_after_it_was_its_turn_leaves_it_to_the_next,
    an_error_leaves_it_to_the_next,
    a_panic_leaves_it_to_the_next,
    a_value_is_set_once,
    the_value_is_dropped_once,
    a_waker_may_use_the_cell,
];

type Cell32<L> = OnceCell<u32, L>;
type Get<'a> = Pin<Box<dyn Future<Output = u32> + 'a>>;

/// Asks for the value, and makes it if it is its turn and `when` says so.
fn get<'a, L: Lock>(cell: &'a Cell32<L>, value: u32, when: &'a Cell<bool>) -> Get<'a> {
    Box::pin(async move {
        let make = || {
            poll_fn(move |_| {
                if when.get() {
                    Poll::Ready(value)
                } else {
                    Poll::Pending
                }
            })
        };
        *cell.get_or_init(make).await
    })
}

fn the_first_makes_the_value_and_all_get_it<L: Lock>() {
    let (cell, task) = (Cell32::<L>::default(), Probe::new());
    assert_eq!((cell.get(), cell.initialized()), (None, false));
    assert_eq!(
        poll(pin!(cell.get_or_init(|| ready(1))), &task),
        Poll::Ready(&1)
    );
    let never = || -> std::future::Pending<u32> { panic!("it is there") };
    assert_eq!(poll(pin!(cell.get_or_init(never)), &task), Poll::Ready(&1));
    assert_eq!((cell.get(), cell.initialized()), (Some(&1), true));
}

fn who_comes_while_it_is_made_waits<L: Lock>() {
    let (cell, ready) = (Cell32::<L>::default(), Cell::new(false));
    let tasks: Vec<Arc<Probe>> = (0..20).map(|_| Probe::new()).collect();
    let mut gets: Vec<_> = (0..20).map(|n| get(&cell, n, &ready)).collect();
    for (get, task) in gets.iter_mut().zip(&tasks) {
        assert!(poll(get.as_mut(), task).is_pending());
    }
    assert_eq!(cell.set(9), Err(SetError::InitializingError(9)));
    ready.set(true);
    assert_eq!(poll(gets[0].as_mut(), &tasks[0]), Poll::Ready(0));
    assert!(tasks[1..].iter().all(|task| task.wakes() == 1));
    for (get, task) in gets.iter_mut().zip(&tasks).skip(1) {
        assert_eq!(poll(get.as_mut(), task), Poll::Ready(0));
    }
}

fn who_is_cancelled_leaves_it_to_the_next<L: Lock>() {
    let (cell, ready) = (Cell32::<L>::default(), Cell::new(false));
    let (first, second, third) = (Probe::new(), Probe::new(), Probe::new());
    let mut gets: Vec<_> = (0..3).map(|n| get(&cell, n, &ready)).collect();
    for (get, task) in gets.iter_mut().zip([&first, &second, &third]) {
        assert!(poll(get.as_mut(), task).is_pending());
    }
    drop(gets.remove(0));
    assert_eq!((second.wakes(), third.wakes()), (1, 0));
    assert!(!cell.initialized());
    assert!(
        poll(gets[0].as_mut(), &second).is_pending(),
        "it makes it now"
    );
    ready.set(true);
    assert_eq!(poll(gets[0].as_mut(), &second), Poll::Ready(1));
    assert_eq!(poll(gets[1].as_mut(), &third), Poll::Ready(1));

    // Nobody waits: the next to come makes it.
    let (cell, ready) = (Cell32::<L>::default(), Cell::new(false));
    let mut lone = get(&cell, 1, &ready);
    assert!(poll(lone.as_mut(), &first).is_pending());
    drop(lone);
    assert_eq!(cell.set(2), Ok(()));
}

fn who_is_cancelled_after_it_was_its_turn_leaves_it_to_the_next<L: Lock>() {
    let (cell, ready) = (Cell32::<L>::default(), Cell::new(false));
    let tasks = [Probe::new(), Probe::new(), Probe::new()];
    let mut gets: Vec<_> = (0..3).map(|n| get(&cell, n, &ready)).collect();
    for (get, task) in gets.iter_mut().zip(&tasks) {
        assert!(poll(get.as_mut(), task).is_pending());
    }
    drop(gets.remove(0));
    // Woken, not polled since.
    drop(gets.remove(0));
    assert_eq!(tasks[2].wakes(), 1);
    ready.set(true);
    assert_eq!(poll(gets[0].as_mut(), &tasks[2]), Poll::Ready(2));
}

fn an_error_leaves_it_to_the_next<L: Lock>() {
    let (cell, task) = (Cell32::<L>::default(), Probe::new());
    let fails = || ready(Err::<u32, _>("no"));
    assert_eq!(
        poll(pin!(cell.get_or_try_init(fails)), &task),
        Poll::Ready(Err("no"))
    );
    assert_eq!(cell.get(), None);
    let works = || ready(Ok::<_, &str>(5));
    assert_eq!(
        poll(pin!(cell.get_or_try_init(works)), &task),
        Poll::Ready(Ok(&5))
    );
    assert_eq!(
        poll(pin!(cell.get_or_try_init(fails)), &task),
        Poll::Ready(Ok(&5))
    );
}

fn a_panic_leaves_it_to_the_next<L: Lock>() {
    let (cell, task) = (Cell32::<L>::default(), Probe::new());
    let in_call = || -> std::future::Pending<u32> { panic!("in the call") };
    let in_poll = || poll_fn(|_| -> Poll<u32> { panic!("in the poll") });
    let get = AssertUnwindSafe(|| poll(pin!(cell.get_or_init(in_call)), &task).is_ready());
    assert!(catch_unwind(get).is_err());
    let get = AssertUnwindSafe(|| poll(pin!(cell.get_or_init(in_poll)), &task).is_ready());
    assert!(catch_unwind(get).is_err());
    assert_eq!(
        poll(pin!(cell.get_or_init(|| ready(3))), &task),
        Poll::Ready(&3)
    );
}

fn a_value_is_set_once<L: Lock>() {
    let mut cell = Cell32::<L>::default();
    assert_eq!(cell.get_mut(), None);
    assert_eq!(cell.set(1), Ok(()));
    let error = cell.set(2).unwrap_err();
    assert!(error.is_already_init_err() && !error.is_initializing_err());
    assert_eq!(error.into_inner(), 2);
    *cell.get_mut().unwrap() += 10;
    assert_eq!(cell.clone().into_inner(), Some(11));
    assert!(cell == cell.clone());
    assert!(cell != Cell32::<L>::default());
    assert_eq!(cell.take(), Some(11));
    assert_eq!(cell.get(), None);
    assert_eq!(cell.take(), None);
    assert_eq!(cell.set(3), Ok(()));
    assert_eq!(Cell32::<L>::from(4).get(), Some(&4));
    assert_eq!(Cell32::<L>::default().into_inner(), None);

    let made = OnceCell::new_with(Some(1));
    assert_eq!(made.get(), Some(&1));
    assert_eq!(OnceCell::<u32>::new_with(None).get(), None);
}

fn the_value_is_dropped_once<L: Lock>() {
    let value = Rc::new(());
    let cell = OnceCell::<Rc<()>, L>::default();
    drop(cell.clone());
    cell.set(value.clone()).unwrap();
    assert_eq!(Rc::strong_count(&value), 2);
    drop(cell.clone());
    assert_eq!(Rc::strong_count(&value), 2);
    drop(cell);
    assert_eq!(Rc::strong_count(&value), 1);
    let cell = OnceCell::<Rc<()>, L>::from(value.clone());
    let back = cell.into_inner();
    assert_eq!(Rc::strong_count(&value), 2);
    drop(back);
    let cell = OnceCell::<Rc<()>, L>::from(value.clone());
    drop(cell.set(value.clone()));
    drop(cell);
    assert_eq!(Rc::strong_count(&value), 1);
}

fn a_waker_may_use_the_cell<L: Lock>() {
    let cell: &'static Cell32<L> = Box::leak(Box::default());
    let (first, second) = (Probe::new(), Probe::new());
    let mut making = Box::pin(cell.get_or_init(pending));
    assert!(poll(making.as_mut(), &first).is_pending());
    let mut waits = Box::pin(cell.get_or_init(|| ready(2)));
    assert!(poll(waits.as_mut(), &second).is_pending());
    second.on_wake(|| {
        assert_eq!(cell.get(), None);
        let late = poll(pin!(cell.get_or_init(|| ready(3))), &Probe::new());
        assert!(late.is_pending(), "it is another's turn");
    });
    drop(making);
    assert_eq!(second.wakes(), 1);
    assert_eq!(poll(waits.as_mut(), &second), Poll::Ready(&2));
}
