//! `Semaphore`, one step at a time: who gets permits, who is woken, and what is left.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use pintle_sync::{
    Closed, Semaphore,
    blocking::DefaultMutex,
    semaphore::{Acquire, Permit, TryAcquireError},
};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    permits_are_taken_and_given_back,
    who_waits_is_served_in_order,
    who_needs_many_is_not_overtaken,
    who_waits_behind_one_who_leaves_may_need_less,
    one_that_was_given_permits_gives_them_on,
    many_are_served_at_once,
    zero_permits_are_always_there,
    closing_ends_every_wait,
    a_permit_that_comes_back_does_not_reopen,
    too_many_permits_change_nothing,
    permits_that_no_word_counts_change_nothing,
    a_future_that_has_completed_gives_no_second_permit,
    permits_are_forgotten,
    permits_are_split_and_merged,
];

const MAX: usize = Semaphore::<DefaultMutex>::MAX_PERMITS;

#[test]
fn it_is_small() {
    assert!(size_of::<Semaphore>() <= 4 * size_of::<usize>());
    assert!(size_of::<Acquire<'_>>() <= size_of::<[usize; 8]>());
}

#[test]
fn it_can_be_a_static() {
    static SEMAPHORE: Semaphore = Semaphore::new(MAX);
    assert_eq!(SEMAPHORE.try_acquire(MAX).unwrap().permits(), MAX);
    assert!(catch_unwind(|| Semaphore::new(MAX + 1)).is_err());
    assert!(catch_unwind(|| drop(SEMAPHORE.acquire(MAX + 1))).is_err());
    assert_eq!(
        SEMAPHORE.try_acquire(usize::MAX).unwrap_err(),
        TryAcquireError::InsufficientPermits
    );
}

fn new<L: Lock>(permits: usize) -> Semaphore<L> {
    Semaphore::new_with_raw_mutex(permits, L::default())
}

type Waiting<'a, L> = (Pin<Box<Acquire<'a, L>>>, Arc<Probe>);

fn waiting<L: Lock>(semaphore: &Semaphore<L>, permits: usize) -> Waiting<'_, L> {
    let (mut acquire, task) = (Box::pin(semaphore.acquire(permits)), Probe::new());
    assert!(poll(acquire.as_mut(), &task).is_pending());
    (acquire, task)
}

/// Gives the permit of somebody who has been served.
fn served<'a, L: Lock>((acquire, task): &mut Waiting<'a, L>) -> Permit<'a, L> {
    assert_eq!((task.wakes(), task.live()), (1, 0));
    match poll(acquire.as_mut(), task) {
        Poll::Ready(permit) => permit.expect("it is not closed"),
        Poll::Pending => panic!("woken for nothing"),
    }
}

fn not_served<L: Lock>((acquire, task): &mut Waiting<'_, L>) {
    assert_eq!((task.wakes(), task.live()), (0, 1));
    assert!(poll(acquire.as_mut(), task).is_pending());
}

fn permits_are_taken_and_given_back<L: Lock>() {
    let semaphore = new::<L>(5);
    let one = semaphore.try_acquire(2).unwrap();
    let Poll::Ready(Ok(two)) = poll(pin!(semaphore.acquire(2)), &Probe::new()) else {
        panic!("there are enough")
    };
    assert_eq!(semaphore.available_permits(), 1);
    let error = semaphore.try_acquire(2).unwrap_err();
    assert_eq!(error, TryAcquireError::InsufficientPermits);
    assert_eq!((one.permits(), two.permits()), (2, 2));
    drop(one);
    assert_eq!(semaphore.available_permits(), 3);
    drop(two);
    semaphore.add_permits(2);
    assert_eq!(semaphore.available_permits(), 7);
    assert_eq!(
        format!("{semaphore:?}"),
        "Semaphore { available_permits: 7, is_closed: false, .. }"
    );
}

fn who_waits_is_served_in_order<L: Lock>() {
    let semaphore = new::<L>(0);
    let mut waits: Vec<_> = [1, 2, 1].map(|n| waiting(&semaphore, n)).into();
    semaphore.add_permits(1);
    served(&mut waits[0]).forget();
    semaphore.add_permits(1);
    not_served(&mut waits[1]);
    semaphore.add_permits(2);
    served(&mut waits[1]).forget();
    served(&mut waits[2]).forget();
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 1);
}

fn who_needs_many_is_not_overtaken<L: Lock>() {
    let semaphore = new::<L>(2);
    let mut many = waiting(&semaphore, 3);
    let mut few = waiting(&semaphore, 1);
    assert_eq!(semaphore.available_permits(), 0, "they are the first one's");
    assert!(semaphore.try_acquire(1).is_err());
    assert_eq!(semaphore.forget_permits(1), 0);
    semaphore.add_permits(1);
    let permit = served(&mut many);
    not_served(&mut few);
    drop(permit);
    let _permit = served(&mut few);
    assert_eq!(semaphore.available_permits(), 2);
}

