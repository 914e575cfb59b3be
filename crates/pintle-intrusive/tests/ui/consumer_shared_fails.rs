//! Defect 3 of tests/defects.rs: no two threads dequeue at a time.

mod util;
use pintle_intrusive::mpsc_queue::{Consumer, OwnedConsumer};
use util::{InBox, Node, is_sync};

fn main() {
    is_sync::<Consumer<'_, Node<InBox>>>();
    is_sync::<OwnedConsumer<Node<InBox>>>();
}
