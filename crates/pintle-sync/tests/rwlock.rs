//! `RwLock`, one step at a time: who gets it, who is woken, and what is left.
#![cfg(not(loom))]

mod support;

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use pintle_sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, rwlock::RwLockMappedWriteGuard};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    many_read_or_one_writes,
    a_writer_is_not_overtaken_by_readers,
    readers_are_let_in_together,
    the_last_reader_lets_the_writer_in,
    a_writer_that_leaves_lets_the_readers_in,
    one_that_was_let_in_lets_the_next_in,
    a_writer_may_go_on_reading,
    a_guard_may_be_for_a_part,
    a_guard_that_writes_may_be_for_a_part,
    a_future_that_has_completed_gives_no_second_guard,
    a_panic_unlocks,
    it_is_shown,
];

#[test]
fn it_is_small() {
    assert!(size_of::<RwLock<()>>() <= 4 * size_of::<usize>());
    assert!(size_of::<RwLockReadGuard<'_, u64>>() <= 2 * size_of::<usize>());
}

#[test]
fn it_can_be_a_static_and_unsized() {
    static ONE: RwLock<u32> = RwLock::new(1);
    *ONE.try_write().unwrap() += 1;
    assert_eq!(*ONE.try_read().unwrap(), 2);

    let unsized_one: &RwLock<[u32]> = &RwLock::new([1, 2, 3]);
    unsized_one.try_write().unwrap()[1] = 4;
    assert_eq!(*unsized_one.try_read().unwrap(), [1, 4, 3]);
    assert_eq!(*RwLock::from(5).get_mut(), 5);
    assert_eq!(RwLock::<u8>::default().into_inner(), 0);
}

fn new<L: Lock>(data: u32) -> RwLock<u32, L> {
    RwLock::new_with_raw_mutex(data, L::default())
}

type Reading<'a, L> = RwLockReadGuard<'a, u32, L>;
type Writing<'a, L> = RwLockWriteGuard<'a, u32, L>;

/// A future and the task that polls it.
struct Waiting<'a, T>(Pin<Box<dyn Future<Output = T> + 'a>>, Arc<Probe>);

impl<'a, T> Waiting<'a, T> {
    fn new(future: impl Future<Output = T> + 'a) -> Self {
        let mut this = Self(Box::pin(future), Probe::new());
        assert!(poll(this.0.as_mut(), &this.1).is_pending());
        this
    }

    fn assert_waits(&mut self) {
        assert_eq!((self.1.wakes(), self.1.live()), (0, 1));
        assert!(poll(self.0.as_mut(), &self.1).is_pending());
    }

    /// The guard of one who has been let in.
    fn guard(&mut self) -> T {
        assert_eq!((self.1.wakes(), self.1.live()), (1, 0));
        match poll(self.0.as_mut(), &self.1) {
            Poll::Ready(guard) => guard,
            Poll::Pending => panic!("woken for nothing"),
        }
    }
}

fn reading<L: Lock>(lock: &RwLock<u32, L>) -> Waiting<'_, Reading<'_, L>> {
    Waiting::new(lock.read())
}

fn writing<L: Lock>(lock: &RwLock<u32, L>) -> Waiting<'_, Writing<'_, L>> {
    Waiting::new(lock.write())
}

fn many_read_or_one_writes<L: Lock>() {
    let lock = new::<L>(1);
    let Poll::Ready(one) = poll(pin!(lock.read()), &Probe::new()) else {
        panic!("it is free")
    };
    let another = lock.try_read().unwrap();
    assert_eq!((*one, *another), (1, 1));
    assert!(lock.try_write().is_none());
    drop(one);
    assert!(lock.try_write().is_none());
    drop(another);
    let Poll::Ready(mut guard) = poll(pin!(lock.write()), &Probe::new()) else {
        panic!("it is free")
    };
    *guard += 1;
    assert!(lock.try_read().is_none() && lock.try_write().is_none());
    drop(guard);
    assert_eq!(*lock.try_read().unwrap(), 2);
}

fn a_writer_is_not_overtaken_by_readers<L: Lock>() {
    let lock = new::<L>(0);
    let first = lock.try_read().unwrap();
    let mut writer = writing(&lock);
    assert!(lock.try_read().is_none());
    let mut reader = reading(&lock);
    drop(first);
    let guard = writer.guard();
    reader.assert_waits();
    drop(guard);
    drop(reader.guard());
    assert!(lock.try_write().is_some());
}