fn who_waits_behind_one_who_leaves_may_need_less<L: Lock>() {
    let semaphore = new::<L>(2);
    let mut waits: Vec<_> = [4, 1, 3, 1].map(|n| waiting(&semaphore, n)).into();
    let (left, task) = waits.remove(0);
    drop(left);
    assert_eq!((task.wakes(), task.live()), (0, 0));
    let one = served(&mut waits[0]);
    not_served(&mut waits[1]);
    not_served(&mut waits[2]);
    drop(waits.remove(1));
    let two = served(&mut waits[1]);
    assert_eq!(semaphore.available_permits(), 0);
    drop((one, two));
    assert_eq!(semaphore.available_permits(), 2);
}

fn one_that_was_given_permits_gives_them_on<L: Lock>() {
    let semaphore = new::<L>(0);
    let (two, mut one, mut another) = (
        waiting(&semaphore, 2),
        waiting(&semaphore, 1),
        waiting(&semaphore, 1),
    );
    semaphore.add_permits(2);
    assert_eq!(two.1.wakes(), 1);
    not_served(&mut one);
    drop(two);
    let permits = (served(&mut one), served(&mut another));
    assert_eq!(semaphore.available_permits(), 0);
    drop(permits);
    assert_eq!(semaphore.available_permits(), 2);
}

fn many_are_served_at_once<L: Lock>() {
    for n in [15, 16, 17, 40] {
        let semaphore = new::<L>(0);
        let mut waits: Vec<_> = (0..n).map(|_| waiting(&semaphore, 1)).collect();
        semaphore.add_permits(n - 1);
        for wait in &mut waits[..n - 1] {
            served(wait).forget();
        }
        not_served(&mut waits[n - 1]);
        assert_eq!(semaphore.available_permits(), 0);
    }
}

fn zero_permits_are_always_there<L: Lock>() {
    let semaphore = new::<L>(0);
    assert_eq!(semaphore.try_acquire(0).unwrap().permits(), 0);
    let _waiting = waiting(&semaphore, 1);
    assert!(poll(pin!(semaphore.acquire(0)), &Probe::new()).is_ready());
    assert!(semaphore.try_acquire(0).is_ok());
    semaphore.close();
    assert!(semaphore.try_acquire(0).is_err());
    let acquired = poll(pin!(semaphore.acquire(0)), &Probe::new());
    assert!(matches!(acquired, Poll::Ready(Err(Closed { .. }))));
}

fn closing_ends_every_wait<L: Lock>() {
    for n in [0, 1, 16, 17, 40] {
        let semaphore = new::<L>(1);
        let permit = semaphore.try_acquire(1).unwrap();
        let mut given = waiting(&semaphore, 1);
        let mut waits: Vec<_> = (0..n).map(|_| waiting(&semaphore, 2)).collect();
        drop(permit);
        let early = semaphore.acquire(1);
        semaphore.close();
        assert!(semaphore.is_closed());
        for (acquire, task) in &mut waits {
            assert_eq!((task.wakes(), task.live()), (1, 0));
            for _ in 0..2 {
                assert!(matches!(
                    poll(acquire.as_mut(), task),
                    Poll::Ready(Err(Closed { .. }))
                ));
            }
        }
        assert!(matches!(
            poll(pin!(early), &Probe::new()),
            Poll::Ready(Err(Closed { .. }))
        ));
        let error = semaphore.try_acquire(1).unwrap_err();
        assert_eq!(error, TryAcquireError::Closed);
        drop(served(&mut given));
        semaphore.close();
        assert!(semaphore.is_closed());
    }
}

/// Defects 13 and 36.
fn a_permit_that_comes_back_does_not_reopen<L: Lock>() {
    let semaphore = new::<L>(2);
    let permit = semaphore.try_acquire(1).unwrap();
    semaphore.close();
    drop(permit);
    semaphore.add_permits(3);
    assert!(semaphore.is_closed());
    assert_eq!(semaphore.available_permits(), 0);
    assert!(semaphore.try_acquire(1).is_err());
}

/// Defect 17: the overflow closed it.
fn too_many_permits_change_nothing<L: Lock>() {
    let semaphore = new::<L>(MAX - 1);
    let add = |n| catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(n)));
    let message = *add(2).unwrap_err().downcast::<String>().unwrap();
    assert_eq!(
        message,
        "the semaphore would have more than MAX_PERMITS permits"
    );
    assert!(add(usize::MAX).is_err());
    assert_eq!(semaphore.available_permits(), MAX - 1);

    // Also where somebody waits.
    let mut wait = waiting(&semaphore, MAX);
    assert!(semaphore.try_add_permits(2).is_err());
    assert!(semaphore.try_add_permits(usize::MAX).is_err());
    not_served(&mut wait);
    semaphore.add_permits(1);
    let permit = served(&mut wait);

    // What comes back beyond it is dropped, since a drop cannot refuse.
    semaphore.add_permits(5);
    drop(permit);
    assert_eq!(semaphore.available_permits(), MAX);
    assert!(!semaphore.is_closed());
    assert!(semaphore.try_acquire(1).is_ok());
}

