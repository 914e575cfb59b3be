//! What every readers-writer lock is asked, in every interleaving.

use loom::sync::Arc;
use loom::thread;
use pintle_core::atomic::{AtomicUsize, Ordering::*};
use pintle_core::model;
use pintle_lock::blocking::{
    RawRwLock, RawRwLockDowngrade, RawRwLockUpgrade, RwLock, RwLockUpgradableGuard,
    RwLockWriteGuard,
};

/// Two numbers that a writer keeps equal, one after the other.
type Pair = [usize; 2];

type Shared<L> = Arc<RwLock<Pair, L>>;

/// A thread of a model.
pub(crate) type Part<L> = fn(&RwLock<Pair, L>);

/// Runs `mine` beside each of `others`; afterwards the lock is free, and the pair has been written
/// as often as `writes` says.
///
/// loom's cell reports a reader that overlaps with a writer, and an unlock that does not publish.
pub(crate) fn race<L>(
    preemptions: usize,
    new: fn() -> L,
    mine: Part<L>,
    others: &'static [Part<L>],
    writes: usize,
) where
    L: RawRwLock + Send + Sync + 'static,
{
    model::check_bounded(preemptions, move || {
        let lock: Shared<L> = Arc::new(RwLock::new_with_raw_rwlock([0, 0], new()));
        let threads: Vec<_> = others
            .iter()
            .map(|other| {
                let lock = lock.clone();
                thread::spawn(move || other(&lock))
            })
            .collect();
        mine(&lock);
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(!lock.has_writer(), "a writer is left behind");
        let pair = lock.try_write().expect("the lock is not free in the end");
        assert_eq!(*pair, [writes; 2], "a write was lost");
    });
}

pub(crate) fn write<L: RawRwLock>(lock: &RwLock<Pair, L>) {
    add_one(&mut lock.write());
}

pub(crate) fn write_twice<L: RawRwLock>(lock: &RwLock<Pair, L>) {
    write(lock);
    write(lock);
}

pub(crate) fn read<L: RawRwLock>(lock: &RwLock<Pair, L>) {
    consistent(&lock.read());
}

pub(crate) fn read_twice<L: RawRwLock>(lock: &RwLock<Pair, L>) {
    read(lock);
    read(lock);
}

pub(crate) fn try_read<L: RawRwLock>(lock: &RwLock<Pair, L>) {
    if let Some(pair) = lock.try_read() {
        consistent(&pair);
    }
}

/// Writes, and sees its own write as a reader: nobody else has written in between.
pub(crate) fn write_and_downgrade<L: RawRwLockDowngrade>(lock: &RwLock<Pair, L>) {
    let mut pair = lock.write();
    add_one(&mut pair);
    let written = *pair;
    let pair = RwLockWriteGuard::downgrade(pair);
    assert_eq!(*pair, written);
}

/// Reads, and writes what it has read plus one: nobody else has written in between.
pub(crate) fn upgrade<L: RawRwLockUpgrade>(lock: &RwLock<Pair, L>) {
    let pair = lock.upgradable_read();
    let seen = *pair;
    let mut pair = pair.upgrade();
    assert_eq!(*pair, seen);
    add_one(&mut pair);
}

/// Reads upgradably, and leaves it at that.
pub(crate) fn read_upgradably<L: RawRwLockUpgrade>(lock: &RwLock<Pair, L>) {
    consistent(&lock.upgradable_read());
}

/// Each way up and down that there is.
pub(crate) fn up_and_down<L: RawRwLockUpgrade>(lock: &RwLock<Pair, L>) {
    let mut pair = lock.upgradable_read().upgrade();
    add_one(&mut pair);
    let written = *pair;
    let pair = RwLockWriteGuard::downgrade_to_upgradable(pair);
    assert_eq!(*pair, written);
    let pair = RwLockUpgradableGuard::downgrade(pair);
    assert_eq!(*pair, written);
}

/// Upgrades only if there is no reader, and is not stopped by one that is not inside.
pub(crate) fn try_upgrade_alone<L: RawRwLockUpgrade>(lock: &RwLock<Pair, L>) {
    let pair = lock.upgradable_read();
    add_one(&mut pair.try_upgrade().expect("there is no reader"));
}

/// Nobody but the readers of this model may be the reason that a writer is refused: `try_write`
/// beside one reader, which counts itself while it is inside.
pub(crate) fn try_write_fails_for_readers_only<L>(preemptions: usize, new: fn() -> L)
where
    L: RawRwLock + Send + Sync + 'static,
{
    model::check_bounded(preemptions, move || {
        // Whether the reader has tried at all, and whether it got in.
        let tried = Arc::new(AtomicUsize::new(0));
        let lock: Shared<L> = Arc::new(RwLock::new_with_raw_rwlock([0, 0], new()));
        let writer = lock.write();
        let reader = thread::spawn({
            let (lock, tried) = (lock.clone(), tried.clone());
            move || {
                if lock.try_read().is_some() {
                    tried.store(1, Release);
                }
            }
        });
        drop(writer);
        let mine = lock.try_write().is_some();
        reader.join().unwrap();
        assert!(
            mine || tried.load(Acquire) == 1,
            "a reader that did not get in kept a writer out"
        );
    });
}

fn add_one(pair: &mut Pair) {
    pair[0] += 1;
    pair[1] += 1;
}

fn consistent(pair: &Pair) {
    assert_eq!(pair[0], pair[1], "half a write was seen");
}
