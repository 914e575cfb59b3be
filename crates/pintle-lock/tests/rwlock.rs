//! What every readers-writer lock promises, asked of each.
#![cfg(not(loom))]

use pintle_lock::ConstInit;
use pintle_lock::blocking::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RawRwLockUpgrade, RwLock, RwLockReadGuard,
    RwLockUpgradableGuard, RwLockWriteGuard,
};
use pintle_lock::spin::RwSpinlock;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

macro_rules! for_every_lock {
    ($($name:ident: $lock:ty),+ $(,)?) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a lock may be named by its full path")]
            use super::*;

            for_every_lock!(@ $lock:
                is_locked_tells_the_truth,
                guards_exclude_what_they_should,
                guards_change_into_each_other,
                a_waiting_writer_keeps_readers_out,
                a_waiting_upgrade_keeps_readers_out,
                an_upgradable_holder_that_becomes_a_reader_lets_the_next_in,
                a_panic_releases,
                mapped_guards_hold_the_lock,
                readers_and_writers_at_once,
            );
        }
    )+};
    (@ $lock:ty: $($test:ident),+ $(,)?) => {$(
        #[test]
        fn $test() {
            super::$test::<$lock>();
        }
    )+};
}

for_every_lock! {
    rw_spinlock: RwSpinlock,
}

#[cfg(feature = "os")]
for_every_lock! {
    futex_rwlock: pintle_lock::os::FutexRwLock,
}

fn new<T, L: ConstInit>(data: T) -> RwLock<T, L> {
    RwLock::new_with_raw_rwlock(data, L::INIT)
}

fn is_locked_tells_the_truth<L: RawRwLockUpgrade + ConstInit>() {
    let lock = L::INIT;
    let state = || (lock.is_locked(), lock.is_locked_exclusive());
    assert_eq!(state(), (false, false));
    lock.lock_shared();
    assert_eq!(state(), (true, false));
    // The reference said no here.
    lock.lock_shared();
    assert_eq!(state(), (true, false));
    // SAFETY: it was shared twice.
    unsafe { lock.unlock_shared() };
    assert_eq!(state(), (true, false));
    lock.lock_upgradable();
    assert_eq!(state(), (true, false));
    // SAFETY: one share is left.
    unsafe { lock.unlock_shared() };
    assert_eq!(state(), (true, false));
    // SAFETY: it is held upgradably.
    unsafe { lock.upgrade() };
    assert_eq!(state(), (true, true));
    // SAFETY: it is held exclusively.
    unsafe { lock.unlock_exclusive() };
    assert_eq!(state(), (false, false));
}

/// Which of the three can be had, without waiting: read, upgradable, write.
fn free<T, L: RawRwLockUpgrade>(lock: &RwLock<T, L>) -> (bool, bool, bool) {
    // One after the other: each guard is gone before the next attempt.
    let read = lock.try_read().is_some();
    let upgradable = lock.try_upgradable_read().is_some();
    let write = lock.try_write().is_some();
    (read, upgradable, write)
}

fn guards_exclude_what_they_should<L: RawRwLockUpgrade + ConstInit>() {
    let lock = new::<_, L>(0);
    assert_eq!(free(&lock), (true, true, true));
    {
        let _one = lock.read();
        assert_eq!(free(&lock), (true, true, false));
        let _other = lock.read();
        assert_eq!(free(&lock), (true, true, false));
        let _upgradable = lock.upgradable_read();
        assert_eq!(free(&lock), (true, false, false));
    }
    {
        let _upgradable = lock.upgradable_read();
        assert_eq!(free(&lock), (true, false, false));
        assert!(!lock.has_writer());
    }
    {
        let _writer = lock.write();
        assert_eq!(free(&lock), (false, false, false));
        assert!(lock.has_writer());
    }
    assert_eq!(free(&lock), (true, true, true));
}

fn guards_change_into_each_other<L: RawRwLockUpgrade + ConstInit>() {
    let lock = new::<_, L>(0);
    let mut writer = lock.upgradable_read().upgrade();
    *writer += 1;
    assert_eq!(free(&lock), (false, false, false));
    let upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
    assert_eq!((*upgradable, free(&lock)), (1, (true, false, false)));
    let reader = lock.read();
    let upgradable = upgradable.try_upgrade().unwrap_err();
    assert_eq!((*upgradable, free(&lock)), (1, (true, false, false)));
    drop(reader);
    let writer = upgradable.try_upgrade().unwrap();
    assert_eq!(free(&lock), (false, false, false));
    let reader = RwLockWriteGuard::downgrade(writer);
    assert_eq!((*reader, free(&lock)), (1, (true, true, false)));
    drop(reader);
    let reader = RwLockUpgradableGuard::downgrade(lock.upgradable_read());
    assert_eq!((*reader, free(&lock)), (1, (true, true, false)));
    drop(reader);
    assert_eq!(free(&lock), (true, true, true));
    assert_eq!(lock.into_inner(), 1);
}

