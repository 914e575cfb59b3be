//! The value goes from the sender's thread to the receiver's.

use std::rc::Rc;

fn spawn(_: impl FnOnce() + Send) {}

fn main() {
    let (tx, _rx) = pintle_sync::oneshot::channel();
    spawn(move || drop(tx.send(Rc::new(1))));
}
