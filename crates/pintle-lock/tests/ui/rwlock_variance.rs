//! A guard that writes must not take a value that lives too short, nor a mapped part outlive its
//! closure's argument.

use pintle_lock::blocking::{MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

fn shorter<'a>(guard: RwLockWriteGuard<'a, &'static str>) -> RwLockWriteGuard<'a, &'a str> {
    guard
}

fn shorter_part<'a>(
    guard: MappedRwLockWriteGuard<'a, &'static str>,
) -> MappedRwLockWriteGuard<'a, &'a str> {
    guard
}

fn escapes(lock: &RwLock<u8>) -> &u8 {
    let mut out = None;
    RwLockReadGuard::map(lock.read(), |value| {
        out = Some(value);
        value
    });
    out.unwrap()
}

fn main() {}