/// Who adds while others are out gets at more than a word counts.
fn permits_that_no_word_counts_change_nothing<L: Lock>() {
    let semaphore = new::<L>(MAX);
    let mut all = semaphore.try_acquire(MAX).unwrap();
    for _ in 0..9 {
        semaphore.add_permits(MAX);
        all.merge(semaphore.try_acquire(MAX).unwrap());
    }
    assert_eq!(all.permits(), usize::MAX);
    assert_eq!(all.split(MAX + 1).unwrap().permits(), MAX + 1);
    assert_eq!(semaphore.available_permits(), MAX);
    let taken = semaphore.try_acquire(MAX - 1).unwrap();
    let (mut many, mut one) = (waiting(&semaphore, MAX), waiting(&semaphore, 1));
    drop(all);
    drop(served(&mut many));
    drop(served(&mut one));
    drop(taken);
    assert_eq!(semaphore.available_permits(), MAX);
    semaphore.close();
    assert!(semaphore.is_closed());
}

fn a_future_that_has_completed_gives_no_second_permit<L: Lock>() {
    let (semaphore, task) = (new::<L>(2), Probe::new());
    let mut acquire = pin!(semaphore.acquire(1));
    let permit = poll(acquire.as_mut(), &task);
    assert!(permit.is_ready());
    assert!(poll(acquire.as_mut(), &task).is_pending());
    assert_eq!(semaphore.available_permits(), 1);
    semaphore.close();
    assert!(poll(acquire.as_mut(), &task).is_pending());
    assert_eq!(task.live(), 0);
}

fn permits_are_forgotten<L: Lock>() {
    let semaphore = new::<L>(5);
    semaphore.try_acquire(2).unwrap().forget();
    assert_eq!(semaphore.available_permits(), 3);
    assert_eq!(semaphore.forget_permits(2), 2);
    assert_eq!(semaphore.forget_permits(usize::MAX), 1);
    assert_eq!(semaphore.forget_permits(1), 0);
}

fn permits_are_split_and_merged<L: Lock>() {
    let (semaphore, other) = (new::<L>(5), new::<L>(1));
    let mut permit = semaphore.try_acquire(4).unwrap();
    assert!(std::ptr::eq(permit.semaphore(), &semaphore));
    let mut split = permit.split(3).unwrap();
    assert!(permit.split(2).is_none());
    assert_eq!((permit.permits(), split.permits()), (1, 3));
    split.merge(permit);
    assert_eq!(split.permits(), 4);
    let foreign = other.try_acquire(1).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| split.merge(foreign))).is_err());
    assert_eq!((split.permits(), other.available_permits()), (4, 1));
    drop(split);
    assert_eq!(semaphore.available_permits(), 5);
}

#[cfg(feature = "alloc")]
mod owned {
    use super::*;

    for_each_lock![it_keeps_the_semaphore_alive, it_waits_and_leaves];

    fn it_keeps_the_semaphore_alive<L: Lock>() {
        let semaphore = Arc::new(new::<L>(3));
        let mut permit = semaphore.try_acquire_owned(3).unwrap();
        let split = permit.split(1).unwrap();
        assert_eq!(Arc::strong_count(&semaphore), 3);
        permit.merge(split);
        permit.split(2).unwrap().forget();
        assert_eq!(Arc::strong_count(&semaphore), 2);
        let weak = Arc::downgrade(&semaphore);
        drop(semaphore);
        assert_eq!(permit.semaphore().available_permits(), 0);
        drop(permit);
        assert!(weak.upgrade().is_none());
    }

    fn it_waits_and_leaves<L: Lock>() {
        let semaphore = Arc::new(new::<L>(0));
        let tasks = [(); 2].map(|()| Probe::new());
        let mut waits = [1, 1].map(|n| Box::pin(semaphore.acquire_owned(n)));
        for (wait, task) in waits.iter_mut().zip(&tasks) {
            assert!(poll(wait.as_mut(), task).is_pending());
        }
        semaphore.add_permits(1);
        let [first, mut second] = waits;
        drop(first);
        assert_eq!((tasks[0].wakes(), tasks[1].wakes()), (1, 1));
        let permit = poll(second.as_mut(), &tasks[1]);
        assert!(matches!(permit, Poll::Ready(Ok(_))));
        drop(second);
        assert_eq!(Arc::strong_count(&semaphore), 2);
        drop(permit);
        assert_eq!(semaphore.available_permits(), 1);
    }
}
