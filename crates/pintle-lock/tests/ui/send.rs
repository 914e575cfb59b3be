mod locks;

use locks::{Anchored, OnItsThread, Unshared};
use pintle_lock::{blocking::{ArcMutexGuard, MappedMutexGuard, Mutex, MutexGuard}, spin::Spinlock};
use std::cell::Cell;

fn shared<T: Send + Sync>() {}
fn shared_only<T: Sync>() {}
fn sent<T: Send>() {}

fn main() {
    shared::<Mutex<Cell<u8>>>();
    shared::<Mutex<Cell<u8>, Spinlock>>();
    sent::<MutexGuard<'static, Cell<u8>, Spinlock>>();
    shared::<MutexGuard<'static, u8, Spinlock>>();
    sent::<MappedMutexGuard<'static, Cell<u8>, Spinlock>>();
    shared::<MappedMutexGuard<'static, u8, Spinlock>>();
    sent::<ArcMutexGuard<Cell<u8>, Spinlock>>();
    shared::<ArcMutexGuard<u8, Spinlock>>();
    shared::<Mutex<u8, OnItsThread>>();
    shared_only::<MutexGuard<'static, u8, OnItsThread>>();
    shared_only::<MappedMutexGuard<'static, u8, OnItsThread>>();
    shared_only::<ArcMutexGuard<u8, OnItsThread>>();
    sent::<Mutex<u8, Unshared>>();
    sent::<MutexGuard<'static, u8, Anchored>>();
    sent::<MappedMutexGuard<'static, u8, Anchored>>();
    shared_only::<ArcMutexGuard<u8, Anchored>>();
}
