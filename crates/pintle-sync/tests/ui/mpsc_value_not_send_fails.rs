//! A value goes from the sender's thread to the receiver's.

use std::rc::Rc;

fn spawn(_: impl FnOnce() + Send) {}

fn main() {
    let (tx, _rx) = pintle_sync::mpsc::channel(1);
    spawn(move || drop(tx.try_send(Rc::new(1))));
}
