//! Defect 4 of tests/defects.rs: a handle that must stay on its thread stays there.

mod util;
use pintle_intrusive::{List, MpscQueue, Ring, list};
use util::{InRc, InRcAndSaysSo, Node, is_send, is_sync};

fn main() {
    is_send::<List<Node<InRcAndSaysSo>>>();
    is_send::<Ring<Node<InRcAndSaysSo>>>();
    is_send::<list::CursorMut<'_, Node<InRcAndSaysSo>>>();
    // The queue sees to it by itself.
    is_send::<MpscQueue<Node<InRc>>>();
    is_sync::<MpscQueue<Node<InRc>>>();
}