fn readers_are_let_in_together<L: Lock>() {
    let lock = new::<L>(0);
    let guard = lock.try_write().unwrap();
    let mut readers: Vec<_> = (0..20).map(|_| reading(&lock)).collect();
    let mut writer = writing(&lock);
    let mut late = reading(&lock);
    drop(guard);
    let guards: Vec<_> = readers.iter_mut().map(Waiting::guard).collect();
    writer.assert_waits();
    late.assert_waits();
    drop(guards);
    drop(writer.guard());
    drop(late.guard());
    assert!(lock.try_write().is_some());
}

fn the_last_reader_lets_the_writer_in<L: Lock>() {
    let lock = new::<L>(0);
    let mut guards: Vec<_> = (0..3).map(|_| lock.try_read().unwrap()).collect();
    let mut writer = writing(&lock);
    while guards.pop().is_some() {
        if !guards.is_empty() {
            writer.assert_waits();
        }
    }
    drop(writer.guard());
}

fn a_writer_that_leaves_lets_the_readers_in<L: Lock>() {
    let lock = new::<L>(0);
    let guard = lock.try_read().unwrap();
    let (writer, mut readers) = (writing(&lock), [(); 20].map(|()| reading(&lock)));
    drop(writer);
    let guards: Vec<_> = readers.iter_mut().map(Waiting::guard).collect();
    drop((guard, guards));
    assert!(lock.try_write().is_some());
}

fn one_that_was_let_in_lets_the_next_in<L: Lock>() {
    let lock = new::<L>(0);
    let guard = lock.try_write().unwrap();
    let (writer, reader, mut late) = (writing(&lock), reading(&lock), writing(&lock));
    drop(guard);
    drop(writer);
    assert_eq!(reader.1.wakes(), 1);
    late.assert_waits();
    drop(reader);
    drop(late.guard());
    assert!(lock.try_write().is_some());
}

fn a_writer_may_go_on_reading<L: Lock>() {
    let lock = new::<L>(0);
    let mut guard = lock.try_write().unwrap();
    let (mut reader, mut writer) = (reading(&lock), writing(&lock));
    *guard += 1;
    let guard = RwLockWriteGuard::downgrade(guard);
    assert_eq!((*guard, *reader.guard()), (1, 1));
    writer.assert_waits();
    drop(guard);
    drop(writer.guard());
    assert!(lock.try_write().is_some());
}

fn a_guard_may_be_for_a_part<L: Lock>() {
    let lock = RwLock::<_, L>::new_with_raw_mutex(vec![1, 2, 3], L::default());
    let guard = RwLockReadGuard::map(lock.try_read().unwrap(), Vec::as_slice);
    let guard = RwLockReadGuard::try_map(guard, |it| it.get(7)).unwrap_err();
    let guard = RwLockReadGuard::try_map(guard, |it| it.get(1)).unwrap();
    assert_eq!(*guard, 2);
    assert!(lock.try_write().is_none());
    drop(guard);
    assert!(lock.try_write().is_some());
    let guard = lock.try_read().unwrap();
    let map = || {
        drop(RwLockReadGuard::map(guard, |_| -> &u8 {
            panic!("no part")
        }))
    };
    assert!(catch_unwind(AssertUnwindSafe(map)).is_err());
    assert!(lock.try_write().is_some());
}

fn a_guard_that_writes_may_be_for_a_part<L: Lock>() {
    let lock = RwLock::<_, L>::new_with_raw_mutex((1, vec![2, 3]), L::default());
    let guard = RwLockWriteGuard::map(lock.try_write().unwrap(), |it| &mut it.1);
    let guard = RwLockMappedWriteGuard::try_map(guard, |it| it.get_mut(7)).unwrap_err();
    let mut guard = RwLockMappedWriteGuard::map(guard, |it| &mut it[1]);
    *guard += 1;
    assert_eq!(format!("{guard:?} {guard}"), "4 4");
    assert!(lock.try_read().is_none());
    drop(guard);
    let guard = lock.try_write().unwrap();
    let guard = RwLockWriteGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
    assert_eq!(guard.1, [2, 4]);
    drop(guard);
    assert!(lock.try_write().is_some());
}

/// Defect 5, of the mutex there.
fn a_future_that_has_completed_gives_no_second_guard<L: Lock>() {
    let (lock, task) = (new::<L>(0), Probe::new());
    let mut write = pin!(lock.write());
    let guard = poll(write.as_mut(), &task);
    assert!(guard.is_ready());
    assert!(poll(write.as_mut(), &task).is_pending());
    drop(guard);
    assert!(poll(write.as_mut(), &task).is_pending());
    assert_eq!(task.live(), 0);
    assert!(lock.try_write().is_some());
    let mut read = pin!(lock.read());
    assert!(poll(read.as_mut(), &task).is_ready());
    assert!(poll(read.as_mut(), &task).is_pending());
    assert!(lock.try_write().is_some());
}

