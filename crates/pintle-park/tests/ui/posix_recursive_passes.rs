//! An error-checking mutex has one guard.

use core::pin::pin;
use pintle_park::Deadline;
use pintle_park::posix::{Condvar, Mutex, MutexAttr};

fn main() {
    let mutex = pin!(Mutex::with_attr(MutexAttr::new().error_check(), 0));
    let mut guard = mutex.as_ref().lock().unwrap();
    *guard += 1;
    let condvar = pin!(Condvar::new());
    let _ = condvar.as_ref().wait_until(guard, Deadline::now());
}
