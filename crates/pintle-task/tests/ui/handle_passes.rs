//! What a handle is: `Send` with its output, `Sync` and `Unpin` always, and covariant.

use pintle_task::task::JoinHandle;
use std::{marker::PhantomPinned, rc::Rc};

fn send<T: Send>() {}
fn sync<T: Sync>() {}
fn unpin<T: Unpin>() {}

fn shorten<'a>(handle: JoinHandle<&'static str>) -> JoinHandle<&'a str> {
    handle
}

fn main() {
    send::<JoinHandle<String>>();
    sync::<JoinHandle<Rc<()>>>();
    unpin::<JoinHandle<PhantomPinned>>();
    let _ = shorten;
}
