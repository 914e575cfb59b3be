//! Wakers that use the queue that holds them, and wakers that panic.
//!
//! All of it would deadlock or corrupt the queue if a waker were called, cloned or dropped under
//! its lock.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::Poll,
};

use pintle_sync::{Closed, WaitQueue, wait_queue::Wait};
use support::{Lock, Probe, for_each_lock, poll};

const WOKEN: Poll<Result<(), Closed>> = Poll::Ready(Ok(()));

for_each_lock![
    a_waker_may_use_the_queue_when_it_is_called,
    a_waker_may_use_the_queue_when_it_is_cloned,
    a_waker_may_use_the_queue_when_it_is_dropped,
    a_waker_may_drop_the_wait_that_it_wakes,
    a_waker_may_wake_all_while_all_are_woken,
    a_clone_that_panics_leaves_the_waiter_where_it_was,
    a_wake_that_panics_has_woken,
    wakes_that_panic_in_wake_all_do_not_keep_the_others_from_waking,
    a_drop_that_panics_leaves_the_queue_sound,
    a_waker_may_queue_up_again_while_many_are_woken,
    wakes_that_panic_in_wake_many_do_not_keep_the_others_from_waking,
];

type Waiting<L> = Vec<(Pin<Box<Wait<'static, L>>>, Arc<Probe>)>;

/// A queue that wakers and their hooks can hold on to.
fn leaked<L: Lock>() -> &'static WaitQueue<L> {
    Box::leak(Box::default())
}

fn waiting<L: Lock>(queue: &'static WaitQueue<L>, n: usize) -> Waiting<L> {
    (0..n)
        .map(|_| {
            let (mut wait, task) = (Box::pin(queue.wait()), Probe::new());
            assert!(poll(wait.as_mut(), &task).is_pending());
            (wait, task)
        })
        .collect()
}

/// Does everything that can be done with a queue, short of closing it, and leaves it as it was.
fn use_all_of<L: Lock>(queue: &WaitQueue<L>) {
    let stored = queue.try_wait().is_ready();
    assert!(!queue.is_closed());
    let mut waits = [Box::pin(queue.wait()), Box::pin(queue.wait())];
    for wait in &mut waits {
        let _ = poll(wait.as_mut(), &Probe::new());
    }
    drop(waits);
    if stored {
        queue.wake();
    }
}

/// Whether the queue still does what it is for.
fn assert_works<L: Lock>(queue: &'static WaitQueue<L>) {
    while queue.try_wait().is_ready() {}
    for n in [1, 2, 20] {
        let mut waits = waiting(queue, n);
        queue.wake();
        assert_eq!(poll(waits[0].0.as_mut(), &Probe::new()), WOKEN);
        queue.wake_all();
        for (wait, task) in &mut waits {
            assert_eq!(poll(wait.as_mut(), task), WOKEN);
            assert_eq!(task.wakes(), 1);
        }
    }
    assert!(queue.try_wait().is_pending());
}

fn a_waker_may_use_the_queue_when_it_is_called<L: Lock>() {
    for wake in [WaitQueue::<L>::wake, WaitQueue::<L>::wake_all] {
        let queue = leaked::<L>();
        let waits = waiting(queue, 1);
        waits[0].1.on_wake(|| use_all_of(queue));
        wake(queue);
        for (mut wait, task) in waits {
            assert_eq!(poll(wait.as_mut(), &task), WOKEN);
        }
        assert_works(queue);
    }
}

fn a_waker_may_use_the_queue_when_it_is_cloned<L: Lock>() {
    let (queue, task, other) = (leaked::<L>(), Probe::new(), Probe::new());
    task.on_clone(|| use_all_of(queue));
    let mut wait = pin!(queue.wait());
    assert!(poll(wait.as_mut(), &task).is_pending());
    assert!(poll(wait.as_mut(), &other).is_pending());
    assert!(
        poll(wait.as_mut(), &task).is_pending(),
        "cloned once more, to replace"
    );
    assert_eq!(task.clones(), 2);

    // What has been seen before the clone need not hold after it.
    other.on_clone(|| queue.wake());
    assert_eq!(poll(wait.as_mut(), &other), WOKEN);
    let mut wait = pin!(queue.wait());
    assert_eq!(poll(wait.as_mut(), &other), WOKEN, "woken while it arrived");
    other.disarm();
    task.disarm();
    assert_eq!((task.live(), other.live()), (0, 0));
    assert_works(queue);

    let (mut wait, task) = (pin!(queue.wait()), Probe::new());
    task.on_clone(|| queue.close());
    assert!(matches!(poll(wait.as_mut(), &task), Poll::Ready(Err(_))));
}

