mod locks;

use locks::{Anchored, OnItsThread, Unshared};
use pintle_lock::{blocking::{ArcMutexGuard, MappedMutexGuard, Mutex, MutexGuard}, spin::Spinlock};
use std::cell::Cell;
use std::rc::Rc;

fn shared<T: Sync>() {}
fn sent<T: Send>() {}

fn main() {
    shared::<Mutex<Rc<u8>, Spinlock>>();
    sent::<Mutex<Rc<u8>, Spinlock>>();
    sent::<MutexGuard<'static, Rc<u8>, Spinlock>>();
    shared::<MutexGuard<'static, Cell<u8>, Spinlock>>();
    sent::<MappedMutexGuard<'static, Rc<u8>, Spinlock>>();
    shared::<MappedMutexGuard<'static, Cell<u8>, Spinlock>>();
    sent::<ArcMutexGuard<Rc<u8>, Spinlock>>();
    shared::<ArcMutexGuard<Cell<u8>, Spinlock>>();
    // A lock that its thread has to release, and one that threads may not share.
    sent::<MutexGuard<'static, u8, OnItsThread>>();
    shared::<Mutex<u8, Unshared>>();
    sent::<MutexGuard<'static, u8, Unshared>>();
    shared::<MutexGuard<'static, u8, Unshared>>();
    sent::<MappedMutexGuard<'static, u8, OnItsThread>>();
    sent::<MappedMutexGuard<'static, u8, Unshared>>();
    shared::<MappedMutexGuard<'static, u8, Unshared>>();
    sent::<ArcMutexGuard<u8, OnItsThread>>();
    sent::<ArcMutexGuard<u8, Unshared>>();
    shared::<ArcMutexGuard<u8, Unshared>>();
    // A lock that has to stay on its thread: the last share drops it.
    sent::<Mutex<u8, Anchored>>();
    sent::<ArcMutexGuard<u8, Anchored>>();
}
