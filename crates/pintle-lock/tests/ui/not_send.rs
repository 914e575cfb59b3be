use pintle_lock::{blocking::{Mutex, MutexGuard}, spin::Spinlock};
use std::cell::Cell;
use std::rc::Rc;

fn shared<T: Sync>() {}
fn sent<T: Send>() {}

fn main() {
    shared::<Mutex<Rc<u8>, Spinlock>>();
    sent::<Mutex<Rc<u8>, Spinlock>>();
    sent::<MutexGuard<'static, Rc<u8>, Spinlock>>();
    shared::<MutexGuard<'static, Cell<u8>, Spinlock>>();
}
