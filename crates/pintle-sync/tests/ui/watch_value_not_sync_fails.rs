//! Two receivers look at the value at once, so one whose value may only move does not leave its thread.

use core::cell::Cell;

fn spawn(_: impl FnOnce() + Send) {}

fn main() {
    let (tx, rx) = pintle_sync::watch::channel(Cell::new(0));
    spawn(move || rx.borrow().set(1));
    drop(tx);
}
