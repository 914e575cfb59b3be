//! Two `&mut` to one value: a guard is leaked, its thread ends, and the kernel ends the lock. So
//! somebody has to promise that this does not happen. Its twin is `posix_robust_passes.rs`.

use core::pin::Pin;
use pintle_park::posix::{LockError, Mutex, MutexAttr};

static VALUE: Mutex<u32> = Mutex::with_attr(MutexAttr::new().robust(), 0);

fn main() {
    let value = Pin::static_ref(&VALUE);
    let leaked = std::thread::spawn(move || {
        let guard = Box::leak(Box::new(value.lock().unwrap()));
        &mut **guard
    });
    let one: &'static mut u32 = leaked.join().unwrap();
    let Err(LockError::OwnerDied(mut other)) = value.lock() else {
        panic!("its owner has ended");
    };
    core::mem::swap(one, &mut other);
}
