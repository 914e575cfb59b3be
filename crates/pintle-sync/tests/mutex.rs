//! `Mutex`, one step at a time: who gets it, who is woken, and what is left.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use pintle_sync::{
    Mutex, MutexGuard,
    blocking::DefaultMutex,
    mutex::{self, MappedMutexGuard},
};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    it_guards,
    who_waits_is_served_in_order,
    nobody_overtakes,
    a_waiter_that_leaves_is_skipped,
    one_that_was_handed_the_lock_hands_it_on,
    the_latest_waker_is_called,
    a_future_that_has_completed_gives_no_second_guard,
    a_panic_unlocks,
    it_is_shown,
    a_guard_may_be_for_a_part,
];

#[test]
fn it_is_small() {
    assert!(size_of::<Mutex<()>>() <= 4 * size_of::<usize>());
    assert!(size_of::<mutex::Lock<'_, ()>>() <= 7 * size_of::<usize>());
    assert_eq!(size_of::<MutexGuard<'_, u64>>(), size_of::<usize>());
}

#[test]
fn it_can_be_a_static_and_unsized() {
    static ONE: Mutex<u32> = Mutex::new(1);
    *ONE.try_lock().unwrap() += 1;
    assert_eq!(*ONE.try_lock().unwrap(), 2);

    let unsized_one: &Mutex<[u32]> = &Mutex::new([1, 2, 3]);
    unsized_one.try_lock().unwrap()[1] = 4;
    assert_eq!(*unsized_one.try_lock().unwrap(), [1, 4, 3]);
    assert_eq!(*Mutex::from(5).get_mut(), 5);
    let _: Mutex<Vec<u8>, DefaultMutex> = Mutex::default();
}

fn new<T, L: Lock>(data: T) -> Mutex<T, L> {
    Mutex::new_with_raw_mutex(data, L::default())
}

type Waiting<'a, L> = (Pin<Box<mutex::Lock<'a, u32, L>>>, Arc<Probe>);

fn waiting<L: Lock>(mutex: &Mutex<u32, L>, n: usize) -> Vec<Waiting<'_, L>> {
    (0..n)
        .map(|_| {
            let (mut lock, task) = (Box::pin(mutex.lock()), Probe::new());
            assert!(poll(lock.as_mut(), &task).is_pending());
            (lock, task)
        })
        .collect()
}

/// What a lock that was polled must have given.
fn ready<T>(poll: Poll<T>) -> T {
    match poll {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it has to wait"),
    }
}

fn it_guards<L: Lock>() {
    let mut mutex = new::<_, L>(1);
    let mut guard = ready(poll(pin!(mutex.lock()), &Probe::new()));
    *guard += 1;
    assert!(mutex.try_lock().is_none());
    drop(guard);
    assert_eq!(*mutex.try_lock().unwrap(), 2);
    *mutex.get_mut() += 1;
    assert_eq!(mutex.into_inner(), 3);
}

fn who_waits_is_served_in_order<L: Lock>() {
    let mutex = new::<_, L>(0);
    let mut guard = mutex.try_lock().unwrap();
    for (n, (mut lock, task)) in (0..).zip(waiting(&mutex, 20)) {
        assert_eq!(task.wakes(), 0);
        drop(guard);
        assert_eq!((task.wakes(), task.live()), (1, 0));
        guard = ready(poll(lock.as_mut(), &task));
        assert_eq!(*guard, n);
        *guard += 1;
    }
    drop(guard);
    assert!(mutex.try_lock().is_some());
}

fn nobody_overtakes<L: Lock>() {
    let mutex = new::<_, L>(0);
    let guard = mutex.try_lock().unwrap();
    let (mut first, task) = waiting(&mutex, 1).remove(0);
    drop(guard);
    assert!(mutex.try_lock().is_none(), "it is the first one's");
    let (mut second, second_task) = waiting(&mutex, 1).remove(0);
    let guard = ready(poll(first.as_mut(), &task));
    drop(first);
    assert_eq!(second_task.wakes(), 0);
    drop(guard);
    assert_eq!(second_task.wakes(), 1);
    let _ = ready(poll(second.as_mut(), &second_task));
}