/// Waits until `condition` holds, for as long as it takes.
fn until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::yield_now();
    }
}

/// Readers that came one after the other for ever would starve it.
fn a_waiting_writer_keeps_readers_out<L>()
where
    L: RawRwLockUpgrade + ConstInit + Send + Sync + 'static,
{
    let lock = Arc::new(new::<_, L>(0));
    let reader = lock.read();
    let writer = thread::spawn({
        let lock = lock.clone();
        move || *lock.write() += 1
    });
    until(|| lock.try_read().is_none());
    assert!(!lock.has_writer());
    assert!(lock.try_upgradable_read().is_none());
    drop(reader);
    writer.join().unwrap();
    // And lets them in again.
    assert_eq!(*lock.read(), 1);
    assert_eq!(free(&lock), (true, true, true));
}

fn a_waiting_upgrade_keeps_readers_out<L>()
where
    L: RawRwLockUpgrade + ConstInit + Send + Sync + 'static,
{
    let lock = Arc::new(new::<_, L>(0));
    let reader = lock.read();
    let writer = thread::spawn({
        let lock = lock.clone();
        move || {
            let upgradable = lock.upgradable_read();
            *upgradable.upgrade() += 1;
        }
    });
    until(|| lock.try_read().is_none());
    assert!(!lock.has_writer());
    drop(reader);
    writer.join().unwrap();
    assert_eq!(*lock.read(), 1);
    assert_eq!(free(&lock), (true, true, true));
}

/// While it goes on reading: who waits is woken at once.
fn an_upgradable_holder_that_becomes_a_reader_lets_the_next_in<L>()
where
    L: RawRwLockUpgrade + ConstInit + Send + Sync + 'static,
{
    let lock = Arc::new(new::<_, L>(0));
    let upgradable = lock.upgradable_read();
    let (arrived, wait_arrived) = mpsc::channel();
    let next = thread::spawn({
        let lock = lock.clone();
        move || {
            arrived.send(()).unwrap();
            *lock.upgradable_read()
        }
    });
    wait_arrived.recv().unwrap();
    // Most likely it sleeps by then.
    thread::sleep(std::time::Duration::from_millis(5));
    let reader = RwLockUpgradableGuard::downgrade(upgradable);
    assert_eq!(next.join().unwrap(), 0);
    drop(reader);
    assert_eq!(free(&lock), (true, true, true));
}

fn a_panic_releases<L: RawRwLockUpgrade + ConstInit>() {
    let lock = new::<_, L>(0);
    let panics = |f: &dyn Fn()| {
        catch_unwind(AssertUnwindSafe(f)).unwrap_err();
        assert_eq!(free(&lock), (true, true, true));
    };
    panics(&|| {
        let _guard = lock.read();
        panic!("on purpose")
    });
    panics(&|| {
        let _guard = lock.write();
        panic!("on purpose")
    });
    panics(&|| {
        let _guard = lock.upgradable_read();
        panic!("on purpose")
    });
    panics(&|| {
        let _guard = lock.upgradable_read().upgrade();
        panic!("on purpose")
    });
    panics(&|| {
        let _ = RwLockReadGuard::map(lock.read(), |_| -> &u8 { panic!("on purpose") });
    });
    panics(&|| {
        let _ = RwLockReadGuard::try_map(lock.read(), |_| -> Option<&u8> { panic!("on purpose") });
    });
    panics(&|| {
        let _ = RwLockWriteGuard::map(lock.write(), |_| -> &mut u8 { panic!("on purpose") });
    });
    panics(&|| {
        let _ = RwLockWriteGuard::try_map(lock.write(), |_| -> Option<&mut u8> {
            panic!("on purpose")
        });
    });
    panics(&|| {
        let mapped = RwLockWriteGuard::map(lock.write(), |value| value);
        let _ = MappedRwLockWriteGuard::map(mapped, |_| -> &mut u8 { panic!("on purpose") });
    });
    panics(&|| {
        let mapped = RwLockReadGuard::map(lock.read(), |value| value);
        let _ = MappedRwLockReadGuard::map(mapped, |_| -> &u8 { panic!("on purpose") });
    });
}

