//! The output of a task is received by its handle: an `Rc` must not be carried to another thread.

use pintle_task::task::JoinHandle;
use std::rc::Rc;

fn send<T: Send>() {}

fn main() {
    send::<JoinHandle<Rc<()>>>();
}
