//! A recursive mutex may have several guards: none gives `&mut`. Its twin is
//! `posix_recursive_passes.rs`.

use core::pin::pin;
use pintle_park::posix::{Mutex, MutexAttr};

fn main() {
    let mutex = pin!(Mutex::with_attr(MutexAttr::new().recursive(), 0));
    let mut guard = mutex.as_ref().lock().unwrap();
    *guard += 1;
}
