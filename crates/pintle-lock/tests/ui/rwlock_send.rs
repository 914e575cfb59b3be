mod locks;

use locks::{OnItsThread, Unshared};
use pintle_lock::blocking::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockUpgradableGuard,
    RwLockWriteGuard,
};
use std::cell::Cell;

fn both<T: Send + Sync>() {}
fn shared<T: Sync>() {}
fn sent<T: Send>() {}

fn main() {
    both::<RwLock<u8>>();
    both::<RwLockReadGuard<'static, u8>>();
    both::<RwLockUpgradableGuard<'static, u8>>();
    both::<RwLockWriteGuard<'static, u8>>();
    both::<MappedRwLockReadGuard<'static, u8>>();
    both::<MappedRwLockWriteGuard<'static, u8>>();
    // What only one thread at a time may read can still go to another one.
    sent::<RwLock<Cell<u8>>>();
    sent::<MappedRwLockWriteGuard<'static, Cell<u8>>>();
    // What may be read from everywhere and not be sent: a guard for reading needs no more.
    both::<RwLockReadGuard<'static, std::sync::MutexGuard<'static, u8>>>();
    shared::<RwLockWriteGuard<'static, std::sync::MutexGuard<'static, u8>>>();
    // A lock that its thread has to release.
    both::<RwLock<u8, OnItsThread>>();
    shared::<RwLockReadGuard<'static, u8, OnItsThread>>();
    shared::<RwLockUpgradableGuard<'static, u8, OnItsThread>>();
    shared::<RwLockWriteGuard<'static, u8, OnItsThread>>();
    sent::<RwLock<u8, Unshared>>();
}
