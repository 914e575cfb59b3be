mod locks;

use locks::{OnItsThread, Unshared};
use pintle_lock::{blocking::{Mutex, MutexGuard}, spin::Spinlock};
use std::cell::Cell;

fn shared<T: Send + Sync>() {}
fn shared_only<T: Sync>() {}
fn sent<T: Send>() {}

fn main() {
    shared::<Mutex<Cell<u8>>>();
    shared::<Mutex<Cell<u8>, Spinlock>>();
    sent::<MutexGuard<'static, Cell<u8>, Spinlock>>();
    shared::<MutexGuard<'static, u8, Spinlock>>();
    shared::<Mutex<u8, OnItsThread>>();
    shared_only::<MutexGuard<'static, u8, OnItsThread>>();
    sent::<Mutex<u8, Unshared>>();
}