fn a_waker_may_use_the_queue_when_it_is_dropped<L: Lock>() {
    let (queue, task, other) = (leaked::<L>(), Probe::new(), Probe::new());
    // Dropped with its wait, and when it is replaced.
    let mut wait = Box::pin(queue.wait());
    assert!(poll(wait.as_mut(), &task).is_pending());
    task.on_drop(|| use_all_of(queue));
    drop(wait);
    let mut wait = Box::pin(queue.wait());
    assert!(poll(wait.as_mut(), &task).is_pending());
    assert!(poll(wait.as_mut(), &other).is_pending());
    task.disarm();
    drop(wait);
    assert_eq!((task.live(), other.live()), (0, 0));
    assert_works(queue);
}

fn a_waker_may_drop_the_wait_that_it_wakes<L: Lock>() {
    for (wake, left) in [
        (WaitQueue::<L>::wake as fn(&_), true),
        (WaitQueue::<L>::wake_all, false),
    ] {
        let queue = leaked::<L>();
        let (wait, task) = waiting(queue, 1).remove(0);
        let mut wait = Some(wait);
        task.on_wake(move || drop(wait.take()));
        wake(queue);
        task.disarm();
        assert_eq!(
            queue.try_wait().is_ready(),
            left,
            "a wake-up of its own is handed on"
        );
        assert_works(queue);
    }
}

fn a_waker_may_wake_all_while_all_are_woken<L: Lock>() {
    let queue = leaked::<L>();
    let late = Arc::new(Mutex::new(Vec::new()));
    let waits = waiting(queue, 40);
    waits[0].1.on_wake({
        let late = late.clone();
        move || {
            // Two drains at once, each with a guard of its own.
            let mut new = waiting(queue, 20);
            queue.wake_all();
            for (wait, task) in &mut new {
                assert_eq!(poll(wait.as_mut(), task), WOKEN);
            }
            late.lock().unwrap().extend(waiting(queue, 1));
        }
    });
    queue.wake_all();
    for (mut wait, task) in waits {
        task.disarm();
        assert_eq!(task.wakes(), 1);
        assert_eq!(poll(wait.as_mut(), &task), WOKEN);
    }
    let (mut wait, task) = late.lock().unwrap().pop().unwrap();
    assert!(poll(wait.as_mut(), &task).is_pending());
    drop(wait);
    assert_works(queue);
}

fn a_clone_that_panics_leaves_the_waiter_where_it_was<L: Lock>() {
    let (queue, task, other) = (leaked::<L>(), Probe::new(), Probe::new());
    let mut wait = Box::pin(queue.wait());
    task.on_clone(|| panic!("no clone"));
    for registered in [false, true] {
        assert!(catch_unwind(AssertUnwindSafe(|| poll(wait.as_mut(), &task))).is_err());
        if registered {
            queue.wake();
            assert_eq!(other.wakes(), 1, "the waker of the poll before");
        } else {
            assert!(poll(wait.as_mut(), &other).is_pending());
        }
    }
    assert_eq!(poll(wait.as_mut(), &task), WOKEN);
    assert_eq!((task.live(), other.live()), (0, 0));
    assert_works(queue);
}

fn a_wake_that_panics_has_woken<L: Lock>() {
    let queue = leaked::<L>();
    let mut waits = waiting(queue, 2);
    waits[0].1.on_wake(|| panic!("no wake"));
    assert!(catch_unwind(AssertUnwindSafe(|| queue.wake())).is_err());
    assert_eq!(poll(waits[0].0.as_mut(), &Probe::new()), WOKEN);
    queue.wake();
    assert_eq!(waits[1].1.wakes(), 1);
    drop(waits);
    assert_works(queue);
}

