//! The twin of `mpsc_value_not_send_fails`: nobody shares a value, so it need not be `Sync`.

use std::cell::Cell;

fn spawn(_: impl FnOnce() + Send) {}

fn main() {
    let (tx, _rx) = pintle_sync::mpsc::channel(1);
    spawn(move || drop(tx.try_send(Cell::new(1))));
    let (tx, _rx) = pintle_sync::oneshot::channel();
    spawn(move || drop(tx.send(Cell::new(1))));
}
