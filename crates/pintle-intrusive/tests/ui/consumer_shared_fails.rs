//! defects.md 3: no two threads dequeue at a time.

mod util;
use pintle_intrusive::mpsc_queue::Consumer;
use util::{InBox, Node, is_sync};

fn main() {
    is_sync::<Consumer<'_, Node<InBox>>>();
}
