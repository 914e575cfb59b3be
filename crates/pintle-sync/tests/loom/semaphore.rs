use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::Poll,
};

use loom::future::block_on;
use pintle_core::thread;
use pintle_sync::{
    Semaphore,
    blocking::{DefaultMutex, ScopedRawMutex},
    semaphore::AcquireOwned,
    spin::Spinlock,
};

use crate::support::{Task, Watched, check, spawn};

/// More waiters than are served in one go: the lock is let go in between.
const MORE_THAN_A_BATCH: usize = 17;

type Waiting = (Pin<Box<AcquireOwned>>, Arc<Task>);

/// Somebody who waits for so many, and its task.
fn waiting(semaphore: &Arc<Semaphore>, permits: usize) -> Waiting {
    let (mut acquire, task) = (Box::pin(semaphore.acquire_owned(permits)), Task::new());
    assert!(task.poll(acquire.as_mut()).is_pending());
    (acquire, task)
}

/// Runs `f` with the semaphore on another thread.
fn with<T: 'static>(
    semaphore: &Arc<Semaphore>,
    f: impl FnOnce(&Arc<Semaphore>) -> T + 'static,
) -> thread::JoinHandle<T> {
    let semaphore = semaphore.clone();
    spawn(move || f(&semaphore))
}

/// Whether somebody who waits has been served; keeps nothing.
fn was_served((mut acquire, task): Waiting) -> Option<bool> {
    match task.poll(acquire.as_mut()) {
        Poll::Ready(result) => {
            assert_eq!(task.wakes(), 1);
            Some(result.map(|permit| permit.forget()).is_ok())
        }
        Poll::Pending => {
            assert_eq!(task.wakes(), 0);
            None
        }
    }
}

fn acquire_and_add_with<L: ScopedRawMutex + Default + Send + Sync + 'static>() {
    check(|| {
        let shared = Arc::new((Semaphore::<L>::default(), Watched::default()));
        let adding = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.add_permits(2);
            }
        });
        block_on(shared.0.acquire(2)).unwrap().forget();
        assert_eq!(shared.1.get(), 1, "permits order what came before");
        adding.join().unwrap();
        assert_eq!(shared.0.available_permits(), 0);
    });
}

#[test]
fn acquire_and_add() {
    acquire_and_add_with::<DefaultMutex>();
}

#[test]
fn acquire_and_add_under_a_spinlock() {
    acquire_and_add_with::<Spinlock>();
}

#[test]
fn two_who_give_to_one_who_needs_both() {
    check(|| {
        let shared = Arc::new((Semaphore::new(0), [(); 2].map(|()| Watched::default())));
        let adding = [0, 1].map(|mine| {
            let shared = shared.clone();
            spawn(move || {
                shared.1[mine].add_shared();
                shared.0.add_permits(1);
            })
        });
        block_on(shared.0.acquire(2)).unwrap().forget();
        assert!(shared.1.iter().all(|it| it.get() == 1), "both are ordered");
        for adding in adding {
            adding.join().unwrap();
        }
    });
}

#[test]
fn a_permit_that_is_left_over_is_ordered_too() {
    // No part of the model: whether there was one.
    static TAKEN: AtomicBool = AtomicBool::new(false);
    check(|| {
        let shared = Arc::new((Arc::new(Semaphore::new(0)), Watched::default()));
        // Somebody waits, so what is given passes through the lock, and one is left.
        let wait = waiting(&shared.0, 1);
        let adding = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.add_permits(2);
            }
        });
        if let Ok(permit) = shared.0.try_acquire(1) {
            TAKEN.store(true, Relaxed);
            assert_eq!(shared.1.get(), 1);
            permit.forget();
        }
        adding.join().unwrap();
        assert_eq!(was_served(wait), Some(true));
    });
    assert!(TAKEN.load(Relaxed));
}

#[test]
fn giving_and_cancelling_the_first_of_two() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let (first, second) = (waiting(&semaphore, 2), waiting(&semaphore, 1));
        let adding = with(&semaphore, |semaphore| semaphore.add_permits(1));
        drop(first);
        adding.join().unwrap();
        assert_eq!(was_served(second), Some(true), "it may be served alone");
        assert_eq!(semaphore.available_permits(), 0);
    });
}