fn mapped_guards_hold_the_lock<L: RawRwLockUpgrade + ConstInit>() {
    let lock = new::<_, L>((1, [2, 3]));
    let mapped = RwLockReadGuard::map(lock.read(), |value| &value.1);
    assert_eq!((*mapped, free(&lock)), ([2, 3], (true, true, false)));
    let mapped = MappedRwLockReadGuard::map(mapped, |pair| &pair[1]);
    assert_eq!((*mapped, free(&lock)), (3, (true, true, false)));
    let mapped = MappedRwLockReadGuard::try_map(mapped, |_| None::<&u8>).unwrap_err();
    assert_eq!((*mapped, free(&lock)), (3, (true, true, false)));
    let mapped = MappedRwLockReadGuard::try_map(mapped, |part| Some(part)).unwrap();
    assert_eq!(free(&lock), (true, true, false));
    drop(mapped);
    assert_eq!(free(&lock), (true, true, true));
    let whole = RwLockReadGuard::try_map(lock.read(), |_| None::<&u8>).unwrap_err();
    assert_eq!((whole.0, free(&lock)), (1, (true, true, false)));
    drop(whole);
    drop(RwLockReadGuard::try_map(lock.read(), |value| Some(&value.0)).unwrap());
    assert_eq!(free(&lock), (true, true, true));

    let mapped = RwLockWriteGuard::map(lock.write(), |value| &mut value.1);
    assert_eq!((*mapped, free(&lock)), ([2, 3], (false, false, false)));
    let mut mapped = MappedRwLockWriteGuard::map(mapped, |pair| &mut pair[1]);
    *mapped += 1;
    let mapped = MappedRwLockWriteGuard::try_map(mapped, |_| None::<&mut u8>).unwrap_err();
    assert_eq!((*mapped, free(&lock)), (4, (false, false, false)));
    let mapped = MappedRwLockWriteGuard::try_map(mapped, |part| Some(part)).unwrap();
    assert_eq!(free(&lock), (false, false, false));
    drop(mapped);
    assert_eq!(free(&lock), (true, true, true));
    let whole = RwLockWriteGuard::try_map(lock.write(), |_| None::<&mut u8>).unwrap_err();
    assert_eq!((whole.0, free(&lock)), (1, (false, false, false)));
    drop(whole);
    drop(RwLockWriteGuard::try_map(lock.write(), |value| Some(&mut value.0)).unwrap());
    assert_eq!(lock.into_inner(), (1, [2, 4]));
}