fn a_panic_unlocks<L: Lock>() {
    let lock = new::<L>(0);
    for write in [false, true] {
        let result = catch_unwind(|| {
            let _guards = (
                write.then(|| lock.try_write().unwrap()),
                (!write).then(|| lock.try_read().unwrap()),
            );
            panic!("with a guard");
        });
        assert!(result.is_err());
        assert!(lock.try_write().is_some());
    }
}

/// Defect 31: a custom lock's write guard could not write.
fn it_is_shown<L: Lock>() {
    let lock = new::<L>(7);
    assert_eq!(format!("{lock:?}"), "RwLock { data: 7, .. }");
    let mut guard = lock.try_write().unwrap();
    *guard += 1;
    assert_eq!(format!("{guard:?} {guard}"), "8 8");
    assert_eq!(format!("{lock:?}"), "RwLock { data: <locked>, .. }");
    drop(guard);
    let guard = lock.try_read().unwrap();
    assert_eq!(format!("{guard:?} {guard}"), "8 8");
}

#[cfg(feature = "alloc")]
mod owned {
    use pintle_sync::{
        OwnedRwLockReadGuard, OwnedRwLockWriteGuard, rwlock::OwnedRwLockMappedWriteGuard,
    };

    use super::*;

    for_each_lock![
        it_keeps_the_lock_alive,
        it_waits,
        it_goes_on_reading,
        it_may_be_for_a_part,
    ];

    fn it_keeps_the_lock_alive<L: Lock>() {
        let lock = Arc::new(new::<L>(1));
        let mut guard = lock.try_write_owned().unwrap();
        assert!(lock.try_read_owned().is_none() && lock.try_write_owned().is_none());
        let weak = Arc::downgrade(&lock);
        drop(lock);
        *guard += 1;
        drop(guard);
        assert!(weak.upgrade().is_none());

        let lock = Arc::new(new::<L>(1));
        let guards = [(); 2].map(|()| lock.try_read_owned().unwrap());
        drop(lock);
        assert!(
            OwnedRwLockReadGuard::rwlock(&guards[0])
                .try_write()
                .is_none()
        );
        assert_eq!((*guards[0], *guards[1]), (1, 1));
    }

    fn it_waits<L: Lock>() {
        let lock = Arc::new(new::<L>(1));
        let guard = lock.try_write().unwrap();
        let mut reader = Waiting::new(lock.read_owned());
        let mut writer = Waiting::new(lock.write_owned());
        drop(guard);
        let part = OwnedRwLockReadGuard::map(reader.guard(), |it| it);
        let part = OwnedRwLockReadGuard::try_map(part, |_| None::<&u8>).unwrap_err();
        assert_eq!(*part, 1);
        writer.assert_waits();
        drop(part);
        *writer.guard() += 1;
        drop((reader, writer));
        assert_eq!(Arc::into_inner(lock).unwrap().into_inner(), 2);
    }

    fn it_goes_on_reading<L: Lock>() {
        let lock = Arc::new(new::<L>(1));
        let guard = lock.try_write_owned().unwrap();
        let guard = OwnedRwLockWriteGuard::downgrade(guard);
        assert!(lock.try_read().is_some() && lock.try_write().is_none());
        drop(guard);
        assert!(lock.try_write().is_some());
        assert_eq!(Arc::strong_count(&lock), 1);
    }

    fn it_may_be_for_a_part<L: Lock>() {
        let lock = RwLock::<_, L>::new_with_raw_mutex((1, vec![2, 3]), L::default());
        let lock = Arc::new(lock);
        let guard = lock.try_write_owned().unwrap();
        let guard = OwnedRwLockWriteGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
        let guard = OwnedRwLockWriteGuard::map(guard, |it| &mut it.1);
        let guard = OwnedRwLockMappedWriteGuard::try_map(guard, |it| it.get_mut(7)).unwrap_err();
        let mut guard = OwnedRwLockMappedWriteGuard::map(guard, |it| &mut it[1]);
        assert!(Arc::ptr_eq(
            OwnedRwLockMappedWriteGuard::rwlock(&guard),
            &lock
        ));
        *guard += 1;
        assert!(lock.try_read().is_none());
        drop(guard);
        assert_eq!(Arc::into_inner(lock).unwrap().into_inner().1, [2, 4]);
    }
}