fn wakes_that_panic_in_wake_all_do_not_keep_the_others_from_waking<L: Lock>() {
    // One in each batch, or several in one: the first panic is passed on, the others are dropped.
    for panicking in [
        vec![0],
        vec![17],
        vec![39],
        vec![3, 4],
        vec![0, 16, 39],
        (0..40).collect(),
    ] {
        // Without `std` there is nothing to hold a second panic back.
        if panicking.len() > 1 && !cfg!(feature = "std") {
            continue;
        }
        for close in [false, true] {
            let queue = leaked::<L>();
            let mut waits = waiting(queue, 40);
            for &n in &panicking {
                waits[n].1.on_wake(move || panic!("no wake {n}"));
            }
            let all = || {
                if close {
                    queue.close()
                } else {
                    queue.wake_all()
                }
            };
            let payload = catch_unwind(AssertUnwindSafe(all)).unwrap_err();
            let message = payload.downcast::<String>().unwrap();
            assert_eq!(*message, format!("no wake {}", panicking[0]));
            for (wait, task) in &mut waits {
                assert_eq!((task.wakes(), task.live()), (1, 0));
                assert!(poll(wait.as_mut(), &Probe::new()).is_ready());
            }
            drop(waits);
            assert_eq!(queue.is_closed(), close);
            if !close {
                assert_works(queue);
            }
        }
    }
}

fn a_drop_that_panics_leaves_the_queue_sound<L: Lock>() {
    let (queue, task, other) = (leaked::<L>(), Probe::new(), Probe::new());
    let mut wait = Box::pin(queue.wait());
    assert!(poll(wait.as_mut(), &task).is_pending());
    task.on_drop(|| panic!("no drop"));
    // Replaced: the other is registered all the same.
    assert!(catch_unwind(AssertUnwindSafe(|| poll(wait.as_mut(), &other))).is_err());
    task.disarm();
    queue.wake();
    assert_eq!(other.wakes(), 1);
    assert_eq!(poll(wait.as_mut(), &other), WOKEN);
    // Cancelled: it has left.
    let mut wait = Box::pin(queue.wait());
    assert!(poll(wait.as_mut(), &task).is_pending());
    task.on_drop(|| panic!("no drop"));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(wait))).is_err());
    task.disarm();
    assert_works(queue);
}

fn a_waker_may_queue_up_again_while_many_are_woken<L: Lock>() {
    let queue = leaked::<L>();
    let late = Arc::new(Mutex::new(Vec::new()));
    let waits = waiting(queue, 20);
    waits[0].1.on_wake({
        let late = late.clone();
        move || {
            use_all_of(queue);
            late.lock().unwrap().extend(waiting(queue, 3));
        }
    });
    // As with 22 calls of `wake`: two of those who come after the first batch are woken as well.
    queue.wake_many(22);
    let mut late = std::mem::take(&mut *late.lock().unwrap());
    let woken: Vec<_> = late.iter().map(|(_, task)| task.wakes()).collect();
    assert_eq!(woken, [1, 1, 0]);
    for (mut wait, task) in waits.into_iter().chain(late.drain(..2)) {
        task.disarm();
        assert_eq!(poll(wait.as_mut(), &task), WOKEN);
    }
    drop(late);
    assert_works(queue);
}

fn wakes_that_panic_in_wake_many_do_not_keep_the_others_from_waking<L: Lock>() {
    for panicking in [0, 15, 16, 29] {
        let queue = leaked::<L>();
        let mut waits = waiting(queue, 40);
        waits[panicking].1.on_wake(|| panic!("no wake"));
        assert!(catch_unwind(AssertUnwindSafe(|| queue.wake_many(30))).is_err());
        for (n, (wait, task)) in waits.iter_mut().enumerate() {
            assert_eq!(task.wakes(), usize::from(n < 30));
            assert_eq!(poll(wait.as_mut(), &Probe::new()).is_ready(), n < 30);
        }
        drop(waits);
        assert_works(queue);
    }
}