fn a_waiter_that_leaves_is_skipped<L: Lock>() {
    for leaves in 0..3 {
        let mutex = new::<_, L>(0);
        let guard = mutex.try_lock().unwrap();
        let mut waits = waiting(&mutex, 3);
        let (left, task) = waits.remove(leaves);
        drop(left);
        assert_eq!((task.wakes(), task.live()), (0, 0));
        drop(guard);
        for (mut lock, task) in waits {
            assert_eq!(task.wakes(), 1);
            drop(ready(poll(lock.as_mut(), &task)));
        }
        assert!(mutex.try_lock().is_some());
    }
    // The last who waits.
    let mutex = new::<_, L>(0);
    let guard = mutex.try_lock().unwrap();
    drop(waiting(&mutex, 1));
    drop(guard);
    assert!(mutex.try_lock().is_some());
    // One who has not been polled.
    drop(mutex.lock());
    assert!(mutex.try_lock().is_some());
}

fn one_that_was_handed_the_lock_hands_it_on<L: Lock>() {
    let mutex = new::<_, L>(0);
    let guard = mutex.try_lock().unwrap();
    let mut waits = waiting(&mutex, 3);
    drop(guard);
    for _ in 0..3 {
        let (lock, task) = waits.remove(0);
        assert_eq!(task.wakes(), 1);
        drop(lock);
    }
    assert!(mutex.try_lock().is_some());
}

fn the_latest_waker_is_called<L: Lock>() {
    let mutex = new::<_, L>(0);
    let guard = mutex.try_lock().unwrap();
    let (mut lock, first) = waiting(&mutex, 1).remove(0);
    assert!(poll(lock.as_mut(), &first).is_pending());
    assert_eq!(first.clones(), 1, "the same task is not cloned again");
    let second = Probe::new();
    assert!(poll(lock.as_mut(), &second).is_pending());
    assert_eq!((first.live(), second.live()), (0, 1));
    drop(guard);
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
    let _ = ready(poll(lock.as_mut(), &first));
}

/// Defect 5: it gave a second guard while the first was alive.
fn a_future_that_has_completed_gives_no_second_guard<L: Lock>() {
    let mutex = new::<_, L>(0);
    for waits in [false, true] {
        let guard = waits.then(|| mutex.try_lock().unwrap());
        let (mut lock, task) = (pin!(mutex.lock()), Probe::new());
        if waits {
            assert!(poll(lock.as_mut(), &task).is_pending());
        }
        drop(guard);
        let guard = ready(poll(lock.as_mut(), &task));
        for _ in 0..2 {
            assert!(poll(lock.as_mut(), &task).is_pending());
        }
        drop(guard);
        assert!(
            poll(lock.as_mut(), &task).is_pending(),
            "also when it could be had"
        );
        assert_eq!(task.live(), 0);
        assert!(mutex.try_lock().is_some());
    }
}

fn a_panic_unlocks<L: Lock>() {
    let mutex = new::<_, L>(0);
    let result = catch_unwind(|| {
        *mutex.try_lock().unwrap() += 1;
        let _guard = mutex.try_lock().unwrap();
        panic!("with the guard");
    });
    assert!(result.is_err());
    assert_eq!(*mutex.try_lock().unwrap(), 1);
}

fn it_is_shown<L: Lock>() {
    let mutex = new::<_, L>(7);
    assert_eq!(format!("{mutex:?}"), "Mutex { data: 7, .. }");
    let guard = mutex.try_lock().unwrap();
    assert_eq!(format!("{guard:?} {guard}"), "7 7");
    assert_eq!(format!("{mutex:?}"), "Mutex { data: <locked>, .. }");
    let (lock, _) = waiting(&mutex, 1).remove(0);
    assert_eq!(format!("{lock:?}"), "Lock { place: Waiting, .. }");
}

