mod util;
use pintle_intrusive::{
    MpscQueue,
    mpsc_queue::{Consumer, OwnedConsumer},
};
use util::{InBox, Node, is_send, is_sync};

fn main() {
    is_send::<Consumer<'_, Node<InBox>>>();
    is_send::<OwnedConsumer<Node<InBox>>>();
    is_sync::<&MpscQueue<Node<InBox>>>();
}
