//! A leaked guard without a robust mutex: it stays locked.

use core::pin::Pin;
use pintle_park::posix::{LockError, Mutex, MutexAttr};

static VALUE: Mutex<u32> = Mutex::with_attr(MutexAttr::new(), 0);
// SAFETY: not used.
static _ROBUST: Mutex<u32> = Mutex::with_attr(unsafe { MutexAttr::new().robust() }, 0);

fn main() {
    let value = Pin::static_ref(&VALUE);
    let leaked = std::thread::spawn(move || {
        let guard = Box::leak(Box::new(value.lock().unwrap()));
        &mut **guard
    });
    let one: &'static mut u32 = leaked.join().unwrap();
    *one += 1;
    assert!(matches!(value.try_lock(), Err(LockError::WouldBlock)));
}