#[test]
fn cancelling_one_that_is_being_served() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let (first, second) = (waiting(&semaphore, 1), waiting(&semaphore, 1));
        let adding = with(&semaphore, |semaphore| semaphore.add_permits(1));
        drop(first);
        adding.join().unwrap();
        assert_eq!(was_served(second), Some(true));
        semaphore.add_permits(1);
        assert_eq!(semaphore.available_permits(), 1);
    });
}

#[test]
fn two_who_leave() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let waits = [3, 2, 1].map(|n| waiting(&semaphore, n));
        let [first, second, third] = waits;
        let leaving = spawn(move || drop(first));
        drop(second);
        leaving.join().unwrap();
        assert_eq!(was_served(third), Some(true));
        assert_eq!(semaphore.available_permits(), 0);
    });
}

/// Defects 13 and 36: it was open again.
#[test]
fn giving_and_closing() {
    for waiters in 0..=2 {
        check(move || {
            let semaphore = Arc::new(Semaphore::new(0));
            let waits: Vec<_> = (0..waiters).map(|_| waiting(&semaphore, 1)).collect();
            let adding = with(&semaphore, |semaphore| semaphore.add_permits(1));
            semaphore.close();
            assert!(semaphore.is_closed());
            adding.join().unwrap();
            assert!(semaphore.is_closed(), "for good");
            let served: Vec<_> = waits
                .into_iter()
                .map(|wait| was_served(wait).expect("nobody is left behind"))
                .collect();
            assert!(served.iter().filter(|served| **served).count() <= 1);
            assert!(semaphore.try_acquire(1).is_err());
        });
    }
}

/// Defect 13, with more than one batch.
#[test]
fn giving_and_closing_with_many() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let waits: Vec<_> = (0..MORE_THAN_A_BATCH)
            .map(|_| waiting(&semaphore, 1))
            .collect();
        let adding = with(&semaphore, |semaphore| {
            semaphore.add_permits(MORE_THAN_A_BATCH);
        });
        semaphore.close();
        adding.join().unwrap();
        assert!(semaphore.is_closed());
        for wait in waits {
            assert!(was_served(wait).is_some());
        }
        assert!(semaphore.try_acquire(1).is_err());
    });
}

/// Defect 36.
#[test]
fn a_permit_that_comes_back_and_closing() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let permit = semaphore.try_acquire_owned(1).unwrap();
        let wait = waiting(&semaphore, 1);
        let giving = spawn(move || drop(permit));
        semaphore.close();
        giving.join().unwrap();
        assert!(semaphore.is_closed());
        assert!(was_served(wait).is_some());
        assert!(semaphore.try_acquire(1).is_err());
    });
}

#[test]
fn acquire_and_close() {
    check(|| {
        let shared = Arc::new((Semaphore::new(0), Watched::default()));
        let closing = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.close();
            }
        });
        assert!(block_on(shared.0.acquire(1)).is_err());
        assert_eq!(shared.1.get(), 1, "the closing orders");
        closing.join().unwrap();
    });
}

#[test]
fn closing_that_is_found_by_looking_is_ordered() {
    check(|| {
        let shared = Arc::new((Arc::new(Semaphore::new(0)), Watched::default()));
        let wait = waiting(&shared.0, 1);
        let closing = spawn({
            let shared = shared.clone();
            move || {
                shared.1.add_shared();
                shared.0.close();
            }
        });
        if shared.0.is_closed() {
            assert_eq!(shared.1.get(), 1);
        }
        closing.join().unwrap();
        assert_eq!(was_served(wait), Some(false));
    });
}

#[test]
fn cancelling_and_closing() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let (first, second) = (waiting(&semaphore, 1), waiting(&semaphore, 1));
        let closing = with(&semaphore, |semaphore| semaphore.close());
        drop(first);
        closing.join().unwrap();
        assert_eq!(was_served(second), Some(false));
    });
}

#[test]
fn forgetting_and_giving() {
    check(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let adding = with(&semaphore, |semaphore| semaphore.add_permits(1));
        let gone = semaphore.forget_permits(2);
        adding.join().unwrap();
        assert_eq!(semaphore.available_permits(), 2 - gone);
    });
}
