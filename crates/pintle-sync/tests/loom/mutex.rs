use std::{future::Future, pin::Pin, sync::Arc, task::Poll};

use loom::future::block_on;
use pintle_sync::{
    Mutex, OwnedMutexGuard,
    blocking::{DefaultMutex, ScopedRawMutex},
    spin::Spinlock,
};

use crate::support::{Task, Watched, check, spawn};

type Shared<L = DefaultMutex> = Arc<Mutex<Watched, L>>;

type Locking = Pin<Box<dyn Future<Output = OwnedMutexGuard<Watched, DefaultMutex>>>>;

async fn add<L: ScopedRawMutex>(mutex: Shared<L>) {
    mutex.lock().await.add();
}

/// Somebody who waits, and its task.
fn waiting(mutex: &Shared) -> (Locking, Arc<Task>) {
    let (mut lock, task) = (Box::pin(mutex.clone().lock_owned()), Task::new());
    assert!(task.poll(lock.as_mut()).is_pending());
    (lock, task)
}

fn two_who_lock_with<L: ScopedRawMutex + Default + Send + Sync + 'static>() {
    check(|| {
        let mutex = Shared::<L>::default();
        let other = spawn({
            let mutex = mutex.clone();
            move || block_on(add(mutex))
        });
        block_on(add(mutex.clone()));
        other.join().unwrap();
        assert_eq!(mutex.try_lock().unwrap().get(), 2);
    });
}

#[test]
fn two_who_lock() {
    two_who_lock_with::<DefaultMutex>();
}

#[test]
fn two_who_lock_under_a_spinlock() {
    two_who_lock_with::<Spinlock>();
}

#[test]
fn three_who_try() {
    check(|| {
        let mutex = Shared::<DefaultMutex>::default();
        let others = [(); 2].map(|()| {
            let mutex = mutex.clone();
            spawn(move || mutex.try_lock().map(|mut it| it.add()).is_some())
        });
        let mine = mutex.try_lock().map(|mut it| it.add()).is_some();
        let got = others.map(|other| usize::from(other.join().unwrap()));
        let sum = got[0] + got[1] + usize::from(mine);
        assert!(sum >= 1);
        assert_eq!(mutex.try_lock().unwrap().get(), sum);
    });
}

#[test]
fn unlocking_and_cancelling_the_first_of_two() {
    check(|| {
        let mutex = Shared::default();
        let mut guard = mutex.try_lock().unwrap();
        guard.add();
        let (first, _) = waiting(&mutex);
        let (mut second, task) = waiting(&mutex);
        let leaving = spawn(move || drop(first));
        drop(guard);
        leaving.join().unwrap();
        assert_eq!(task.wakes(), 1, "by the guard, or by the first");
        match task.poll(second.as_mut()) {
            Poll::Ready(mut guard) => guard.add(),
            Poll::Pending => panic!("left behind"),
        }
        drop(second);
        assert_eq!(mutex.try_lock().unwrap().get(), 2);
    });
}

#[test]
fn unlocking_and_cancelling_the_only_one() {
    check(|| {
        let mutex = Shared::default();
        let guard = mutex.try_lock().unwrap();
        let (only, _) = waiting(&mutex);
        let leaving = spawn(move || drop(only));
        drop(guard);
        leaving.join().unwrap();
        assert!(mutex.try_lock().is_some());
    });
}

#[test]
fn two_who_lock_and_one_that_gives_up() {
    check(|| {
        let mutex = Shared::<DefaultMutex>::default();
        let (other, task) = (mutex.clone(), Task::new());
        let giving_up = spawn(move || {
            let mut lock = Box::pin(other.lock_owned());
            task.poll(lock.as_mut()).map(|mut it| it.add()).is_ready()
        });
        block_on(add(mutex.clone()));
        let added = giving_up.join().unwrap();
        assert_eq!(mutex.try_lock().unwrap().get(), 1 + usize::from(added));
    });
}

#[test]
fn unlocking_and_another_waker() {
    check(|| {
        let mutex = Shared::default();
        let mut guard = mutex.try_lock().unwrap();
        guard.add();
        let ((mut lock, first), second) = (waiting(&mutex), Task::new());
        let unlocking = spawn({
            let task = second.clone();
            move || {
                let polled = task.poll(lock.as_mut()).map(|mut it| it.add());
                (lock, polled.is_pending())
            }
        });
        drop(guard);
        let (mut lock, pending) = unlocking.join().unwrap();
        assert_eq!(first.wakes() + second.wakes(), 1);
        if pending {
            assert_eq!(second.wakes(), 1, "the waker of the latest poll");
            assert!(second.poll(lock.as_mut()).map(|mut it| it.add()).is_ready());
        }
        drop(lock);
        assert_eq!(mutex.try_lock().unwrap().get(), 2);
    });
}
