//! A wait may leave a recursive mutex locked: none is for a condition variable.

use core::pin::pin;
use pintle_park::posix::{Condvar, Mutex, MutexAttr};

fn main() {
    let mutex = pin!(Mutex::with_attr(MutexAttr::new().recursive(), 0));
    let guard = mutex.as_ref().lock().unwrap();
    let condvar = pin!(Condvar::new());
    let _ = condvar.as_ref().wait(guard);
}
