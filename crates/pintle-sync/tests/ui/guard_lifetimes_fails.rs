//! Who writes through a guard must not put in what lives shorter than the lock's value was promised to: no
//! guard that writes may be looked at as one for a shorter lifetime.

use pintle_sync::{
    MutexGuard, OwnedMutexGuard, OwnedRwLockWriteGuard, RwLockWriteGuard,
    blocking::DefaultMutex,
    mutex::{MappedMutexGuard, OwnedMappedMutexGuard},
    rwlock::{OwnedRwLockMappedWriteGuard, RwLockMappedWriteGuard},
};

type Long = &'static str;

fn mutex<'a, 's>(it: MutexGuard<'a, Long>, _: &'s str) -> MutexGuard<'a, &'s str> {
    it
}

fn mapped<'a, 's>(it: MappedMutexGuard<'a, Long>, _: &'s str) -> MappedMutexGuard<'a, &'s str> {
    it
}

fn owned<'s>(
    it: OwnedMutexGuard<Long, DefaultMutex>,
    _: &'s str,
) -> OwnedMutexGuard<&'s str, DefaultMutex> {
    it
}

fn owned_mapped<'s>(
    it: OwnedMappedMutexGuard<u8, Long>,
    _: &'s str,
) -> OwnedMappedMutexGuard<u8, &'s str> {
    it
}

fn write<'a, 's>(it: RwLockWriteGuard<'a, Long>, _: &'s str) -> RwLockWriteGuard<'a, &'s str> {
    it
}

fn mapped_write<'a, 's>(
    it: RwLockMappedWriteGuard<'a, Long>,
    _: &'s str,
) -> RwLockMappedWriteGuard<'a, &'s str> {
    it
}

fn owned_write<'s>(
    it: OwnedRwLockWriteGuard<Long>,
    _: &'s str,
) -> OwnedRwLockWriteGuard<&'s str> {
    it
}

fn owned_mapped_write<'s>(
    it: OwnedRwLockMappedWriteGuard<u8, Long>,
    _: &'s str,
) -> OwnedRwLockMappedWriteGuard<u8, &'s str> {
    it
}

fn main() {}
