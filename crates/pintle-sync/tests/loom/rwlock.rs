use std::{future::Future, pin::Pin, sync::Arc, task::Poll};

use loom::future::block_on;
use pintle_sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockWriteGuard};

use crate::support::{Task, Watched, check, spawn};

type Shared = Arc<RwLock<Watched>>;
type Reading = OwnedRwLockReadGuard<Watched>;
type Writing = OwnedRwLockWriteGuard<Watched>;

/// Somebody who waits, and its task.
struct Waiting<T>(Pin<Box<dyn Future<Output = T>>>, Arc<Task>);

impl<T> Waiting<T> {
    fn new(future: impl Future<Output = T> + 'static) -> Self {
        let mut this = Self(Box::pin(future), Task::new());
        assert!(this.1.poll(this.0.as_mut()).is_pending());
        this
    }

    /// The guard of one who must have been let in.
    fn guard(mut self) -> T {
        assert_eq!(self.1.wakes(), 1);
        match self.1.poll(self.0.as_mut()) {
            Poll::Ready(guard) => guard,
            Poll::Pending => panic!("left behind"),
        }
    }
}

fn reading(lock: &Shared) -> Waiting<Reading> {
    let lock = lock.clone();
    Waiting::new(async move { lock.read_owned().await })
}

fn writing(lock: &Shared) -> Waiting<Writing> {
    let lock = lock.clone();
    Waiting::new(async move { lock.write_owned().await })
}

fn write(lock: &Shared) {
    block_on(async { lock.write().await.add() });
}

fn read(lock: &Shared) -> usize {
    block_on(async { lock.read().await.get() })
}

#[test]
fn one_who_reads_and_one_who_writes() {
    check(|| {
        let lock = Shared::default();
        let writing = spawn({
            let lock = lock.clone();
            move || write(&lock)
        });
        let seen = read(&lock);
        writing.join().unwrap();
        assert!(seen <= 1);
        assert_eq!(read(&lock), 1);
    });
}

#[test]
fn two_who_write() {
    check(|| {
        let lock = Shared::default();
        let writing = spawn({
            let lock = lock.clone();
            move || write(&lock)
        });
        write(&lock);
        writing.join().unwrap();
        assert_eq!(read(&lock), 2);
    });
}

#[test]
fn two_who_read_and_one_who_writes() {
    check(|| {
        let lock = Shared::default();
        let others = [false, true].map(|writes| {
            let lock = lock.clone();
            spawn(move || {
                if writes {
                    lock.try_write().map(|mut it| it.add()).is_some()
                } else {
                    lock.try_read().map(|it| it.get()).is_some()
                }
            })
        });
        let seen = lock.try_read().map(|it| it.get());
        let [_, wrote] = others.map(|other| other.join().unwrap());
        assert!(seen.unwrap_or(0) <= usize::from(wrote));
        assert_eq!(lock.try_write().unwrap().get(), usize::from(wrote));
    });
}

#[test]
fn two_readers_end_and_a_writer_waits() {
    check(|| {
        let lock = Shared::default();
        let guards = [(); 2].map(|()| lock.try_read_owned().unwrap());
        let writer = writing(&lock);
        let [one, another] = guards;
        let ending = spawn(move || assert_eq!(one.get(), 0));
        assert_eq!(another.get(), 0);
        drop(another);
        ending.join().unwrap();
        writer.guard().add();
        assert_eq!(read(&lock), 1);
    });
}

#[test]
fn a_reader_ends_and_a_writer_leaves_with_a_reader_behind() {
    check(|| {
        let lock = Shared::default();
        let guard = lock.try_read_owned().unwrap();
        let (writer, reader) = (writing(&lock), reading(&lock));
        let leaving = spawn(move || drop(writer));
        assert_eq!(guard.get(), 0);
        drop(guard);
        leaving.join().unwrap();
        assert_eq!(reader.guard().get(), 0);
        assert!(lock.try_write().is_some());
    });
}

#[test]
fn a_writer_ends_and_a_reader_leaves_with_a_writer_behind() {
    check(|| {
        let lock = Shared::default();
        let mut guard = lock.try_write_owned().unwrap();
        guard.add();
        let (reader, writer) = (reading(&lock), writing(&lock));
        let leaving = spawn(move || drop(reader));
        drop(guard);
        leaving.join().unwrap();
        writer.guard().add();
        assert_eq!(read(&lock), 2);
    });
}

#[test]
fn a_writer_goes_on_reading() {
    check(|| {
        let lock = Shared::default();
        let reading = spawn({
            let lock = lock.clone();
            move || read(&lock)
        });
        let mut guard = block_on(lock.write());
        guard.add();
        let guard = RwLockWriteGuard::downgrade(guard);
        assert_eq!(guard.get(), 1);
        drop(guard);
        assert!(reading.join().unwrap() <= 1);
        assert!(lock.try_write().is_some());
    });
}
