//! What is not pinned yet cannot be used. Its twin is `posix_move_passes.rs`.

use pintle_park::posix::{Condvar, Mutex, RwLock};

fn main() {
    let mutex = Mutex::new(0);
    drop(mutex.lock());
    let lock = RwLock::new(0);
    drop(lock.read());
    let condvar = Condvar::new();
    condvar.notify_one();
}
