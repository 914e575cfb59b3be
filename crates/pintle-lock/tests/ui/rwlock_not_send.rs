mod locks;

use locks::{OnItsThread, Unshared};
use pintle_lock::blocking::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockUpgradableGuard,
    RwLockWriteGuard,
};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::MutexGuard;

fn shared<T: Sync>() {}
fn sent<T: Send>() {}

/// May be read from everywhere, and may not be sent.
type Stays = MutexGuard<'static, u8>;

fn main() {
    shared::<RwLock<Cell<u8>>>();
    shared::<RwLock<Stays>>();
    sent::<RwLock<Rc<u8>>>();
    // A guard for reading shares the value between threads.
    sent::<RwLockReadGuard<'static, Cell<u8>>>();
    shared::<RwLockReadGuard<'static, Cell<u8>>>();
    sent::<MappedRwLockReadGuard<'static, Cell<u8>>>();
    shared::<MappedRwLockReadGuard<'static, Cell<u8>>>();
    // One for writing sends it, and shares it once it is downgraded.
    sent::<RwLockWriteGuard<'static, Cell<u8>>>();
    sent::<RwLockWriteGuard<'static, Stays>>();
    shared::<RwLockWriteGuard<'static, Cell<u8>>>();
    sent::<RwLockUpgradableGuard<'static, Cell<u8>>>();
    sent::<RwLockUpgradableGuard<'static, Stays>>();
    shared::<RwLockUpgradableGuard<'static, Cell<u8>>>();
    sent::<MappedRwLockWriteGuard<'static, Stays>>();
    shared::<MappedRwLockWriteGuard<'static, Cell<u8>>>();
    // A lock that its thread has to release, and one that threads may not share.
    sent::<RwLockReadGuard<'static, u8, OnItsThread>>();
    sent::<RwLockWriteGuard<'static, u8, OnItsThread>>();
    sent::<RwLockUpgradableGuard<'static, u8, OnItsThread>>();
    sent::<MappedRwLockReadGuard<'static, u8, OnItsThread>>();
    sent::<MappedRwLockWriteGuard<'static, u8, OnItsThread>>();
    shared::<RwLock<u8, Unshared>>();
    sent::<RwLockReadGuard<'static, u8, Unshared>>();
    shared::<RwLockWriteGuard<'static, u8, Unshared>>();
    sent::<RwLockWriteGuard<'static, u8, Unshared>>();
    sent::<RwLockUpgradableGuard<'static, u8, Unshared>>();
    sent::<MappedRwLockReadGuard<'static, u8, Unshared>>();
    sent::<MappedRwLockWriteGuard<'static, u8, Unshared>>();
}
