//! Who only reads may do with less; and what borrows the lock may do so for less.

use pintle_sync::{
    Mutex, MutexGuard, OwnedRwLockReadGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
    mutex::MappedMutexGuard, rwlock::RwLockMappedWriteGuard,
};

type Long = &'static str;

fn read<'a, 's>(it: RwLockReadGuard<'a, Long>, _: &'s str) -> RwLockReadGuard<'a, &'s str> {
    it
}

fn owned_read<'s>(
    it: OwnedRwLockReadGuard<u8, Long>,
    _: &'s str,
) -> OwnedRwLockReadGuard<u8, &'s str> {
    it
}

fn borrowed_for_less<'s>(
    one: MutexGuard<'static, Long>,
    part: MappedMutexGuard<'static, Long>,
    write: RwLockWriteGuard<'static, Long>,
    write_part: RwLockMappedWriteGuard<'static, Long>,
    _: &'s str,
) -> (
    MutexGuard<'s, Long>,
    MappedMutexGuard<'s, Long>,
    RwLockWriteGuard<'s, Long>,
    RwLockMappedWriteGuard<'s, Long>,
) {
    (one, part, write, write_part)
}

fn main() {
    let (lock, short) = (RwLock::new("long"), String::from("short"));
    let guard = read(lock.try_read().unwrap(), &short);
    assert_eq!(*guard, "long");
    // What a mutex guards may itself be borrowed.
    let mutex = Mutex::new(&*short);
    assert_eq!(*mutex.try_lock().unwrap(), "short");
    let _ = (owned_read, borrowed_for_less);
}