/// Several threads in every way there is, from the same moment on. Each section counts itself in and
/// out, and looks who else is inside.
fn readers_and_writers_at_once<L>()
where
    L: RawRwLockUpgrade + ConstInit + Send + Sync + 'static,
{
    let rounds = if pintle_core::model::full() {
        2_000_000
    } else {
        50_000
    };
    let threads = 4;
    let lock = Arc::new(new::<_, L>([0_usize; 2]));
    let (readers, writers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let start = Arc::new(Barrier::new(threads));
    let workers: Vec<_> = (0..threads)
        .map(|me| {
            let (lock, start) = (lock.clone(), start.clone());
            let (readers, writers) = (readers.clone(), writers.clone());
            thread::spawn(move || {
                let reading = |pair: &[usize; 2]| {
                    readers.fetch_add(1, SeqCst);
                    assert_eq!(writers.load(SeqCst), 0, "a writer beside a reader");
                    assert_eq!(pair[0], pair[1], "half a write was seen");
                    readers.fetch_sub(1, SeqCst);
                };
                let writing = |pair: &mut [usize; 2]| {
                    assert_eq!(writers.fetch_add(1, SeqCst), 0, "two writers");
                    assert_eq!(readers.load(SeqCst), 0, "a reader beside a writer");
                    pair[0] += 1;
                    std::hint::black_box(&pair);
                    pair[1] += 1;
                    writers.fetch_sub(1, SeqCst);
                };
                let mut written = 0;
                start.wait();
                for round in 0..rounds {
                    match (round + me) % 8 {
                        0 => {
                            writing(&mut lock.write());
                            written += 1;
                        }
                        1 => {
                            let pair = lock.upgradable_read();
                            reading(&pair);
                            let seen = *pair;
                            let mut pair = pair.upgrade();
                            assert_eq!(*pair, seen, "a writer came before the upgrade");
                            writing(&mut pair);
                            written += 1;
                        }
                        2 => {
                            let mut pair = lock.write();
                            writing(&mut pair);
                            written += 1;
                            let seen = *pair;
                            let pair = RwLockWriteGuard::downgrade(pair);
                            reading(&pair);
                            assert_eq!(*pair, seen, "a writer came after the downgrade");
                        }
                        3 => {
                            if let Some(mut pair) = lock.try_write() {
                                writing(&mut pair);
                                written += 1;
                            }
                        }
                        4 => {
                            if let Some(pair) = lock.try_read() {
                                reading(&pair);
                            }
                        }
                        _ => reading(&lock.read()),
                    }
                }
                written
            })
        })
        .collect();
    let written: usize = workers
        .into_iter()
        .map(|worker| worker.join().unwrap())
        .sum();
    assert_eq!(*lock.read(), [written; 2], "a write was lost");
    assert_eq!(free(&*lock), (true, true, true));
}

#[test]
fn readers_are_counted_once_they_are_inside() {
    let lock = RwLock::new(0);
    assert_eq!(lock.reader_count(), 0);
    let one = lock.read();
    let other = lock.try_read().unwrap();
    let upgradable = lock.upgradable_read();
    assert_eq!(lock.reader_count(), 3);
    drop((one, other));
    assert_eq!(lock.reader_count(), 1);
    let writer = upgradable.upgrade();
    assert_eq!(lock.reader_count(), 0);
    assert!(lock.try_read().is_none());
    assert_eq!(lock.reader_count(), 0);
    let _reader = RwLockWriteGuard::downgrade(writer);
    assert_eq!(lock.reader_count(), 1);
}

#[test]
#[cfg(feature = "os")]
fn sleeping_locks_count_readers_too() {
    let lock = new::<_, pintle_lock::os::FutexRwLock>(0);
    let _one = lock.read();
    let upgradable = lock.upgradable_read();
    assert_eq!(lock.reader_count(), 2);
    drop(upgradable);
    assert_eq!(lock.reader_count(), 1);
}

/// Two readers are inside at once: neither waits for the other to leave.
#[test]
fn readers_do_not_exclude_each_other() {
    let lock = Arc::new(RwLock::new(1));
    let (inside, wait_inside) = mpsc::channel();
    let (leave, wait_to_leave) = mpsc::channel::<()>();
    let other = thread::spawn({
        let lock = lock.clone();
        move || {
            let value = lock.read();
            inside.send(*value).unwrap();
            wait_to_leave.recv().unwrap();
        }
    });
    wait_inside.recv().unwrap();
    assert_eq!(*lock.read(), 1);
    leave.send(()).unwrap();
    other.join().unwrap();
}

#[test]
fn guards_show_their_value() {
    let lock = RwLock::new(String::from("a"));
    let mut writer = lock.write();
    AsMut::<str>::as_mut(&mut writer).make_ascii_uppercase();
    assert_eq!(AsRef::<str>::as_ref(&writer), "A");
    assert_eq!(format!("{writer} {writer:?}"), "A \"A\"");
    assert_eq!(format!("{lock:?}"), "RwLock { data: <locked> }");
    let mut mapped = RwLockWriteGuard::map(writer, |text| text.as_mut_str());
    AsMut::<str>::as_mut(&mut mapped).make_ascii_lowercase();
    assert_eq!(format!("{mapped} {mapped:?}"), "a \"a\"");
    drop(mapped);
    let reader = lock.read();
    assert_eq!(AsRef::<str>::as_ref(&reader), "a");
    assert_eq!(
        format!("{reader} {reader:?} {lock:?}"),
        "a \"a\" RwLock { data: \"a\" }"
    );
    let mapped = RwLockReadGuard::map(reader, |text| text.as_str());
    assert_eq!(format!("{mapped} {mapped:?}"), "a \"a\"");
    let upgradable = lock.upgradable_read();
    assert_eq!(AsRef::<str>::as_ref(&upgradable), "a");
    assert_eq!(format!("{upgradable} {upgradable:?}"), "a \"a\"");
}

#[test]
fn an_owner_needs_no_lock() {
    let mut lock = RwLock::<_>::from(1);
    std::mem::forget(lock.write());
    *lock.get_mut() += 1;
    assert_eq!(lock.into_inner(), 2);
    let lock = RwLock::<String>::default();
    assert!(lock.read().is_empty());
}

#[test]
fn it_holds_unsized_values() {
    let lock: &RwLock<[u8]> = &RwLock::new([1, 2, 3]);
    lock.write()[0] = 9;
    assert_eq!(lock.read().iter().sum::<u8>(), 14);
    assert_eq!(lock.reader_count(), 0);
}

#[test]
fn sizes() {
    assert_eq!(size_of::<RwLock<()>>(), size_of::<usize>());
    #[cfg(feature = "os")]
    assert_eq!(size_of::<RwLock<(), pintle_lock::os::FutexRwLock>>(), 8);
}