fn a_guard_may_be_for_a_part<L: Lock>() {
    let mutex = new::<_, L>((1, vec![2, 3]));
    let guard = MutexGuard::map(mutex.try_lock().unwrap(), |it| &mut it.1);
    let guard = MappedMutexGuard::try_map(guard, |it| it.get_mut(7)).unwrap_err();
    let mut guard = MappedMutexGuard::map(guard, |it| &mut it[1]);
    *guard += 1;
    assert_eq!(format!("{guard:?} {guard}"), "4 4");
    assert!(mutex.try_lock().is_none());
    drop(guard);
    let guard = mutex.try_lock().unwrap();
    let guard = MutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
    assert_eq!(guard.1, [2, 4]);
    assert!(std::ptr::eq(MutexGuard::mutex(&guard), &mutex));
    let map = || drop(MutexGuard::map(guard, |_| -> &mut u8 { panic!("no part") }));
    assert!(catch_unwind(AssertUnwindSafe(map)).is_err());
    assert!(mutex.try_lock().is_some());
}

#[cfg(feature = "alloc")]
mod owned {
    use pintle_sync::{OwnedMutexGuard, mutex::OwnedMappedMutexGuard};

    use super::*;

    for_each_lock![
        it_keeps_the_mutex_alive,
        it_waits_and_leaves,
        it_may_be_for_a_part
    ];

    fn it_keeps_the_mutex_alive<L: Lock>() {
        let mutex = Arc::new(new::<_, L>(1));
        let mut guard = mutex.clone().try_lock_owned().unwrap();
        let mutex = mutex.try_lock_owned().unwrap_err();
        assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex));
        let weak = Arc::downgrade(&mutex);
        drop(mutex);
        *guard += 1;
        assert_eq!(format!("{guard:?} {guard}"), "2 2");
        drop(guard);
        assert!(weak.upgrade().is_none());
    }

    fn it_waits_and_leaves<L: Lock>() {
        let mutex = Arc::new(new::<_, L>(1));
        let guard = mutex.try_lock().unwrap();
        let (mut first, task) = (Box::pin(mutex.clone().lock_owned()), Probe::new());
        let (mut second, second_task) = (Box::pin(mutex.clone().lock_owned()), Probe::new());
        assert!(poll(first.as_mut(), &task).is_pending());
        assert!(poll(second.as_mut(), &second_task).is_pending());
        drop(guard);
        drop(first);
        assert_eq!((task.wakes(), second_task.wakes()), (1, 1));
        let guard = ready(poll(second.as_mut(), &second_task));
        assert!(poll(second.as_mut(), &second_task).is_pending());
        drop(guard);
        assert!(poll(second.as_mut(), &second_task).is_pending());
        assert_eq!(second_task.live(), 0);
        assert_eq!(
            Arc::strong_count(&mutex),
            1,
            "what has completed keeps nothing"
        );
        drop(second);
        assert!(mutex.try_lock().is_some());
    }

    fn it_may_be_for_a_part<L: Lock>() {
        let mutex = Arc::new(new::<_, L>((1, vec![2, 3])));
        let guard = mutex.clone().try_lock_owned().unwrap();
        let guard = OwnedMutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
        let guard = OwnedMutexGuard::map(guard, |it| &mut it.1);
        let guard = OwnedMappedMutexGuard::try_map(guard, |it| it.get_mut(7)).unwrap_err();
        let mut guard = OwnedMappedMutexGuard::map(guard, |it| &mut it[1]);
        assert!(Arc::ptr_eq(OwnedMappedMutexGuard::mutex(&guard), &mutex));
        *guard += 1;
        assert_eq!(Arc::strong_count(&mutex), 2);
        drop(guard);
        assert_eq!(Arc::into_inner(mutex).unwrap().into_inner().1, [2, 4]);
    }
}
