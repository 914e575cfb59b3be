use pintle_lock::{blocking::LazyLock, spin::Lazy};
use std::cell::Cell;
use std::rc::Rc;

fn is_shared<T: Sync>(_: T) {}

fn main() {
    // One that must not go to another thread, and one that must not be shared.
    let here = Rc::new(1);
    is_shared(LazyLock::new(move || *here));
    let calls = Cell::new(0);
    is_shared(Lazy::<u8, _>::new(move || calls.replace(1)));
}
